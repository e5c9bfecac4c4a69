"""Times models in a slim build and in the full TensorFlow, side by side.

    slim_speed.py --slim DIR --python PYTHON [--quick] [--json FILE] [--docs] CASE ...

DIR is the unpacked slim wheel, PYTHON an interpreter with the full TensorFlow; a CASE is a
directory with a SavedModel in it or in model/, and inputs.npz if its inputs cannot be made up.

The two take turns. To the first answer: a new process each time, from its start, Python's and
numpy's own included; all Python code is compiled before, as that of an installed package is.
Steady: both processes stay, and run the model for some milliseconds each.
"""

from __future__ import annotations

import argparse
import json
import pickle
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "build_configs"), str(ROOT / "python")]

import document  # noqa: E402, as the others, found through the line above
import machine  # noqa: E402
import numpy as np  # noqa: E402
import report  # noqa: E402
from contrib import Side, interleave  # noqa: E402
from opgraft_slim import _signature  # noqa: E402
from slim import arrays, example_inputs  # noqa: E402

DOCUMENT = ROOT / "docs" / "slim-speed.md"
BARS = {"start": 20, "memory": 10, "steady": 1}  # how many times ours the full TensorFlow's is


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
        self.name, self.scratch = directory.name, scratch
        self.model = below if below.is_dir() else directory
        signatures = _signature.read(_signature.directory(self.model), ("serve",)).signatures
        self.signature = "serving_default" if "serving_default" in signatures else min(signatures)
        specs = signatures[self.signature].inputs
        given = directory / "inputs.npz"
        self.candidates = []
        for attempt in range(1 if given.exists() else example_inputs.ATTEMPTS):
            made = dict(np.load(given)) if given.exists() else example_inputs.make(specs, attempt)
            path = scratch / f"{self.name}-{attempt}"
            arrays.save(path, made)
            plain = {
                name: (
                    str(x.dtype),
                    x.shape,
                    x.ravel().tolist() if x.dtype == object else x.tobytes(),
                )
                for name, x in arrays.load(path).items()
            }
            path.write_bytes(pickle.dumps(plain))
            self.candidates.append(path)

    def side(self, kind: str, options: argparse.Namespace) -> Side:
        """A process that has given its first answer.

        Raises:
          SystemError: it failed.
        """
        python = options.python if kind == "stock" else sys.executable
        command = [python, str(HERE / "slim_worker.py"), kind, str(self.model), self.signature]
        environment = {
            "PYTHONPATH": str(options.slim.resolve()) if kind == "slim" else "",
            "PYTHONPYCACHEPREFIX": str(self.scratch / "compiled"),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        side = Side([*command, str(self.candidates[0])], environment)
        side.answer()
        return side

    def choose(self, options: argparse.Namespace) -> None:
        """Keeps the first inputs that the model takes."""
        while True:
            try:
                with self.side("slim", options):
                    return
            except SystemError:
                if len(self.candidates) == 1:
                    raise
                del self.candidates[0]


def starts(case: Case, options: argparse.Namespace, rounds: int) -> dict[str, list[float]]:
    """Seconds from the start of a process to the model's first answer, in turns.

    "bare" is a process that has loaded the inputs, and no TensorFlow.
    """
    seconds: dict[str, list[float]] = {"slim": [], "stock": [], "bare": []}
    for number in range(rounds + 1):  # the first brings the files into memory
        for kind in seconds:
            start = time.perf_counter()
            with case.side(kind, options):
                if number:
                    seconds[kind].append(time.perf_counter() - start)
    return seconds


def measure_case(case: Case, options: argparse.Namespace) -> dict[str, Any]:
    """The figures of a model: medians of both sides, and how many times ours the other is."""
    case.choose(options)
    seconds = starts(case, options, 3 if options.quick else 7)
    with ExitStack() as stack:
        sides = {kind: stack.enter_context(case.side(kind, options)) for kind in ("slim", "stock")}
        steady = interleave(sides, 1, rounds=15 if options.quick else 41)
        memory = {kind: int(side.ask("memory")) for kind, side in sides.items()}
    start = {kind: statistics.median(column) for kind, column in seconds.items()}
    bare = start.pop("bare")
    figures = {"start": start, "memory": memory, "steady": steady["seconds"]}
    ratio = {key: pair["stock"] / pair["slim"] for key, pair in figures.items()}
    ratio["steady"] = steady["ratio"]["stock"]
    return {"name": case.name, **figures, "bare": bare, "ratio": ratio, "steady_rounds": steady}


def tables(cases: list[dict[str, Any]]) -> list[report.Table]:
    """The figures, and the bars."""
    units = {"start": ("ms", 1e3), "memory": ("MB", 1e-6), "steady": ("us", 1e6)}
    titles = {"start": "first answer", "memory": "peak memory", "steady": "one run"}
    columns = ["model"]
    for key, (unit, _) in units.items():
        columns += [f"{titles[key]}, {unit}", "full TensorFlow", "times ours"]
    rows = []
    for case in cases:
        row = [case["name"]]
        for key, (_, scale) in units.items():
            row += [report.number(case[key][kind] * scale) for kind in ("slim", "stock")]
            row.append(f"{report.number(case['ratio'][key])}x")
        rows.append(row)
    bars = []
    for key, limit in BARS.items():
        ratios = [float(case["ratio"][key]) for case in cases]
        worst = min(cases, key=lambda case: float(case["ratio"][key]))
        missed = sum(ratio < limit for ratio in ratios)
        figures = [f"{report.number(f(ratios))}x" for f in (min, statistics.median)]
        row = [titles[key], f">= {limit}x", figures[0], worst["name"], figures[1]]
        bars.append([*row, f"MISSED by {missed} of {len(cases)}" if missed else "met"])
    return [
        report.Table("Bars", ["times ours", "limit", "worst", "model", "median", ""], bars),
        report.Table("Models", columns, rows),
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
    with tempfile.TemporaryDirectory() as scratch:
        for directory in options.cases:
            cases.append(measure_case(Case(directory.resolve(), Path(scratch)), options))
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
    parser.add_argument("--slim", type=Path, required=True, help="the unpacked slim wheel")
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
