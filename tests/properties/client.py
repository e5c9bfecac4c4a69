"""The other end of worker.py: starts a runtime and drives the table in it."""

from __future__ import annotations

import pickle
import select
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..conftest import environment, runtime_python
from .data import same

WORKER = Path(__file__).resolve().parent / "worker.py"
PATIENCE = 240  # seconds without an answer, imports included, until a process counts as hung
NAMES = {"half": "float16", "float": "float32", "double": "float64"}


@dataclass(frozen=True)
class Tensor:
    """A tensor: bool, int, float or bytes in row-major order."""

    dtype: str
    shape: tuple[int, ...]
    flat: list[Any]

    def rows(self, width: int = 0) -> list[Any]:
        """The scalars, or the vectors of a width as tuples."""
        if width == 0:
            return [same(item) for item in self.flat]
        flat = [same(item) for item in self.flat]
        return [tuple(flat[i : i + width]) for i in range(0, len(flat), width)]


@dataclass(frozen=True)
class Refused:
    """The error that an op gave instead."""

    error: str
    message: str


def tensor(dtype: str, flat: list[Any], shape: tuple[int, ...] | None = None) -> Tensor:
    """A tensor; a vector unless a shape is given."""
    return Tensor(dtype, (len(flat),) if shape is None else shape, flat)


def to_wire(given: Tensor) -> tuple[str, tuple[int, ...], Any]:
    """A tensor as worker.py reads it."""
    if given.dtype == "string":
        return given.dtype, given.shape, given.flat
    name = NAMES.get(given.dtype, given.dtype)
    array = np.array(given.flat, dtype="float32" if name == "bfloat16" else name)
    return name, given.shape, array.tobytes()


def from_wire(wire: tuple[str, tuple[int, ...], Any]) -> Tensor:
    """A tensor as worker.py writes it."""
    dtype, shape, data = wire
    flat = data if dtype == "string" else np.frombuffer(data, dtype=dtype).tolist()
    return Tensor(dtype, tuple(shape), flat)


class Client:
    """A runtime's process. It is started again after it died, so that hypothesis can shrink."""

    def __init__(self, version: str, package: Path) -> None:
        self.version = version
        self.package = package
        self.eager = not version.startswith("1.")
        self.process: subprocess.Popen[bytes] | None = None
        self.log = tempfile.TemporaryFile()
        self.scratch = tempfile.TemporaryDirectory(prefix="opgraft-")
        self.directory = self.scratch.name  # for files
        self.start()

    def __repr__(self) -> str:
        return f"TensorFlow {self.version}"

    def start(self) -> None:
        """Starts the process; it answers once when TensorFlow is there."""
        self.process = subprocess.Popen(
            [str(runtime_python(self.version)), "-W", "ignore", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=environment(self.package),
        )
        self.ready = False

    def close(self) -> None:
        """Ends the process, and deletes its files."""
        self.scratch.cleanup()
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def ask(self, method: str, *arguments: Any) -> Any:
        """Calls a method of the worker; its result, or Refused."""
        if self.process is None:
            self.start()
        if not self.ready:
            self.receive()
            self.ready = True
        assert self.process is not None and self.process.stdin is not None
        try:
            pickle.dump((method, arguments), self.process.stdin, protocol=4)
            self.process.stdin.flush()
        except BrokenPipeError:
            self.die("died")
        answer = self.receive()
        return answer[1] if answer[0] == "ok" else Refused(*answer[1:])

    def receive(self) -> Any:
        """The next answer."""
        assert self.process is not None and self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            self.die(f"gave no answer for {PATIENCE} s")
        try:
            return pickle.load(self.process.stdout)
        except EOFError:
            return self.die("died")

    def die(self, how: str) -> None:
        """Fails the test with the process's last words."""
        assert self.process is not None
        self.process.kill()
        self.process.communicate()
        code, self.process = self.process.returncode, None
        self.log.seek(0)
        tail = self.log.read()[-2000:].decode(errors="replace")
        raise AssertionError(f"{self}: the process {how}, exit code {code}\n{tail}")

    def open(self, kind: str, key: str, value: str, default: Tensor, **more: Any) -> None:
        """Makes a table; `more` are tensors and plain arguments of its class."""
        tensors = {k: to_wire(v) for k, v in more.items() if isinstance(v, Tensor)}
        options = {k: v for k, v in more.items() if not isinstance(v, Tensor)}
        options.update(kind=kind, key=NAMES.get(key, key), value=NAMES.get(value, value))
        made = self.ask("open", {"default": to_wire(default), **tensors}, options)
        assert made is None, f"{self}: {kind} was not made: {made}"

    def run(self, op: str, *inputs: Tensor, **options: Any) -> list[Tensor] | Refused:
        """An op of the table."""
        answer = self.ask("run", op, [to_wire(item) for item in inputs], options)
        return answer if isinstance(answer, Refused) else [from_wire(wire) for wire in answer]

    def done(self, op: str, *inputs: Tensor, **options: Any) -> list[Tensor]:
        """An op that has to work."""
        result = self.run(op, *inputs, **options)
        assert not isinstance(result, Refused), f"{self}: {op} failed: {result}"
        return result

    def refuses(self, error: str, op: str, *inputs: Tensor, **options: Any) -> None:
        """An op that has to fail."""
        result = self.run(op, *inputs, **options)
        right = isinstance(result, Refused) and result.error == error
        assert right, f"{self}: {op} should give {error}, gave {str(result)[:500]}"

    def finds(self, keys: Tensor, want: list[Any], *more: Tensor, width: int = 0) -> None:
        """A lookup that has to give the rows `want`."""
        [found] = self.done("lookup", keys, *more)
        shape = keys.shape + ((width,) if width else ())
        assert found.shape == shape, f"{self}: lookup gave the shape {found.shape}, not {shape}"
        got = found.rows(width)
        wrong = [i for i, row in enumerate(want) if got[i] != row]
        some = [f"{keys.flat[i]!r:.99}: {got[i]!r:.99}, not {want[i]!r:.99}" for i in wrong[:5]]
        assert not wrong, f"{self}: {len(wrong)} of {len(want)} keys are wrong: " + "; ".join(some)

    def holds(self, model: dict[Any, Any], width: int = 0, reserved: tuple[Any, ...] = ()) -> None:
        """size() and export() have to be those of a dict; `reserved` marks free rows."""
        [size] = self.done("size")
        assert size == Tensor("int64", (), [len(model)]), f"{self}: {size}, not {len(model)}"
        keys, values = self.done("export")
        inner = (max(width, 1),) if reserved else (width,) * bool(width)
        rows = values.shape[0]
        assert keys.shape == ((rows, 1) if reserved else (rows,)), f"{self}: exports {keys.shape}"
        assert values.shape == (rows, *inner), f"{self}: exports values {values.shape}"
        got = Counter(zip(keys.flat, values.rows(width)))
        for pair in list(got):
            if pair[0] in reserved:
                del got[pair]
        want = Counter(model.items())
        assert got == want, (
            f"{self}: export() lacks {list((want - got).items())[:5]!r:.500}"
            f" and has {list((got - want).items())[:5]!r:.500}"
        )
