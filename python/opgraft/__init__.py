"""opgraft: run TensorFlow graphs on runtimes that lack their ops.

    import opgraft
    opgraft.load()                      # registers what this TensorFlow lacks
    opgraft.missing("path/to/model")    # ops of a model that this TensorFlow does not have
    opgraft.library_path("lookup")      # for TF_LoadLibrary in C, C++, Java and Go

Importing opgraft does not import TensorFlow; `load()`, `opgraft.lookup` and
`opgraft.contrib` do.
"""

import importlib
import sys
import types
from typing import Any

from opgraft._load import Library, Loaded, library_path, load
from opgraft._missing import missing
from opgraft._version import __version__
from opgraft.errors import (
    AbiMismatchError,
    LibraryLoadError,
    LibraryNotFoundError,
    ModelError,
    OpgraftError,
    TensorFlowNotFoundError,
    UnknownReleaseError,
    UnsupportedRuntimeError,
)

__all__ = [
    "AbiMismatchError",
    "Library",
    "LibraryLoadError",
    "LibraryNotFoundError",
    "Loaded",
    "ModelError",
    "OpgraftError",
    "TensorFlowNotFoundError",
    "UnknownReleaseError",
    "UnsupportedRuntimeError",
    "__version__",
    "library_path",
    "load",
    "missing",
]


class _Package(types.ModuleType):
    """Imports what needs TensorFlow at first use; Python 3.6 has no PEP 562."""

    def __getattr__(self, name: str) -> Any:
        if name in ("contrib", "lookup"):
            return importlib.import_module("opgraft." + name)
        raise AttributeError("module 'opgraft' has no attribute {!r}".format(name))


sys.modules[__name__].__class__ = _Package
