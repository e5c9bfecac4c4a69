"""slim.json: what a slim build is made of, as data. docs/slim-json.md says the same for people.

It holds no time and no path of the machine, so that two builds of the same inputs give the same
bytes. compose.py makes it, report.py draws it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import (
    Any,
    Literal,
    Optional,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

FORMAT = 1


class Model(TypedDict):
    """A model that was given. `sha256` is that of its saved_model.pb, or of the file of ops."""

    name: str
    sha256: str


class Reason(TypedDict):
    """What brought an op or a kernel in: opgraft.slim.Reason, `source` a name of `models`."""

    rule: str
    source: str
    function: str
    node: str


class Op(TypedDict):
    """An op that is registered."""

    name: str
    reasons: list[Reason]


# Two keys are no Python names, hence this form.
Kernel = TypedDict(
    "Kernel",
    {
        "op": str,
        "class": str,
        "types": dict[str, list[str]],
        "label": str,
        "priority": int,
        "file": str,
        "reasons": list[Reason],
    },
)


class Source(TypedDict):
    """A file that was compiled, from the root of TensorFlow's tree or `external/`.

    `ops` are those that it registers or defines, `needed_by` the sources that need a function of
    it. Both are empty for the framework, which every slim build has.
    """

    path: str
    sha256: str
    ops: list[str]
    needed_by: list[str]


class Archive(TypedDict):
    """A download that sources were taken from."""

    name: str
    sha256: str


class Flags(TypedDict):
    """What the compiler and the linker were told, with no path of the machine.

    `kernels` has what is added for kernels, by the kind of processors.
    """

    compile: list[str]
    kernels: dict[str, list[str]]
    link: list[str]


class Stock(TypedDict):
    """What it stands in for. Bytes; `installed` is the whole package."""

    package: str
    library: int
    installed: int


class Symbol(TypedDict):
    """A function or a variable, demangled. Bytes."""

    name: str
    bytes: int


class Section(TypedDict):
    """A section of the library, such as `.text`. Bytes in the file."""

    name: str
    bytes: int


class MeasuredFile(TypedDict):
    """What one source file gave to the library. Bytes.

    `path` is that of `sources`, or `linker/…` for what the linker made, or `toolchain/…` for
    objects without a source here. `symbols` are the largest first and may sum to less than
    `bytes`; tables of the compiler are among them in brackets, such as `[unwind tables]`.
    """

    path: str
    component: str
    bytes: int
    symbols: list[Symbol]


class Sizes(TypedDict):
    """Where the bytes of the library went.

    `stripped` is the library that ships; `sections` and `files` each sum to it exactly. `built` is
    the same before its symbols were stripped, `compressed` after xz.
    """

    built: int
    stripped: int
    compressed: int
    sections: list[Section]
    files: list[MeasuredFile]


class Proof(TypedDict):
    """One signature of one model, run in the new library.

    `status`: "agrees" or "differs" with the full TensorFlow (`compared_with`); "runs" where none
    was at hand; "fails"; or "skipped". `largest_difference` is absolute, over all outputs.
    `inputs` is "generated" or "file". `detail` is for people.
    """

    model: str
    signature: str
    status: Literal["agrees", "differs", "runs", "fails", "skipped"]
    inputs: str
    compared_with: str
    largest_difference: Optional[float]
    detail: str


class Document(TypedDict):
    """slim.json."""

    format: int
    release: str
    platform: str
    profile: str
    models: list[Model]
    ops: list[Op]
    kernels: list[Kernel]
    sources: list[Source]
    archives: list[Archive]
    flags: Flags
    tools: dict[str, str]
    stock: Stock
    sizes: Sizes
    proofs: list[Proof]


class DocumentError(ValueError):
    """A document that is none: the message names the place and what should be there."""


def write(path: Path, document: Document) -> None:
    """Writes slim.json, whole or not at all.

    Raises:
      DocumentError: as check says.
      OSError: it cannot be written.
    """
    check(document)
    replace_text(path, json.dumps(document, indent=1, sort_keys=True) + "\n")


def replace_text(path: Path, text: str) -> None:
    """Writes a file so that no half of it is ever seen."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def check(document: Any) -> None:
    """Checks a document against the classes above, its sums and its references.

    Raises:
      DocumentError: the first thing that is wrong.
    """
    _check_type(document, Document, "slim.json")
    if document["format"] != FORMAT:
        raise DocumentError(f"slim.json.format: {document['format']}, known is {FORMAT}")
    sizes = document["sizes"]
    for part in ("sections", "files"):
        total = sum(entry["bytes"] for entry in sizes[part])
        if total != sizes["stripped"]:
            raise DocumentError(f"slim.json.sizes.{part}: sum {total}, not {sizes['stripped']}")
    for part, key in (("models", "name"), ("ops", "name"), ("sources", "path")):
        _check_unique(f"slim.json.{part}", [entry[key] for entry in document[part]])
    _check_unique("slim.json.sizes.files", [entry["path"] for entry in sizes["files"]])
    models = {"", *(model["name"] for model in document["models"])}
    ops = {op["name"] for op in document["ops"]}
    sources = {source["path"] for source in document["sources"]}
    for number, op in enumerate(document["ops"]):
        _check_known(f"slim.json.ops[{number}]", models, (r["source"] for r in op["reasons"]))
    for number, kernel in enumerate(document["kernels"]):
        place = f"slim.json.kernels[{number}]"
        _check_known(place, ops, [kernel["op"]])
        _check_known(place, sources, [kernel["file"]])
        _check_known(place, models, (reason["source"] for reason in kernel["reasons"]))
    for number, source in enumerate(document["sources"]):
        _check_known(f"slim.json.sources[{number}]", ops, source["ops"])
        _check_known(f"slim.json.sources[{number}]", sources, source["needed_by"])
    for number, proof in enumerate(document["proofs"]):
        _check_known(f"slim.json.proofs[{number}]", models, [proof["model"]])
    for path in (*sources, *(entry["path"] for entry in sizes["files"])):
        if path.startswith("/") or ".." in path.split("/"):
            raise DocumentError(f"slim.json: {path} is not relative to the sources")


def _check_unique(place: str, names: list[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise DocumentError(f"{place}: {name} is there {times} times")


def _check_known(place: str, known: set[str], names: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise DocumentError(f"{place}: {name} is not in the document")


def _check_type(value: Any, kind: Any, place: str) -> None:
    """Checks a JSON value against a TypedDict, list, dict, Literal, Optional or plain type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Union:
        if value is not None:
            _check_type(value, arguments[0], place)
    elif origin is Literal:
        if value not in arguments:
            raise DocumentError(f"{place}: {value!r}, not one of {', '.join(arguments)}")
    elif origin is list:
        _check_plain(value, list, place)
        for number, item in enumerate(value):
            _check_type(item, arguments[0], f"{place}[{number}]")
    elif origin is dict:
        _check_plain(value, dict, place)
        for key, item in value.items():
            _check_type(item, arguments[1], f"{place}[{key!r}]")
    elif isinstance(kind, type) and issubclass(kind, dict):
        _check_plain(value, dict, place)
        hints = get_type_hints(kind)
        if set(value) != set(hints):
            wrong = ", ".join(sorted(set(value) ^ set(hints)))
            raise DocumentError(f"{place}: missing or unknown: {wrong}")
        for key, hint in hints.items():
            _check_type(value[key], hint, f"{place}.{key}")
    elif kind is float:
        _check_plain(value, (int, float), place)
        if value != value or value in (float("inf"), float("-inf")):
            raise DocumentError(f"{place}: {value}, which JSON has no number for")
    else:
        _check_plain(value, kind, place)
        if kind is int and value < 0:
            raise DocumentError(f"{place}: {value}, must not be negative")


def _check_plain(value: Any, kind: Any, place: str) -> None:
    if not isinstance(value, kind) or isinstance(value, bool):
        wanted = "a number" if isinstance(kind, tuple) else kind.__name__
        raise DocumentError(f"{place}: {type(value).__name__}, must be {wanted}")
