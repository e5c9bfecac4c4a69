"""Finds and loads the library, and declares the part of TensorFlow's C API that is used."""

from __future__ import annotations

import ctypes
import os
import threading
from ctypes import POINTER, c_char_p, c_int, c_int64, c_size_t, c_void_p
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from opgraft_slim import _cpu, _wire
from opgraft_slim.errors import LibraryError

NAME = "libtensorflow_slim.so"
DIRECTORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib")


class Output(ctypes.Structure):
    """TF_Output: an output of a node."""

    _fields_ = [("node", c_void_p), ("index", c_int)]


class Buffer(ctypes.Structure):
    """TF_Buffer."""

    _fields_ = [("data", c_void_p), ("length", c_size_t), ("deallocator", c_void_p)]


DEALLOCATOR = ctypes.CFUNCTYPE(None, c_void_p, c_size_t, c_void_p)

# Function: (result, arguments).
_FUNCTIONS: Dict[str, Any] = {
    "TF_Version": (c_char_p, ()),
    "TF_GetAllOpList": (POINTER(Buffer), ()),
    "TF_DeleteBuffer": (None, (POINTER(Buffer),)),
    "TF_LoadLibrary": (c_void_p, (c_char_p, c_void_p)),
    "TF_NewStatus": (c_void_p, ()),
    "TF_DeleteStatus": (None, (c_void_p,)),
    "TF_GetCode": (c_int, (c_void_p,)),
    "TF_Message": (c_char_p, (c_void_p,)),
    "TF_NewSessionOptions": (c_void_p, ()),
    "TF_DeleteSessionOptions": (None, (c_void_p,)),
    "TF_SetConfig": (None, (c_void_p, c_char_p, c_size_t, c_void_p)),
    "TF_NewGraph": (c_void_p, ()),
    "TF_DeleteGraph": (None, (c_void_p,)),
    "TF_GraphOperationByName": (c_void_p, (c_void_p, c_char_p)),
    "TF_OperationNumOutputs": (c_int, (c_void_p,)),
    "TF_OperationOutputType": (c_int, (Output,)),
    "TF_LoadSessionFromSavedModel": (
        c_void_p,
        (c_void_p, c_void_p, c_char_p, POINTER(c_char_p), c_int, c_void_p, c_void_p, c_void_p),
    ),
    "TF_CloseSession": (None, (c_void_p, c_void_p)),
    "TF_DeleteSession": (None, (c_void_p, c_void_p)),
    "TF_SessionRun": (
        None,
        (c_void_p, c_void_p, POINTER(Output), POINTER(c_void_p), c_int)
        + (POINTER(Output), POINTER(c_void_p), c_int, c_void_p, c_int, c_void_p, c_void_p),
    ),
    "TF_AllocateTensor": (c_void_p, (c_int, POINTER(c_int64), c_int, c_size_t)),
    "TF_NewTensor": (
        c_void_p,
        (c_int, POINTER(c_int64), c_int, c_void_p, c_size_t, DEALLOCATOR, c_void_p),
    ),
    "TF_TensorMaybeMove": (c_void_p, (c_void_p,)),
    "TF_DeleteTensor": (None, (c_void_p,)),
    "TF_TensorType": (c_int, (c_void_p,)),
    "TF_NumDims": (c_int, (c_void_p,)),
    "TF_Dim": (c_int64, (c_void_p, c_int)),
    "TF_TensorData": (c_void_p, (c_void_p,)),
    "TF_StringInit": (None, (c_void_p,)),
    "TF_StringCopy": (None, (c_void_p, c_char_p, c_size_t)),
    "TF_StringGetSize": (c_size_t, (c_void_p,)),
    "TF_StringGetDataPointer": (c_void_p, (c_void_p,)),
}


# Those that wait for nothing, and call nothing back: they keep Python's lock, since to have it back
# from a thread that computes takes milliseconds.
_QUICK = {
    "TF_NewStatus",
    "TF_DeleteStatus",
    "TF_GetCode",
    "TF_Message",
    "TF_NewSessionOptions",
    "TF_DeleteSessionOptions",
    "TF_SetConfig",
    "TF_NewGraph",
    "TF_OperationNumOutputs",
    "TF_OperationOutputType",
    "TF_TensorMaybeMove",
    "TF_TensorType",
    "TF_NumDims",
    "TF_Dim",
    "TF_TensorData",
    "TF_StringInit",
    "TF_StringCopy",
    "TF_StringGetSize",
    "TF_StringGetDataPointer",
}


class Library:
    """A loaded library. Its functions are attributes, without the prefix TF_."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, path: str) -> None:
        try:
            dll, quick = ctypes.CDLL(path), ctypes.PyDLL(path)
        except OSError as e:
            raise LibraryError(
                "{} cannot be loaded: {}. It has to be a slim TensorFlow for this system: "
                "nox -s build -- --model DIR makes one.".format(path, e)
            ) from e
        self.path = path
        for name, (result, arguments) in _FUNCTIONS.items():
            try:
                function = getattr(quick if name in _QUICK else dll, name)
            except AttributeError:
                raise LibraryError(
                    "{} has no {}, so it is no TensorFlow library with the whole C API.".format(
                        path, name
                    )
                ) from None
            function.restype, function.argtypes = result, arguments
            setattr(self, name[3:], function)

    def checked(self, function: Any, *arguments: Any) -> Any:
        """Calls a function whose last argument is a status: (its result, code, message)."""
        status = self.NewStatus()
        try:
            result = function(*arguments, status)
            code = self.GetCode(status)
            return result, code, self.Message(status).decode("utf-8", "replace") if code else ""
        finally:
            self.DeleteStatus(status)


_lock = threading.Lock()
_loaded: Dict[str, Library] = {}
_default: Optional[Library] = None


def load(path: "str | os.PathLike[str] | None" = None) -> Library:
    """The library at a path, or the package's own for this processor.

    Raises:
      LibraryError: it is missing, or no TensorFlow.
    """
    global _default
    if path is None and _default is not None:
        return _default
    with _lock:
        found = _find() if path is None else os.path.abspath(os.fspath(path))
        if not os.path.isfile(found):
            raise LibraryError("{}: there is no such library.".format(found))
        found = os.path.realpath(found)
        if found not in _loaded:
            # Its progress messages are for people who debug TensorFlow; warnings stay.
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
            _loaded[found] = Library(found)
        if path is None:
            _default = _loaded[found]
        return _loaded[found]


def _find() -> str:
    try:
        levels = _cpu.levels()
    except ValueError as e:
        raise LibraryError(str(e)) from e
    for level in levels:
        parts = () if level == "baseline" else ("glibc-hwcaps", level)
        path = os.path.join(DIRECTORY, *parts, NAME)
        if os.path.isfile(path):
            return path
    raise LibraryError(
        "{} is not there: this is the runner's source, not its wheel. Build the wheel with "
        "nox -s build -- --model DIR, or give library=PATH.".format(os.path.join(DIRECTORY, NAME))
    )


def version(library: "str | os.PathLike[str] | None" = None) -> str:
    """The release of TensorFlow that the library is, such as "2.14.1"."""
    text: bytes = load(library).Version()
    return text.decode()


def registered_ops(library: "str | os.PathLike[str] | None" = None) -> List[str]:
    """The names of the ops that the library has now, sorted."""
    loaded = load(library)
    buffer = loaded.GetAllOpList()
    try:
        data = ctypes.string_at(buffer.contents.data, buffer.contents.length)
    finally:
        loaded.DeleteBuffer(buffer)
    return sorted(_wire.text(name) for name in _wire.messages(data, 1, 1))  # OpList.op, OpDef.name


def load_op_library(
    path: "str | os.PathLike[str]", library: "str | os.PathLike[str] | None" = None
) -> None:
    """Registers the ops of an op library, for the models that are loaded after it.

    Raises:
      LibraryError: the file is missing, or TensorFlow cannot load it.
    """
    name = os.fsencode(path)
    if b"\0" in name or not os.path.isfile(name):
        raise LibraryError("{!r}: there is no such op library.".format(path))
    loaded = load(library)
    # An op library finds TensorFlow's symbols in the process, where this one's were private.
    ctypes.CDLL(loaded.path, mode=ctypes.RTLD_GLOBAL | os.RTLD_NOLOAD)
    _, code, message = loaded.checked(loaded.LoadLibrary, os.path.abspath(name))
    if code:
        raise LibraryError(
            "{} cannot be loaded into TensorFlow {}: {}. It has to be built for that release; if a "
            "C++ symbol is missing, build the slim TensorFlow with --op-libraries.".format(
                os.fsdecode(name), loaded.Version().decode(), message
            )
        )
