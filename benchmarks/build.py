"""Times building a table, from tensors and from a text file: ours, TensorFlow's, flat hash maps.

    PYTHONPATH=PACKAGE python benchmarks/build.py [--threads 2] [--quick] [--only REGEX] ...

Runs inside a TensorFlow. Each round builds a new table; the former one is freed, untimed.
"""

import os
import tempfile

import keys as data
import native
import numpy as np
import tensorflow as tf
import tf_tables
import timing
from cases import Suite, power

SIZES = (10**4, 10**6, 10**7)
ROUNDS = {10**4: 31, 10**6: 9, 10**7: 3}
WHOLE_LINE, LINE_NUMBER = -2, -1


def from_tensors(kind, size, libraries):
    """{peer: a function that builds its table}."""
    keys, values = data.make_keys(kind, np.arange(size)), data.make_values(False, size)
    tensors = tf.constant(keys), tf.constant(values)
    peers = {
        name: lambda _, op=op: tf_tables.filled(op, *tensors) for name, op in tf_tables.OPS.items()
    }
    arrays = native.Keys(keys)
    for name in libraries.keys() - {native.LINE}:
        library = libraries[name]
        peers[name] = lambda _, library=library: native.Map(library, arrays, values)
    return peers


def from_file(path):
    """The same for a file whose lines are the keys."""

    def build(op):
        handle = op("AnonymousHashTable", key_dtype=tf.string, value_dtype=tf.int64)
        op(
            "InitializeTableFromTextFileV2",
            table_handle=handle,
            filename=tf.constant(path),
            key_index=WHOLE_LINE,
            value_index=LINE_NUMBER,
        )
        return handle

    return {name: lambda _, op=op: build(op) for name, op in tf_tables.OPS.items()}


def write_lines(path, size):
    """A file of `size` distinct lines, which is in the page cache then."""
    with open(path, "wb") as file:
        for start in range(0, size, 10**6):
            lines = data.strings(np.arange(start, min(size, start + 10**6)))
            file.write(b"\n".join(lines.tolist()) + b"\n")


def main():
    """The command line."""
    suite = Suite(__doc__)
    tf_tables.set_threads(suite.options.threads)
    libraries = native.maps(suite.options.native)
    for source in ("int64 tensors", "string tensors", "text file"):
        for size in SIZES:
            name = "build from %s, %s keys" % (source, power(size))
            if not suite.wants(name) or (suite.options.quick and size == 10**7):
                continue
            case = {"suite": "build", "name": name, "source": source, "size": size, "items": size}
            with tempfile.TemporaryDirectory() as scratch:
                if source == "text file":
                    path = os.path.join(scratch, "lines.txt")
                    write_lines(path, size)
                    peers = from_file(path)
                else:
                    peers = from_tensors(source.split()[0], size, libraries)
                rounds = ROUNDS[size] // 2 if suite.options.quick else ROUNDS[size]
                suite.add(case, timing.interleave(peers, rounds, warm_up=1))
    suite.write()


if __name__ == "__main__":
    main()
