"""The sources that a slim TensorFlow is compiled from: fetched, checked, unpacked, patched.

RELEASE/sources.json names each archive with its SHA-256, the package client that has it and the
folders taken from it. What is unpacked lies in the user's cache, one tree per recipe (the file
above and the patches), shared by all builds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bazel

HERE = Path(__file__).resolve().parent
BuildError = bazel.BuildError
DEBIAN_SUITES = ("bookworm", "trixie", "forky", "sid")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class Tree:
    """Unpacked sources.

    Attributes:
      path: one folder per entry of sources.json.
      digest: SHA-256 of the recipe, which names the tree.
      archives: what it was made of, by entry: file and sha256.
      licences: files with the licences, by the names to give them.
    """

    path: Path
    digest: str
    archives: dict[str, dict[str, str]]
    licences: dict[str, Path]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as f:
        for block in iter(lambda: f.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _run(command: list[str], cwd: Path | None = None) -> str:
    """The command's standard output.

    Raises:
      BuildError: it is missing or failed; with the end of what it printed.
    """
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise BuildError(f"{command[0]} is not installed") from None
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise BuildError(f"{' '.join(command[:3])} ... failed:\n{tail}")
    return done.stdout


class _Apt:
    """apt-get with source indexes of Debian's suites, from the archive that the machine uses."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for name in ("lists/partial", "cache/archives/partial", "etc/sources.list.d"):
            (directory / name).mkdir(parents=True, exist_ok=True)
        self.options = [
            f"-oDir::Etc={directory / 'etc'}",
            f"-oDir::State::lists={directory / 'lists'}",
            f"-oDir::Cache={directory / 'cache'}",
            "-oDir::Etc::trusted=/etc/apt/trusted.gpg",
            "-oDir::Etc::trustedparts=/etc/apt/trusted.gpg.d",
            "-oAPT::Sandbox::User=root",
        ]
        entry = f"Types: deb-src\nURIs: {self._archive()}\nSuites: {' '.join(DEBIAN_SUITES)}\n"
        entry += "Components: main\n" + (f"Signed-By: {KEYRING}\n" if KEYRING.exists() else "")
        (directory / "etc/sources.list.d/source.sources").write_text(entry)
        # A suite that the mirror lacks is no reason to stop: the file may be in another.
        subprocess.run(["apt-get", *self.options, "update", "-qq"], capture_output=True)

    @staticmethod
    def _archive() -> str:
        """Where the machine's own apt configuration has Debian's main archive."""
        fields = "$(REPO_URI)|$(LABEL)|$(COMPONENT)"
        for line in _run(["apt-get", "indextargets", "--format", fields]).splitlines():
            uri, label, component = line.split("|")
            if (label, component) == ("Debian", "main"):
                return uri
        raise BuildError("apt has no index of Debian's archive; run: apt-get update")

    def fetch(self, package: str, file: str, sha256: str) -> Path:
        """Downloads the archive `file` of a source package, of whichever version has it."""
        version = ""
        for line in _run(["apt-cache", *self.options, "showsrc", package]).splitlines():
            if line.startswith("Version: "):
                version = line.split()[1]
            if line.split()[:1] == [sha256] and line.split()[-1] == file:
                command = ["apt-get", *self.options, "source", "-qq", "--download-only"]
                _run([*command, "--tar-only", f"{package}={version}"], cwd=self.directory)
                return self.directory / file
        raise BuildError(f"Debian's suites {', '.join(DEBIAN_SUITES)} have no {file} any more")


def _python_of_sdists() -> Path:
    """An interpreter with what the metadata of old source distributions is made with."""
    requirements = HERE.parent / "requirements" / "sdists.txt"
    digest = _sha256(requirements)[:12]
    environment = Path(bazel.cache_directory("slim", f"sdists-{digest}"))
    python = environment / "bin" / "python"
    if not (environment / "done").exists():
        _run([sys.executable, "-m", "venv", str(environment)])
        install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"]
        _run([str(python), *install, "-r", str(requirements)])
        (environment / "done").touch()
    return python


def _fetch_pypi(requirement: str, file: str, sha256: str, directory: Path) -> Path:
    """Downloads a wheel or a source distribution; pip checks the hash."""
    pinned = directory / "requirements.txt"
    pinned.write_text(f"{requirement} --hash=sha256:{sha256}\n")
    python = sys.executable if file.endswith(".whl") else str(_python_of_sdists())
    command = [python, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "-d", str(directory), "-r", str(pinned)]
    if file.endswith(".whl"):
        _, _, tag, abi, platforms = file[: -len(".whl")].split("-")
        command += ["--only-binary=:all:", "--implementation", "cp", "--abi", abi]
        command += ["--python-version", tag[2:]]
        command += [word for platform in platforms.split(".") for word in ("--platform", platform)]
    else:
        # Its metadata is asked for with what the environment has, nothing is built.
        command += ["--no-binary=:all:", "--no-build-isolation"]
    _run(command)
    return directory / file


def fetch(name: str, entry: dict[str, Any], downloads: Path) -> Path:
    """The archive of one entry of sources.json, downloaded once.

    Raises:
      BuildError: it cannot be had, or is not what sources.json pins.
    """
    kept = downloads / entry["file"]
    if not kept.exists():
        print(f"opgraft: fetching {entry['file']}", flush=True)
        downloads.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=downloads) as directory:
            work = Path(directory)
            try:
                if "debian" in entry:
                    made = _Apt(work).fetch(entry["debian"], entry["file"], entry["sha256"])
                else:
                    made = _fetch_pypi(entry["pypi"], entry["file"], entry["sha256"], work)
            except BuildError as error:
                raise BuildError(
                    f"cannot fetch {name} ({entry['file']}): {error}\n"
                    f"next: put the file into {downloads} by hand, or check the network"
                ) from None
            os.replace(made, kept)
    found = _sha256(kept)
    if found != entry["sha256"]:
        raise BuildError(
            f"{kept} has SHA-256 {found}, and {entry['sha256']} is pinned.\nnext: delete it"
        )
    return kept


def _copy_members(archive: Path, take: dict[str, str], target: Path, stripped: bool) -> None:
    """Writes the files below the folders (or files) of `take` to where it says."""

    def destination(member: str) -> Path | None:
        path = member.partition("/")[2] if stripped else member
        for source, place in take.items():
            if path == source and place:
                return target / place
            if not source or path.startswith(source + "/"):
                inner = path[len(source) :].lstrip("/")
                parts = Path(inner).parts
                if not inner or ".." in parts or parts[-1] in ("BUILD", "BUILD.bazel"):
                    return None
                return target / place / inner
        return None

    def write(place: Path, source: Any) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as out:
            shutil.copyfileobj(source, out)

    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                place = destination(name)
                if place and not name.endswith("/"):
                    with wheel.open(name) as source:
                        write(place, source)
        return
    with tarfile.open(archive) as tar:
        for member in tar:
            place = destination(member.name) if member.isfile() else None
            if place:
                write(place, tar.extractfile(member))


def _take_tree(given: Path, entry: dict[str, Any], target: Path, release: str) -> None:
    """TensorFlow's own source from a folder or an archive that the user has."""
    if given.is_file():
        _copy_members(given, entry["take"], target, stripped=True)
    elif given.is_dir():
        ignore = shutil.ignore_patterns("BUILD", "BUILD.bazel", ".git", "bazel-*")
        for source, place in entry["take"].items():
            if (given / source).is_dir():
                shutil.copytree(given / source, target / place, ignore=ignore)
            elif (given / source).is_file():
                shutil.copyfile(given / source, target / place)
    else:
        raise BuildError(f"{given}: no such file or directory (--tensorflow-source)")
    version = target / "tensorflow/core/public/version.h"
    if not version.exists():
        raise BuildError(f"{given} is no source tree of TensorFlow: it has no {version.name}")
    numbers = {
        words[1]: words[2]
        for words in map(str.split, version.read_text().splitlines())
        if len(words) == 3 and words[0] == "#define"
    }
    found = ".".join(numbers.get(f"TF_{part}_VERSION", "?") for part in ("MAJOR", "MINOR", "PATCH"))
    if found != release:
        raise BuildError(f"{given} is TensorFlow {found}, and this build is for {release}")


def _compiled_digest(tree: Path) -> str:
    """SHA-256 of what can be compiled of TensorFlow's tree, names and contents."""
    digest = hashlib.sha256()
    suffixes = (".cc", ".h", ".inc", ".proto", ".def")
    for folder in ("c", "cc", "core", "tsl", "compiler/jit"):
        for path in sorted((tree / "tensorflow" / folder).rglob("*")):
            if path.suffix in suffixes and "test" not in path.name:
                digest.update(str(path.relative_to(tree)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _digest(release: str) -> str:
    """SHA-256 of the recipe of a release's tree: the pins, the patches and the files of our own."""
    recipe = HERE / release
    paths = [recipe / "sources.json", *sorted((recipe / "patches").glob("*/*.patch"))]
    paths += sorted(path for path in (recipe / "files").rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def location(release: str) -> Path:
    """Where the tree of a release is, or will be."""
    return Path(bazel.cache_directory("slim", f"{release}-{_digest(release)[:12]}"))


def prepare(release: str, given: Path | None = None) -> Tree:
    """The tree of a release, fetched and unpacked if the cache has it not.

    Args:
      release: a folder beside this file, such as "2.14.1".
      given: TensorFlow's source as a folder or a release archive, instead of the pinned archive.

    Raises:
      BuildError: an archive cannot be had or is another, or a patch does not apply.
    """
    pins = json.loads((HERE / release / "sources.json").read_text())
    expected = pins.pop("compiled_sha256")
    tree = location(release)
    made = Tree(
        path=tree,
        digest=_digest(release),
        archives={
            name: {"file": entry["file"], "sha256": entry["sha256"]} for name, entry in pins.items()
        },
        licences={
            f"{name}.txt": tree / name / entry["licence"]
            for name, entry in sorted(pins.items())
            if "licence" in entry
        },
    )
    if tree.exists() and given is None:
        return made
    tree.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tree.parent) as directory:
        work = Path(directory, "tree")
        for name, entry in pins.items():
            if name == "tensorflow" and given is not None:
                _take_tree(given, entry, work / name, release)
                continue
            archive = fetch(name, entry, tree.parent / "downloads")
            _copy_members(archive, entry["take"], work / name, archive.suffix != ".whl")
        found = _compiled_digest(work / "tensorflow")
        if found != expected:
            raise BuildError(
                f"TensorFlow's sources are not those of {release}: SHA-256 of what is compiled is "
                f"{found}, and {expected} is pinned. Use an unchanged tree"
            )
        for patch in sorted((HERE / release / "patches").glob("*/*.patch")):
            _run(["patch", "-p1", "-s", "-i", str(patch)], cwd=work / patch.parent.name)
        shutil.copytree(HERE / release / "files", work, dirs_exist_ok=True)
        if not tree.exists():
            os.replace(work, tree)
    return made
