# ruff: noqa: D101, D102, D103
"""opgraft.lookup under a real TensorFlow: every class, in graphs and, where there is one, eagerly.

Run by the conformance tests in each runtime, with opgraft on PYTHONPATH. Python 3.6, no pytest.
"""

import os
import sys
import tempfile

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import opgraft  # noqa: E402
import tensorflow as tf  # noqa: E402
from opgraft import lookup  # noqa: E402

v1 = getattr(getattr(tf, "compat", None), "v1", None) or tf
EAGER = getattr(tf, "__version__", "0").startswith("2.")
DIRECTORY = tempfile.mkdtemp(prefix="opgraft_")


class Graph(object):
    """Runs a case in a graph of its own; `value` initializes the tables first."""

    mode = "graph"

    def run(self, case):
        with tf.Graph().as_default():
            self.session = v1.Session()
            self.fresh = True
            with self.session:
                case(self)

    def value(self, tensors):
        if self.fresh:
            self.session.run(v1.tables_initializer())
            self.fresh = False
        return self.session.run(tensors)

    def do(self, make):
        self.value(make())


class Eager(object):
    """Runs a case eagerly."""

    mode = "eager"

    def run(self, case):
        case(self)

    def value(self, tensors):
        if isinstance(tensors, (list, tuple)) and not isinstance(tensors, v1.SparseTensor):
            return [self.value(t) for t in tensors]
        if isinstance(tensors, v1.SparseTensor):
            return v1.SparseTensorValue(
                tensors.indices.numpy(), tensors.values.numpy(), tensors.dense_shape.numpy()
            )
        return tensors.numpy()

    def do(self, make):
        make()


def equal(got, want, what):
    got = got.tolist() if isinstance(got, (np.ndarray, np.generic)) else got
    assert got == want, "{}: got {!r}, want {!r}".format(what, got, want)


def raises(kinds, function, *parts):
    try:
        function()
    except kinds as e:
        for part in parts:
            assert part in str(e), "message {!r} does not say {!r}".format(str(e), part)
        return
    raise AssertionError("no {} was raised".format(kinds))


def text_file(name, text):
    path = os.path.join(DIRECTORY, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def key_value(keys, values, key_dtype, value_dtype):
    return lookup.KeyValueTensorInitializer(keys, values, key_dtype, value_dtype)


def static_tables(run):
    init = key_value(["a", "b", "c" * 40], [1, 2, 3], tf.string, tf.int64)
    table = lookup.StaticHashTable(init, -1)
    assert table.key_dtype == tf.string and table.value_dtype == tf.int64
    equal(run.value(table.lookup(tf.constant([["b", "z"]]))), [[2, -1]], "lookup")
    equal(run.value(table[tf.constant("c" * 40)]), 3, "scalar by []")
    equal(run.value(table.lookup(["a", "q"])), [1, -1], "list of keys")
    equal(run.value(table.size()), 3, "size")
    keys, values = run.value(table.export())
    equal(dict(zip(keys.tolist(), values.tolist())), {b"a": 1, b"b": 2, b"c" * 40: 3}, "export")
    equal(run.value(table.lookup(tf.constant([], dtype=tf.string))), [], "no keys")
    raises(TypeError, lambda: table.lookup(tf.constant([1])), "string", "int32")
    if run.mode == "graph":
        assert table.name.startswith("hash_table"), table.name
        assert table.init is table.initializer
        assert table.init in v1.get_collection(v1.GraphKeys.TABLE_INITIALIZERS)
        assert table.table_ref.dtype == tf.resource
        shape = table.lookup(v1.placeholder(tf.string, [None, 7])).get_shape().as_list()
        equal(shape, [None, 7], "static shape")
    else:
        assert table.name is None and table.resource_handle.dtype == tf.resource


def static_errors(run):
    init = key_value([1, 2], [1.0, 2.0], tf.int64, tf.float32)
    raises((TypeError, ValueError), lambda: lookup.StaticHashTable(init, "x"))
    raises(ValueError, lambda: lookup.StaticHashTable(init, [1.0, 2.0]))
    conflict = lambda: lookup.StaticHashTable(  # noqa: E731
        key_value(["a", "a"], [1, 2], tf.string, tf.int64), -1
    )
    length = lambda: lookup.StaticHashTable(  # noqa: E731
        key_value(["a", "b"], [1], tf.string, tf.int64), -1
    )
    bad = (tf.errors.InvalidArgumentError, tf.errors.FailedPreconditionError, ValueError)
    if run.mode == "eager":
        raises(bad, conflict)
        raises(bad, length)
        return
    table = conflict()
    raises(tf.errors.FailedPreconditionError, lambda: run.session.run(table.lookup(["a"])))
    raises(bad, lambda: run.session.run(table.init))
    raises(bad, lambda: run.session.run(length().init))


def dtype_pairs(run):
    keys = {"int32": [3, 5], "int64": [3, 5], "string": ["x", "yy"]}
    values = {
        "bool": [True, False],
        "int8": [-7, 7],
        "uint8": [200, 7],
        "int16": [-300, 7],
        "int32": [1 << 20, 7],
        "int64": [1 << 40, 7],
        "float16": [0.5, 1],
        "bfloat16": [0.5, 1],
        "float32": [1.5, 2],
        "float64": [1e300, 2],
        "string": ["p", "q" * 50],
    }
    for key_name in sorted(keys):
        for value_name in sorted(values):
            if value_name == "bfloat16" and not EAGER:
                bfloat16_values(run, keys[key_name], getattr(tf, key_name))
            else:
                pair(run, keys[key_name], values[value_name], key_name, value_name)


def pair(run, keys, values, key_name, value_name):
    what = "{} -> {}".format(key_name, value_name)
    key_dtype, value_dtype = getattr(tf, key_name), getattr(tf, value_name)
    want = [v.encode() if isinstance(v, str) else v for v in values]
    default = tf.constant(values[1], dtype=value_dtype)
    table = lookup.StaticHashTable(key_value(keys, values, key_dtype, value_dtype), default)
    mutable = lookup.MutableHashTable(key_dtype, value_dtype, default)
    query = tf.constant(keys[:1], dtype=key_dtype)
    miss = tf.constant(["?"] if key_name == "string" else [9], dtype=key_dtype)
    if run.mode == "graph":
        run.session.run(table.init)
    run.fresh = False
    run.do(lambda: mutable.insert(query, tf.constant(values[:1], dtype=value_dtype)))
    for kind in (table, mutable):
        hit, absent = run.value([kind.lookup(query), kind.lookup(miss)])
        equal(hit.tolist(), want[:1], what)
        equal(absent.tolist(), want[1:], what + " default")


def bfloat16_values(run, keys, key_dtype):
    """Numpy has no bfloat16 in TensorFlow 1, so the values are cast on either side."""
    values = tf.cast(tf.constant([0.5, 1.0]), tf.bfloat16)
    table = lookup.MutableHashTable(key_dtype, tf.bfloat16, values[1])
    keys = tf.constant(keys, dtype=key_dtype)
    run.fresh = False
    run.do(lambda: table.insert(keys[:1], values[:1]))
    equal(run.value(tf.cast(table.lookup(keys), tf.float32)), [0.5, 1.0], "bfloat16")


def sparse_keys(run):
    table = lookup.HashTable(key_value([10, 20], ["x", "y"], tf.int64, tf.string), "?")
    keys = tf.SparseTensor([[0, 0], [1, 2]], tf.constant([20, 30], tf.int64), [2, 3])
    found = run.value(table.lookup(keys))
    equal(found.values, [b"y", b"?"], "sparse values")
    equal(found.indices, [[0, 0], [1, 2]], "sparse indices")
    equal(found.dense_shape, [2, 3], "sparse shape")


def ragged_keys(run):
    ragged = getattr(tf, "ragged", None)
    if ragged is None:
        return
    table = lookup.HashTable(key_value(["a", "b"], [1, 2], tf.string, tf.int64), -1)
    keys = ragged.constant([[["a"], ["b", "z"]], []], ragged_rank=2, dtype=tf.string)
    found = table.lookup(keys)
    equal(run.value(found.flat_values), [1, 2, -1], "ragged values")
    equal(run.value(found.row_splits), [0, 2, 2], "ragged rows")


def text_files(run):
    words = text_file("words.txt", "brain\nsalad\nsurgery\n")
    table = lookup.index_table_from_file(words)
    equal(run.value(table.lookup(tf.constant(["salad", "none"]))), [1, -1], "index from file")
    equal(run.value(table.size()), 3, "size")
    run.fresh = True
    short = lookup.index_table_from_file(words, vocab_size=2, default_value=9)
    equal(run.value(short.lookup(tf.constant(["surgery", "brain"]))), [9, 0], "vocab_size")
    run.fresh = True
    oov = lookup.index_table_from_file(words, num_oov_buckets=2)
    got = run.value(oov.lookup(tf.constant(["surgery", "x", "y", "z"]))).tolist()
    assert got[0] == 2 and all(i in (3, 4) for i in got[1:]), got
    equal(run.value(oov.size()), 5, "size with buckets")
    run.fresh = True
    back = lookup.index_to_string_table_from_file(words)
    equal(run.value(back.lookup(tf.constant([2, 7], tf.int64))), [b"surgery", b"UNK"], "strings")
    run.fresh = True
    columns = text_file("columns.txt", "a 7 0.5\nb 8 0.25\n")
    floats = lookup.StaticHashTable(
        lookup.TextFileInitializer(columns, tf.int64, 1, tf.float32, 2, delimiter=" "), 0.0
    )
    equal(run.value(floats.lookup(tf.constant([8, 9], tf.int64))), [0.25, 0.0], "columns")
    run.fresh = True
    offset = lookup.StaticHashTable(
        lookup.TextFileInitializer(
            words,
            tf.string,
            lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            lookup.TextFileIndex.LINE_NUMBER,
            value_index_offset=100,
        ),
        -1,
    )
    equal(run.value(offset.lookup(tf.constant(["salad"]))), [101], "offset")
    if run.mode == "graph":
        assets = v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS)
        assert len(assets) == 6, assets
        equal(run.session.run(assets[0]), words.encode(), "asset")


def text_file_errors(run):
    line, whole = lookup.TextFileIndex.LINE_NUMBER, lookup.TextFileIndex.WHOLE_LINE
    make = lookup.TextFileInitializer
    raises(ValueError, lambda: make("", tf.string, whole, tf.int64, line), "filename")
    raises(ValueError, lambda: make("f", tf.string, -3, tf.int64, line), "-3")
    raises(ValueError, lambda: make("f", tf.string, line, tf.int64, line), "int64")
    raises(ValueError, lambda: make("f", tf.float32, whole, tf.int64, line), "float32")
    raises(ValueError, lambda: make("f", tf.string, whole, tf.int32, line), "int32")
    raises(ValueError, lambda: make("f", tf.string, whole, tf.int64, line, vocab_size=0), "0")
    raises(ValueError, lambda: lookup.index_table_from_file(None), "vocabulary_file")
    raises(ValueError, lambda: lookup.index_table_from_file("f", num_oov_buckets=-1), "-1")
    raises(TypeError, lambda: lookup.index_table_from_file("f", key_dtype=tf.float32))
    raises(ValueError, lambda: lookup.index_to_string_table_from_file(""), "vocabulary_file")
    raises(ValueError, lambda: lookup.index_table_from_tensor(None), "vocabulary_list")
    raises(ValueError, lambda: lookup.index_table_from_tensor(["a"], dtype=tf.int64), "integer")

    def absent():
        run.fresh = True
        run.value(lookup.index_table_from_file(os.path.join(DIRECTORY, "absent")).size())

    raises(tf.errors.NotFoundError, absent, "absent")


def ids_from_tensors(run):
    table = lookup.index_table_from_tensor(["x", "y"], default_value=7)
    equal(run.value(table.lookup(tf.constant(["y", "?"]))), [1, 7], "index from tensor")
    run.fresh = True
    numbers = lookup.index_table_from_tensor([10, 20], num_oov_buckets=1, dtype=tf.int32)
    equal(run.value(numbers.lookup(tf.constant([20, 30], tf.int32))), [1, 2], "int32 keys")
    run.fresh = True
    back = lookup.index_to_string_table_from_tensor(mapping=["x", "y"], default_value="?")
    equal(run.value(back.lookup(tf.constant([1, 2], tf.int64))), [b"y", b"?"], "strings")


def buckets(run):
    init = key_value(["a", "b"], [0, 1], tf.string, tf.int64)
    words = tf.constant(["b", "q", "r", "s", "t"])
    fast = run.value(v1.string_to_hash_bucket_fast(words, 3)) + 2
    run.fresh = True
    table = lookup.StaticVocabularyTable(init, 3)
    equal(run.value(table.lookup(words)), [1] + fast.tolist()[1:], "vocabulary")
    equal(run.value(table.size()), 5, "vocabulary size")
    only = lookup.StaticVocabularyTable(None, 3)
    equal(run.value(only.lookup(words)), (fast - 2).tolist(), "buckets alone")
    spec = lookup.StrongHashSpec((5, 6))
    strong = run.value(v1.string_to_hash_bucket_strong(words, 4, key=[5, 6])) + 2
    ids = lookup.IdTableWithHashBuckets(lookup.HashTable(init, -1), 4, hasher_spec=spec)
    run.fresh = True
    equal(run.value(ids.lookup(words)), [1] + strong.tolist()[1:], "strong hash")
    raises(ValueError, lambda: lookup.StaticVocabularyTable(init, 0), "num_oov_buckets")
    raises(ValueError, lambda: lookup.IdTableWithHashBuckets(None, 0), "oov_buckets")
    raises(TypeError, lambda: lookup.IdTableWithHashBuckets(None, 1, hasher_spec="fast"))
    raises(TypeError, lambda: lookup.IdTableWithHashBuckets(None, 1, key_dtype=tf.float32))
    raises(ValueError, lambda: lookup.StrongHashSpec((1,)), "1")
    raises(TypeError, lambda: lookup.StrongHashSpec(("a", 2)))
    floats = key_value(["a"], [1.0], tf.string, tf.float32)
    raises(TypeError, lambda: lookup.StaticVocabularyTable(floats, 1), "float32")


def mutable_tables(run):
    table = lookup.MutableHashTable(tf.string, tf.int64, -1)
    run.do(lambda: table.insert(["a", "b"], [1, 2]))
    run.do(lambda: table.insert(["b", "c"], [20, 30]))
    equal(run.value(table.lookup(["a", "b", "c", "d"])), [1, 20, 30, -1], "insert")
    equal(run.value(table.size()), 3, "size")
    run.do(lambda: table.remove(tf.constant(["a", "nothing"])))
    equal(run.value(table.lookup(tf.constant(["a", "b"]))), [-1, 20], "remove")
    keys, values = run.value(table.export())
    equal(dict(zip(keys.tolist(), values.tolist())), {b"b": 20, b"c": 30}, "export")
    dynamic = table.lookup(tf.constant(["b", "q"]), tf.constant([5, 6], tf.int64))
    equal(run.value(dynamic), [20, 6], "a default per key")
    raises(TypeError, lambda: table.remove(tf.constant([1])), "int32")
    raises((TypeError, ValueError), lambda: table.insert(tf.constant([1]), [1]))
    bad = (tf.errors.InvalidArgumentError, ValueError)
    raises(bad, lambda: run.do(lambda: table.insert(["p", "q"], [1])))
    equal(run.value(table.size()), 2, "size after an error")

    vectors = lookup.MutableHashTable(tf.int64, tf.float32, [0.0, 0.0])
    run.do(lambda: vectors.insert(tf.constant([7], tf.int64), [[1.0, 2.0]]))
    found = vectors.lookup(tf.constant([[7], [8]], tf.int64))
    equal(run.value(found), [[[1.0, 2.0]], [[0.0, 0.0]]], "values of rank 1")


def dense_tables(run):
    table = lookup.DenseHashTable(
        tf.int64, tf.int64, -1, empty_key=0, deleted_key=-1, initial_num_buckets=4
    )
    many = np.arange(1, 101)
    run.do(lambda: table.insert(tf.constant(many, tf.int64), tf.constant(many * 3, tf.int64)))
    equal(run.value(table.size()), 100, "size")
    run.do(lambda: table.erase(tf.constant([1, 2], tf.int64)))
    run.do(lambda: table.insert_or_assign(tf.constant([2], tf.int64), tf.constant([9], tf.int64)))
    equal(run.value(table.lookup(tf.constant([1, 2, 3, 500], tf.int64))), [-1, 9, 9, -1], "lookup")
    raises(
        tf.errors.InvalidArgumentError, lambda: run.value(table.lookup(tf.constant([0], tf.int64)))
    )
    strings = lookup.MutableDenseHashTable(
        tf.string, tf.string, "?", empty_key="", deleted_key="gone"
    )
    run.do(lambda: strings.insert(["k"], ["v" * 100]))
    equal(run.value(strings.lookup(["k", "l"])), [b"v" * 100, b"?"], "strings")
    vectors = lookup.DenseHashTable(
        tf.int64, tf.float32, [0.5, 0.5], empty_key=[0, 0], deleted_key=[-1, -1]
    )
    run.do(lambda: vectors.insert(tf.constant([[1, 2]], tf.int64), [[3.0, 4.0]]))
    found = vectors.lookup(tf.constant([[1, 2], [2, 1]], tf.int64))
    equal(run.value(found), [[3.0, 4.0], [0.5, 0.5]], "keys of rank 1")


def graph_checkpoint(run):
    if run.mode != "graph":
        return
    table = lookup.MutableHashTable(tf.string, tf.int64, -1, name="words")
    dense = lookup.DenseHashTable(tf.int64, tf.int64, -1, 0, -2, name="dense")
    left_out = lookup.MutableHashTable(tf.string, tf.int64, -1, name="other", checkpoint=False)
    saver = v1.train.Saver()
    run.do(lambda: table.insert(["a", "b"], [1, 2]))
    run.do(lambda: dense.insert(tf.constant([3], tf.int64), tf.constant([4], tf.int64)))
    run.do(lambda: left_out.insert(["a"], [5]))
    path = saver.save(run.session, os.path.join(DIRECTORY, "tables"))
    run.do(lambda: table.insert(["a", "c"], [10, 30]))
    run.do(lambda: dense.insert(tf.constant([3], tf.int64), tf.constant([5], tf.int64)))
    saver.restore(run.session, path)
    equal(run.value(table.lookup(["a", "b", "c"])), [1, 2, -1], "restored")
    equal(run.value(dense.lookup(tf.constant([3], tf.int64))), [4], "restored dense")
    equal(run.value(left_out.lookup(["a"])), [5], "not restored")
    names = (
        {n.split("/")[-1] for n, _ in v1.train.list_variables(path)}
        if hasattr(v1.train, "list_variables")
        else {"words-keys", "words-values", "dense-keys", "dense-values"}
    )
    equal(sorted(names), ["dense-keys", "dense-values", "words-keys", "words-values"], "names")


def control_flow(run):
    if run.mode != "graph" or EAGER:
        return  # there branches are functions, where TensorFlow's own tables do not work either

    def branch():
        return lookup.index_table_from_tensor(["a", "b"]).lookup(tf.constant(["b"]))

    tensor = v1.cond(tf.constant(True), branch, lambda: tf.constant([5], tf.int64))
    if hasattr(tf, "init_scope"):
        equal(run.value(tensor), [1], "a table made in tf.cond")


def shared_name(run):
    if run.mode != "graph":
        return
    kind = lambda: lookup.MutableHashTable(  # noqa: E731
        tf.string, tf.int64, -1, shared_name="one"
    )
    first, second = kind(), kind()
    run.do(lambda: first.insert(["k"], [3]))
    equal(run.value(second.lookup(["k"])), [3], "shared")
    other = lookup.MutableHashTable(tf.string, tf.int64, -1)
    equal(run.value(other.size()), 0, "not shared")


def anonymous_tables(run):
    """No other table shares their contents; in a graph they live for one step."""
    make = lambda default: lookup.MutableHashTable(  # noqa: E731
        tf.string, tf.int64, default, shared_name="anonymous", experimental_is_anonymous=True
    )
    dense = lookup.DenseHashTable(
        tf.string, tf.int64, -1, "empty", "deleted", experimental_is_anonymous=True
    )
    static = lookup.StaticHashTable(
        key_value(["a"], [1], tf.string, tf.int64), -1, experimental_is_anonymous=True
    )
    keys = tf.constant(["a", "b"])
    for table in (make(-1), make([-1, -1]), dense):
        rank = table.default_value.get_shape().ndims
        value = tf.constant([[1, 1]] if rank else [1], tf.int64)
        if run.mode == "graph":
            run.fresh = False
            with tf.control_dependencies([table.insert(keys[:1], value)]):
                found = table.lookup(keys)
            later = table.size()
            for _ in range(2):
                equal(run.value(found)[:, 0] if rank else run.value(found), [1, -1], "in a step")
            equal(run.value(later), 0, "another step has another table")
        else:
            table.insert(keys[:1], value)
            found = table.lookup(keys).numpy()
            equal(found[:, 0] if rank else found, [1, -1], "anonymous")
    if run.mode == "graph":
        with tf.control_dependencies([static.init]):
            equal(run.value(static.lookup(keys)), [1, -1], "initialized in the step")
        raises(tf.errors.FailedPreconditionError, lambda: run.value(static.lookup(keys)))
    else:
        equal(run.value(static.lookup(keys)), [1, -1], "static")
        equal(make(-1).size().numpy(), 0, "not shared by name")


def gradients(run):
    """A lookup on the way of a gradient stops it, as TensorFlow's own does."""
    if run.mode != "graph":
        return
    x = tf.constant([1.0, 2.0])
    ids = v1.cast(x, tf.int64)
    table = lookup.HashTable(key_value([1, 2], [10.0, 20.0], tf.int64, tf.float32), 0.0)
    y = x * table.lookup(ids)
    equal(run.value(v1.gradients(y, x)[0]), [10.0, 20.0], "gradient")


def import_meta_graph(run):
    """A graph with our tables goes through a MetaGraphDef into another graph."""
    if run.mode != "graph":
        return
    table = lookup.HashTable(key_value(["a"], [4], tf.string, tf.int64), -1)
    tf.identity(table.lookup(tf.constant(["a", "b"])), name="result")
    v1.Variable(0, name="something_to_save")
    meta = v1.train.export_meta_graph()
    with tf.Graph().as_default(), v1.Session() as session:
        v1.train.import_meta_graph(meta)
        session.run(v1.tables_initializer())
        equal(session.run("result:0"), [4, -1], "imported")


def eager_functions(run):
    if run.mode != "eager":
        return
    table = lookup.StaticHashTable(key_value(["a"], [4], tf.string, tf.int64), -1)
    counts = lookup.MutableHashTable(tf.string, tf.int64, 0)

    @tf.function
    def count(words):
        counts.insert(words, counts.lookup(words) + 1)
        return table.lookup(words), counts.size()

    count(tf.constant(["a", "b"]))
    found, size = count(tf.constant(["a", "c"]))
    equal(found.numpy(), [4, -1], "in tf.function")
    equal(int(size), 3, "size in tf.function")
    equal(counts.lookup(["a", "b", "c"]).numpy(), [2, 1, 1], "counts")
    data = tf.data.Dataset.from_tensor_slices(["a", "z"]).map(table.lookup)
    equal([int(x) for x in data], [4, -1], "in tf.data")


def eager_lifetime(run):
    if run.mode != "eager":
        return
    import gc

    table = lookup.MutableHashTable(tf.string, tf.int64, -1)
    name = table._shared_name
    table.insert(["a"], [1])
    other = lookup.MutableHashTable(tf.string, tf.int64, -1, shared_name=name)
    equal(other.lookup(["a"]).numpy(), [1], "while it lives")
    del other
    gc.collect()
    equal(table.size().numpy(), 1, "another user of its name went")

    def make():
        own = lookup.StaticHashTable(key_value(["a"], [4], tf.string, tf.int64), -1)
        return tf.function(own.lookup).get_concrete_function(tf.TensorSpec([None], tf.string))

    function = make()
    del table
    gc.collect()
    equal(function(tf.constant(["a"])).numpy(), [4], "captured by a function")
    again = lookup.MutableHashTable(tf.string, tf.int64, -1, shared_name=name)
    equal(again.size().numpy(), 0, "deleted with the first table")


def eager_checkpoint(run):
    if run.mode != "eager":
        return
    table = lookup.MutableHashTable(tf.string, tf.int64, -1)
    dense = lookup.DenseHashTable(tf.int64, tf.float32, 0.0, 0, -1)
    table.insert(["a", "b"], [1, 2])
    dense.insert([5], [0.5])
    checkpoint = tf.train.Checkpoint(table=table, dense=dense)
    path = checkpoint.save(os.path.join(DIRECTORY, "checkpoint"))
    table.insert(["a", "c"], [10, 30])
    dense.remove(tf.constant([5], tf.int64))
    checkpoint.restore(path).assert_consumed()
    equal(table.lookup(["a", "b", "c"]).numpy(), [1, 2, -1], "restored")
    equal(dense.lookup([5]).numpy(), [0.5], "restored dense")
    late = lookup.MutableHashTable(tf.string, tf.int64, -1)
    tf.train.Checkpoint(table=late).restore(path)
    equal(late.lookup(["a"]).numpy(), [1], "restored into another table")


def eager_saved_model(run):
    if run.mode != "eager":
        return
    vocabulary = text_file("vocabulary.txt", "x\ny\n")

    class Model(tf.Module):
        def __init__(self):
            super(Model, self).__init__()
            self.names = lookup.StaticHashTable(
                key_value([0, 1], ["zero", "one"], tf.int64, tf.string), "?"
            )
            self.ids = lookup.StaticVocabularyTable(
                lookup.TextFileInitializer(
                    vocabulary,
                    tf.string,
                    lookup.TextFileIndex.WHOLE_LINE,
                    tf.int64,
                    lookup.TextFileIndex.LINE_NUMBER,
                ),
                1,
            )
            self.counts = lookup.MutableHashTable(tf.string, tf.int64, 0)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def __call__(self, words):
            ids = self.ids.lookup(words)
            return {"ids": ids, "names": self.names.lookup(ids), "counts": self.counts[words]}

    model = Model()
    model.counts.insert(["x"], [42])
    want = {"ids": [1, 0, 2], "names": [b"one", b"zero", b"?"], "counts": [0, 42, 0]}
    words = tf.constant(["y", "x", "other"])
    path = os.path.join(DIRECTORY, "model")
    tf.saved_model.save(model, path, signatures=model.__call__)
    equal(os.listdir(os.path.join(path, "assets")), ["vocabulary.txt"], "assets")
    os.remove(vocabulary)
    assert opgraft.missing(path) == [], opgraft.missing(path)
    for copy in (tf.saved_model.load(path), tf.saved_model.load(path)):
        for key, values in copy(words).items():
            equal(values.numpy(), want[key], "loaded " + key)
    del model, copy
    import gc

    gc.collect()
    loaded = tf.saved_model.load(path)
    for key, values in loaded.signatures["serving_default"](words).items():
        equal(values.numpy(), want[key], "signature " + key)
    with tf.Graph().as_default(), v1.Session() as session:
        meta = v1.saved_model.load(session, ["serve"], path)
        signature = meta.signature_def["serving_default"]
        got = session.run(
            {k: t.name for k, t in signature.outputs.items()},
            {list(signature.inputs.values())[0].name: ["y", "x", "other"]},
        )
        for key in want:
            equal(got[key], want[key], "session " + key)


CASES = [
    static_tables,
    static_errors,
    dtype_pairs,
    sparse_keys,
    ragged_keys,
    text_files,
    text_file_errors,
    ids_from_tensors,
    buckets,
    mutable_tables,
    dense_tables,
    graph_checkpoint,
    control_flow,
    shared_name,
    anonymous_tables,
    gradients,
    import_meta_graph,
    eager_functions,
    eager_lifetime,
    eager_checkpoint,
    eager_saved_model,
]


def main():
    print(repr(opgraft.load()))
    wanted, failed = sys.argv[1:], []
    for case in CASES:
        for run in [Graph()] + ([Eager()] if EAGER else []):
            name = "{} {}".format(case.__name__, run.mode)
            if wanted and case.__name__ not in wanted:
                continue
            try:
                run.run(case)
                print("OK", name)
            except Exception:
                import traceback

                traceback.print_exc(file=sys.stdout)
                print("FAILED", name)
                failed.append(name)
            sys.stdout.flush()
    if failed:
        sys.exit(
            "{} of the cases failed under TensorFlow {}: {}".format(
                len(failed), tf.__version__, ", ".join(failed)
            )
        )


if __name__ == "__main__":
    main()
