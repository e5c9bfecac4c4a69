"""Which libraries this installation has, and which set of them fits a TensorFlow. No TensorFlow."""

import json
import os
import re
from collections import namedtuple
from typing import Any, Dict, List, Optional, Tuple

from opgraft.errors import (
    AbiMismatchError,
    LibraryNotFoundError,
    OpgraftError,
    UnsupportedRuntimeError,
)

C_API = "c_api"
# The first release whose C API can define ops and kernels.
C_API_SINCE = (2, 2)
LIBRARY_DIR_VARIABLE = "OPGRAFT_LIBRARY_DIR"

LibrarySet = namedtuple("LibrarySet", "key built_for cxx11_abi directory libraries")
"""A set of op libraries: one directory, compiled for one runtime ABI (or for the C API)."""

Choice = namedtuple("Choice", "set reason")
"""The set chosen for a TensorFlow, and why, as a phrase for people."""


class Manifest:
    """The contents of opgraft/lib/manifest.json."""

    def __init__(self, root: str, version: str, sets: Dict[str, LibrarySet]) -> None:
        self.root = root
        self.version = version
        self.sets = sets

    @property
    def releases(self) -> List[str]:
        """Keys of the sets for one minor release, oldest first."""
        return sorted(
            (k for k in self.sets if k != C_API), key=lambda k: parse_version(k) or (0, 0)
        )

    def path(self, library_set: LibrarySet, name: str) -> str:
        """Where the library `name` of a set is, or would be."""
        return os.path.join(self.root, library_set.directory, "libopgraft_{}.so".format(name))

    def supported(self) -> str:
        """What this installation supports, as a phrase."""
        parts = []
        if self.releases:
            parts.append("TensorFlow " + ", ".join(self.releases))
        if C_API in self.sets:
            parts.append(
                "TensorFlow 2.2 and newer through the C API ({} only)".format(
                    ", ".join(self.sets[C_API].libraries)
                )
            )
        return " and ".join(parts) or "no TensorFlow at all"


def default_root() -> str:
    """The directory of manifest.json: in the package, or $OPGRAFT_LIBRARY_DIR for development."""
    override = os.environ.get(LIBRARY_DIR_VARIABLE)
    if override:
        return os.path.abspath(override)
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib")


def read_manifest(root: Optional[str] = None) -> Manifest:
    """Reads and checks manifest.json.

    Raises:
      LibraryNotFoundError: there is no manifest, so no libraries.
      OpgraftError: the manifest is damaged or of a newer format.
    """
    root = root or default_root()
    path = os.path.join(root, "manifest.json")
    try:
        with open(path, encoding="utf-8") as f:
            data = json.load(f)
        if data["format"] != 1:
            raise OpgraftError(
                "{}: format {!r}, but this opgraft reads format 1. Reinstall opgraft, or unset {} "
                "if it is set.".format(path, data["format"], LIBRARY_DIR_VARIABLE)
            )
        sets = {}
        for key, entry in data["sets"].items():
            if key != C_API and not parse_version(key):
                raise ValueError("a set is named {!r}".format(key))
            sets[key] = LibrarySet(
                key,
                str(entry["built_for"]),
                entry.get("cxx11_abi"),
                str(entry["directory"]),
                tuple(str(name) for name in entry["libraries"]),
            )
        return Manifest(root, str(data["version"]), sets)
    except OSError as e:
        raise LibraryNotFoundError(
            "this installation of opgraft has no op libraries: {}: {}. Install a wheel of opgraft, "
            "or build one with `nox -s wheel`; {} names another directory.".format(
                path, e.strerror or e, LIBRARY_DIR_VARIABLE
            )
        ) from e
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise OpgraftError(
            "{} is damaged ({}: {}). Reinstall opgraft.".format(path, type(e).__name__, e)
        ) from e


def parse_version(text: Any) -> Optional[Tuple[int, int]]:
    """(major, minor) of "2.14.1", "2.14", "2.22.0rc0", "1.15.5+nv23.3"; None if it is none."""
    match = re.match(r"(\d+)\.(\d+)(?![\d])", str(text))
    return (int(match.group(1)), int(match.group(2))) if match else None


def is_development_build(version: str) -> bool:
    """Whether a version is between releases, where the C++ ABI is that of no release."""
    return re.search(r"dev", version) is not None


def choose(manifest: Manifest, version: str, cxx11_abi: Optional[int] = None) -> Choice:
    """Chooses the set of libraries for a TensorFlow.

    Args:
      manifest: what there is.
      version: `tf.__version__`.
      cxx11_abi: _GLIBCXX_USE_CXX11_ABI of that TensorFlow (0 or 1), None if unknown.

    Raises:
      UnsupportedRuntimeError: nothing fits (AbiMismatchError: only the ABI differs).
    """
    release = parse_version(version)
    if release is None:
        raise UnsupportedRuntimeError(
            "TensorFlow calls its version {!r}, which opgraft cannot read. This installation "
            "supports {}.".format(version, manifest.supported())
        )
    own = manifest.sets.get("{}.{}".format(*release))
    c_api = manifest.sets.get(C_API) if release >= C_API_SINCE else None
    if own and not is_development_build(version):
        fits = cxx11_abi is None or own.cxx11_abi is None or int(own.cxx11_abi) == int(cxx11_abi)
        if fits:
            return Choice(
                own, "built for TensorFlow {}, serves {}.{}".format(own.built_for, *release)
            )
        clash = (
            "TensorFlow {} here was built with _GLIBCXX_USE_CXX11_ABI={}, the libraries for {} "
            "with {}".format(version, int(cxx11_abi or 0), own.built_for, int(own.cxx11_abi))
        )
        if c_api:
            return Choice(c_api, clash + "; the C API does not depend on it")
        raise AbiMismatchError(
            "{}. Use a TensorFlow {}.{} of that ABI (1.13 and 1.14: the wheel for CPython 3.6); or "
            "give this one a row in build_configs/runtimes.bzl and `nox -s wheel`.".format(
                clash, *release
            )
        )
    if c_api:
        why = "is a development build" if own else "has no libraries of its own"
        return Choice(
            c_api, "TensorFlow {} {} here; the C API works from 2.2 on".format(version, why)
        )
    raise UnsupportedRuntimeError(
        "opgraft {} has no libraries for TensorFlow {}. This installation supports {} (in {}). "
        "{}".format(
            manifest.version, version, manifest.supported(), manifest.root, build_hint(version)
        )
    )


def build_hint(version: str) -> str:
    """The next command of somebody whose TensorFlow is not supported."""
    return (
        "Build them for it: `pip install --no-binary opgraft opgraft`, or in a checkout of opgraft "
        "`nox -s wheel -- --runtimes {}`.".format(version)
    )


def select(manifest: Manifest, choice: Choice, names: Any, version: str) -> List[str]:
    """The libraries to load, in the order of the set.

    Args:
      manifest: what there is.
      choice: the set chosen for this TensorFlow.
      names: None for all that the set has, or the names asked for.
      version: `tf.__version__`, for messages.

    Raises:
      LibraryNotFoundError: a name is not in the set.
      TypeError: names is a string or holds something else than strings.
    """
    if names is None:
        return list(choice.set.libraries)
    if isinstance(names, (str, bytes)) or not all(isinstance(n, str) for n in names):
        raise TypeError("libraries: a list of names such as ['lookup'], not {!r}".format(names))
    for name in names:
        check_name(manifest, choice.set, name, version)
    return [name for name in choice.set.libraries if name in names]


def check_name(manifest: Manifest, library_set: LibrarySet, name: str, version: str) -> None:
    """Raises LibraryNotFoundError unless the set has the library."""
    if name in library_set.libraries:
        return
    has = ", ".join(library_set.libraries) or "none"
    if any(name in s.libraries for s in manifest.sets.values()) or name == "lookup":
        why = "opgraft has no {!r} library for TensorFlow {}".format(name, version)
        if library_set.key == C_API:
            why += ": it runs on the C API build here, which cannot make lookup tables"
        raise LibraryNotFoundError("{} (there is: {}). {}".format(why, has, build_hint(version)))
    raise LibraryNotFoundError(
        "opgraft has no library called {!r}. For TensorFlow {} there is: {}.".format(
            name, version, has
        )
    )
