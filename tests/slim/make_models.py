"""Exports the models of these tests with the TensorFlow that is installed: make_models.py OUT."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

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


if __name__ == "__main__":
    for make in (identities, classifier, stateful, pick, sparse):
        make(sys.argv[1])
