"""Plain ops of opgraft beside TensorFlow's own: what the seam between kernel and runtime costs.

    PYTHONPATH=PACKAGE python benchmarks/stock.py [--only REGEX] [--json FILE]

Runs inside a TensorFlow 2 that has the stock ops.
"""

import numpy as np
import opgraft
import tensorflow as tf
import tf_tables
import timing
from cases import Suite, power


def compiled(function, *arguments):
    """A call of the op in a graph: what serving costs, without Python's eager path."""
    graph = tf.function(function).get_concrete_function(*arguments)
    return lambda _: graph(*arguments)


def cases():
    """Names and, of each, how many elements there are and the peers."""
    core = opgraft.load().module("core")
    random = np.random.RandomState(0)
    for size in (1, 1000, 10**6):
        x, y = (tf.constant(random.rand(size).astype("f")) for _ in range(2))
        ours = compiled(lambda a, b: core.opgraft_add_v2(a, b), x, y)
        stock = compiled(lambda a, b: tf.raw_ops.AddV2(x=a, y=b), x, y)
        yield "AddV2 float [%s]" % power(size), size, ours, stock
    words = tf.constant(["Some Words %d" % i for i in range(10000)])
    for code in ("", "utf-8"):
        ours = compiled(lambda t, e=code: core.opgraft_string_lower(t, encoding=e), words)
        stock = compiled(lambda t, e=code: tf.raw_ops.StringLower(input=t, encoding=e), words)
        yield "StringLower %r [10^4]" % code, 10000, ours, stock


def main():
    """The command line."""
    suite = Suite(__doc__)
    tf_tables.set_threads(suite.options.threads)
    for name, items, ours, stock in cases():
        if suite.wants(name):
            peers = {"opgraft": ours, "tensorflow": stock}
            case = {"suite": "ops", "name": name, "items": items}
            suite.add(case, timing.interleave(peers, rounds=200, block=10))
    suite.write()


if __name__ == "__main__":
    main()
