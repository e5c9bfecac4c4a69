"""Reads the maps that linkers write: which object each byte of a library came from.

Formats: LLD's (`ld.lld -Map`, https://lld.llvm.org) and GNU ld's (`ld -Map`), told apart by their
first lines.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


class MapError(ValueError):
    """The file is no map of a linker that is known."""


@dataclass
class Piece:
    """A run of bytes that an object gave to the library.

    Attributes:
      output: the library's section.
      name: the object's section, such as `.text._ZN3fooEv`.
      obj: the object, `archive(member)`, or "" for what the linker made.
      address: where it starts in memory.
      size: bytes.
      symbols: (address, bytes, name); 0 bytes where the map has no sizes.
    """

    output: str
    name: str
    obj: str
    address: int
    size: int
    symbols: list[tuple[int, int, str]] = field(default_factory=list)


def read(path: Path) -> list[Piece]:
    """The pieces of a map, in its order.

    Raises:
      MapError: it is none.
      OSError: it cannot be read.
    """
    with path.open(encoding="utf-8", errors="replace") as lines:
        first = next(lines, "")
        if first.split()[:3] == ["VMA", "LMA", "Size"]:
            return list(_lld(lines))
        for line in itertools.chain([first], lines):
            if line.startswith("Linker script and memory map"):
                return list(_gnu(lines))
    raise MapError(f"{path}: no map of ld.lld or GNU ld; link with -Wl,-Map=FILE")


_LLD = re.compile(r" *([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+) +\d+ ( *)(.*)")
_LLD_INPUT = re.compile(r"(.*):\(([^()]*)\)")


def _lld(lines: Iterable[str]) -> Iterator[Piece]:
    """Columns: address, load address, size, alignment; then output, input or symbol, indented."""
    output, piece = "", None
    for line in lines:
        row = _LLD.match(line.rstrip("\n"))
        if row is None:
            continue
        address, size, indent, text = int(row[1], 16), int(row[2], 16), len(row[3]), row[4]
        if indent == 0:
            output, piece = text, None
        elif indent < 16:
            place = _LLD_INPUT.fullmatch(text)
            if place is None:  # an assignment of a linker script
                continue
            name = place[2]
            if name.startswith(".eh_frame+"):
                # Its records are listed one by one, without the padding that they get.
                name, size = ".eh_frame", -(-size // 8) * 8
            piece = Piece(output, name, "" if place[1] == "<internal>" else place[1], address, size)
            yield piece
        elif piece is not None:
            piece.symbols.append((address, size, text))


_GNU_OUTPUT = re.compile(r"(\.?[^\s*][^\s]*)(?:\s+0x[0-9a-f]+\s+0x[0-9a-f]+.*)?")
_GNU_INPUT = re.compile(r" (?:(\S+) +|(?: +))0x([0-9a-f]+) +0x([0-9a-f]+) (\S.*)")
_GNU_NAME = re.compile(r" ([^\s*]\S*)")
_GNU_SYMBOL = re.compile(r" {16,}0x([0-9a-f]+) {16}(\S.*)")


def _gnu(lines: Iterable[str]) -> Iterator[Piece]:
    """A long name of a section stands on a line of its own, before address, size and object."""
    output, name, piece = "", "", None
    for line in lines:
        line = line.rstrip("\n")
        if line[:1] not in ("", " "):
            started = _GNU_OUTPUT.fullmatch(line)
            output, name, piece = (started[1] if started else ""), "", None
            continue
        row = _GNU_INPUT.fullmatch(line)
        if row is not None and (row[1] or name) and row[1] != "*fill*":
            piece = Piece(output, row[1] or name, row[4], int(row[2], 16), int(row[3], 16))
            name = ""
            yield piece
            continue
        alone = _GNU_NAME.fullmatch(line)
        name = alone[1] if alone else ""
        symbol = _GNU_SYMBOL.fullmatch(line)
        if symbol is not None and piece is not None and " = " not in symbol[2]:
            piece.symbols.append((int(symbol[1], 16), 0, symbol[2]))
