"""Times tf.contrib's kernels, ours and those of TensorFlow 1.15.5, in turns.

Each side is a process of TensorFlow 1.15.5: what a session adds to an op is the same, while one
process for both would have each kernel follow the other into a warm cache. A graph holds constants
and the op, many times over if it is a small one, so that what is timed is not the session.
"""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import timing
from cases import wanted

HERE = Path(__file__).resolve().parent
VERSION = "1.15.5"
COPIES = {"small": 50, "large": 1}
TURN = 0.005  # seconds of one side, at least


class Side:
    """A process that answers each line with a line: contrib_worker.py, slim_worker.py."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.name = Path(command[1]).name
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )

    def __enter__(self) -> Side:
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()
        self.errors.close()

    def ask(self, *words: Any) -> str:
        """Sends a line, and returns the one that answers it.

        Raises:
          SystemError: the process has died or says that it failed.
        """
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> str:
        """The next line.

        Raises:
          SystemError: the process has died or says that it failed.
        """
        assert self.process.stdout is not None
        answer = self.process.stdout.readline()
        if not answer:
            self.errors.seek(0)
            raise SystemError(f"{self.name} died:\n{self.errors.read()[-4000:]}")
        if answer.startswith("failed"):
            raise SystemError(f"{self.name} {answer}")
        return answer.strip()

    def run(self, times: int) -> float:
        """Seconds that the graph took, so many times."""
        return float(self.ask("run", times))


def interleave(sides: dict[str, Side], copies: int, rounds: int) -> dict[str, Any]:
    """What timing.interleave returns, per op, of the graph that the sides have made."""
    for side in sides.values():
        side.run(2)
    once = min(side.run(1) for side in sides.values())
    times = max(1, round(TURN / once))
    order = random.Random(0)
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name in order.sample(sorted(sides), len(sides)):
            sides[name].run(1)  # brings its inputs back into the cache
            seconds[name].append(sides[name].run(times) / times / copies)
    return timing.summary(seconds)


def measure(python: Path, package: Path, threads: int, only: str, quick: bool) -> list[Any]:
    """The cases, as cases.Suite has them."""
    made = []
    environment = {"PYTHONPATH": str(package.resolve())}
    command = [str(python), str(HERE / "contrib_worker.py")]
    with ExitStack() as stack:
        sides = {
            name: stack.enter_context(Side([*command, side, str(threads)], environment))
            for name, side in (("opgraft", "opgraft"), ("tensorflow", "stock"))
        }
        names = [side.ask("names").split("\t") for side in sides.values()][0]
        for number, name in enumerate(names):
            size = name.rsplit(" ", 1)[-1]
            if not wanted(only, name) or (quick and threads > 1 and size == "small"):
                continue
            for side in sides.values():
                side.ask("make", number, COPIES[size])
            case = {"suite": "contrib", "name": name, "op": name.split()[1], "size": size}
            case.update(threads=threads, items=1)
            case.update(interleave(sides, COPIES[size], rounds=9 if quick else 31))
            made.append(case)
            us = ", ".join(f"{side} {s * 1e6:.1f}" for side, s in case["seconds"].items())
            print(f"{name:<64} {case['ratio']['tensorflow']:5.2f}x  {us} us", flush=True)
    return made
