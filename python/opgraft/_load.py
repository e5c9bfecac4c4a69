"""Loads, or finds, the libraries that fit the TensorFlow of this process."""

import ctypes
import importlib.util
import json
import os
import re
import sys
import threading
from collections import OrderedDict
from typing import Any, Callable, Dict, Iterable, List, Optional

from opgraft import _compat, _gradients, _manifest, _tf_contrib
from opgraft._version import __version__
from opgraft.errors import LibraryLoadError, LibraryNotFoundError, TensorFlowNotFoundError

_lock = threading.RLock()
_loaded: Optional["Loaded"] = None


class Library(object):
    """A library that load() has loaded.

    Attributes:
      name: "lookup", "core" or "contrib".
      path: the file.
      built_for: the TensorFlow release it was compiled for, or "c_api".
      ops: what it did per op: [{"name", "op": whether it registered the op, "kernels": how many it
        added, "note": why something was left out, or ""}].
      module: the wrappers that tf.load_op_library made for the ops it registered.
    """

    def __init__(self, name: str, path: str, info: Dict[str, Any], module: Any) -> None:
        self.name = name
        self.path = path
        self.built_for = str(info["built_for"])
        self.ops: List[Dict[str, Any]] = list(info["ops"])
        self.module = module
        self._wrappers: Dict[str, Callable[..., Any]] = {}

    @property
    def registered(self) -> List[str]:
        """Names of the ops that were missing and are there now."""
        return sorted(op["name"] for op in self.ops if op["op"])

    @property
    def present(self) -> List[str]:
        """Names of the ops that the runtime had already."""
        return sorted(op["name"] for op in self.ops if not op["op"] and not op["note"])

    @property
    def left_out(self) -> Dict[str, str]:
        """Ops that the library could not provide here, and why."""
        return {op["name"]: op["note"] for op in self.ops if op["note"]}

    @property
    def kernels(self) -> int:
        """How many kernels were added."""
        return sum(int(op["kernels"]) for op in self.ops)

    def wrapper(self, op: str) -> Callable[..., Any]:
        """The Python function that makes an op, found by the name of the op.

        Raises:
          LibraryNotFoundError: the runtime does not have the op even now.
        """
        with _lock:
            if op not in self._wrappers:
                found = _find_wrapper(self.module, op)
                if found is None and op in _compat.registered_ops():
                    # Another copy of this library was there first and has the wrappers.
                    found = _find_wrapper(_compat.make_wrappers([op]), op)
                if found is None:
                    raise LibraryNotFoundError(
                        "{} (built for {}) did not register the op {}. {}".format(
                            self.path, self.built_for, op, self.left_out.get(op, "")
                        ).rstrip()
                    )
                self._wrappers[op] = found
            return self._wrappers[op]

    def __repr__(self) -> str:
        return "<opgraft library {}: {} ops registered, {} already there, {} kernels added>".format(
            self.name, len(self.registered), len(self.present), self.kernels
        )


class Loaded(object):
    """What load() has loaded into this process.

    Attributes:
      runtime: the TensorFlow found: version, git_version, path, cxx11_abi, framework.
      choice: the set of libraries and the reason for it.
      libraries: {name: Library}, in the order of loading.
    """

    def __init__(
        self, runtime: _compat.Runtime, manifest: _manifest.Manifest, choice: _manifest.Choice
    ) -> None:
        self.runtime = runtime
        self.manifest = manifest
        self.choice = choice
        self.libraries: Dict[str, Library] = OrderedDict()

    @property
    def ops(self) -> List[str]:
        """Names of all ops that this TensorFlow has got from opgraft."""
        return sorted(name for lib in self.libraries.values() for name in lib.registered)

    def module(self, name: str) -> Any:
        """The module of op wrappers of a library, as tf.load_op_library returned it.

        It has the ops that the library registered, in snake case; for the ops that the runtime had
        already use the runtime's own wrappers.

        Raises:
          LibraryNotFoundError: the library was not loaded.
        """
        return self.library(name).module

    def library(self, name: str) -> Library:
        """The library of that name; LibraryNotFoundError if it was not loaded."""
        if name not in self.libraries:
            raise LibraryNotFoundError(
                "no library {!r} was loaded, only: {}. Call opgraft.load([{!r}]).".format(
                    name, ", ".join(self.libraries) or "none", name
                )
            )
        return self.libraries[name]

    def __repr__(self) -> str:
        parts = [
            "{} ({} ops)".format(lib.name, len(lib.registered)) for lib in self.libraries.values()
        ]
        return "<opgraft {} for TensorFlow {}: {}>".format(
            __version__, self.runtime.version, ", ".join(parts) or "nothing loaded"
        )


def load(libraries: Optional[Iterable[str]] = None) -> Loaded:
    """Registers the ops and kernels that the TensorFlow of this process lacks.

    Imports TensorFlow. Nothing that TensorFlow has is replaced. Calling it again, also from other
    threads, loads only what is not loaded yet.

    Args:
      libraries: names such as ["lookup", "core"]; default: all that there are for this TensorFlow.

    Returns:
      What is loaded now, from this call and earlier ones.

    Raises:
      TensorFlowNotFoundError: there is no TensorFlow.
      UnsupportedRuntimeError: nothing here fits this TensorFlow (AbiMismatchError: its C++ ABI).
      LibraryNotFoundError: a library asked for does not exist for this TensorFlow.
      LibraryLoadError: TensorFlow refused a library.
    """
    global _loaded
    if libraries is not None and not isinstance(libraries, (str, bytes)):
        libraries = list(libraries)
    with _lock:
        tf = _compat.import_tensorflow()
        if _loaded is None:
            runtime, manifest = _compat.describe(tf), _manifest.read_manifest()
            choice = _manifest.choose(manifest, runtime.version, runtime.cxx11_abi)
            state = Loaded(runtime, manifest, choice)
        else:
            state = _loaded
        names = _manifest.select(state.manifest, state.choice, libraries, state.runtime.version)
        for name in names:
            if name not in state.libraries:
                state.libraries[name] = _load_library(tf, state, name)
                _gradients.register(tf, state.libraries[name].registered)
                _loaded = state
        _loaded = state
        return state


def _load_library(tf: Any, state: Loaded, name: str) -> Library:
    """Loads one library and asks it what it did."""
    path = state.manifest.path(state.choice.set, name)
    _check_file(path, name)
    c_api = state.choice.set.key == _manifest.C_API
    release = _manifest.parse_version(state.runtime.version)
    if c_api and release is not None and release < (2, 20):
        _compat.promote_c_api(tf)
    if name == "contrib" and release == (1, 15):
        _tf_contrib.load(tf)
    try:
        module = tf.load_op_library(path)
    except Exception as e:  # tf.errors.*, RuntimeError, OSError, SyntaxError of a wrapper
        raise LibraryLoadError(_explain(state, path, e)) from e
    info = _library_info(path)
    if info.get("problem"):
        raise LibraryLoadError(
            "{} registered nothing: {}. TensorFlow here is {}, the library is built for {}. "
            "{}".format(
                path,
                str(info["problem"]).rstrip("."),
                state.runtime.version,
                info.get("built_for"),
                _manifest.build_hint(state.runtime.version),
            )
        )
    return Library(name, path, info, module)


def _check_file(path: str, name: str) -> None:
    """A clear message for what dlopen() would report at length."""
    try:
        with open(path, "rb") as f:
            magic = f.read(4)
    except OSError as e:
        raise LibraryNotFoundError(
            "the library {!r} is listed in {} but cannot be read: {}: {}. Reinstall "
            "opgraft.".format(
                name,
                os.path.join(os.path.dirname(os.path.dirname(path)), "manifest.json"),
                path,
                e.strerror or e,
            )
        ) from e
    if magic != b"\x7fELF":
        raise LibraryLoadError(
            "{} is not a shared library (it begins with {!r}). Reinstall opgraft.".format(
                path, magic
            )
        )


def _explain(state: Loaded, path: str, error: Exception) -> str:
    """What a failure of tf.load_op_library means."""
    text = str(getattr(error, "message", None) or error).strip()
    hint = _manifest.build_hint(state.runtime.version)
    if re.search(r"undefined symbol|version .* not found|symbol lookup", text):
        if "GLIBC" in text:
            meaning = "this system is older than the one the library was built for"
        else:
            meaning = "the library is built for TensorFlow {}, this one is {} ({})".format(
                state.choice.set.built_for, state.runtime.version, state.runtime.git_version
            )
    elif re.search(r"cannot open shared object|No such file", text):
        meaning = "a file it needs is missing"
    elif re.search(r"ELF|too short|file data", text):
        meaning, hint = "the file is damaged or for another processor", "Reinstall opgraft."
    else:
        meaning = "TensorFlow {} refused it".format(state.runtime.version)
    return "cannot load {}: {}: {}. {}".format(path, meaning, text.rstrip("."), hint)


def _library_info(path: str) -> Dict[str, Any]:
    """The report of a library that is loaded (ops/runtime/report.h)."""
    try:
        function = ctypes.CDLL(path).opgraft_library_info
        function.argtypes, function.restype = [], ctypes.c_char_p
        info = json.loads((function() or b"").decode("utf-8"))
        info["built_for"], info["ops"]  # both are needed
        return dict(info)
    except (AttributeError, OSError, ValueError, KeyError, TypeError) as e:
        raise LibraryLoadError(
            "{} does not report what it registered, so it is not a library of opgraft {} "
            "({}). Reinstall opgraft.".format(path, __version__, e)
        ) from e


def _find_wrapper(module: Any, op: str) -> Optional[Callable[..., Any]]:
    """The function of an op in a module of wrappers, without TensorFlow's snake-case rules."""
    plain = op.lower().replace(">", "")  # "Addons>GatherTree" is addons_gather_tree
    for name, value in vars(module).items():
        if name.islower() and name.replace("_", "") == plain and callable(value):
            return value
    return None


def installed_version() -> str:
    """The version of the TensorFlow of this Python, without importing it if it is not yet.

    Raises:
      TensorFlowNotFoundError: there is none.
    """
    version = getattr(sys.modules.get("tensorflow"), "__version__", None)
    if version:
        return str(version)
    spec = importlib.util.find_spec("tensorflow")
    for root in (spec.submodule_search_locations or []) if spec else []:
        # 1.14 and 1.15 keep their headers in tensorflow_core.
        for package in (root, os.path.join(os.path.dirname(root), "tensorflow_core")):
            found = _version_of_headers(os.path.join(package, "include"))
            if found:
                return found
        found = _version_of_package(os.path.dirname(root))
        if found:
            return found
    if spec is None:
        raise TensorFlowNotFoundError(
            "there is no TensorFlow in this Python; name the release: library_path(name, "
            "runtime='2.14') or `python -m opgraft path NAME --runtime 2.14`."
        )
    return str(_compat.import_tensorflow().__version__)


def _version_of_headers(include: str) -> Optional[str]:
    """The version in TensorFlow's own header, which wheels carried at least until 2.18."""
    for name in ("version.h", "release_version.h"):
        path = os.path.join(include, "tensorflow", "core", "public", name)
        try:
            with open(path, encoding="utf-8", errors="replace") as f:
                found = dict(re.findall(r"#define TF_(\w+)[ \t]+\"?([\w.+-]*)", f.read()))
        except OSError:
            continue
        if "MAJOR_VERSION" in found and "MINOR_VERSION" in found:
            return "{}.{}.{}{}".format(
                found["MAJOR_VERSION"],
                found["MINOR_VERSION"],
                found.get("PATCH_VERSION", "0"),
                found.get("VERSION_SUFFIX", ""),
            )
    return None


def _version_of_package(site: str) -> Optional[str]:
    """The version of the distribution that installed tensorflow/, whatever its name is."""
    try:
        names = sorted(n for n in os.listdir(site) if n.endswith(".dist-info"))
    except OSError:
        return None
    for name in names:
        try:
            with open(os.path.join(site, name, "RECORD"), encoding="utf-8") as f:
                if not any(line.startswith("tensorflow/__init__.py,") for line in f):
                    continue
        except OSError:
            continue
        return name[: -len(".dist-info")].split("-", 1)[-1]
    return None


def library_path(name: str, runtime: Optional[str] = None) -> str:
    """The file of an op library, for TF_LoadLibrary in C, C++, Java or Go.

    Args:
      name: "lookup", "core" or "contrib".
      runtime: a TensorFlow release ("2.14", "2.14.1") or "c_api"; default: the TensorFlow of this
        Python, which need not be imported.

    Returns:
      An absolute path.

    Raises:
      TensorFlowNotFoundError: runtime is None and there is no TensorFlow.
      UnsupportedRuntimeError: there is nothing for that release.
      LibraryNotFoundError: there is no such library for it; the message lists what there is.
    """
    manifest = _manifest.read_manifest()
    if runtime == _manifest.C_API and _manifest.C_API in manifest.sets:
        version, library_set = "2.2 and newer", manifest.sets[_manifest.C_API]
    else:
        version, abi = str(runtime), None
        if runtime is None:
            version = installed_version()
            tf = sys.modules.get("tensorflow")
            if hasattr(tf, "__version__"):
                abi = _compat.describe(tf).cxx11_abi
        library_set = _manifest.choose(manifest, version, abi).set
    _manifest.check_name(manifest, library_set, name, version)
    path = os.path.abspath(manifest.path(library_set, name))
    _check_file(path, name)
    return path
