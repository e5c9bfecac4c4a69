"""The errors from the field on stock TensorFlow, and the same graphs running after opgraft.load().

    python examples/demo.py PACKAGE

PACKAGE is a directory that holds the package opgraft with its libraries: the unpacked wheel.
`nox -s demo` makes it and calls this. Exits with 1 if stock TensorFlow does not refuse a graph, or
if an answer differs from that of the TensorFlow that exported the model.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "build_configs"))

import runtimes  # noqa: E402, found through the line above

REFUSED = 3


@dataclass(frozen=True)
class Step:
    """One attempt in one runtime, in a process of its own."""

    title: str
    arguments: tuple[str, ...]
    refusal: str  # what stock TensorFlow has to say; "" if it has to answer


@dataclass(frozen=True)
class Part:
    """A model and a runtime that lacks an op of it."""

    runtime: str
    model: str
    made_by: str
    steps: tuple[Step, ...]


PARTS = (
    Part(
        runtime="1.1.0",
        model="text_classifier",
        made_by="1.4.1",
        steps=(
            Step("stock, from Python", (), "No op named HashTableV2 in defined operations"),
            Step("stock, from C++", ("--cpp",), "Op type not registered 'HashTableV2'"),
            Step("with opgraft", ("--opgraft",), ""),
            Step("with opgraft, from C++", ("--opgraft", "--cpp"), ""),
        ),
    ),
    Part(
        runtime="2.21.0",
        model="beam_search",
        made_by="1.15.5",
        steps=(
            Step("stock", (), "Op type not registered 'GatherTree'"),
            Step("with opgraft", ("--opgraft",), ""),
        ),
    ),
)


def attempt(python: Path, package: Path, part: Part, step: Step) -> str:
    """Runs a step and prints what it prints; returns what is wrong with it, or ""."""
    print(f"\n--- TensorFlow {part.runtime}, {step.title} ---", flush=True)
    script = HERE / "run_saved_model.py"
    done = subprocess.run(
        [str(python), "-W", "ignore", str(script), str(HERE / "models" / part.model)]
        + list(step.arguments),
        env={**os.environ, "PYTHONPATH": str(package), "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout, end="", flush=True)
    if done.returncode not in (0, REFUSED):
        print(done.stderr[-3000:], file=sys.stderr)
        return f"failed with exit code {done.returncode}"
    if step.refusal:
        if done.returncode != REFUSED or step.refusal not in done.stdout:
            return f"stock TensorFlow did not say: {step.refusal}"
    elif done.returncode == REFUSED:
        return "still refused"
    return ""


def show(part: Part, package: Path) -> list[str]:
    """Runs the steps of a part that this machine has a Python for; returns what went wrong."""
    print(f"\n=== A SavedModel of TensorFlow {part.made_by} in TensorFlow {part.runtime} ===")
    runtime = runtimes.get(part.runtime)
    if runtimes.interpreter(runtime) is None:
        print(f"Left out: {runtimes.needs(runtime)}")
        return []
    python = runtimes.install(part.runtime).environment_python
    problems = []
    for step in part.steps:
        problem = attempt(python, package, part, step)
        if problem:
            problems.append(f"TensorFlow {part.runtime}, {step.title}: {problem}")
    return problems


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("package", type=Path, help="the unpacked wheel of opgraft")
    options = parser.parse_args(arguments)
    package = options.package.resolve()
    if not (package / "opgraft" / "__init__.py").exists():
        parser.error(f"{package} holds no package opgraft: unpack the wheel there (nox -s demo)")
    available = [
        part for part in PARTS if runtimes.interpreter(runtimes.get(part.runtime)) is not None
    ]
    try:
        problems = [problem for part in PARTS for problem in show(part, package)]
    except runtimes.RuntimeUnavailable as error:
        problems = [str(error)]
    print()
    if not available:
        problems.append("no Python here has a wheel of any of these TensorFlow releases")
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    if not problems:
        shown = " and ".join(part.runtime for part in available)
        print(f"Done: TensorFlow {shown} refused each graph, and answered with opgraft.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
