"""Files that name ops: one to a line, with types or without.

    # comment
    MatMul: T=float
    GatherV2: Tparams=float,int64 Tindices=int32
    Softmax

An op without types gets the kernels of all types; an attr that is not named may have any.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from opgraft import proto
from opgraft.errors import ModelError
from opgraft.inspect.escape import printable

SIZE_LIMIT = 1 << 20  # bytes; every op of TensorFlow takes a twentieth
_LINE = re.compile(r"([A-Za-z_][\w>./-]*)\s*(?::(.*))?\Z")
_TYPES = re.compile(r"(\w+)=(\w+(?:,\w+)*)\Z")


@dataclass(frozen=True)
class Line:
    """A line: an op and {attr: dtypes}."""

    number: int
    op: str
    types: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read(path: str | os.PathLike[str]) -> list[Line]:
    """The lines of a file.

    Raises:
      ModelError: the file is missing, too large or no text; a line is not in the form above (all
        of them are named); or there is no op.
    """
    name = printable(os.fspath(path))
    try:
        with open(path, "rb") as f:
            data = f.read(SIZE_LIMIT + 1)
        text = data.decode("utf-8")
    except (OSError, ValueError) as e:
        raise ModelError(f"{name}: {printable(getattr(e, 'strerror', None) or str(e))}") from e
    if len(data) > SIZE_LIMIT:
        raise ModelError(f"{name} has more than {SIZE_LIMIT >> 20} MB: it is no list of ops.")
    lines: list[Line] = []
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        code = line.partition("#")[0].strip()
        if code:
            try:
                lines.append(_parse(number, code))
            except ValueError as e:
                problems.append(f"{name}, line {number}: {e}")
    if problems:
        raise ModelError("\n".join(problems))
    if not lines:
        raise ModelError(f"{name} names no op. Write one to a line, such as MatMul: T=float")
    return lines


def _parse(number: int, code: str) -> Line:
    match = _LINE.match(code)
    if match is None:
        raise ValueError(f"{printable(code)!r} is not of the form Op or Op: attr=dtype,dtype")
    types: dict[str, tuple[str, ...]] = {}
    for word in (match[2] or "").split():
        pair = _TYPES.match(word)
        if pair is None:
            raise ValueError(f"{printable(word)!r} is not of the form attr=dtype,dtype")
        names = tuple(pair[2].split(","))
        for name in names:
            _check_dtype(name)
        types[pair[1]] = names
    return Line(number, match[1], types)


def _check_dtype(name: str) -> None:
    try:
        proto.type_number(name)
    except KeyError:
        raise ValueError(f"{printable(name)} is no dtype; one is float, int64 or string") from None
