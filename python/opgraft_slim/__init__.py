"""Runs SavedModels in a slim TensorFlow: numpy arrays in, numpy arrays out.

    import opgraft_slim

    with opgraft_slim.Model("export/1") as model:
        print(model.signatures)
        answer = model.run(tokens=["a", "b"])

Needs numpy alone. The library was built for the ops of the models named at build time;
`load_op_library` adds others.
"""

from opgraft_slim._library import load_op_library, registered_ops, version
from opgraft_slim._model import Model
from opgraft_slim._signature import Signature, TensorSpec
from opgraft_slim._version import __version__
from opgraft_slim.errors import (
    InputError,
    LibraryError,
    MissingOpError,
    ModelError,
    RunError,
    SlimError,
)

__all__ = [
    "InputError",
    "LibraryError",
    "MissingOpError",
    "Model",
    "ModelError",
    "RunError",
    "Signature",
    "SlimError",
    "TensorSpec",
    "__version__",
    "load_op_library",
    "registered_ops",
    "version",
]
