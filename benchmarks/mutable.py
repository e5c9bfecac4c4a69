"""Times the ops of mutable tables: ours and TensorFlow's, interleaved.

    PYTHONPATH=PACKAGE python benchmarks/mutable.py [--quick] [--only REGEX] ...

Runs inside a TensorFlow. "insert" is of new keys, "overwrite" of keys that are there, "remove" of
what was inserted, "fill" of all entries at once into a new table; half of what "find" asks for is
there. "snapshot" is an export that stays as it is: TensorFlow's dense table hands out the arrays
that it works on, which later inserts change, so that they have to be copied.
"""

import itertools

import keys as data
import numpy as np
import tensorflow as tf
import tf_tables
import timing
from cases import Suite, power

TABLES = {
    "MutableHashTable int64 to int64": ("MutableHashTable", "int64", None),
    "MutableHashTable string to int64": ("MutableHashTable", "string", None),
    "MutableHashTableOfTensors int64 to float[32]": ("MutableHashTableOfTensors", "int64", 32),
    "MutableDenseHashTable int64 to int64": ("MutableDenseHashTable", "int64", None),
    "MutableDenseHashTable string to int64": ("MutableDenseHashTable", "string", None),
}
SIZES = (10**4, 10**6)
BATCHES = (10**5, 100, 1)
QUICK = ((10**6, 10**5), (10**4, 100))  # sizes and batches
NEW = 1 << 41  # indices of the keys that are inserted


def values_of(width, count):
    """Values for so many keys: int64, or rows of floats."""
    if width is None:
        return tf.constant(data.make_values(False, count))
    return tf.reshape(tf.range(count * width, dtype=tf.float32), [count, width])


def new_table(op, name, kind, width, most):
    """An empty table; a dense one has buckets for `most` entries."""
    shape = {} if width is None else {"value_shape": [width]}
    value_dtype = tf.int64 if width is None else tf.float32
    key_dtype = tf.int64 if kind == "int64" else tf.string
    if name != "MutableDenseHashTable":
        return op("Anonymous" + name, key_dtype=key_dtype, value_dtype=value_dtype, **shape)
    empty, deleted = (-1, -2) if kind == "int64" else ("", "deleted")
    return op(
        "AnonymousMutableDenseHashTable",
        empty_key=tf.constant(empty, key_dtype),
        deleted_key=tf.constant(deleted, key_dtype),
        value_dtype=value_dtype,
        value_shape=[],
        initial_num_buckets=1 << (2 * most).bit_length(),
        max_load_factor=0.8,
    )


class Bench:
    """One table of each peer, with `size` entries."""

    def __init__(self, table, size, most):
        self.name, self.kind, self.width = TABLES[table]
        self.size, self.most = size, most
        self.keys = tf.constant(data.make_keys(self.kind, np.arange(size)))
        self.values = values_of(self.width, size)
        self.handles = {peer: self.filled(op) for peer, op in tf_tables.OPS.items()}

    def filled(self, op):
        """A new table with all entries."""
        handle = new_table(op, self.name, self.kind, self.width, self.most)
        op("LookupTableInsertV2", table_handle=handle, keys=self.keys, values=self.values)
        return handle

    def batches(self, index):
        """A row of indices per batch, as a list of tensors."""
        keys = data.make_keys(self.kind, index.reshape(-1)).reshape(index.shape)
        return tf.unstack(tf.constant(keys))

    def graphs(self, body):
        """{peer: the graph of body(op, handle, keys)}."""
        dtype = tf.int64 if self.kind == "int64" else tf.string

        def trace(op, handle):
            run = tf.function(lambda keys: body(op, handle, keys))
            return run.get_concrete_function(tf.TensorSpec([None], dtype))

        return {peer: trace(op, self.handles[peer]) for peer, op in tf_tables.OPS.items()}

    def time(self, body, batches, rounds, warm_up=2):
        """Interleaves body(op, handle, keys) over the batches."""
        graphs = self.graphs(body)
        peers = {peer: lambda i, g=graph: g(batches[i]) for peer, graph in graphs.items()}
        return timing.interleave(peers, rounds, 1 if rounds < 50 else 50, warm_up)

    def ops(self, batch, rounds, warm_up=2):
        """Yields the name of an op and its figures for batches of that size."""
        random, count = np.random.default_rng(2), rounds + warm_up
        known = random.integers(0, self.size, (count, batch))
        half = known + (random.random((count, batch)) < 0.5) * data.FIRST_MISS
        new = NEW + np.arange(count * batch).reshape(count, batch)
        default = tf.constant(-1, tf.int64) if self.width is None else tf.zeros([self.width])
        values = values_of(self.width, batch)

        def find(op, handle, keys):
            return op("LookupTableFindV2", table_handle=handle, keys=keys, default_value=default)

        def insert(op, handle, keys):
            op("LookupTableInsertV2", table_handle=handle, keys=keys, values=values)

        def remove(op, handle, keys):
            op("LookupTableRemoveV2", table_handle=handle, keys=keys)

        yield "find", self.time(find, self.batches(half), rounds, warm_up)
        if batch > self.size:
            return
        new = self.batches(new)
        yield "overwrite", self.time(insert, self.batches(known), rounds, warm_up)
        yield "insert", self.time(insert, new, rounds, warm_up)
        yield "remove", self.time(remove, new, rounds, warm_up)

    def fill(self, rounds):
        """Figures of filling a new table."""
        peers = {peer: lambda _, op=op: self.filled(op) for peer, op in tf_tables.OPS.items()}
        return timing.interleave(peers, rounds, warm_up=1)

    def export(self, rounds, snapshot=False):
        """Figures of exporting everything; as a snapshot, TensorFlow's is copied."""
        dtype = tf.int64 if self.kind == "int64" else tf.string
        types = {"Tkeys": dtype, "Tvalues": tf.int64 if self.width is None else tf.float32}

        def export(op, handle, keys):
            exported = op("LookupTableExportV2", table_handle=handle, **types)
            if not snapshot or op is tf_tables.opgraft_op:
                return exported
            return [tf.raw_ops.DeepCopy(x=tensor) for tensor in exported]

        return self.time(export, [self.keys[:1]] * (rounds + 1), rounds, warm_up=1)


def main():
    """The command line."""
    suite = Suite(__doc__)
    tf_tables.set_threads(suite.options.threads)
    quick = suite.options.quick
    for table, size, batch in itertools.product(TABLES, SIZES, BATCHES):
        case = {"suite": "mutable", "table": table, "size": size, "batch": batch}
        case["family"] = TABLES[table][0]
        where = "%s, %s entries" % (table, power(size))
        if not suite.wants(where) or (quick and (size, batch) not in QUICK):
            continue
        rounds = (3 if quick else 7) if batch == 10**5 else 400
        bench = Bench(table, size, size + ((rounds + 2) * batch if batch <= size else 0))
        if batch == 10**5:
            whole = {"fill": bench.fill(3), "export": bench.export(5)}
            if case["family"] == "MutableDenseHashTable":
                whole["snapshot"] = bench.export(5, snapshot=True)
            for name, figures in whole.items():
                suite.add(
                    dict(case, op=name, batch=size, items=size, name="%s, %s" % (name, where)),
                    figures,
                )
        for name, figures in bench.ops(batch, rounds):
            label = "%s, %s, batch %s" % (name, where, power(batch))
            suite.add(dict(case, op=name, items=batch, name=label), figures)
    suite.write()


if __name__ == "__main__":
    main()
