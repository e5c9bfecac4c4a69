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
    function = tf.saved_model.load(path, tags=["serve"]).signatures["serving_default"]
    return run(function, inputs, function.structured_input_signature[1])


def by_layer(path, inputs):
    """tf.keras.layers.TFSMLayer."""
    layer = tf.keras.layers.TFSMLayer(path, call_endpoint="serving_default")
    function = tf.saved_model.load(path, tags=["serve"]).signatures["serving_default"]
    return run(lambda **x: layer(*x.values()), inputs, function.structured_input_signature[1])


def run(function, inputs, types):
    """Answers of a signature, as arrays."""
    tensors = {key: tf.constant(value, types[key].dtype) for key, value in inputs.items()}
    return {key: value.numpy() for key, value in function(**tensors).items()}


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
    loaders = [by_v1_loader]
    if tf.__version__.startswith("2."):
        loaders.append(by_v2_loader)
        if hasattr(tf.keras.layers, "TFSMLayer"):
            loaders.append(by_layer)
    for load in loaders:
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
