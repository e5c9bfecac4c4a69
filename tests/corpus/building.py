"""What the scripts of cases share: import names from here, TensorFlow and Keras among them."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf
from corpus import Corpus, tensor_module

__all__ = ["Corpus", "keras", "np", "tensor_module", "tf"]

layers, Input, Model, Spec = keras.layers, keras.Input, keras.Model, tf.TensorSpec
rng = np.random.default_rng(7)


def uniform(*shape):
    """Floats from 0 to 1."""
    return rng.random(shape, dtype=np.float32)


def stack(inputs, *chain):
    """A model of layers in a row."""
    x = inputs
    for layer in chain:
        x = layer(x)
    return Model(inputs, x)


def export(corpus):
    """The script: OUT [NAME ...]; fails if a case cannot be exported."""
    failed = corpus.export(sys.argv[1], sys.argv[2:])
    sys.exit("could not export: " + ", ".join(failed) if failed else 0)
