# ruff: noqa: D103
"""Tables, variables and control flow. python own_flow.py OUT [NAME ...]."""

import os
import tempfile

from building import Corpus, Spec, export, np, tensor_module, tf, uniform

corpus = Corpus()


@corpus.case("mutable_table", s=np.array(["a", "q"], "S"))
def _():
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    table.insert(["a", "b"], tf.constant([4, 5], tf.int64))
    return tensor_module(lambda m, s: m.table.lookup(s), Spec([None], tf.string), table=table)


@corpus.case("variable_counter", x=uniform(3))
def _():
    return tensor_module(
        lambda m, x: [x * m.scale, tf.gather(m.rows, tf.cast(x * 3, tf.int32)), m.rows[1:, ::-1]],
        Spec([None], tf.float32),
        scale=tf.Variable(2.5),
        rows=tf.Variable(np.arange(12, dtype=np.float32).reshape(4, 3)),
    )


@corpus.case("nested_while", n=np.int32(4))
def _():
    def inner(i):
        return tf.while_loop(lambda j, s: j < i, lambda j, s: (j + 1, s + j), [0, 0])[1]

    return tensor_module(
        lambda m, n: tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + inner(i)), [0, 0])[
            1
        ],
        Spec([], tf.int32),
    )


@corpus.case("while_with_cond", n=np.int32(6))
def _():
    def body(i, x):
        return i + 1, tf.cond(tf.equal(i % 2, 0), lambda: x + 1.0, lambda: x * 2.0)

    return tensor_module(
        lambda m, n: tf.while_loop(lambda i, x: i < n, body, [0, 0.5])[1], Spec([], tf.int32)
    )


@corpus.case("switch_case", k=np.int32(2))
def _():
    return tensor_module(
        lambda m, k: tf.switch_case(
            k, [lambda: tf.constant(1.0), lambda: tf.constant(5.0), lambda: tf.constant(9.0)]
        ),
        Spec([], tf.int32),
    )


@corpus.case("map_fn", x=uniform(4, 3))
def _():
    return tensor_module(
        lambda m, x: [tf.map_fn(lambda row: tf.sort(row) * 2, x), tf.foldl(lambda a, b: a + b, x)],
        Spec([None, 3], tf.float32),
    )


@corpus.case("tensor_array", n=np.int32(5))
def _():
    def graph(m, n):
        array = tf.TensorArray(tf.float32, size=0, dynamic_size=True, element_shape=[])
        return tf.while_loop(
            lambda i, a: i < n,
            lambda i, a: (i + 1, a.write(i, tf.cast(i, tf.float32) ** 2)),
            [0, array],
        )[1].stack()

    return tensor_module(graph, Spec([], tf.int32))


@corpus.case("cond_with_variable", x=np.float32(1))
def _():
    return tensor_module(
        lambda m, x: tf.cond(x > 0, lambda: m.a * x, lambda: m.b - x),
        Spec([], tf.float32),
        a=tf.Variable(3.0),
        b=tf.Variable(4.0),
    )


@corpus.case("dense_table", k=np.array([3, 5, 8], np.int64))
def _():
    table = tf.lookup.experimental.DenseHashTable(tf.int64, tf.float32, 0.5, -1, -2)
    table.insert(tf.constant([3, 8], tf.int64), [1.5, 2.5])
    return tensor_module(lambda m, k: m.table.lookup(k), Spec([None], tf.int64), table=table)


@corpus.case("table_of_rows", s=np.array(["a", "q"], "S"))
def _():
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, [0.0, -1.0])
    table.insert(["a", "b"], tf.constant([[1.0, 2.0], [3.0, 4.0]]))
    return tensor_module(
        lambda m, s: [m.table.lookup(s), m.table.size()], Spec([None], tf.string), table=table
    )


@corpus.case("table_of_columns", s=np.array(["ham", "nil", "egg"], "S"))
def _():
    path = os.path.join(tempfile.mkdtemp(), "prices.csv")
    with open(path, "w") as f:
        f.write("1;egg;0.5\n2;ham;2.25\n3;oil;9\n")
    prices = tf.lookup.TextFileInitializer(path, tf.string, 1, tf.float32, 2, delimiter=";")
    numbers = tf.lookup.TextFileInitializer(path, tf.int64, 0, tf.string, 1, delimiter=";")
    return tensor_module(
        lambda m, s: [m.prices.lookup(s), m.names.lookup(tf.constant([2, 9], tf.int64))],
        Spec([None], tf.string),
        prices=tf.lookup.StaticHashTable(prices, -1.0),
        names=tf.lookup.StaticHashTable(numbers, "?"),
    )


@corpus.case("tables_of_numbers", k=np.array([1, 2, 7], np.int32))
def _():
    def table(keys, values, default):
        return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), default)

    return tensor_module(
        lambda m, k: [m.a.lookup(k), m.b.lookup(tf.cast(k, tf.int64)), m.b.size()],
        Spec([None], tf.int32),
        a=table(tf.constant([1, 2]), tf.constant([5, 6]), -1),
        b=table(tf.constant([1, 2], tf.int64), tf.constant([0.5, 0.25]), 0.0),
    )


@corpus.case("autograph_loops", n=np.int32(9), x=uniform(5))
def _():
    @tf.function
    def loops(n, x):
        total, steps = tf.constant(0.0), tf.constant(0)
        for i in tf.range(n):
            if i % 2 == 0:
                continue
            if total > 2.0:
                break
            total += x[i % 5]
            steps += 1
        while total > 0.5:
            total /= 2.0
        for row in x:
            total = total + row if row > 0.5 else total - row
        return total, steps

    return tensor_module(lambda m, n, x: loops(n, x), Spec([], tf.int32), Spec([5], tf.float32))


@corpus.case("growing_shapes", n=np.int32(4))
def _():
    def graph(m, n):
        return tf.while_loop(
            lambda i, x: i < n,
            lambda i, x: (i + 1, tf.concat([x, tf.fill([1, 2], tf.cast(i, tf.float32))], 0)),
            [0, tf.zeros([1, 2])],
            shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 2])],
        )[1]

    return tensor_module(graph, Spec([], tf.int32))


@corpus.case("maps_and_scans", x=uniform(4, 3), s=np.array(["a b", "c", "d e f", ""], "S"))
def _():
    def graph(m, x, s):
        return [
            tf.vectorized_map(lambda row: tf.reduce_sum(row * row), x),
            tf.vectorized_map(lambda row: tf.linalg.matvec(m.w, row), x),
            tf.scan(lambda a, row: (a[0] + row, a[1] * 0.5), x, (tf.zeros([3]), 1.0), reverse=True),
            tf.map_fn(
                lambda t: (t[0] * 2, tf.strings.length(t[1])), (x, s), (tf.float32, tf.int32)
            ),
            tf.foldr(lambda a, row: a + row[0], x, 0.0),
        ]

    return tensor_module(
        *(graph, Spec([4, 3], tf.float32), Spec([None], tf.string)),
        w=tf.Variable(np.eye(3, dtype=np.float32)[::-1].copy()),
    )


@corpus.case("arrays_of_tensors", x=uniform(6, 2))
def _():
    def graph(m, x):
        parts = tf.TensorArray(tf.float32, 3, element_shape=[None, 2], infer_shape=False)
        parts = parts.split(x, [1, 3, 2])
        rows = tf.TensorArray(tf.float32, 6, clear_after_read=False).unstack(x)
        return [
            parts.read(1),
            parts.concat(),
            rows.gather([4, 0]),
            rows.size(),
            rows.read(2) + rows.read(2),
        ]

    return tensor_module(graph, Spec([6, 2], tf.float32))


@corpus.case("cond_in_loop_with_array", n=np.int32(5), x=uniform(5))
def _():
    def graph(m, n, x):
        def body(i, a):
            value = tf.cond(x[i] > 0.5, lambda: m.scale * x[i], lambda: -x[i])
            return i + 1, a.write(i, value)

        array = tf.TensorArray(tf.float32, n, element_shape=[])
        return tf.while_loop(lambda i, a: i < n, body, [0, array])[1].stack()

    return tensor_module(graph, Spec([], tf.int32), Spec([5], tf.float32), scale=tf.Variable(3.0))


@corpus.case("cases", x=np.float32(0.3))
def _():
    def graph(m, x):
        @tf.custom_gradient
        def clipped(x):
            return tf.minimum(x, 0.25), lambda g: g

        return [
            tf.case(
                [
                    (x < 0.1, lambda: x),
                    (x < 0.5, lambda: tf.cond(x > 0.2, lambda: x * 2, lambda: x)),
                ],
                default=lambda: x - 1,
            ),
            clipped(x),
            tf.switch_case(tf.cast(x * 10, tf.int32), {0: lambda: 1, 1: lambda: 3}, lambda: 0),
            tf.cond(x > 0, lambda: [x, x + 1], lambda: [x, x]),
        ]

    return tensor_module(graph, Spec([], tf.float32))


@corpus.case("variables_of_types", x=uniform(2))
def _():
    def graph(m, x):
        return [
            tf.cast(m.byte, tf.int32),
            tf.cast(m.short, tf.float32) * x,
            m.long + 1,
            m.flag,
            tf.cast(m.half, tf.float32),
            m.double * 2,
            tf.strings.join([m.text, "!"]),
            m.complex,
        ]

    return tensor_module(
        *(graph, Spec([2], tf.float32)),
        byte=tf.Variable([1, 255], dtype=tf.uint8),
        short=tf.Variable([-3, 4], dtype=tf.int16),
        long=tf.Variable([1 << 40], dtype=tf.int64),
        flag=tf.Variable([True, False]),
        half=tf.Variable([0.5, 2.0], dtype=tf.float16),
        double=tf.Variable([[0.1]], dtype=tf.float64),
        text=tf.Variable(["a", "b"]),
        complex=tf.Variable([1 + 2j], dtype=tf.complex64),
    )


@corpus.case("partitioned_calls", x=uniform(3))
def _():
    @tf.function
    def inner(x, y):
        return x * 2 + y, tf.reduce_sum(y)

    @tf.function
    def outer(x):
        a, b = inner(x, x)
        return inner(a, b + x)

    return tensor_module(lambda m, x: outer(x), Spec([None], tf.float32))


if __name__ == "__main__":
    export(corpus)
