"""Times find: our tables, TensorFlow's and flat hash maps, interleaved.

    PYTHONPATH=PACKAGE python benchmarks/find.py [--threads 2] [--quick] [--only REGEX] ...

Runs inside a TensorFlow. Prints a line per case: times TensorFlow's time over ours, and
nanoseconds per key.
"""

import itertools
from concurrent import futures

import keys as data
import native
import numpy as np
import tensorflow as tf
import tf_tables
import timing
from cases import Suite, power

KINDS = ("int64", "string", "int64 wide")  # wide: values of 64 bits instead of row numbers
SIZES = (10**4, 10**6, 10**7)
HITS = (100, 50, 0)
BATCHES = (10**6, 10**5, 100, 1)
ROUNDS = {10**6: 9, 10**5: 31, 100: 2000, 1: 2000}
IN_GRAPH = 64  # finds in one graph, to see small batches without Python's overhead
CALLERS, CALLS = 2, 2  # threads that call find at once, and how often each does per round


def matrix(suite):
    """The cases, those of one table side by side."""
    quick, threads = suite.options.quick, suite.options.threads
    for kind, size in itertools.product(KINDS, SIZES):
        if quick and size == 10**7:
            continue
        for queries, hits, batch in itertools.product(("uniform", "zipf"), HITS, BATCHES):
            plain = queries == "uniform" and hits == 100
            if kind == "int64 wide" and (batch != 10**5 or queries == "zipf"):
                continue
            if batch == 10**6 and (size == 10**4 or quick or not plain):  # to see threads at work
                continue
            if quick and (queries == "zipf" and hits != 50 or batch != 10**5 and not plain):
                continue
            if quick and threads > 1 and (batch != 10**5 or kind == "int64 wide"):
                continue
            modes = ["call"]
            if threads == 1 and batch < 10**5:
                modes.append("graph")
            if threads > 1 and batch == 10**5:
                modes.append("throughput")
            for mode in modes:
                case = {"kind": kind, "size": size, "queries": queries, "hits": hits}
                case.update(suite="find", batch=batch, mode=mode, name="")
                case["name"] = "find %s, %s keys, %d %% hits, %s, batch %s, %s" % (
                    *(kind, power(size), hits, queries, power(batch), mode),
                )
                if suite.wants(case["name"]):
                    yield case


def make_tables(kind, size, libraries):
    """{peer: its table}; ours and TensorFlow's are handles."""
    keys = data.make_keys(kind.split()[0], np.arange(size))
    values = data.make_values("wide" in kind, size)
    tensors = tf.constant(keys), tf.constant(values)
    tables = {name: tf_tables.filled(op, *tensors) for name, op in tf_tables.OPS.items()}
    keys = native.Keys(keys)
    tables.update((name, native.Map(it, keys, values)) for name, it in libraries.items())
    return tables


def make_batches(case, count):
    """`count` batches of queries as an array; none is asked twice."""
    index = data.query_indices(
        np.random.default_rng(case["hits"]),
        *(case["size"], case["batch"] * count, case["hits"], case["queries"]),
    )
    return data.make_keys(case["kind"].split()[0], index).reshape(count, -1)


def finders(tables, batches, with_maps):
    """{peer: [a function per batch]}."""
    queries = tf.unstack(tf.constant(batches))
    default = tf.constant(-1, tf.int64)
    calls = {}
    for name, op in tf_tables.OPS.items():
        find = tf_tables.compiled_find(op, tables[name], default, queries[0])
        calls[name] = [lambda q=query, find=find: find(q) for query in queries]
    if with_maps:
        arrays = [native.Keys(batch) for batch in batches]
        for name in tables.keys() - tf_tables.OPS.keys():
            calls[name] = [tables[name].finder(keys) for keys in arrays]
    answers = {name: np.asarray(functions[0]()) for name, functions in calls.items()}
    for name, answer in answers.items():
        if name != native.LINE and not np.array_equal(answer, answers["opgraft"]):
            raise AssertionError("%s finds something else than opgraft" % name)
    return calls


def time_calls(case, tables, rounds):
    """One caller, one find per call."""
    small = case["batch"] < 10**5
    calls = finders(tables, make_batches(case, rounds + 2), with_maps=not small)
    peers = {name: lambda i, f=functions: f[i]() for name, functions in calls.items()}
    if small:
        return timing.interleave(peers, rounds, block=200)
    return timing.quietest(lambda: timing.interleave(peers, rounds))


def time_throughput(case, tables, rounds, pool):
    """CALLERS threads, each with its own batches."""
    count = 32
    calls = finders(tables, make_batches(case, count), with_maps=True)

    def work(functions, first):
        for i in range(first, first + CALLS):
            functions[i % count]()

    def one_round(functions, number):
        firsts = [(number * CALLERS + caller) * CALLS for caller in range(CALLERS)]
        for future in [pool.submit(work, functions, first) for first in firsts]:
            future.result()

    peers = {name: lambda i, f=functions: one_round(f, i) for name, functions in calls.items()}
    return timing.quietest(lambda: timing.interleave(peers, rounds))


def time_graph(case, tables, rounds):
    """IN_GRAPH finds per call."""
    batches = make_batches(case, (rounds + 2) * IN_GRAPH).reshape(rounds + 2, IN_GRAPH, -1)
    queries = tf.unstack(tf.constant(batches))
    default = tf.constant(-1, tf.int64)
    peers = {}
    for name, op in tf_tables.OPS.items():
        finds = tf_tables.compiled_finds(op, tables[name], default, queries[0])
        peers[name] = lambda i, finds=finds: finds(queries[i])
    return timing.interleave(peers, rounds, block=10)


def main():
    """The command line."""
    suite = Suite(__doc__)
    quick, threads = suite.options.quick, suite.options.threads
    tf_tables.set_threads(threads)
    libraries = native.maps(suite.options.native)
    ceiling = native.memory_ceiling(suite.options.native, threads, quick)
    for row in ceiling:
        print("memory, %(pages)s pages: %(ns).1f ns per line, at best %(best).1f" % row)
    pool = futures.ThreadPoolExecutor(CALLERS)
    for table, group in itertools.groupby(matrix(suite), lambda case: (case["kind"], case["size"])):
        tables = make_tables(*table, libraries)
        for case in group:
            if case["mode"] == "throughput":
                case["items"] = case["batch"] * CALLERS * CALLS
                figures = time_throughput(case, tables, 7 if quick else 15, pool)
            elif case["mode"] == "graph":
                case["items"] = case["batch"] * IN_GRAPH
                figures = time_graph(case, tables, 50 if quick else 100)
            else:
                case["items"] = case["batch"]
                rounds = ROUNDS[case["batch"]]
                figures = time_calls(case, tables, rounds // 2 if quick else rounds)
            suite.add(case, figures)
    suite.write(ceiling=ceiling, tensorflow=tf.__version__)


if __name__ == "__main__":
    main()
