"""Measures, judges, prints, plots and documents: what `nox -s bench` runs.

Measuring happens in processes inside TensorFlow's environment, which write JSON; the rest is here.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import bars
import contrib
import document
import machine
import plot
import report
from cases import power, wanted

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "build_configs"))

import bazel  # noqa: E402, found through the line above
import runtimes  # noqa: E402

# Of each flat map: its library, the header it needs, and the Debian package that has it.
MAPS = {
    "absl_peer.so": ("absl/container/flat_hash_map.h", "libabsl-dev"),
    "boost_peer.so": ("boost/unordered/unordered_flat_map.hpp", "libboost1.81-dev"),
}
MEMORY_KINDS = {
    "int64 wide": "int64 to int64",
    "int64": "int64 to row numbers",
    "string": "string to row numbers",
}


def build_native() -> list[str]:
    """Builds the libraries of benchmarks/BUILD; says what had to be left out."""
    for header, package in MAPS.values():
        if not Path("/usr/include", header).exists():
            try:
                bazel.install_debian_packages([package])
            except (bazel.BuildError, OSError) as error:
                print(error)
    libraries = ROOT / "bazel-bin" / "benchmarks"
    try:
        bazel.run_bazel("build", "--keep_going", "//benchmarks/...")
    except bazel.BuildError as error:
        print(error)
    left_out = [
        f"{name[:-8]}'s flat map, which needs {package}"
        for name, (_, package) in MAPS.items()
        if not (libraries / name).exists()
    ]
    if not (libraries / "memory_ceiling.so").exists():
        left_out.append("the memory test, which did not compile")
    return left_out


class Runner:
    """Runs the scripts inside TensorFlow's environment."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3")
        self.environment["PYTHONPATH"] = str(options.package.resolve())

    def run(self, script: str, *arguments: str, quiet: bool = False) -> str:
        """Runs a script; shows what it prints, or returns it."""
        command = [self.options.python, str(HERE / script), *arguments]
        with tempfile.TemporaryFile("w+") as errors:
            done = subprocess.run(
                command,
                env=self.environment,
                stdout=subprocess.PIPE if quiet else None,
                stderr=errors,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                errors.seek(0)
                raise SystemError(
                    f"{script} {' '.join(arguments)} failed:\n{errors.read()[-4000:]}"
                )
        return done.stdout or ""

    def suite(self, script: str, threads: int) -> dict[str, Any]:
        """What a measuring script wrote."""
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            result = Path(scratch, "result.json")
            arguments = ["--threads", str(threads), "--only", self.options.only]
            arguments += ["--native", str(ROOT / "bazel-bin" / "benchmarks")]
            arguments += ["--json", str(result)] + ["--quick"] * self.options.quick
            self.run(script, *arguments)
            made: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        print(f"{script} --threads {threads}: {time.monotonic() - start:.0f} s", flush=True)
        return made

    def memory(self) -> list[dict[str, Any]]:
        """Bytes per entry, a process per table."""
        cases = []
        for kind, label in MEMORY_KINDS.items():
            for size in (10**6, 10**7):
                name = f"memory, {label}, {power(size)} entries"
                if not wanted(self.options.only, name) or (self.options.quick and size == 10**7):
                    continue
                figures = {
                    peer: float(self.run("memory.py", peer, kind, str(size), quiet=True))
                    for peer in ("opgraft", "tensorflow")
                }
                print(name, figures, flush=True)
                case = {"suite": "memory", "name": name, "kind": kind, "size": size}
                cases.append({**case, "bytes": figures})
        return cases


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures of a run."""
    shown = [text for text in options.arguments if text == "--quick"]
    shown += ["--only", options.only] if options.only else []
    results: dict[str, Any] = {
        "command": " ".join(["nox -s bench", *(["--", *shown] if shown else [])]),
        "commit": machine.commit(ROOT, "ops"),
        "machine": machine.describe(),
        "left_out": build_native(),
        "cases": [],
        "ceiling": [],
        "tensorflow": "",
    }
    start, runner = time.monotonic(), Runner(options)
    scripts = [("stock.py", 1), ("find.py", 1), ("find.py", 2), ("build.py", 1), ("build.py", 2)]
    for script, threads in (*scripts, ("mutable.py", 1)):
        if options.quick and (script, threads) == ("build.py", 2):
            continue
        made = runner.suite(script, threads)
        results["cases"] += made["cases"]
        results["ceiling"] += made.get("ceiling", [])
        results["tensorflow"] = made.get("tensorflow", results["tensorflow"])
    results["cases"] += runner.memory()
    try:
        python = runtimes.install(contrib.VERSION).environment_python
        for threads in (1, 2):
            results["cases"] += contrib.measure(
                python, options.package, threads, options.only, options.quick
            )
    except runtimes.RuntimeUnavailable as error:
        results["left_out"].append(f"contrib ops: {error}")
    results["seconds"] = round(time.monotonic() - start)
    return results


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description="Ops beside others.")
    parser.add_argument("--quick", action="store_true", help="about 2 minutes: no 10^7 keys")
    parser.add_argument("--only", default="", metavar="REGEX", help="cases whose name matches")
    parser.add_argument("--json", type=Path, help="where to (default: build/bench.json)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="also draw a .png or .svg")
    parser.add_argument("--docs", action="store_true", help="also write the figures into docs/")
    parser.add_argument(
        "--report",
        type=Path,
        nargs="+",
        metavar="JSON",
        help="measure nothing: show a run, or the parts of one that --only has measured",
    )
    parser.add_argument("--python", help=argparse.SUPPRESS)
    parser.add_argument("--package", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.arguments = arguments
    return options


def main(arguments: list[str]) -> None:
    """Measures, or reads what was measured, and shows it."""
    options = parse(arguments)
    if options.report:
        runs = [json.loads(path.read_text(encoding="utf-8")) for path in options.report]
        results = report.merged(runs)
    else:
        results = measure(options)
    results["bars"] = bars.evaluate(results["cases"])
    if not options.report or options.json:
        path = options.json or ROOT / "build" / "bench.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=1), encoding="utf-8")
        print(f"written: {path}")
    report.show(results)
    if options.plot:
        plot.draw(results, options.plot)
    if options.docs:
        suites = {case["suite"] for case in results["cases"]}
        if "contrib" in suites:
            document.write(document.contrib(results), ROOT / "docs" / "contrib-speed.md")
        if suites != {"contrib"}:
            drawing = ROOT / "docs" / "tables.svg"
            plot.draw(results, drawing)
            document.write(document.tables(results, drawing.name), ROOT / "docs" / "tables.md")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (OSError, SystemError, ValueError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
