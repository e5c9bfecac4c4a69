"""Reads TensorFlow's BUILD files: which files a filegroup or library has.

A BUILD file is Starlark, which is close enough to Python to be run as such, statement by statement,
with functions that remember what a rule says. What a loaded macro computes is taken to be empty;
a filegroup's list of sources seldom needs one.
"""

from __future__ import annotations

import ast
import glob
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

DEFAULT = "//conditions:default"
GENERATED = re.compile(r"_proto_text_srcs$|^options\.h$")  # by macros


class Unknown:
    """The value of what is not known: callable, empty, and whatever else an expression wants."""

    def __call__(self, *_: Any, **__: Any) -> Unknown:
        return self

    def __getattr__(self, name: str) -> Unknown:
        return self

    def __iter__(self) -> Any:
        return iter(())

    def __add__(self, other: Any) -> Any:
        return other

    __radd__ = __or__ = __ror__ = __add__


UNKNOWN = Unknown()


class BuildFiles:
    """The rules of a tree, read when they are asked for."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self._packages: dict[str, dict[str, dict[str, Any]]] = {}

    def expand(self, label: str, package: str = "", seen: set[str] | None = None) -> set[str]:
        """The files of a label: a file, or a rule with what its srcs and hdrs list.

        Raises:
          KeyError: there is no such rule or file in the tree; labels of other repositories have no
            files.
        """
        seen = set() if seen is None else seen
        if label.startswith("@"):
            return set()
        path, _, name = label[2:].partition(":") if label.startswith("//") else (package, "", label)
        name = (name or path.rpartition("/")[2]).lstrip(":")
        if f"//{path}:{name}" in seen:
            return set()
        seen.add(f"//{path}:{name}")
        rule = self._rules(path).get(name)
        if rule is None:
            if (self.tree / path / name).is_file():
                return {f"{path}/{name}"}
            if GENERATED.search(name):
                return set()
            raise KeyError(f"//{path}:{name}")
        found: set[str] = set()
        for inner in _strings([rule.get("srcs"), rule.get("hdrs"), rule.get("actual")]):
            found |= self.expand(inner, path, seen)
        return found

    def _rules(self, package: str) -> dict[str, dict[str, Any]]:
        if package not in self._packages:
            self._packages[package] = {}
            file = self.tree / package / "BUILD"
            if file.is_file():
                self._packages[package] = _Package(self.tree / package).run(file.read_text("utf-8"))
        return self._packages[package]


class _Package(dict[str, Any]):
    """The names that a BUILD file sees; one that is not known is a rule or a macro."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            glob=self._glob,
            select=lambda choices, **_: choices.get(DEFAULT, []),
            load=lambda *_, **__: None,
            if_not_mobile=lambda files, *_: files,
            if_not_windows=lambda files, *_: files,
            if_static=lambda extra_deps, otherwise=(), **_: otherwise,
        )
        self._folder = folder
        self._found: dict[str, dict[str, Any]] = {}

    def run(self, text: str) -> dict[str, dict[str, Any]]:
        """{name: arguments} of the rules."""
        for statement in ast.parse(text).body:
            code = compile(ast.Module([statement], []), "BUILD", "exec")
            try:
                exec(code, self)
            except (TypeError, ValueError, AttributeError, KeyError):
                pass  # a rule that needs what a macro computes; expand() says if it is asked for
        return self._found

    def __missing__(self, name: str) -> Any:
        if hasattr(__builtins__, name) or name in __builtins__:  # type: ignore[operator]
            raise KeyError(name)

        def record(*_: Any, **arguments: Any) -> Any:
            if isinstance(arguments.get("name"), str):
                self._found.setdefault(arguments["name"], arguments)
            return UNKNOWN

        return record

    def _glob(self, include: Iterable[str], exclude: Iterable[str] = (), **_: Any) -> list[str]:
        def matching(patterns: Iterable[str]) -> set[str]:
            folder = os.fspath(self._folder)
            return {
                os.path.relpath(path, folder)
                for pattern in patterns
                for path in glob.glob(os.path.join(folder, pattern), recursive=True)
                if os.path.isfile(path)
            }

        return sorted(matching(include) - matching(exclude))


def _strings(value: Any) -> list[str]:
    """The strings in nested lists."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _strings(item)]
    return []
