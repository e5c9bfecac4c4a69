"""The environments of the stock TensorFlow releases in runtimes.bzl: one per release, made once.

    python build_configs/runtimes.py list
    python build_configs/runtimes.py install VERSION...   # or "tested", "all"
    python build_configs/runtimes.py lock VERSION...      # writes requirements/VERSION.txt anew
    python build_configs/runtimes.py python VERSION       # prints its interpreter

Needs uv (`pip install uv`), which still installs into Python 3.6. Environments live in
$OPGRAFT_CACHE/runtimes, by default ~/.cache/opgraft/runtimes.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import functools
import hashlib
import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bazel

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements"
STAMP = "opgraft.stamp"

# Dependencies that running a graph does not need: (before, packages). The TensorBoard of the old
# releases has no wheels for what it needs in turn, libclang alone is 80 MB, and enum34 shadows the
# standard library's enum.
EXCLUDED = (
    ((1, 13), ("tensorboard", "tensorflow-tensorboard", "enum34")),
    ((3, 0), ("libclang", "tensorflow-io-gcs-filesystem")),
)

# What a release needs beyond what its wheel declares: (from, before, requirements).
NEEDED: tuple[tuple[tuple[int, int], tuple[int, int], tuple[str, ...]], ...] = (
    ((0, 12), (1, 13), ("numpy<1.17", "protobuf<3.20")),
    ((1, 13), (2, 2), ("numpy<1.19", "protobuf<3.21")),
    ((2, 2), (2, 8), ("numpy<1.24", "protobuf<3.21")),
    ((2, 8), (2, 12), ("numpy<1.24", "protobuf<3.20")),
    ((2, 12), (2, 18), ("numpy<2",)),
    ((0, 12), (3, 0), ("setuptools<81",)),  # later ones have no pkg_resources
)

# The newest releases run in whichever of these a machine has; the lock holds for all of them.
OTHER_PYTHONS = {
    "2.21.0": ("3.12", "3.13", "3.10"),
    "2.22.0rc0": ("3.12", "3.13", "3.10"),
}

# What one run of an interpreter has to print for us to believe that it is one.
_PROBE = "import sys, platform; print(platform.python_implementation(), *sys.version_info[:2])"


class RuntimeUnavailable(Exception):
    """An environment cannot be made; the message says what is needed."""


@dataclass(frozen=True)
class Runtime:
    """One row of runtimes.bzl, and what its wheel's name says."""

    version: str
    wheel: str
    sha256: str
    std: str
    cxx11_abi: int
    framework: str
    tier: str

    @property
    def package(self) -> str:
        """The name of the package on the index: tensorflow or tensorflow-cpu."""
        return self.wheel.split("-")[0].replace("_", "-")

    @property
    def python(self) -> str:
        """The Python that the wheel is for, as "3.6"."""
        return python_of_tag(self.wheel.split("-")[-3])

    @property
    def minor(self) -> tuple[int, int]:
        """The release as a pair of numbers, to compare."""
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)

    @property
    def pythons(self) -> tuple[str, ...]:
        """Every Python it can run in, the preferred one first."""
        return (self.python, *OTHER_PYTHONS.get(self.version, ()))

    @property
    def requirements(self) -> Path:
        """The lock file: every package of the environment, pinned by hash."""
        return REQUIREMENTS / f"{self.version}.txt"

    @property
    def directory(self) -> Path:
        """Where its environment is, or will be."""
        return cache_directory() / "runtimes" / self.version

    @property
    def environment_python(self) -> Path:
        """The interpreter in its environment."""
        return self.directory / "bin" / "python"


def python_of_tag(tag: str) -> str:
    """cp36 -> 3.6, cp311 -> 3.11."""
    if match := re.fullmatch(r"cp(\d)(\d+)", tag):
        return f"{match[1]}.{match[2]}"
    raise ValueError(f"{tag!r} is not the tag of a CPython")


def cache_directory() -> Path:
    """What all clones of the repository share."""
    return Path(bazel.cache_directory())


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = bazel.load_table()
    return table


@functools.cache
def _rows() -> tuple[Runtime, ...]:
    return tuple(Runtime(**row) for row in _table()["RUNTIMES"])


def runtimes(tier: str | None = None) -> list[Runtime]:
    """The rows of the table, oldest first; of one tier if given."""
    return [row for row in _rows() if tier in (None, row.tier)]


def c_api_versions() -> list[str]:
    """The releases on which the C API build is tested."""
    return [*_table()["C_API_TESTED"], *(row.version for row in runtimes("unseen"))]


def get(version: str) -> Runtime:
    """The row of a version, or of the minor release it belongs to."""
    rows = runtimes()
    for row in rows:
        if version in (row.version, ".".join(row.version.split(".")[:2])):
            return row
    known = ", ".join(row.version for row in rows)
    raise RuntimeUnavailable(f"TensorFlow {version} is not in build_configs/runtimes.bzl ({known})")


def uv() -> str:
    """The uv program: that of this Python if it has one, else the one on PATH."""
    try:
        return str(importlib.import_module("uv").find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
        if found is None:
            raise RuntimeUnavailable("uv is missing: pip install uv") from None
        return found


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _candidates(version: str) -> Iterator[str]:
    roots = [os.environ.get("PYENV_ROOT"), _output("pyenv", "root"), str(Path.home() / ".pyenv")]
    for root in dict.fromkeys(root for root in roots if root):
        for path in sorted(Path(root, "versions").glob(f"{version}.*"), reverse=True):
            yield str(path / "bin" / f"python{version}")
    with contextlib.suppress(RuntimeUnavailable):
        yield _output(uv(), "python", "find", "--no-python-downloads", "--system", version)
    for directory in os.environ.get("PATH", "").split(os.pathsep):
        yield str(Path(directory, f"python{version}"))
    yield getattr(sys, "_base_executable", sys.executable)


@functools.cache
def find_interpreter(version: str) -> str | None:
    """A CPython of that version ("3.6") that runs: pyenv's, uv's, PATH's or this one."""
    for path in dict.fromkeys(_candidates(version)):
        if path and _output(path, "-c", _PROBE) == f"CPython {version.replace('.', ' ')}":
            return path
    return None


def interpreter(runtime: Runtime) -> str | None:
    """An interpreter that has wheels of this release, or None."""
    return next(filter(None, map(find_interpreter, runtime.pythons)), None)


def needs(runtime: Runtime) -> str:
    """The line that says which interpreter is missing and how to get it."""
    python = runtime.python
    how = f"`pyenv install {python}`"
    if tuple(map(int, python.split("."))) >= (3, 8):  # uv has no builds of older ones
        how = f"`uv python install {python}` or {how}"
    return f"TensorFlow {runtime.version} needs CPython {' or '.join(runtime.pythons)}: {how}"


def _digest(runtime: Runtime) -> str:
    return hashlib.sha256(runtime.requirements.read_bytes()).hexdigest()


def is_installed(runtime: Runtime) -> bool:
    """Whether the environment is there, complete, and of this lock file."""
    if not runtime.requirements.exists():
        return False
    try:
        stamp = (runtime.directory / STAMP).read_text(encoding="utf-8")
    except OSError:
        return False
    return stamp == _digest(runtime) and runtime.environment_python.exists()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(*command: str) -> None:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeUnavailable(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")


def on_ci() -> bool:
    """Whether this is a continuous integration run, where no interpreter may be missing."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def megabytes(directory: Path) -> int:
    """Disk space of a directory."""
    files = (Path(root, name) for root, _, names in os.walk(directory) for name in names)
    return sum(path.lstat().st_size for path in files) // 1_000_000


def _build(runtime: Runtime, python: str) -> None:
    """Makes the environment beside its place and moves it there when it is complete."""
    place = runtime.directory
    scratch = Path(tempfile.mkdtemp(prefix=f".{runtime.version}-", dir=place.parent))
    try:
        new = scratch / "new"
        _run(uv(), "venv", "-q", "--relocatable", "--no-project", "-p", python, str(new))
        install = ["pip", "install", "-q", "--no-deps", "--require-hashes"]
        target = ["-p", str(new / "bin" / "python"), "-r", str(runtime.requirements)]
        _run(uv(), *install, *target)
        (new / STAMP).write_text(_digest(runtime), encoding="utf-8")
        if place.exists():
            place.rename(scratch / "old")
        new.rename(place)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def install(version: str) -> Runtime:
    """Makes the environment of a release unless it is there; prints what it cost.

    Raises:
      RuntimeUnavailable: no interpreter, no lock file, or uv failed.
    """
    runtime = get(version)
    if is_installed(runtime):
        return runtime
    python = interpreter(runtime)
    if python is None:
        raise RuntimeUnavailable(needs(runtime))
    if not runtime.requirements.exists():
        how = f"python build_configs/runtimes.py lock {version}"
        raise RuntimeUnavailable(f"{runtime.requirements} is missing: {how}")
    with _locked(runtime.directory.parent / f".{runtime.version}.lock"):
        if not is_installed(runtime):  # another process may have made it meanwhile
            start = time.monotonic()
            _build(runtime, python)
            seconds, size = time.monotonic() - start, megabytes(runtime.directory)
            what = f"TensorFlow {runtime.version:<9} CPython {python_version(python):<7}"
            print(f"{what} {seconds:5.1f} s {size:5d} MB", flush=True)
    return runtime


def discard(version: str) -> None:
    """Deletes the environment of a release."""
    runtime = get(version)
    with _locked(runtime.directory.parent / f".{runtime.version}.lock"):
        shutil.rmtree(runtime.directory, ignore_errors=True)


def python_version(python: str) -> str:
    """3.6.15 of an interpreter."""
    return _output(python, "-V").replace("Python ", "")


def wanted_packages(runtime: Runtime) -> list[str]:
    """What its environment is made from."""
    more = (pins for low, high, pins in NEEDED if low <= runtime.minor < high)
    return [f"{runtime.package}=={runtime.version}", *(pin for pins in more for pin in pins)]


def lock(version: str) -> None:
    """Writes the lock file of a release: every package with its hashes, and no registry's name."""
    runtime = get(version)
    python = interpreter(runtime)
    if python is None:
        raise RuntimeUnavailable(needs(runtime))
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch, "wanted.in")
        wanted.write_text("\n".join(wanted_packages(runtime)), encoding="utf-8")
        override = Path(scratch, "override.txt")
        excluded = [name for high, names in EXCLUDED if runtime.minor < high for name in names]
        override.write_text(
            "".join(f"{name}; python_version < '3'\n" for name in excluded), encoding="utf-8"
        )
        locked = Path(scratch, "locked.txt")
        oldest = min(runtime.pythons, key=lambda text: tuple(map(int, text.split("."))))
        span = ["--universal"] if len(runtime.pythons) > 1 else []
        command = [uv(), "pip", "compile", "-q", "--no-config", "--generate-hashes", *span]
        command += ["--python-version", oldest, "-p", python, "--prerelease", "if-necessary"]
        command += ["--no-annotate", "--no-header", "--no-emit-index-url"]
        command += ["--override", str(override), "-o", str(locked), str(wanted)]
        _run(*command)
        text = locked.read_text(encoding="utf-8")
    if runtime.sha256 not in text:
        raise RuntimeUnavailable(f"{runtime.wheel}: the index has no such wheel with that hash")
    REQUIREMENTS.mkdir(exist_ok=True)
    runtime.requirements.write_text(text, encoding="utf-8")
    print(f"{runtime.requirements.name}: {text.count('==')} packages", flush=True)


def _versions(names: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        if name == "c_api":
            found += c_api_versions()
        elif name in ("all", "tested", "built", "unseen"):
            found += [row.version for row in runtimes(None if name == "all" else name)]
        else:
            found.append(get(name).version)
    return list(dict.fromkeys(found))


def _list() -> None:
    for row in runtimes():
        python = interpreter(row)
        state = "installed" if is_installed(row) else "not installed"
        where = f"CPython {python_version(python)}" if python else needs(row)
        print(f"{row.version:<10} {row.tier:<7} {row.std} ABI {row.cxx11_abi}  {state:<14} {where}")


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the table, and what is here")
    for name, text in (("install", "make environments"), ("lock", "write lock files")):
        command = commands.add_parser(name, help=text)
        command.add_argument("versions", nargs="+", help="1.4.1, 1.4, a tier, c_api or all")
    commands.add_parser("python", help="print the interpreter").add_argument("version")
    options = parser.parse_args(arguments)
    try:
        if options.command == "list":
            _list()
        elif options.command == "python":
            print(install(options.version).environment_python)
        else:
            for version in _versions(options.versions):
                runtime = get(version)
                if interpreter(runtime) is None and version not in options.versions and not on_ci():
                    print(f"left out: {needs(runtime)}")  # one of a tier, so not asked for by name
                else:
                    (install if options.command == "install" else lock)(version)
    except RuntimeUnavailable as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
