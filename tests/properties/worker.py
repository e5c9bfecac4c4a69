"""A table of opgraft.lookup in the TensorFlow of this Python, driven through pipes.

Reads pickles (method, arguments) from stdin and answers each on stdout with ("ok", result) or
("error", type, message). Tensors travel as (dtype, shape, bytes or list of bytes); bfloat16 as
float32, which numpy has. Eager where TensorFlow 2 is, else a graph and a session per table.
Runs in Python 3.6 and later, and needs nothing but TensorFlow and opgraft.
"""

import logging
import os
import pickle
import sys
import warnings

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
warnings.simplefilter("ignore")

import numpy as np  # noqa: E402, after the environment is set
import tensorflow as tf  # noqa: E402
from opgraft import lookup  # noqa: E402
from opgraft.lookup import _ops  # noqa: E402

V1 = getattr(getattr(tf, "compat", None), "v1", None) or tf
EAGER = tf.__version__.startswith("2.")
INITIALIZERS = ("init", "init_file")


def decode(wire):
    """The array that was sent."""
    dtype, shape, data = wire
    if dtype == "string":
        array = np.empty(len(data), dtype=object)
        array[:] = data
    else:
        array = np.frombuffer(data, dtype="float32" if dtype == "bfloat16" else dtype)
    return array.reshape(shape)


def encode(array):
    """An array to send."""
    array = np.asarray(array, dtype=object if isinstance(array, bytes) else None)
    if array.dtype == object:
        return "string", array.shape, array.ravel().tolist()
    return array.dtype.name, array.shape, array.tobytes()


class Later(lookup.TableInitializerBase):
    """Leaves a table uninitialized, so that its initialization is a step of its own."""

    def initialize(self, table):
        return None


def make_table(kind, key, value, default, **options):
    """A table; `default` and the keys of a dense table are tensors."""
    if kind == "StaticHashTable":
        return lookup.StaticHashTable(Later(key, value), default, **options)
    return getattr(lookup, kind)(key, value, default, **options)


def run(table, op, inputs, options):
    """Calls an op of a table; returns an op, or a list of tensors."""
    if op == "init":
        return lookup.KeyValueTensorInitializer(*inputs).initialize(table)
    if op == "init_file":
        key, value = table.key_dtype, table.value_dtype
        path = inputs[0].numpy().decode() if EAGER else inputs[0]
        start = lookup.TextFileInitializer(
            path, key, options["key_index"], value, options["value_index"]
        )
        return start.initialize(table)
    if op == "import":
        keys, values = inputs
        handle = table.resource_handle
        return _ops.call("LookupTableImportV2", table_handle=handle, keys=keys, values=values)
    if op == "lookup":
        return [widen(table.lookup(*inputs))]
    if op == "export":
        keys, values = table.export()
        return [keys, widen(values)]
    if op == "size":
        return [table.size()]
    return getattr(table, op)(*inputs)  # insert, remove


def widen(tensor):
    """A tensor of a type that numpy has."""
    return tf.cast(tensor, tf.float32) if tensor.dtype.base_dtype == tf.bfloat16 else tensor


def constant(wire):
    """A tensor of what was sent."""
    array = decode(wire)
    if wire[0] == "bfloat16":
        return tf.cast(tf.constant(array), tf.bfloat16)
    return tf.constant(array, dtype=wire[0], shape=array.shape)


class Eager(object):
    """A table that runs its ops at once."""

    def __init__(self, tensors, options):
        arguments = {name: constant(wire) for name, wire in tensors.items()}
        self.table = make_table(**arguments, **options)

    def run(self, op, inputs, options):
        result = run(self.table, op, [constant(wire) for wire in inputs], options)
        return [encode(tensor.numpy()) for tensor in result or ()]

    def close(self):
        self.table = None


class Session(object):
    """A table in a graph and a session of its own; each op is added to the graph once."""

    def __init__(self, tensors, options):
        self.graph = tf.Graph()
        self.ops = {}
        with self.graph.as_default():
            arguments = {name: constant(wire) for name, wire in tensors.items()}
            self.table = make_table(**arguments, **options)
        self.session = V1.Session(graph=self.graph)

    def run(self, op, inputs, options):
        name = (op, len(inputs), tuple(sorted(options.items())))
        if name not in self.ops:
            with self.graph.as_default():
                places = [self.placeholder(wire[0]) for wire in inputs]
                self.ops[name] = places, run(self.table, op, [t for _, t in places], options)
        places, result = self.ops[name]
        feeds = {place: decode(wire) for (place, _), wire in zip(places, inputs)}
        fetched = self.session.run(result, feeds)
        return [encode(array) for array in fetched or ()]

    def placeholder(self, dtype):
        """What is fed, and the tensor of the dtype."""
        if dtype == "bfloat16":
            place = V1.placeholder(tf.float32, None)
            return place, tf.cast(place, tf.bfloat16)
        place = V1.placeholder(dtype, None)
        return place, place

    def close(self):
        self.session.close()


class Worker(object):
    """What can be asked for; there is one table at a time."""

    table = None

    def open(self, tensors, options):
        """Makes a table in place of the one before."""
        if self.table is not None:
            self.table.close()
        self.table = (Eager if EAGER else Session)(tensors, options)

    def run(self, op, inputs, options):
        """An op of the table."""
        return self.table.run(op, inputs, options)

    def race(self, name, arguments):
        """A function of race.py."""
        import race

        return getattr(race, name)(**arguments)


def main():
    """Answers until stdin ends."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what TensorFlow prints is no answer
    worker = Worker()
    pickle.dump(("ok", tf.__version__), answers, protocol=4)
    answers.flush()
    while True:
        try:
            method, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            os._exit(0)  # some runtimes crash while they unload
        try:
            answer = ("ok", getattr(worker, method)(*arguments))
        except Exception as error:
            message = getattr(error, "message", None) or str(error)
            answer = ("error", type(error).__name__, message)
        pickle.dump(answer, answers, protocol=4)
        answers.flush()


if __name__ == "__main__":
    main()
