"""Times models in a slim build and in the full TensorFlow, side by side.

    slim_speed.py --slim DIR --python PYTHON [--quick] [--json FILE] [--docs] CASE ...

DIR is what a slim build made, or has what one made for each case under the case's name; PYTHON is
an interpreter with the full TensorFlow; a CASE is a directory with a SavedModel in it or in model/,
and inputs.npz if its inputs cannot be made up.

The two take turns. To the first answer: a new process each time, from its start, Python's and
numpy's own included; all Python code is compiled before, as that of an installed package is. And
the same with a C program, which opens either library. Steady: both Python processes stay, and run
the model for some milliseconds each.
"""

from __future__ import annotations

import argparse
import json
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "build_configs"), str(ROOT / "python")]

import document  # noqa: E402, as the others, found through the line above
import machine  # noqa: E402
import numpy as np  # noqa: E402
import report  # noqa: E402
import slim_host  # noqa: E402
from contrib import Side, interleave  # noqa: E402
from opgraft_slim import _signature  # noqa: E402
from slim import arrays, example_inputs  # noqa: E402

SIDES = ("slim", "stock")
DOCUMENT = ROOT / "docs" / "slim-speed.md"
# How many times ours the full TensorFlow's has to be.
BARS = {"start": 20, "start, C": 20, "memory": 10, "memory, C": 10, "steady": 1}
TITLES = {
    "start": ("first answer", "ms", 1e3),
    "memory": ("peak memory", "MB", 1e-6),
    "steady": ("one run", "us", 1e6),
}


class Case:
    """A model with inputs.

    Args:
      directory: as the command line has it.
      scratch: where the inputs go, as the workers read them.

    Raises:
      ModelError: no model.
    """

    def __init__(self, directory: Path, scratch: Path) -> None:
        below = directory / "model"
        self.name = directory.name
        self.model = below if below.is_dir() else directory
        signatures = _signature.read(_signature.directory(self.model), ("serve",)).signatures
        self.signature = "serving_default" if "serving_default" in signatures else min(signatures)
        signature = signatures[self.signature]
        given = directory / "inputs.npz"
        self.candidates = []  # inputs for the Python workers and for the C program
        for attempt in range(1 if given.exists() else example_inputs.ATTEMPTS):
            path = scratch / f"{self.name}-{attempt}"
            made = (
                np.load(given) if given.exists() else example_inputs.make(signature.inputs, attempt)
            )
            arrays.save(path, dict(made))
            inputs = arrays.load(path)
            path.write_bytes(pickle.dumps({name: _plain(array) for name, array in inputs.items()}))
            for_c = path.with_name(path.name + "-c")
            for_c.write_bytes(slim_host.encode(signature, inputs))
            self.candidates.append((path, for_c))


def _plain(array: np.ndarray[Any, Any]) -> tuple[str, tuple[int, ...], Any]:
    is_string = array.dtype == object
    return str(array.dtype), array.shape, array.ravel().tolist() if is_string else array.tobytes()


@dataclass
class Runtimes:
    """The two TensorFlows.

    Attributes:
      packages: {kind: the interpreter, what it finds packages in}; "bare" has no TensorFlow.
      libraries: {kind: the library's name, the directory that it is in}, for the C program.
      host: the C program.
      compiled: where Python's compiled code goes.
    """

    packages: dict[str, tuple[str, str]]
    libraries: dict[str, tuple[str, str]]
    host: Path
    compiled: Path

    def python(self, kind: str, case: Case) -> Side:
        """A Python process that has given its first answer, and now waits for more.

        Raises:
          SystemError: it failed.
        """
        interpreter, packages = self.packages[kind]
        inputs = str(case.candidates[0][0])
        worker = str(HERE / "slim_worker.py")
        environment = {
            "PYTHONPATH": packages,
            "PYTHONPYCACHEPREFIX": str(self.compiled),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        command = [interpreter, worker, kind, str(case.model), case.signature, inputs]
        side = Side(command, environment)
        side.answer()
        return side

    def c(self, kind: str, case: Case) -> Side:
        """The C program that has given its answer.

        Raises:
          SystemError: it failed.
        """
        name, directory = self.libraries[kind]
        command = [str(self.host), name, str(case.model), str(case.candidates[0][1])]
        side = Side(command, {"LD_LIBRARY_PATH": directory})
        side.answer()
        return side

    def choose(self, case: Case) -> None:
        """Keeps the first inputs that the model takes."""
        while True:
            try:
                with self.python("slim", case):
                    return
            except SystemError:
                if len(case.candidates) == 1:
                    raise
                del case.candidates[0]


def prepare(slim: Path, python: str, scratch: Path) -> Runtimes:
    """Unpacks the wheel, compiles the C program, finds the full TensorFlow's library.

    Args:
      slim: what a slim build made.
      python: an interpreter with the full TensorFlow.
      scratch: a directory of this build's own.

    Raises:
      SystemError: one of them is not there, or the compiler failed.
    """
    found = list(slim.glob("*.whl"))
    if len(found) != 1:
        raise SystemError(f"{slim} has {len(found)} wheels and not one")
    package = scratch / "package"
    with ZipFile(found[0]) as wheel:
        wheel.extractall(package)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return Runtimes(
        {
            "slim": (sys.executable, str(package)),
            "stock": (python, ""),
            "bare": (sys.executable, ""),
        },
        {
            "slim": ("libtensorflow_slim.so", str(package / "opgraft_slim" / "lib")),
            "stock": ("libtensorflow_cc.so.2", str(Path(site.stdout.strip(), "tensorflow"))),
        },
        slim_host.compile_host(slim / "include", scratch),
        scratch / "compiled",
    )


def measure_case(case: Case, runtimes: Runtimes, quick: bool) -> dict[str, Any]:
    """The figures of a model: medians of both sides, and how many times ours the other is.

    "bare" is a process that has loaded the inputs, and no TensorFlow.
    """
    runtimes.choose(case)
    start: dict[str, dict[str, list[float]]] = {"start": {}, "start, C": {}}
    memory: dict[str, dict[str, int]] = {"memory": {}, "memory, C": {}}
    turns = [("start", runtimes.python, kind) for kind in (*SIDES, "bare")]
    turns += [("start, C", runtimes.c, kind) for kind in SIDES]
    for number in range(4 if quick else 8):  # the first brings the files into memory
        for key, open_side, kind in turns:
            begin = time.perf_counter()
            with open_side(kind, case) as side:
                seconds = time.perf_counter() - begin
                if number:
                    start[key].setdefault(kind, []).append(seconds)
                if key == "start, C":
                    memory["memory, C"][kind] = int(side.ask("memory"))
    with ExitStack() as stack:
        sides = {kind: stack.enter_context(runtimes.python(kind, case)) for kind in SIDES}
        steady = interleave(sides, 1, rounds=15 if quick else 41)
        memory["memory"] = {kind: int(side.ask("memory")) for kind, side in sides.items()}
    medians = {
        key: {kind: statistics.median(column) for kind, column in columns.items()}
        for key, columns in start.items()
    }
    bare = medians["start"].pop("bare")
    figures = {**medians, **memory, "steady": steady["seconds"]}
    ratio = {key: pair["stock"] / pair["slim"] for key, pair in figures.items()}
    ratio["steady"] = steady["ratio"]["stock"]
    return {"name": case.name, **figures, "bare": bare, "ratio": ratio, "steady_rounds": steady}


def models_table(title: str, keys: tuple[str, ...], cases: list[dict[str, Any]]) -> report.Table:
    """A row per model: what it takes in the slim TensorFlow and in the full one, and the ratio."""
    columns = ["model"]
    for key in keys:
        what, unit, _ = TITLES[key.partition(",")[0]]
        columns += [f"{what}, {unit}", "full TensorFlow", "times ours"]
    rows = []
    for case in cases:
        row = [case["name"]]
        for key in keys:
            scale = TITLES[key.partition(",")[0]][2]
            row += [report.number(case[key][kind] * scale) for kind in SIDES]
            row.append(f"{report.number(case['ratio'][key])}x")
        rows.append(row)
    return report.Table(title, columns, rows)


def tables(cases: list[dict[str, Any]]) -> list[report.Table]:
    """The bars, and the figures."""
    bars = []
    for key, limit in BARS.items():
        ratios = [float(case["ratio"][key]) for case in cases]
        worst = min(cases, key=lambda case: float(case["ratio"][key]))
        missed = sum(ratio < limit for ratio in ratios)
        figures = [f"{report.number(f(ratios))}x" for f in (min, statistics.median)]
        what, separator, language = key.partition(",")
        title = TITLES[what][0] + separator + language
        row = [title, f">= {limit}x", figures[0], worst["name"], figures[1]]
        bars.append([*row, f"MISSED by {missed} of {len(cases)}" if missed else "met"])
    return [
        report.Table("Bars", ["times ours", "limit", "worst", "model", "median", ""], bars),
        models_table("Models, in Python", ("start", "memory", "steady"), cases),
        models_table("Models, in a C program", ("start, C", "memory, C"), cases),
    ]


def beyond_python(cases: list[dict[str, Any]]) -> str:
    """What the two runtimes add to the start of Python, for those who have no Python."""
    bare = statistics.median(case["bare"] for case in cases)
    slim, stock = (
        statistics.median(case["start"][kind] - case["bare"] for case in cases)
        for kind in ("slim", "stock")
    )
    return (
        f"Of each first answer, Python, numpy and the inputs take {bare * 1e3:.0f} ms; the slim "
        f"runtime adds {slim * 1e3:.0f} ms, the full TensorFlow {stock * 1e3:.0f} (medians over "
        "the models)."
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures of a run."""
    cases = []
    by_library: dict[Path, list[Path]] = {}
    for directory in options.cases:
        own = options.slim / directory.name
        by_library.setdefault(own if own.is_dir() else options.slim, []).append(directory)
    for slim, directories in by_library.items():
        with tempfile.TemporaryDirectory() as scratch:
            runtimes = prepare(slim, options.python, Path(scratch))
            for directory in directories:
                case = Case(directory.resolve(), Path(scratch))
                cases.append(measure_case(case, runtimes, options.quick))
                ratios = ", ".join(f"{k} {v:.2f}x" for k, v in cases[-1]["ratio"].items())
                print(f"{cases[-1]['name']:<28} {ratios}", flush=True)
    commit, found = (
        machine.commit(ROOT, "build_configs/slim", "python/opgraft_slim"),
        machine.describe(),
    )
    return {"commit": commit, "machine": found, "tensorflow": "2.14.1", "cases": cases}


def main(arguments: list[str]) -> None:
    """Measures and shows it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("cases", nargs="+", type=Path, metavar="CASE")
    parser.add_argument("--slim", type=Path, required=True, help="what nox -s build made")
    parser.add_argument("--python", required=True, help="an interpreter with the full TensorFlow")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "slim-speed.json")
    parser.add_argument("--docs", action="store_true", help=f"also write into {DOCUMENT.name}")
    options = parser.parse_args(arguments)
    results = measure(options)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")
    made = tables(results["cases"])
    for table in made:
        print(f"{table.title}\n{table.markdown()}")
    if options.docs:
        intro = f"On {report.machine_line(results)}. {beyond_python(results['cases'])}"
        document.write(document.join([intro], made), DOCUMENT)


if __name__ == "__main__":
    main(sys.argv[1:])
