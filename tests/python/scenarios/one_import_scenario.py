"""A program for tf.lookup runs with opgraft.lookup by changing its import, and gives the same."""

import os
import sys
import tempfile

import opgraft.lookup
import tensorflow as tf


def program(lookup, vocabulary):
    """What people do with tf.lookup, eagerly; returns all that it computes."""
    table = lookup.StaticHashTable(
        lookup.KeyValueTensorInitializer(["a", "b"], [1, 2], tf.string, tf.int64), -1
    )
    from_file = lookup.StaticHashTable(
        lookup.TextFileInitializer(
            vocabulary,
            tf.string,
            lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            lookup.TextFileIndex.LINE_NUMBER,
        ),
        default_value=-1,
    )
    buckets = lookup.StaticVocabularyTable(
        lookup.KeyValueTensorInitializer(["x", "y"], tf.constant([0, 1], tf.int64)), 3
    )
    mutable = lookup.experimental.MutableHashTable(tf.int64, tf.float32, 0.5)
    mutable.insert([1, 2], [10.0, 20.0])
    mutable.remove(tf.constant([1], tf.int64))
    dense = lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, empty_key=0, deleted_key=-9)
    dense.insert([5, 6], [50, 60])

    @tf.function
    def find(words, ids):
        return (
            table.lookup(words),
            from_file[words],
            buckets.lookup(words),
            mutable.lookup(ids),
            dense.lookup(ids),
        )

    mutable.insert(tf.constant([3], tf.int64), tf.constant([30.0]))
    results = find(tf.constant(["b", "y", "other"]), tf.constant([1, 2, 6], tf.int64))
    sizes = [t.size() for t in (table, from_file, buckets, mutable, dense)]
    return [result.numpy().tolist() for result in list(results) + sizes]


def main():
    """The comparison, where tf.lookup is the one of TensorFlow 2."""
    names = [name for name in dir(getattr(tf, "lookup", None)) if name[0] not in "_"]
    missing = [name for name in names if not hasattr(opgraft.lookup, name)]
    assert not missing, "opgraft.lookup lacks {}".format(missing)
    if not hasattr(getattr(getattr(tf, "lookup", None), "experimental", None), "MutableHashTable"):
        print("tf.lookup of TensorFlow {} is another one".format(tf.__version__))
        return
    extra = [n for n in dir(tf.lookup.experimental) if n[0] != "_"]
    missing = [name for name in extra if not hasattr(opgraft.lookup.experimental, name)]
    assert not missing, "opgraft.lookup.experimental lacks {}".format(missing)
    path = os.path.join(tempfile.mkdtemp(), "vocabulary.txt")
    with open(path, "w") as file:
        file.write("y\nb\nz\n")
    ours, theirs = program(opgraft.lookup, path), program(tf.lookup, path)
    assert ours == theirs, (ours, theirs)
    print(ours)


if __name__ == "__main__":
    sys.exit(main())
