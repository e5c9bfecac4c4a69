"""Where the bytes of a shared library went: sections, source files, symbols."""

from __future__ import annotations

import heapq
import lzma
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Optional

from elftools.common.exceptions import ELFError
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from . import linker_map
from .document import MeasuredFile, Section, Sizes, Symbol

HEADERS = "linker/headers"
PADDING = "linker/padding"
CONSTANTS = "linker/merged constants"
LTO = "linker/link-time optimisation"
UNWINDING = "[unwind tables]"
EXCEPTIONS = "[exception tables]"
# Of all symbols, those that matter, and of a template's name what tells it from others.
LARGEST, SMALLEST, NAME = 8000, 64, 400

# Sections that the linker writes itself. GNU ld's map gives them to the first object.
MADE = re.compile(
    r"\.(dyn(sym|str|amic)|gnu\.(hash|version.*)|hash|(rela|relr|rel)\..*|plt.*|got.*|iplt"
    r"|eh_frame_hdr|note\.gnu\.build-id|interp)"
)
MERGED = re.compile(r".*\.(str\d+\.\d+|cst\d+)")
LTO_OBJECT = re.compile(r".*(\.lto\.|lto\.tmp|\.ltrans\d*\.).*")
PREFIX = re.compile(r"\.(text(\.unlikely|\.hot|\.startup|\.exit)?|rodata|data(\.rel)?(\.ro)?)\.")

# The parts of a slim TensorFlow, by the first prefix that fits.
COMPONENTS = (
    ("tensorflow/core/kernels/", "kernels"),
    ("tensorflow/core/ops/", "op definitions"),
    ("tensorflow/core/common_runtime/", "runtime"),
    ("tensorflow/core/framework/", "framework"),
    ("tensorflow/core/util/tensor_bundle/", "checkpoints"),
    ("tensorflow/core/", "core"),
    ("tensorflow/cc/", "SavedModel loader"),
    ("tensorflow/compiler/", "compiler"),
    ("tensorflow/tsl/", "tsl"),
    ("tensorflow/c/", "C API"),
    ("linker/", "linker"),
    ("toolchain/", "toolchain"),
)
LIBRARIES = ("absl", "double-conversion", "farmhash", "highwayhash", "protobuf", "snappy")


class SizesError(ValueError):
    """The library and the map do not fit, or one of them is none."""


def measure(
    library: Path,
    map_file: Path,
    source_of: Callable[[str], Optional[str]],
    built: Optional[int] = None,
) -> Sizes:
    """Attributes every byte of a library's file.

    Args:
      library: the library, stripped or not.
      map_file: the linker's map of it (`-Wl,-Map=FILE`, ld.lld or GNU ld).
      source_of: the source of an object, from the root of the sources, or None if it has none
        here. Gets what the map says: `dir/name.pic.o`, `dir/libname.pic.a(name.pic.o)`.
      built: bytes of the library before it was stripped, if that is another file.

    Raises:
      SizesError: the map is not that of the library.
      OSError: a file cannot be read.
    """
    whole = library.read_bytes()
    sections = list(_read_sections(library))
    try:
        pieces = linker_map.read(map_file)
    except linker_map.MapError as error:
        raise SizesError(str(error)) from None
    parts: dict[str, list[linker_map.Piece]] = defaultdict(list)
    for piece in pieces:
        parts[piece.output].append(piece)

    files: Counter[str] = Counter()
    symbols: dict[str, Counter[str]] = defaultdict(Counter)
    headers = len(whole) - sum(section.size for section in sections)
    for section in sections:
        if not section.loaded:
            files[HEADERS] += section.size
            continue
        if section.name not in parts:
            raise SizesError(f"{map_file} has no {section.name}: not the map of {library.name}")
        end = section.address
        for piece in _sort(parts[section.name], section.address + section.size):
            begin = max(end, piece.address)
            finish = piece.address + piece.size
            if finish <= begin:
                continue
            if piece.address < section.address or finish > section.address + section.size:
                raise SizesError(f"{map_file}: {section.name} is elsewhere in {library.name}")
            path = _path(piece, source_of)
            files[PADDING] += begin - end
            files[path] += finish - begin
            if not path.startswith("linker/"):
                for name, size in _symbols(piece, finish):
                    symbols[path][name] += size
            end = finish
        files[PADDING] += section.address + section.size - end
    files[HEADERS] += headers

    largest = heapq.nlargest(
        LARGEST,
        (
            (size, name, path)
            for path, named in symbols.items()
            for name, size in named.items()
            if size >= SMALLEST
        ),
    )
    shown: dict[str, list[Symbol]] = defaultdict(list)
    for size, name, path in largest:
        shown[path].append(Symbol(name=name[:NAME], bytes=size))
    listed = [Section(name=s.name, bytes=s.size) for s in sections if s.size]
    listed.append(Section(name="headers and alignment", bytes=headers))
    return Sizes(
        built=len(whole) if built is None else built,
        stripped=len(whole),
        compressed=len(lzma.compress(whole)),
        sections=sorted(listed, key=lambda s: (-s["bytes"], s["name"])),
        files=[
            MeasuredFile(
                path=path,
                component=component(path),
                bytes=size,
                symbols=shown[path],
            )
            for path, size in sorted(files.items(), key=lambda f: (-f[1], f[0]))
            if size
        ],
    )


def component(path: str) -> str:
    """The part of TensorFlow, or the library, that a source belongs to."""
    if path.endswith((".pb.cc", ".pb_text.cc")):
        return "protos"
    for prefix, name in COMPONENTS:
        if path.startswith(prefix):
            return name
    parts = path.split("/")
    if parts[0] == "external" and len(parts) > 2:
        repository = parts[1].lower()
        for name in LIBRARIES:
            if name in repository or name.replace("-", "_") in repository:
                return name
        return re.sub(r"^(com|org|net)_(google(source)?_)?(code_)?", "", repository)
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


@dataclass
class _Section:
    name: str
    address: int
    size: int
    loaded: bool


def _read_sections(library: Path) -> Iterator[_Section]:
    """The sections that take up bytes in the file."""
    try:
        with library.open("rb") as stream:
            for section in ELFFile(stream).iter_sections():
                if section["sh_type"] not in ("SHT_NOBITS", "SHT_NULL"):
                    yield _Section(
                        section.name,
                        section["sh_addr"],
                        section["sh_size"],
                        bool(section["sh_flags"] & SH_FLAGS.SHF_ALLOC),
                    )
    except (ELFError, KeyError, UnicodeDecodeError) as error:
        raise SizesError(f"{library}: no shared library: {error}") from None


def _sort(pieces: list[linker_map.Piece], end: int) -> list[linker_map.Piece]:
    """By address; constants that were merged into others end where the next piece starts.

    GNU ld's map gives them the size that they had before.
    """
    pieces = sorted(pieces, key=lambda piece: piece.address)
    for piece in reversed(pieces):
        if MERGED.fullmatch(piece.name):
            piece.size = max(0, min(piece.size, end - piece.address))
        elif piece.size:
            end = piece.address
    return pieces


def _path(piece: linker_map.Piece, source_of: Callable[[str], Optional[str]]) -> str:
    """Where a piece is booked."""
    if MADE.fullmatch(piece.output):
        return f"linker/{piece.output}"
    if MERGED.fullmatch(piece.name) or (not piece.obj and piece.output.startswith(".rodata")):
        return CONSTANTS
    if not piece.obj:
        return f"linker/{piece.output}"
    if LTO_OBJECT.fullmatch(piece.obj):
        return LTO
    source = source_of(piece.obj)
    if source is not None:
        return source
    archive, _, member = piece.obj.rstrip(")").partition("(")
    name = PurePosixPath(archive).name
    return f"toolchain/{name.split('.')[0]}/{member}" if member else f"toolchain/{name}"


def _symbols(piece: linker_map.Piece, end: int) -> Iterator[tuple[str, int]]:
    """The symbols of a piece with their bytes; aliases once, under their first name."""
    if piece.output == ".eh_frame":
        yield UNWINDING, end - piece.address
        return
    if piece.output == ".gcc_except_table":
        yield EXCEPTIONS, end - piece.address
        return
    named = {address: (size, name) for address, size, name in reversed(piece.symbols)}
    if not named:
        named = {piece.address: (0, PREFIX.sub("", piece.name))}
    starts = sorted(named)
    for start, following in zip(starts, [*starts[1:], end]):
        size, name = named[start]
        yield name, max(0, min(size or following - start, following - start))
