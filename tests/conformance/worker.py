"""Runs cases in the TensorFlow of this Python; see case.py for what a case is.

    python worker.py JOB RESULTS

JOB is a pickle of {"mode", "cases", "rename", "imports", "libraries"}. RESULTS is written as a
sequence of pickles while the cases run, so that it is known which one killed its process: first a
dict that describes the runtime, then ("begin", id) and ("end", id, result) for each case.

Modes: "native" loads nothing; "grafted" loads opgraft; "opgraft" also renames the ops in `rename`
to "Opgraft" + name. Runs in Python 3.6 and later, and needs nothing but TensorFlow.
"""

import ctypes
import importlib
import logging
import os
import pickle
import shutil
import sys
import tempfile
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
warnings.simplefilter("ignore")

import numpy as np  # noqa: E402, after the environment is set
import tensorflow as tf  # noqa: E402
from tensorflow.core.framework import graph_pb2, types_pb2  # noqa: E402

V1 = tf.compat.v1 if hasattr(getattr(tf, "compat", None), "v1") else tf


class UnknownType(Exception):
    """A data type that this TensorFlow does not know."""


def type_number(name):
    """The number of a data type."""
    try:
        return types_pb2.DataType.Value("DT_" + name.upper())
    except ValueError:
        raise UnknownType(name) from None


def set_attr(attr, kind, value, directory):
    """Sets an attr of a NodeDef from its description."""
    if kind == "type":
        attr.type = type_number(value)
    elif kind == "types":
        attr.list.SetInParent()
        attr.list.type.extend([type_number(name) for name in value])
    elif kind == "ints":
        attr.list.SetInParent()
        attr.list.i.extend(value)
    elif kind == "shape":
        if value is None:
            attr.shape.unknown_rank = True
        else:
            attr.shape.SetInParent()
            for size in value:
                attr.shape.dim.add().size = size
    elif kind == "tensor":
        dtype, shape, data = value
        attr.tensor.dtype = type_number(dtype)
        attr.tensor.tensor_shape.SetInParent()
        for size in shape:
            attr.tensor.tensor_shape.dim.add().size = size
        if dtype == "string":
            attr.tensor.string_val.extend(
                [text.replace(b"{dir}", directory.encode()) for text in data]
            )
        else:
            attr.tensor.tensor_content = data
    else:
        setattr(attr, kind, value)


def graph_def(case, directory, rename):
    """The GraphDef of a case."""
    graph = graph_pb2.GraphDef()
    for op, name, inputs, attrs in case["nodes"]:
        node = graph.node.add()
        node.op = "Opgraft" + op if op in rename else op
        node.name = name
        node.input.extend(inputs)
        for key, (kind, value) in attrs.items():
            set_attr(node.attr[key], kind, value, directory)
    return graph


def plain(value):
    """An array that was fetched, as plain Python."""
    array = np.asarray(value)
    if array.dtype == object or array.dtype.kind in "SU":
        data = [x if isinstance(x, bytes) else str(x).encode() for x in array.ravel().tolist()]
        return ("string", list(array.shape), data)
    return (array.dtype.name, list(array.shape), array.ravel().tolist())


def failure(error, stage):
    """An exception, as plain Python; stage is "graph" or the number of a step."""
    message = getattr(error, "message", None) or str(error)
    return {"error": type(error).__name__, "message": message, "stage": stage}


def run_step(sessions, graph, step):
    """The values of the tensors that a step names, or its error."""
    number = step.get("session", 0)
    if number not in sessions:
        sessions[number] = V1.Session(graph=graph)
    try:
        values = sessions[number].run(step["run"])
        return {"values": [plain(value) for value in values if value is not None]}
    except Exception as error:
        return failure(error, "run")


def write_files(files, directory):
    """The files that a case reads; None is a directory."""
    for name, data in files.items():
        path = os.path.join(directory, name)
        if data is None:
            os.mkdir(path)
        else:
            with open(path, "wb") as f:
                f.write(data)


def run_case(case, rename):
    """A list with the result of each step, or one error if the graph itself is refused."""
    directory = tempfile.mkdtemp(prefix="opgraft")
    sessions = {}
    ctypes.CDLL(None).srand(1)  # stereograms are made of rand()
    try:
        write_files(case["files"], directory)
        graph = tf.Graph()
        try:
            definition = graph_def(case, directory, rename)
            with graph.as_default():
                V1.import_graph_def(definition, name="")
        except UnknownType as error:
            return {"unsupported": str(error)}
        except Exception as error:
            return failure(error, "graph")
        return [run_step(sessions, graph, step) for step in case["steps"]]
    finally:
        for session in sessions.values():
            session.close()
        shutil.rmtree(directory, ignore_errors=True)


def registered_ops():
    """Every op that this process knows, with its number of inputs."""
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python import pywrap_tensorflow

    try:
        from tensorflow.python.client import pywrap_tf_session as session
    except ImportError:
        session = pywrap_tensorflow
    if hasattr(session, "TF_GetAllOpList"):
        data = session.TF_GetBuffer(session.TF_GetAllOpList())
        ops = {op.name: op for op in op_def_pb2.OpList.FromString(data).op}
    else:  # up to 1.3 or so Python keeps the list itself
        from tensorflow.python.framework import op_def_registry

        ops = op_def_registry.get_registered_ops()
    return {name: len(op.input_arg) for name, op in ops.items()}


def write(results, record):
    """Adds a record to the results."""
    pickle.dump(record, results, protocol=2)
    results.flush()


def finished(path):
    """How many cases have a result."""
    count = 0
    with open(path, "rb") as results:
        while True:
            try:
                count += pickle.load(results)[0:1] == ("end",)
            except TypeError:  # the description, which is a dict
                continue
            except EOFError:
                return count


def run_cases(cases, rename, path):
    """Runs cases in a child process, and in another one what is left when it dies.

    This process has imported TensorFlow, which takes seconds, but it runs nothing, so it has no
    threads of TensorFlow that a child would miss.
    """
    start = 0
    while start < len(cases):
        child = os.fork()
        if child == 0:
            with open(path, "ab") as results:
                for case in cases[start:]:
                    write(results, ("begin", case["id"]))
                    write(results, ("end", case["id"], run_case(case, rename)))
            os._exit(0)  # some runtimes crash while they unload
        status = os.waitpid(child, 0)[1]
        start = finished(path)
        if start < len(cases):
            crash = {"crash": "by signal %d" % (status & 127)}
            with open(path, "ab") as results:
                write(results, ("end", cases[start]["id"], crash))
            start += 1


def main():
    """The command line."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with open(sys.argv[1], "rb") as f:
        job = pickle.load(f)
    if hasattr(V1, "disable_eager_execution"):
        V1.disable_eager_execution()
    for module in job["imports"]:
        if module.endswith(".so"):  # contrib loads some of its libraries when they are called
            contrib = os.path.dirname(importlib.import_module("tensorflow.contrib").__file__)
            tf.load_op_library(os.path.join(contrib, module))
        else:
            importlib.import_module(module)
    description = {"version": tf.__version__, "had": registered_ops()}
    if job["mode"] != "native":
        if job["libraries"]:
            for path in job["libraries"]:
                tf.load_op_library(path)
        else:
            import opgraft

            loaded = opgraft.load()
            description["built_for"] = sorted({lib.built_for for lib in loaded.libraries.values()})
    description["has"] = registered_ops()
    rename = job["rename"] if job["mode"] == "opgraft" else []
    with open(sys.argv[2], "ab") as results:
        write(results, description)
    run_cases(job["cases"], rename, sys.argv[2])
    with open(sys.argv[2], "ab") as results:
        write(results, ("done",))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # some runtimes crash while they unload
