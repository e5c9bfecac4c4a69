"""The preprocessor's view of TensorFlow's sources: which registrations a file makes.

g++ -E runs over a file with TensorFlow's own headers; every header from elsewhere (the standard
library, Eigen, protobuf) is an empty file, so that a file takes a tenth of a second. The macros
that register are TensorFlow's own down to the last layer, which here leaves a call to read.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+["<]([^">]+)[">]', re.M)
# Directories of the tree whose files may be included.
PARTS = (
    "tensorflow/c",
    "tensorflow/cc",
    "tensorflow/core",
    "tensorflow/tsl",
    "tensorflow/compiler",
)
SOURCES = (".cc", ".h", ".inc")
# What the slim build defines, so that #if takes the same branches.
DEFINES = ("EIGEN_USE_THREADS", "EIGEN_MPL2_ONLY", "TF_USE_SNAPPY")

# The last layers of the macros of op_kernel.h, op.h and function.h. Arguments that come from
# __VA_ARGS__ or after expansion reach them as they reach TensorFlow's.
_LAST_LAYERS = {
    "tensorflow/core/framework/op_kernel.h": """
#undef REGISTER_KERNEL_BUILDER_IMPL_3
#define REGISTER_KERNEL_BUILDER_IMPL_3(ctr, name, builder, is_system, ...) \\
  OPGRAFT_KERNEL(name, is_system, #__VA_ARGS__, builder);
""",
    "tensorflow/core/framework/op.h": """
#undef REGISTER_OP_IMPL
#define REGISTER_OP_IMPL(ctr, name, is_system) OPGRAFT_OP(name, is_system)
""",
    "tensorflow/core/framework/function.h": """
#undef REGISTER_OP_GRADIENT_UNIQ
#define REGISTER_OP_GRADIENT_UNIQ(ctr, name, fn) OPGRAFT_GRADIENT(name);
""",
}


@dataclass(frozen=True)
class Text:
    """A file after preprocessing: with its headers, and without those that are not its code."""

    whole: str
    own: str


class Preprocessor:
    """Preprocesses files of one tree.

    Args:
      tree: TensorFlow's source tree.
      scratch: an empty directory for the headers that stand in.
    """

    def __init__(self, tree: Path, scratch: Path) -> None:
        self.tree = tree
        self.files = {str(path.relative_to(tree)) for path in _sources(tree)}
        self.includes = {name: self._read_includes(name) for name in self.files}
        self._own, self._empty = scratch / "own", scratch / "empty"
        for name, text in _LAST_LAYERS.items():
            _write(self._own / name, f'#pragma once\n#include_next "{name}"\n{text}')
        _write(
            self._own / "tensorflow/core/framework/registration/options.h",
            "#pragma once\n#define TF_OPTION_REGISTRATION_V2() false\n",
        )
        named = {name for names in self.includes.values() for name in names}
        for name in named:
            parents = {str(parent) for parent in Path(name).parents}  # <thread>, "thread/signal.h"
            real = name.startswith("tensorflow/") and (tree / name).exists()
            if not real and not parents & named and ".." not in name:
                _write(self._empty / name, "")
        (self._own / "real").mkdir()
        (self._own / "real" / "tensorflow").symlink_to(tree / "tensorflow")

    def _read_includes(self, name: str) -> list[str]:
        text = (self.tree / name).read_text("utf-8", "replace")
        return INCLUDE.findall(text)

    def run(self, name: str) -> Text:
        """A file after preprocessing.

        Raises:
          RuntimeError: g++ refuses it; the message is the compiler's.
        """
        command = ["g++", "-E", "-nostdinc", "-std=c++17", "-w", "-x", "c++"]
        command += [f"-D{name}" for name in DEFINES]
        command += [f"-I{path}" for path in (self._own, self._own / "real", self._empty)]
        path = str(self.tree / name)
        done = subprocess.run([*command, path], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr.strip()}")
        whole: list[str] = []
        parts: dict[str, list[str]] = {}
        file = ""
        for line in done.stdout.splitlines():
            if line.startswith("# "):
                file = line.split('"')[1]
                continue
            whole.append(line)
            parts.setdefault(file, []).append(line)
        own = "\n".join(parts.get(path, ()))
        if not own.strip():  # it defines a macro and includes a header that makes code of it
            included = tuple(f"/{header}" for header in self.includes[name])
            own = "\n".join(line for p in parts if p.endswith(included) for line in parts[p])
        return Text("\n".join(whole), own)


def _sources(tree: Path) -> Iterator[Path]:
    for part in PARTS:
        for directory, _, names in os.walk(tree / part):
            yield from (Path(directory, name) for name in names if name.endswith(SOURCES))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def calls(text: str, name: str) -> Iterator[list[str]]:
    """The arguments of each call of a name in C++ text, split at the outer commas."""
    for match in re.finditer(rf"\b{name}\(", text):
        yield split(text, match.end())


def split(text: str, start: int) -> list[str]:
    """The arguments from `start`, just after an opening bracket, to the one that closes it."""
    depth, at, begin = 0, start, start
    found: list[str] = []
    while True:
        char = text[at]
        if char in "\"'":
            at = _end_of_literal(text, at)
            continue
        if char in "([{":
            depth += 1
        elif char in ")]}":
            if depth == 0:
                return [*found, text[begin:at].strip()]
            depth -= 1
        elif char == "," and depth == 0:
            found.append(text[begin:at].strip())
            begin = at + 1
        at += 1


def _end_of_literal(text: str, at: int) -> int:
    quote, at = text[at], at + 1
    while text[at] != quote:
        at += 2 if text[at] == "\\" else 1
    return at + 1
