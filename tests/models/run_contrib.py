"""Loads a model of contrib/ by every loader that this TensorFlow has and compares the answers.

    python tests/models/run_contrib.py DIRECTORY

Runs in a runtime, 1.15 and later; exits with 1 if an answer is wrong.
"""

import json
import os
import sys

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import opgraft  # noqa: E402, after the environment is set
import tensorflow as tf  # noqa: E402

v1 = tf.compat.v1


def by_v1_loader(path, inputs):
    """tf.compat.v1.saved_model.load into a session."""
    with tf.Graph().as_default(), v1.Session() as session:
        signature = v1.saved_model.load(session, ["serve"], path).signature_def["serving_default"]
        feeds = {signature.inputs[key].name: value for key, value in inputs.items()}
        return session.run({key: x.name for key, x in signature.outputs.items()}, feeds)


def by_v2_loader(path, inputs):
    """tf.saved_model.load, called eagerly."""
    model = tf.saved_model.load(path, tags=["serve"])  # owns the variables that it needs
    return run(model.signatures["serving_default"], inputs)


def by_load_model(path, inputs):
    """tf.keras.models.load_model, of Keras models alone: releases after 2.3 take no others."""
    model = tf.keras.models.load_model(path)
    [name], [value] = model.output_names, inputs.values()
    return {name: model.predict(np.array(value, np.float32))}


def by_layer(path, inputs):
    """tf.keras.layers.TFSMLayer, which takes one positional tensor."""
    layer = tf.keras.layers.TFSMLayer(path, call_endpoint="serving_default")
    return run(lambda **x: layer(*x.values()), inputs)


def run(function, inputs):
    """Answers of a signature, as arrays. The inputs are of the types that TensorFlow finds."""
    tensors = {key: tf.constant(value) for key, value in inputs.items()}
    return {key: value.numpy() for key, value in function(**tensors).items()}


def loaders(is_keras):
    """Those of this TensorFlow: Keras 3, of 2.16 and later, has a layer in place of load_model."""
    if not tf.__version__.startswith("2."):
        return [by_v1_loader]
    if hasattr(tf.keras.layers, "TFSMLayer"):
        return [by_v1_loader, by_v2_loader, by_layer]
    return [by_v1_loader, by_v2_loader] + [by_load_model] * is_keras


def same(answer, right):
    """Whether an array is what expected.json says."""
    if answer.dtype == object:
        return [x.decode() for x in answer.ravel()] == np.ravel(right).tolist()
    right = np.asarray(right)
    if right.shape != answer.shape:
        return False
    # The grid of the spatial transformer is core TensorFlow's, which differs by an ulp.
    exact = answer.dtype.kind != "f"
    return np.array_equal(answer, right) if exact else np.allclose(answer, right, 1e-5, 1e-6)


def main():
    """The command line."""
    opgraft.load()
    directory = sys.argv[1]
    with open(os.path.join(directory, "expected.json")) as f:
        expected = json.load(f)
    for load in loaders("keras" in expected):
        answers = load(os.path.join(directory, "model"), expected["inputs"])
        if set(answers) != set(expected["outputs"]):
            print("{}: outputs {}".format(load.__name__, sorted(answers)))
            return 1
        for key, right in expected["outputs"].items():
            if not same(np.asarray(answers[key]), right):
                print("{}: {} is {}, not {}".format(load.__name__, key, answers[key], right))
                return 1
        print("{}: as in {}".format(load.__name__, expected["made_by"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
