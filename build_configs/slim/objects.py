"""Which source an object of a slim build was compiled from."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import PurePosixPath

TARGETS = {"c_api": "C_API", "framework": "FRAMEWORK", "registrations": "REGISTRATIONS"}
_SELECTED = re.compile(r".*/selection/_objs/(?:kernels|ops)_\w+?/(.*)/[^/]*\.pic\.o")
_OTHER = re.compile(r".*/bin/(\w+)/_objs/(\w+)/(.*)\.pic\.o")


class ObjectSources:
    """A function from an object's path to its source's.

    Args:
      lists: what lists.bzl defines: sources by name of the list.
    """

    def __init__(self, lists: dict[str, list[str]]) -> None:
        self._known: dict[tuple[str, str], str] = {}
        for target, name in TARGETS.items():
            self._add(target, lists[name])
        self._add("protos", [path[: -len(".proto")] + ".pb.cc" for path in lists["PROTOS"]])

    def _add(self, target: str, sources: list[str]) -> None:
        """Bazel numbers the folders of objects whose sources have one name, in their order."""
        same: dict[str, list[str]] = defaultdict(list)
        for source in sources:
            same[PurePosixPath(source).name[: -len(".cc")]].append(source)
        for stem, paths in same.items():
            for number, path in enumerate(paths):
                place = f"{number}/{stem}" if len(paths) > 1 else stem
                self._known[target, place] = path

    def __call__(self, path: str) -> str | None:
        selected = _SELECTED.fullmatch(path)
        if selected:
            return selected[1] + ".cc"
        other = _OTHER.fullmatch(path)
        if other is None:
            return None
        package, target, place = other.groups()
        if package == "tensorflow":
            return self._known.get((target, place))
        return f"external/{package}/{PurePosixPath(place).name}.cc"
