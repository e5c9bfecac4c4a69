"""Threads that use one table at the same time, eagerly; run by worker.py.

TensorFlow lets go of Python's lock while an op runs, so the ops do overlap. Each function returns
(what happened how often, the first results that are wrong).
"""

import threading

import tensorflow as tf
from opgraft import lookup

FEWEST = 100  # lookups of each reader, however fast the writer is


def text(numbers, key):
    """Keys of a type: int64, or strings of which some are long."""
    if key == "int64":
        return tf.constant(numbers, tf.int64)
    return tf.constant([b"%d" % n + b"x" * (n % 40) for n in numbers])


def in_threads(functions):
    """Runs functions at the same time; an exception of any of them is raised here."""
    failed = []

    def guarded(function):
        try:
            function()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(f,)) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def changing(kind, key, rounds):
    """Two threads look up fixed keys while another one inserts and removes others."""
    if kind == "DenseHashTable":
        reserved = text([-1, -2], key)
        table = lookup.DenseHashTable(
            key, "int64", -1, empty_key=reserved[0], deleted_key=reserved[1], initial_num_buckets=4
        )
    else:
        table = lookup.MutableHashTable(key, "int64", -1)
    fixed = list(range(0, 40000, 20))
    keys, want = text(fixed, key), [3 * n for n in fixed]
    table.insert(keys, tf.constant(want, tf.int64))
    others = text([n for n in range(40000) if n % 20], key)
    writing = threading.Event()
    writing.set()
    counts, wrong = [0, 0, 0], []

    def write():
        try:
            for i in range(rounds):  # the table grows from 2000 entries to 40000, and shrinks
                table.insert(others, tf.fill(others.shape, tf.constant(-5 - i, tf.int64)))
                table.remove(others)
                counts[2] += 1
        finally:
            writing.clear()

    def read(thread):
        while (writing.is_set() or counts[thread] < FEWEST) and not wrong:
            found = table.lookup(keys).numpy().tolist()
            counts[thread] += 1
            if found != want:
                bad = [i for i in range(len(want)) if found[i] != want[i]]
                wrong.append((len(bad), fixed[bad[0]], found[bad[0]], want[bad[0]]))

    in_threads([write, lambda: read(0), lambda: read(1)])
    return counts, [*wrong, *([] if table.size().numpy() == len(fixed) else ["size"])]


class Later(lookup.TableInitializerBase):
    """Leaves a table uninitialized."""

    def initialize(self, table):
        return None


def initializing(key, n, rounds):
    """Two threads look up keys while another one initializes the table."""
    counts, wrong = [0, 0], []  # lookups before and after the initialization
    numbers = list(range(n))
    keys, values = text(numbers, key), tf.constant(numbers, tf.int64)
    asked, want = keys[:: n // 500], numbers[:: n // 500]

    def once():
        table = lookup.StaticHashTable(Later(key, "int64"), -1)
        start = lookup.KeyValueTensorInitializer(keys, values)
        ready = threading.Barrier(3)
        done = threading.Event()

        def initialize():
            ready.wait()
            try:
                start.initialize(table)
            finally:
                done.set()

        def read():
            ready.wait()
            found, last = None, False
            while not last and not wrong:
                last = done.is_set()  # one more time after that
                try:
                    found = table.lookup(asked).numpy().tolist()
                except tf.errors.FailedPreconditionError:
                    counts[0] += 1
                    if found is not None or last:
                        wrong.append("not initialized any more")
                    continue
                counts[1] += 1
                if found != want:
                    wrong.append([pair for pair in zip(found, want) if pair[0] != pair[1]][:3])

        in_threads([initialize, read, read])

    for _ in range(rounds):
        once()
    return counts, wrong
