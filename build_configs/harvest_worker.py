"""Runs inside one TensorFlow, of any release: writes what it registers into a directory.

    python harvest_worker.py DIRECTORY [--contrib | --opgraft]

ops.pb: its OpList. kernels.pb: its KernelList; or kernels.json, {op: TensorFlow's description}, up
to 1.9, which have no list. versions.json: the GraphDef versions. With --contrib the op libraries of
tf.contrib are loaded first, with --opgraft those of opgraft: libraries.json, what they report.
"""

import ctypes
import glob
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import tensorflow as tf  # noqa: E402

ROOT = os.path.dirname(os.path.abspath(getattr(tf, "__file__", None) or tf.__path__[0]))
ROOTS = [ROOT, os.path.join(os.path.dirname(ROOT), "tensorflow_core")]
PYWRAP = ["_pywrap_tensorflow_internal.so", "_pywrap_tensorflow.so"]
# Of 0.12 to 1.9: std::string KernelsRegisteredForOp(StringPiece).
REGISTERED = "_ZN10tensorflow22KernelsRegisteredForOpENS_11StringPieceE"


class Buffer(ctypes.Structure):
    """The beginning of TF_Buffer."""

    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def libraries():
    """The libraries of TensorFlow that this process has loaded."""
    names = [
        "libtensorflow_cc.so.2",
        "libtensorflow_framework.so.2",
        "libtensorflow_framework.so.1",
    ]
    names += ["libtensorflow_framework.so", "python/lib_pywrap_tensorflow_common.so"]
    for root in ROOTS:
        for name in names + ["python/" + name for name in PYWRAP]:
            try:
                yield ctypes.CDLL(os.path.join(root, name), os.RTLD_NOLOAD | os.RTLD_LAZY)
            except OSError:
                continue


def symbol(name):
    """A function of TensorFlow's, or None."""
    return next((getattr(lib, name) for lib in libraries() if hasattr(lib, name)), None)


def buffer(function, *arguments):
    """The bytes in the TF_Buffer that a function returns."""
    function.restype = ctypes.POINTER(Buffer)
    result = function(*arguments).contents
    return ctypes.string_at(result.data, result.length)


def op_list():
    """The registry as bytes."""
    function = symbol("TF_GetAllOpList")
    if function is not None:
        return buffer(function)
    # Up to 1.2: OpRegistry::Global()->Export(true, &list) and the list's own methods.
    ops = ctypes.create_string_buffer(1024)  # room for an OpList
    registry = symbol("_ZN10tensorflow10OpRegistry6GlobalEv")
    registry.restype = ctypes.c_void_p
    symbol("_ZN10tensorflow6OpListC1Ev")(ops)
    export = symbol("_ZNK10tensorflow10OpRegistry6ExportEbPNS_6OpListE")
    export(ctypes.c_void_p(registry()), ctypes.c_bool(True), ops)
    size = symbol("_ZNK10tensorflow6OpList12ByteSizeLongEv")
    size = size or symbol("_ZNK10tensorflow6OpList8ByteSizeEv")  # 0.12
    data = ctypes.create_string_buffer(size(ops))
    symbol("_ZNK10tensorflow6OpList31SerializeWithCachedSizesToArrayEPh")(ops, data)
    return data.raw


def kernel_list():
    """A KernelList as bytes, or None where the release has no function for that."""
    function = symbol("TF_GetAllRegisteredKernels")
    if function is None:
        return None
    new_status = symbol("TF_NewStatus")
    new_status.restype = ctypes.c_void_p
    return buffer(function, ctypes.c_void_p(new_status()))


def kernel_texts(ops):
    """{op: the description of its kernels}, through the C++ function of the old releases."""
    function = symbol(REGISTERED)
    function.restype = ctypes.c_void_p
    function.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    found = {}
    for name in ops:
        text = ctypes.c_void_p()  # a std::string of the old ABI is a pointer to its characters
        function(ctypes.byref(text), name.encode(), len(name))
        found[name] = ctypes.string_at(text.value).decode()
    return found


def load_contrib():
    """Loads every op library below tensorflow/contrib."""
    for root in ROOTS:
        for path in sorted(glob.glob(os.path.join(root, "contrib", "**", "*.so"), recursive=True)):
            try:
                tf.load_op_library(path)
            except Exception as e:  # a library of CUDA, or one that has no op
                print("left out: {}: {}".format(path, str(e)[:200]))


def load_opgraft():
    """Loads opgraft; what its libraries did: {library: {op: what load() knows of it}}."""
    import opgraft

    libraries = opgraft.load().libraries
    return {name: {op["name"]: op for op in library.ops} for name, library in libraries.items()}


def main(directory, extra):
    """Writes the files."""

    def write(name, data):
        with open(os.path.join(directory, name), "wb") as f:
            f.write(data)

    if extra == ["--contrib"]:
        load_contrib()
    if extra == ["--opgraft"]:
        write("libraries.json", json.dumps(load_opgraft()).encode())
    ops = op_list()

    write("ops.pb", ops)
    kernels = kernel_list()
    if kernels is None:
        from tensorflow.core.framework import op_def_pb2

        names = [op.name for op in op_def_pb2.OpList.FromString(ops).op]
        write("kernels.json", json.dumps(kernel_texts(names)).encode())
    else:
        write("kernels.pb", kernels)
    version = getattr(tf, "version", None) or tf
    names = (
        "GRAPH_DEF_VERSION",
        "GRAPH_DEF_VERSION_MIN_PRODUCER",
        "GRAPH_DEF_VERSION_MIN_CONSUMER",
    )
    numbers = [int(getattr(version, name)) for name in names]
    write("versions.json", json.dumps({"version": tf.__version__, "graph_def": numbers}).encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
