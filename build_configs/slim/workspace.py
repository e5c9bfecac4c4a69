"""The Bazel workspace of a slim build: overlay/ laid over the sources, and what was selected.

It lies in the user's cache beside the sources that it compiles. What is selected is written as one
header per source, named by its content: the next model finds every object that it shares with the
last one in the cache, whatever else it needs.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import bazel
from opgraft.slim.selection import File, Selection

from . import document, sources

HERE = Path(__file__).resolve().parent
OVERLAY = HERE / "overlay"
FAST = ["-O2", "-ftree-vectorize"]
# What a profile compiles kernels with, once for each kind of processor. The rest of TensorFlow is
# small always: the same objects serve all.
LEVELS = {
    "size": {"any": ["-Os"]},
    "speed": {
        "base": FAST,
        "v3": [*FAST, "-march=x86-64-v3"],  # AVX2
        # AVX-512; without the kernels of Eigen that TensorFlow's convolutions do not fit.
        "v4": [*FAST, "-march=x86-64-v4", "-DEIGEN_USE_AVX512_GEMM_KERNELS=0"],
    },
}
MARK = ".compiled"
# Sources whose constructors register something: they are linked although nothing refers to them.
REGISTERS = re.compile(
    r"^\s*(REGISTER_|TF_INIT_ON|static .*([Rr]egist(rar|ration|ered|er_)))", re.M
)
# Code of the op libraries that patches make TensorFlow's kernels use.
OWN = (
    "ops/core/unicode_lower.cc",
    "ops/core/unicode_lower.h",
    "ops/core/unicode_lower.inc",
    "ops/kernel/types.h",
)
# Libraries from outside of TensorFlow that kernels may use, by the names of kernel_index.py: those
# that all kernels see, and those that have a target of their own.
COMMON_LIBRARIES = ("RE2", "gemmlowp", "highwayhash")
TARGETS = {"giflib": "//gif", "libjpeg": "//jpeg", "libpng": "//png"}
LIBRARIES = (*COMMON_LIBRARIES, *TARGETS)
PROGRESS = ("--curses=no", "--show_progress_rate_limit=20")


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Alone in a directory, among all builds of this user."""
    with open(directory / ".lock", "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


def _put(path: Path, text: str) -> None:
    """Writes a file unless it says so already, which Bazel would have to find out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def _starlark_list(name: str, values: list[str]) -> str:
    return f"{name} = [\n" + "".join(f'    "{value}",\n' for value in values) + "]\n"


def _one_of(function: str, names: list[str]) -> str:
    tests = "".join(f' ||\n         Same(name, "{name}")' for name in names)
    return f"constexpr bool {function}(const char* name) {{\n  return false{tests};\n}}\n"


def registration_header(ops: list[str], classes: list[str]) -> str:
    """What one source registers: ops, and kernels by the text of their class.

    Takes the place of ops_to_register.h (tensorflow/core/framework/registration/registration.h),
    on which a precompiled header must not depend.
    """
    text = (HERE / "registration.h.in").read_text()
    text = text.replace("@OPS@", _one_of("IsOp", sorted(ops)))
    return text.replace("@KERNELS@", _one_of("IsKernel", sorted(classes)))


def _write_selection(selection: Selection, directory: Path) -> None:
    headers: dict[str, str] = {}

    def header_of(file: File, classes: list[str]) -> str:
        text = registration_header(list(file.ops), classes)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        headers[digest] = text
        return digest

    kernels: dict[str, set[str]] = {}
    for kernel in selection.kernels:
        kernels.setdefault(kernel.file, set()).add(kernel.kernel_class)
    tables = {
        "KERNELS": {
            file.path: header_of(file, sorted(kernels.get(file.path, ())))
            for file in selection.kernel_files
        },
        "LIBRARIES": {
            file.path: [TARGETS[name] for name in file.libraries if name in TARGETS]
            for file in selection.kernel_files
            if not TARGETS.keys().isdisjoint(file.libraries)
        },
        "OPS": {file.path: header_of(file, []) for file in selection.op_files},
    }
    text = "\n".join(
        f"{name} = {json.dumps(table, indent=4, sort_keys=True)}\n"
        for name, table in tables.items()
    )
    directory.mkdir(exist_ok=True)
    for stale in directory.glob("*.h"):
        if stale.stem not in headers:
            stale.unlink()
    for digest, header in headers.items():
        _put(directory / f"{digest}.h", header)
    _put(directory / "selection.bzl", text)


def unused_libraries(selection: Selection) -> set[str]:
    """The names, in sources.json, of the libraries that no kernel of the selection uses."""
    used = {name for file in selection.kernel_files for name in file.libraries}
    return {target[2:] for name, target in TARGETS.items() if name not in used}


def _read_lists(tree: Path, release: str) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {"C_API": [], "FRAMEWORK": [], "REGISTRATIONS": []}
    own = sorted((tree / "tensorflow" / "tensorflow" / "slim").glob("*.cc"))
    for source in (
        *(HERE / release / "framework.txt").read_text().split(),
        *(f"tensorflow/slim/{path.name}" for path in own),
    ):
        if source.startswith("tensorflow/c/"):
            kind = "C_API"
        elif REGISTERS.search((tree / "tensorflow" / source).read_text()):
            kind = "REGISTRATIONS"
        else:
            kind = "FRAMEWORK"
        lists[kind].append(source)
    lists["PROTOS"] = (HERE / release / "protos.txt").read_text().split()
    return lists


def write(tree: Path, release: str, selection: Selection) -> dict[str, list[str]]:
    """Makes the folder of the sources a workspace that builds what is selected.

    Returns:
      What lists.bzl defines: the sources of the framework, by how they are compiled.
    """
    for path in sorted(OVERLAY.iterdir()):
        if path.name == "root.BUILD":
            target = tree / "BUILD"
        elif path.name == "bazelrc":
            target = tree / ".bazelrc"
        elif path.suffix == ".BUILD":
            target = tree / path.stem / "BUILD"
        else:
            target = tree / path.name
        _put(target, path.read_text())
    _put(tree / "bazel_compat.bzl", (HERE.parent / "bazel_compat.bzl").read_text())
    for name in OWN:
        _put(tree / "opgraft" / name, (HERE.parents[1] / name).read_text())
    levels = {name: copts for profile in LEVELS.values() for name, copts in profile.items()}
    _put(tree / "levels.bzl", f"LEVELS = {json.dumps(levels, indent=4)}\n")
    lists = _read_lists(tree, release)
    _put(tree / "lists.bzl", "\n".join(_starlark_list(*entry) for entry in lists.items()))
    _write_selection(selection, tree / "selection")
    return lists


def flags(profile: str) -> document.Flags:
    """What the compiler and the linker are told."""
    compiled = re.findall(r"^build --(?:cxx|c)opt=(.*)", (OVERLAY / "bazelrc").read_text(), re.M)
    linked = re.findall(r'"(-[^"]+)"', (OVERLAY / "root.BUILD").read_text())
    return document.Flags(compile=compiled, kernels=LEVELS[profile], link=linked)


def build(tree: Path, release: str, profile: str, op_libraries: bool) -> dict[str, Path]:
    """Compiles and links; {level: library}, with the linker's map file beside each.

    Raises:
      bazel.BuildError: Bazel failed; it has printed why.
    """
    suffix = "_cxx" if op_libraries else ""
    names = {level: f"slim_{level}{suffix}" for level in LEVELS[profile]}
    bazel.run_bazel(
        "build",
        *(f"//:{name}" for name in names.values()),
        workspace=str(tree),
        output_base=f"slim/bazel-{release}",
        progress=PROGRESS,
    )
    (tree / MARK).touch()
    return {level: tree / "bazel-bin" / f"{name}.so" for level, name in names.items()}


def is_compiled(release: str) -> bool:
    """Whether a library of this release was ever built from these sources."""
    return (sources.location(release) / MARK).exists()
