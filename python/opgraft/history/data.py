"""The package data: history.pb.xz, a History message (proto/history.proto)."""

from __future__ import annotations

import functools
import lzma
import re
from pathlib import Path
from typing import Any

from opgraft import proto
from opgraft._manifest import parse_version
from opgraft.errors import UnknownReleaseError
from opgraft.history.registry import Registry

DATA = Path(__file__).with_name("history.pb.xz")


@functools.cache
def _history() -> Any:
    return proto.parse(proto.History, lzma.decompress(DATA.read_bytes()), str(DATA))


@functools.cache
def _entries() -> dict[str, Any]:
    return {entry.name: entry for entry in _history().op}


def releases() -> list[str]:
    """The releases that were harvested, oldest first: one for each minor release."""
    return [release.version for release in _history().release]


def resolve(text: str) -> int:
    """The index of a release in `releases()`: of "1.15", "1.15.5" or any other 1.15.x.

    Raises:
      UnknownReleaseError: nothing is known about that release.
    """
    wanted = parse_version(text) if re.fullmatch(r"[\w.+-]+", text) else None
    for index, version in enumerate(releases()):
        if wanted is not None and parse_version(version) == wanted:
            return index
    known = releases()
    raise UnknownReleaseError(
        f"{text!r} is no release of TensorFlow that opgraft knows: name one from {known[0]} to "
        f"{known[-1]}, such as {known[-1].rpartition('.')[0]}."
    )


def ages(name: str) -> Any:
    """An op through the ages: its OpHistory, or None if no release has it."""
    return _entries().get(name)


class Release(Registry):
    """What a stock release has.

    Args:
      text: "1.15", "1.15.5" or another release of that minor release.

    Raises:
      UnknownReleaseError: nothing is known about that release.
    """

    def __init__(self, text: str) -> None:
        self.index = index = resolve(text)
        self.about = _history().release[index]
        ops, kernels, self.contrib_ops = {}, {}, {}
        for name, entry in _entries().items():
            op = _at(entry.core, index)
            if op is not None:
                ops[name] = op.op
                kernels[name] = list(_at(entry.kernels, index).set)
            contrib = _at(entry.contrib, index)
            if contrib is not None:
                self.contrib_ops[name] = contrib.op
        super().__init__(
            f"TensorFlow {self.about.version}",
            ops,
            kernels,
            self.about.version,
            self.about.producer,
            self.about.min_producer,
        )

    def contrib_op(self, name: str) -> Any:
        """The OpDef of an op that importing tf.contrib registers, or None."""
        return self.contrib_ops.get(name)


def _at(spans: Any, index: int) -> Any:
    """The span that has an index, or None."""
    return next((span for span in spans if span.first <= index <= span.last), None)
