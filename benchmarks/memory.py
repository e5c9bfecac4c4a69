"""Prints the bytes per entry of one table, as the growth of this process.

    PYTHONPATH=PACKAGE python benchmarks/memory.py opgraft|tensorflow KIND SIZE

KIND is "int64" (row numbers as values), "int64 wide" (values of 64 bits) or "string". A process of
its own per table: memory that another one freed would hide what this one takes.
"""

import ctypes
import os
import sys

import keys as data
import numpy as np
import tensorflow as tf
import tf_tables

_libc = ctypes.CDLL(None)


def resident():
    """Bytes of this process in memory, what malloc keeps for later given back."""
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(peer, kind, size):
    """The command line."""
    count = int(size)
    tf_tables.set_threads(1)
    op = tf_tables.OPS[peer]
    keys = tf.constant(data.make_keys(kind.split()[0], np.arange(count)))
    values = tf.constant(data.make_values("wide" in kind, count))
    small = tf_tables.filled(op, keys[:10], values[:10])  # what the first table loads
    before = resident()
    table = tf_tables.filled(op, keys, values)
    print((resident() - before) / count)
    del small, table


if __name__ == "__main__":
    main(*sys.argv[1:])
