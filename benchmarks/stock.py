"""Ops of opgraft beside TensorFlow's own, in one process, alternating; medians and their ratio.

    PYTHONPATH=PACKAGE python benchmarks/stock.py [--json FILE]

Runs inside a TensorFlow 2 that has the stock ops. A ratio below 1 means that opgraft is faster.
"""

import argparse
import json
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import opgraft
import tensorflow as tf

ROUNDS = 31


def seconds(function, calls):
    """Time of one call, in seconds."""
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def compare(name, ours, stock):
    """Alternates the two and prints their medians."""
    ours(), stock()
    calls = max(1, min(1000, int(0.002 / max(seconds(stock, 3), 1e-7))))
    times = [(seconds(ours, calls), seconds(stock, calls)) for _ in range(ROUNDS)]
    mine, theirs = (statistics.median(column) for column in zip(*times))
    ratio = statistics.median(a / b for a, b in times)
    print("%-42s %10.1f us %10.1f us %6.2f" % (name, mine * 1e6, theirs * 1e6, ratio), flush=True)
    return {"name": name, "opgraft_s": mine, "stock_s": theirs, "ratio": ratio}


def compiled(function, *arguments):
    """A call of the op in a graph: what serving costs, without Python's eager path."""
    graph = tf.function(function).get_concrete_function(*arguments)
    return lambda: graph(*arguments)


def table(prefix, keys, values, core, lookup):
    """The find op of a HashTableV2 of ours or of TensorFlow's, with its table."""
    ops = lookup if prefix else core
    make = ops.opgraft_hash_table_v2 if prefix else ops.HashTableV2
    fill = ops.opgraft_initialize_table_v2 if prefix else ops.InitializeTableV2
    find = ops.opgraft_lookup_table_find_v2 if prefix else ops.LookupTableFindV2
    name = prefix + keys.dtype.name
    handle = make(key_dtype=keys.dtype, value_dtype=values.dtype, shared_name=name)
    fill(table_handle=handle, keys=keys, values=values)
    return lambda query: find(
        table_handle=handle, keys=query, default_value=tf.constant(-1, tf.int64)
    )


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--json", help="also write the figures there")
    options = parser.parse_args()
    loaded = opgraft.load()
    core, lookup = loaded.module("core"), loaded.module("lookup")
    print("TensorFlow %s, %d threads" % (tf.__version__, os.cpu_count()))
    print("%-42s %13s %13s %6s" % ("", "opgraft", "stock", "ratio"))
    results = []
    random = np.random.RandomState(0)
    for size in (1, 1000, 1000000):
        x, y = (tf.constant(random.rand(size).astype("f")) for _ in range(2))
        results.append(
            compare(
                "AddV2 float [%d]" % size,
                compiled(lambda a, b: core.opgraft_add_v2(a, b), x, y),
                compiled(lambda a, b: tf.raw_ops.AddV2(x=a, y=b), x, y),
            )
        )
    words = tf.constant(["Some Words %d" % i for i in range(10000)])
    for encoding in ("", "utf-8"):
        results.append(
            compare(
                "StringLower %r [10000]" % encoding,
                compiled(lambda t, e=encoding: core.opgraft_string_lower(t, encoding=e), words),
                compiled(lambda t, e=encoding: tf.raw_ops.StringLower(input=t, encoding=e), words),
            )
        )
    numbers = random.permutation(10**6).astype(np.int64)
    for kind, keys in (
        ("int64", tf.constant(numbers)),
        ("string", tf.constant(["key %d" % n for n in numbers])),
    ):
        values = tf.constant(np.arange(10**6))
        finds = [table(prefix, keys, values, tf.raw_ops, lookup) for prefix in ("Opgraft", "")]
        for batch in (1, 100, 100000):
            query = tf.gather(keys, random.randint(0, 10**6, batch))
            name = "LookupTableFindV2 %s 10^6 keys [%d]" % (kind, batch)
            results.append(compare(name, *(compiled(find, query) for find in finds)))
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"tensorflow": tf.__version__, "results": results}, file, indent=1)


if __name__ == "__main__":
    main()
