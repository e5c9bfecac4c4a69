"""Every difference between TensorFlow releases that opgraft's Python code meets, 0.12 to 2.22.

TensorFlow is imported inside the functions: importing opgraft must not import it.
"""

import contextlib
import ctypes
import importlib
import os
import types
import weakref
from collections import namedtuple
from typing import Any, Iterable, Iterator, List, Optional, Set

from opgraft import _wire
from opgraft.errors import TensorFlowNotFoundError

Runtime = namedtuple("Runtime", "version git_version path cxx11_abi framework")
"""The TensorFlow of this process; cxx11_abi and framework are None where they cannot be told."""

# Where the releases keep the library that has TensorFlow's C API or its framework.
_LIBRARIES = (
    "libtensorflow_framework.so.2",
    "libtensorflow_framework.so.1",
    "libtensorflow_framework.so",
    "libtensorflow_cc.so.2",
    "python/lib_pywrap_tensorflow_common.so",
    "python/_pywrap_tensorflow_internal.so",
    "python/_pywrap_tensorflow.so",
)


def import_tensorflow() -> Any:
    """TensorFlow, or an error that says what is wrong with it."""
    try:
        import tensorflow
    except ImportError as e:
        if getattr(e, "name", None) == "tensorflow":
            raise TensorFlowNotFoundError(
                "there is no TensorFlow in this Python. Install one (`pip install tensorflow`), or "
                "run the Python that has it."
            ) from e
        raise TensorFlowNotFoundError(
            "the TensorFlow in this Python does not import: {}. Try `python -c 'import tensorflow'`"
            " and mend that first.".format(e)
        ) from e
    if not hasattr(tensorflow, "__version__"):
        raise TensorFlowNotFoundError(
            "{} is not a TensorFlow: it has no __version__. Is a file or directory of that name in "
            "the way?".format(getattr(tensorflow, "__file__", None) or list(tensorflow.__path__))
        )
    return tensorflow


def v1(tf: Any) -> Any:
    """The names of TensorFlow 1 in any release."""
    compat = getattr(tf, "compat", None)
    return getattr(compat, "v1", None) or tf


def _first(attribute: str, *modules: str) -> Any:
    """The attribute from the first of the modules that has it, or None."""
    for module in modules:
        try:
            return getattr(importlib.import_module("tensorflow." + module), attribute)
        except (ImportError, AttributeError):
            continue
    return None


# ---- What load() and doctor ask about the runtime.


def describe(tf: Any) -> Runtime:
    """What there is to know about a TensorFlow that has been imported."""
    framework = next(iter(libraries(tf)), None)
    return Runtime(
        str(tf.__version__),
        str(getattr(tf, "__git_version__", "") or ""),
        os.path.dirname(os.path.abspath(getattr(tf, "__file__", None) or "")),
        _cxx11_abi(tf, framework),
        framework,
    )


def libraries(tf: Any) -> List[str]:
    """The files that have TensorFlow's C API or its framework."""
    roots = [os.path.dirname(os.path.abspath(getattr(tf, "__file__", None) or ""))]
    try:
        roots.insert(0, tf.sysconfig.get_lib())  # elsewhere in 1.14 and 1.15
    except AttributeError:
        pass
    paths = [os.path.join(root, *name.split("/")) for root in roots for name in _LIBRARIES]
    return [p for p in paths if os.path.exists(p)]


def _cxx11_abi(tf: Any, framework: Optional[str]) -> Optional[int]:
    for owner, name in (
        (tf, "__cxx11_abi_flag__"),
        (getattr(tf, "sysconfig", None), "CXX11_ABI_FLAG"),
    ):
        if getattr(owner, name, None) is not None:
            return int(getattr(owner, name))
    # Before 1.15: the mangled name of a function that returns std::string tells.
    name = "_ZN10tensorflow7strings6StrCat{}ERKNS0_8AlphaNumE"
    try:
        library = ctypes.CDLL(framework, os.RTLD_NOLOAD | os.RTLD_LAZY) if framework else None
    except OSError:
        return None
    for abi, tag in ((1, "B5cxx11"), (0, "")):
        if hasattr(library, name.format(tag)):
            return abi
    return None


def promote_c_api(tf: Any) -> None:
    """Makes the symbols of TensorFlow's C API visible to libraries loaded from now on."""
    for path in libraries(tf):
        try:
            ctypes.CDLL(path, os.RTLD_GLOBAL | os.RTLD_NOLOAD | os.RTLD_LAZY)
        except OSError:
            pass  # not one that this process has loaded


_PYWRAP = ("python.client.pywrap_tf_session", "python.pywrap_tensorflow")
_PYWRAP_OP_GEN = (
    "python.framework._pywrap_python_op_gen",
    "python._pywrap_python_op_gen",
    "python.pywrap_tensorflow",
)


def _op_list() -> bytes:
    """The OpList of the runtime as bytes."""
    get = _first("TF_GetAllOpList", *_PYWRAP)
    if get is not None:
        data = _first("TF_GetBuffer", *_PYWRAP)(get())
        return data if isinstance(data, bytes) else bytes(data)
    # Before 1.2 there is only the registry of the Python side, which is also the one that decides
    # what a graph may contain there.
    registered = _first("get_registered_ops", "python.framework.op_def_registry")
    op_list = _first("OpList", "core.framework.op_def_pb2")()
    op_list.op.extend(registered().values())
    return bytes(op_list.SerializeToString())


def registered_ops() -> Set[str]:
    """Names of the ops that the runtime has now."""
    return {_wire.text(name) for name in _wire.messages(_op_list(), 1, 1)}


def make_wrappers(names: Iterable[str]) -> types.ModuleType:
    """A module of wrappers for ops of the runtime, as load_op_library makes it.

    Needed where the ops came from a library that somebody else loaded: then load_op_library
    returns a module without them.
    """
    op_list = _first("OpList", "core.framework.op_def_pb2")
    everything, wanted = op_list.FromString(_op_list()), op_list()
    wanted.op.extend(op for op in everything.op if op.name in set(names))
    source = _first("GetPythonWrappers", *_PYWRAP_OP_GEN)(wanted.SerializeToString())
    module = types.ModuleType("opgraft_wrappers")
    exec(source, module.__dict__)  # TensorFlow's own generator wrote it
    return module


# ---- What opgraft.lookup needs.


def executing_eagerly(tf: Any) -> bool:
    """False in graphs and in every release before 1.7."""
    check = getattr(tf, "executing_eagerly", None)
    return bool(check and check())


def init_scope(tf: Any) -> Any:
    """tf.init_scope(), which leaves loops, conditionals and functions; from 1.5 on."""
    scope = getattr(tf, "init_scope", None) or _first("init_scope", "python.framework.ops")
    return scope() if scope else _no_scope()


@contextlib.contextmanager
def _no_scope() -> Iterator[None]:
    yield


def in_control_flow(tf: Any) -> bool:
    """Whether the current graph is inside a tf.cond or tf.while_loop of TensorFlow 1."""
    if executing_eagerly(tf):
        return False
    graph = v1(tf).get_default_graph()
    return getattr(graph, "_get_control_flow_context", lambda: None)() is not None


_TRACKING = (
    "python.trackable.{}",
    "python.training.tracking.tracking",
    "python.training.checkpointable.tracking",
)


def trackable_resource() -> type:
    """The base class that puts a resource into checkpoints and SavedModels; from 1.13 on."""
    found = _first("TrackableResource", *[m.format("resource") for m in _TRACKING])
    return found or _PlainResource


def auto_trackable() -> type:
    """The base class whose attributes are tracked; object before 1.13."""
    found = _first("AutoTrackable", *[m.format("autotrackable") for m in _TRACKING])
    return found or object


class _PlainResource(object):
    """Stands in for TrackableResource where there is none: graphs only."""

    _resource_handle: Any = None

    @property
    def resource_handle(self) -> Any:
        """The handle of the table: a scalar tensor of dtype resource."""
        return self._resource_handle


def asset(tf: Any, path: Any) -> Any:
    """A file that tf.saved_model.save copies into the model, where the release knows of such."""
    kind = getattr(getattr(tf, "saved_model", None), "Asset", None)
    kind = kind or _first("Asset", *[m.format("asset") for m in _TRACKING])
    return kind(path) if kind else path


def destroy_with(handle: Any) -> None:
    """Deletes the resource behind an eager handle when the last reference to the handle goes.

    The references are Python's: that of the table, and those of functions that captured it.
    """
    identity = _first("identity", "python.ops.gen_array_ops")
    try:
        # A second handle, as the first one is gone when it is needed.
        weakref.finalize(handle, _destroy_resource, identity(handle)).atexit = False
    except TypeError:
        pass  # eager tensors of the first releases cannot be watched: the table stays


def _destroy_resource(handle: Any) -> None:
    destroy = _first("destroy_resource_op", "python.ops.gen_resource_variable_ops")
    eager_mode = _first("eager_mode", "python.eager.context")
    try:
        with eager_mode():
            destroy(handle, ignore_lookup_error=True)
    except Exception:
        pass  # the interpreter or TensorFlow is shutting down


def saveable(op: Any, tensors: Any, restore: Any, name: str) -> Any:
    """A SaveableObject that writes {suffix: tensor} under `name` and hands them to restore()."""
    builder = _first("BaseSaverBuilder", "python.training.saver")
    suffixes = sorted(tensors)

    class TableSaveable(builder.SaveableObject):  # type: ignore
        """The contents of a mutable table in a checkpoint."""

        def restore(self, restored_tensors: Any, restored_shapes: Any) -> Any:
            """The op that replaces the contents of the table."""
            del restored_shapes
            return restore(dict(zip(suffixes, restored_tensors)))

    specs = [builder.SaveSpec(tensors[s], "", name + s) for s in suffixes]
    return TableSaveable(op, specs, name)


def is_sparse(tf: Any, value: Any) -> bool:
    """Whether value is a SparseTensor."""
    return isinstance(value, (tf.SparseTensor, v1(tf).SparseTensor))


def is_ragged(tf: Any, value: Any) -> bool:
    """Whether value is a RaggedTensor, which came with 1.13."""
    kind = getattr(v1(tf), "RaggedTensor", None) or getattr(tf, "RaggedTensor", None)
    return kind is not None and isinstance(value, kind)


def gradient_of(op: str) -> Any:
    """The gradient function of an op type; LookupError if there is none."""
    return _first("_gradient_registry", "python.framework.ops").lookup(op)
