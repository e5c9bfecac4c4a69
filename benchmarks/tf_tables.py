"""Tables of opgraft and of TensorFlow by the names of their ops, so that both run the same code."""

import re

import opgraft
import tensorflow as tf

_lookup = opgraft.load().module("lookup")


def opgraft_op(name, **arguments):
    """Calls an op of ours; `name` is TensorFlow's."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return getattr(_lookup, "opgraft_" + words)(**arguments)


def tensorflow_op(name, **arguments):
    """Calls an op of TensorFlow."""
    return getattr(tf.raw_ops, name)(**arguments)


OPS = {"opgraft": opgraft_op, "tensorflow": tensorflow_op}


def set_threads(threads):
    """Has to come before the first op."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def filled(op, keys, values):
    """The handle of a new table with these entries; the table goes when the handle does."""
    handle = op("AnonymousHashTable", key_dtype=keys.dtype, value_dtype=values.dtype)
    op("InitializeTableV2", table_handle=handle, keys=keys, values=values)
    return handle


def compiled_find(op, handle, default, query):
    """The find op in a graph, a function of a tensor like `query`."""

    def find(keys):
        return op("LookupTableFindV2", table_handle=handle, keys=keys, default_value=default)

    return tf.function(find).get_concrete_function(tf.TensorSpec(query.shape, query.dtype))


def compiled_finds(op, handle, default, queries):
    """The find op once per row of `queries` in one graph: without most of Python's overhead."""

    def find(keys):
        arguments = {"table_handle": handle, "default_value": default}
        return [op("LookupTableFindV2", keys=row, **arguments) for row in tf.unstack(keys)]

    return tf.function(find).get_concrete_function(tf.TensorSpec(queries.shape, queries.dtype))
