"""Exports the models of these tests with the TensorFlow that is installed: make_models.py OUT."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.function import Defun

Spec = tf.TensorSpec
DTYPES = """float16 float32 float64 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool
    complex64 complex128 string""".split()


def save(out, name, module, **functions):
    """Saves a module; each function is (function of tensors, specs...)."""
    signatures = {}
    for key, (function, *specs) in functions.items():
        made = tf.function(function, input_signature=specs, autograph=False)
        signatures[key] = made
        setattr(module, "keep_" + key, made)
    tf.saved_model.save(module, os.path.join(out, name), signatures=signatures)


def identities(out):
    """A signature per type, any shape, that gives back its input."""
    functions = {
        name: (lambda x: {"y": tf.identity(x)}, Spec(None, name, name="x")) for name in DTYPES
    }
    save(out, "identities", tf.Module(), **functions)


def classifier(out):
    """Tokens to probabilities: table, embedding, dense."""
    module, rng = tf.Module(), np.random.RandomState(0)
    keys, values = tf.constant(["a", "b", "c"]), tf.constant([1, 2, 3], tf.int64)
    module.table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(keys, values), default_value=0
    )
    module.embedding = tf.Variable(rng.randn(4, 8).astype("f"))
    module.weights = tf.Variable(rng.randn(8, 3).astype("f"))

    def classify(tokens):
        rows = tf.gather(module.embedding, module.table.lookup(tokens))
        return {"probabilities": tf.nn.softmax(tf.matmul(rows, module.weights))}

    save(out, "classifier", module, serving_default=(classify, Spec([None], tf.string, "tokens")))


def stateful(out):
    """A counter, and a variable that keeps what it is given and hands it out."""
    module = tf.Module()
    module.count = tf.Variable(0, dtype=tf.int64)
    module.kept = tf.Variable(tf.zeros([4096]))

    def keep(x):
        module.kept.assign(x)
        return {"y": module.kept.read_value()}

    save(
        out,
        "stateful",
        module,
        add=(lambda n: {"total": module.count.assign_add(n)}, Spec([], tf.int64, "n")),
        keep=(keep, Spec([4096], tf.float32, "x")),
        read=(lambda: {"y": module.kept.read_value()},),
    )


def variables(out):
    """A variable of each type that has numbers, and two that have none or many."""
    module = tf.Module()
    types = [name for name in DTYPES if name not in ("bool", "string")]
    values = {name: tf.cast(tf.reshape(tf.range(6), [2, 3]), name) for name in types}
    values.update(bool=tf.constant([True, False]), empty=tf.zeros([0, 2]), large=tf.ones([1 << 16]))
    module.all = {name: tf.Variable(value) for name, value in values.items()}

    def read():
        return {name: tf.identity(variable) for name, variable in module.all.items()}

    save(out, "variables", module, serving_default=(read,))


def words(out):
    """What is restored otherwise than as numbers: a variable of strings, and a table that grows."""
    module = tf.Module()
    module.words = tf.Variable(["a", "long " * 20])
    module.numbers = tf.Variable([1.5, 2.5])
    module.table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    module.table.insert(["x", "y"], [1, 2])

    def of(keys):
        found = module.table.lookup(keys)
        return {"found": found, "words": module.words + "!", "numbers": module.numbers + 1.0}

    save(out, "words", module, of=(of, Spec([None], tf.string, "keys")))


def implements(out):
    """A function that Grappler might replace, as Keras' LSTM is one, with a loop in it."""

    @tf.function(experimental_attributes={"api_implements": "sum", "api_preferred_device": "CPU"})
    def total(n):
        return tf.while_loop(lambda i, _: i < n, lambda i, y: (i + 1, y + i), (0, 0))[1]

    run = (lambda n: {"y": total(n)}, Spec([], tf.int32, "n"))
    save(out, "implements", tf.Module(), serving_default=run)


def constants(out):
    """Constants that ops make of constants: at every run the same, and one that cannot be made."""

    def scaled(x):
        weights = tf.nn.softmax(tf.cast(tf.range(4), tf.float32))
        return {"y": x * weights[::-1]}

    def text():
        return {"y": tf.strings.join([tf.strings.as_string(tf.range(2)), "!"])}

    def impossible(x):
        return {"y": x + tf.gather(tf.constant([1.0, 2.0]), tf.range(4))}

    x = Spec([4], tf.float32, "x")
    functions = {"serving_default": (scaled, x), "text": (text,), "impossible": (impossible, x)}
    save(out, "constants", tf.Module(), **functions)


def pick(out):
    """Several inputs of several types, and an index that may be out of range."""

    def of(index, values, signature):
        return {"value": tf.gather(values, index), "text": tf.strings.join([signature, "!"])}

    specs = Spec([], tf.int32, "index"), Spec([None, 2], tf.float32, "values")
    save(out, "pick", tf.Module(), pick=(of, *specs, Spec([None], tf.string, "signature")))


def sparse(out):
    """A signature of TensorFlow 1 with a sparse input, a session's way of saving."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.sparse_placeholder(tf.float32, [None, 3])
        y = tf.sparse.to_dense(x) * 2.0
        info = v1.saved_model.build_tensor_info
        signature = v1.saved_model.build_signature_def({"x": info(x)}, {"y": info(y)}, "m")
        builder = v1.saved_model.Builder(os.path.join(out, "sparse"))
        builder.add_meta_graph_and_variables(session, ["serve", "v1"], {"dense": signature})
        builder.save()


def convolutions(out):
    """A signature per convolution with what may be fused with it, each from x [2, 9, 11, 83]."""
    rng, raw = np.random.RandomState(1), tf.raw_ops
    functions = {}

    def case(name, channels, filters, convolve, *after):
        """`after`: bias, norm, statistics, and names of ops, in order."""
        depthwise = "depthwise" in name
        depth = filters[2] * filters[3] if depthwise else filters[3]
        weights = rng.randn(*filters).astype("f") / np.sqrt(np.prod(filters[:3]))
        rows = rng.rand(5, depth).astype("f") - [[0.5], [0.5], [0.5], [0.5], [-0.1]]
        bias, scale, offset, mean, variance = rows.astype("f")

        def run(x):
            y = z = convolve(x[..., :channels], weights)
            for op in after:
                if op == "bias":
                    y = tf.nn.bias_add(y, bias)
                elif op in ("norm", "statistics"):
                    y, *statistics = raw.FusedBatchNormV3(
                        x=y, scale=scale, offset=offset, mean=mean, variance=variance,
                        is_training=False, epsilon=1e-3,
                    )  # fmt: skip
                    if op == "statistics":
                        y += statistics[0]
                elif op == "both":
                    y = tf.concat([y, z], 0)
                else:
                    y = getattr(tf.nn, op)(y)
            return {"y": y}

        functions[name] = (run, Spec([None, 9, 11, 83], tf.float32, "x"))

    def conv(strides=1, padding="SAME", dilations=1):
        return lambda x, w: tf.nn.conv2d(x, w, strides, padding, dilations=dilations)

    def depthwise(stride=1, padding="SAME"):
        strides = [1, stride, stride, 1]
        return lambda x, w: tf.nn.depthwise_conv2d(x, w, strides, padding)

    uneven = [[0, 0], [1, 2], [2, 1], [0, 0]]
    case("bias_relu6", 8, (3, 3, 8, 5), conv(2), "bias", "relu6")
    case("norm_relu", 8, (1, 1, 8, 21), conv(), "norm", "relu")
    case("bias_norm", 8, (5, 5, 8, 16), conv(1, "VALID"), "bias", "norm")
    case("norm_elu", 8, (3, 3, 8, 6), conv(), "norm", "elu")
    case("explicit_norm_relu6", 8, (3, 3, 8, 6), conv(1, uneven), "norm", "relu6")
    case("dilated_norm", 8, (3, 3, 8, 6), conv(1, "SAME", 2), "norm")
    case("groups_bias_relu", 8, (3, 3, 4, 6), conv(), "bias", "relu")
    case("whole_norm", 8, (9, 11, 8, 6), conv(1, "VALID"), "norm")
    case("only_relu", 8, (3, 3, 8, 6), conv(), "relu")
    case("read_twice", 8, (3, 3, 8, 6), conv(), "norm", "both")
    case("statistics", 8, (3, 3, 8, 6), conv(), "statistics", "relu")
    case("depthwise_norm_relu6", 83, (3, 3, 83, 1), depthwise(), "norm", "relu6")
    case("depthwise_bias", 19, (3, 3, 19, 2), depthwise(2), "bias")
    case("depthwise_bias_norm", 64, (5, 5, 64, 1), depthwise(2, "VALID"), "bias", "norm", "relu")
    case("depthwise_explicit_norm", 16, (3, 3, 16, 1), depthwise(1, uneven), "norm")
    case("depthwise_large_filter", 16, (13, 15, 16, 1), depthwise(), "norm")
    save(out, "convolutions", tf.Module(), **functions)


def convolution_graph(out):
    """The nodes of a convolution in the graph itself, as TensorFlow 1 has it."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 4, 4, 2])
        y = tf.nn.bias_add(tf.nn.conv2d(x, tf.ones([3, 3, 2, 3]), 1, "SAME"), tf.ones([3]))
        y = tf.nn.depthwise_conv2d(tf.nn.relu6(y), tf.ones([3, 3, 3, 1]), [1, 1, 1, 1], "SAME")
        y = tf.nn.relu(tf.nn.bias_add(y, tf.ones([3])))
        path = os.path.join(out, "convolution_graph")
        v1.saved_model.simple_save(session, path, {"x": x}, {"y": y})


def images(out):
    """Decoders and encoders of images."""
    module, io, accurate = tf.Module(), tf.io, "INTEGER_ACCURATE"
    one = Spec([], tf.string, "contents")
    pixels = Spec([None, None, 3], tf.uint8, "image")
    save(
        out,
        "images",
        module,
        jpeg=(lambda x: {"y": io.decode_jpeg(x)}, one),
        accurate_jpeg=(lambda x: {"y": io.decode_jpeg(x, 3, 2, dct_method=accurate)}, one),
        crop=(lambda x: {"y": io.decode_and_crop_jpeg(x, [3, 5, 17, 19])}, one),
        shape=(lambda x: {"y": io.extract_jpeg_shape(x)}, one),
        png=(lambda x: {"y": io.decode_png(x, dtype=tf.uint16)}, one),
        image=(lambda x: {"y": io.decode_image(x, 3)}, one),
        encode_jpeg=(lambda x: {"y": io.encode_jpeg(x, quality=80)}, pixels),
        encode_png=(lambda x: {"y": io.encode_png(x)}, pixels),
    )


def calls(out):
    """Functions that call each other: one itself, until its input is 0, others twice each."""
    with tf.Graph().as_default() as graph:
        n = tf.compat.v1.placeholder(tf.int32, [], "n")

        @Defun(tf.int32, func_name="none")
        def none(n):
            return tf.identity(n)

        @Defun(tf.int32, func_name="more")
        def more(n):
            return n + none(n - 1)  # of total, below

        @Defun(tf.int32, func_name="total")
        def total(n):
            branches = {"then_branch": more, "else_branch": none}
            return tf.raw_ops.If(cond=n > 0, input=[n], Tout=[tf.int32], **branches)[0]

        def doubled(inner, level):
            return Defun(tf.int32, func_name=f"doubled_{level}")(lambda n: inner(n) + inner(n))

        doubles = {}
        for levels in (10, 15, 60):
            function = none
            for level in range(levels):
                function = doubled(function, f"{level}_of_{levels}")
            doubles[f"doubled_{levels}"] = function(n).name
        sums = {"total": total(n).name, **doubles}
        stored = graph.as_graph_def()
    functions = {function.signature.name: function for function in stored.library.function}
    [result] = (arg.name for arg in functions["total"].signature.output_arg)
    for node in functions["more"].node_def:
        node.op = "total" if node.op == "none" else node.op
        node.input[:] = [name.replace("none:identity:", f"none:{result}:") for name in node.input]
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph, v1.Session() as session:
        tf.graph_util.import_graph_def(stored, name="")
        x = v1.saved_model.build_tensor_info(graph.get_tensor_by_name("n:0"))
        builder = v1.saved_model.Builder(os.path.join(out, "calls"))
        signatures = {}
        for name, tensor in sums.items():
            y = v1.saved_model.build_tensor_info(graph.get_tensor_by_name(tensor))
            signatures[name] = v1.saved_model.build_signature_def({"n": x}, {"y": y}, "m")
        builder.add_meta_graph_and_variables(session, ["serve"], signatures)
        builder.save()


def fill(out):
    """As much memory as its input says."""
    save(
        out, "fill", tf.Module(), fill=(lambda n: {"y": tf.fill([n], 1.0)}, Spec([], tf.int64, "n"))
    )


if __name__ == "__main__":
    makers = (identities, classifier, stateful, variables, words, implements, constants)
    makers += (pick, sparse, convolutions, convolution_graph, images, fill, calls)
    for make in makers:
        make(sys.argv[1])
