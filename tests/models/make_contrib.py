"""Makes contrib/: SavedModels of stock TensorFlow 1.15.5 with tf.contrib in its usual clothes.

    $(python build_configs/runtimes.py python 1.15.5) tests/models/make_contrib.py

One model per directory, and beside it expected.json: what 1.15.5 answers. Each takes one tensor,
which is all that TFSMLayer can feed. All but one are graphs without variables; keras_rotation is
a Keras model, as Keras's load_model takes no others.
"""

import json
import os
import shutil
import sys

import numpy as np
import tensorflow as tf
from tensorflow.contrib import image, resampler, seq2seq, text
from tensorflow.contrib.layers.python.ops import sparse_feature_cross_op

HERE = os.path.dirname(os.path.abspath(__file__))
v1 = tf.compat.v1
RANDOM = np.random.RandomState(4)  # noqa: NPY002, this runs in Python 3.7


def spatial_transformer():
    """A picture sampled on an affine grid, as spatial transformer networks do."""
    pictures = v1.placeholder(tf.float32, [None, 4, 4, 1])
    weights = (RANDOM.rand(16, 6) * 0.2 - 0.1).astype(np.float32)
    changes = tf.matmul(tf.reshape(pictures, [-1, 16]), weights)
    affine = tf.reshape(changes + [1.0, 0, 0, 0, 1, 0], [-1, 2, 3])
    x, y = tf.meshgrid(tf.linspace(-1.0, 1.0, 4), tf.linspace(-1.0, 1.0, 4))
    grid = tf.reshape(tf.stack([x, y, tf.ones_like(x)], -1), [1, 16, 3])
    points = tf.matmul(tf.tile(grid, [tf.shape(affine)[0], 1, 1]), affine, transpose_b=True)
    sampled = resampler.resampler(pictures, (points + 1.0) * 1.5)
    values = {"pictures": RANDOM.rand(2, 4, 4, 1)}
    return {"pictures": pictures}, {"sampled": tf.reshape(sampled, [-1, 4, 4, 1])}, values


def augmentation():
    """Pictures rotated, moved and stretched."""
    pictures = v1.placeholder(tf.float32, [None, 5, 6, 3])
    angles = tf.reduce_mean(pictures, [1, 2, 3])
    turned = image.rotate(pictures, angles, interpolation="BILINEAR")
    moved = image.translate(turned, [1.0, -1.0])
    wide = image.transform(moved, [0.5, 0, 0.25, 0, 0.5, 0.25, 0, 0], "BILINEAR")
    values = {"pictures": RANDOM.rand(2, 5, 6, 3)}
    return {"pictures": pictures}, {"augmented": wide}, values


def beam_search():
    """The end of a BeamSearchDecoder: beams put together."""
    ids = v1.placeholder(tf.int32, [2, None, 2, 3])
    beams = seq2seq.gather_tree(ids[0], ids[1], [4, 3], end_token=1)
    steps, parents = RANDOM.randint(1, 9, [4, 2, 3]), RANDOM.randint(0, 3, [4, 2, 3])
    return {"ids": ids}, {"beams": beams}, {"ids": np.stack([steps, parents])}


def crossed_columns():
    """Words and their lengths crossed and hashed, by both hashes."""
    words = v1.placeholder(tf.string, [None, 2])
    numbers = v1.strings.length(words)
    cross = sparse_feature_cross_op.sparse_feature_cross
    columns = [words, numbers]
    old = cross(columns, hashed_output=True, num_buckets=1000)
    new = cross(columns, hashed_output=True, num_buckets=1000, hash_key=956888297470)
    plain = cross([words, words])
    outputs = {"old": old.values, "new": new.values, "indices": new.indices, "plain": plain.values}
    return {"words": words}, outputs, {"words": [["red", "blue"], ["", "green"]]}


def skip_grams():
    """Skip-grams of a text, all windows of one size so that chance has no part."""
    words = v1.placeholder(tf.string, [None])
    tokens, labels = text.skip_gram_sample(words, min_skips=2, max_skips=2)
    values = {"words": "the quick brown fox jumps".split()}
    return {"words": words}, {"tokens": tokens, "labels": labels}, values


class Rotation(tf.keras.layers.Layer):
    """Turns pictures by an angle that is learnt. Where the model is loaded this code is not."""

    def build(self, shape):
        """Adds the weight."""
        start = tf.constant_initializer(0.3)
        self.angle = self.add_weight("angle", [], initializer=start)
        super().build(shape)

    def call(self, pictures):
        """Rotates."""
        angles = tf.fill([tf.shape(pictures)[0]], self.angle)
        return image.rotate(pictures, angles, "BILINEAR")


def export_keras(directory):
    """Writes a Keras model as a SavedModel, and what it answers."""
    shutil.rmtree(directory, ignore_errors=True)
    start = tf.constant_initializer((RANDOM.rand(3, 3, 3, 2) - 0.5).astype(np.float32))
    convolution = tf.keras.layers.Conv2D(
        2, 3, padding="same", kernel_initializer=start, input_shape=[5, 6, 3]
    )
    model = tf.keras.Sequential([convolution, Rotation(name="turned")])
    pictures = RANDOM.rand(2, 5, 6, 3).astype(np.float32)
    answers = model.predict(pictures)
    model.save(os.path.join(directory, "model"), save_format="tf")
    os.rmdir(os.path.join(directory, "model", "assets"))
    inputs = {model.input_names[0]: pictures.tolist()}
    write(directory, inputs, {"turned": answers}, keras=True)


def export(build, directory):
    """Writes a SavedModel and what it answers."""
    shutil.rmtree(directory, ignore_errors=True)
    with tf.Graph().as_default(), v1.Session() as session:
        inputs, outputs, values = build()
        values = {
            key: np.asarray(value, inputs[key].dtype.as_numpy_dtype).tolist()
            for key, value in values.items()
        }
        answers = session.run(outputs, {inputs[key]: value for key, value in values.items()})
        v1.saved_model.simple_save(session, os.path.join(directory, "model"), inputs, outputs)
    write(directory, values, answers)


def write(directory, values, answers, **more):
    """Writes expected.json."""
    expected = {
        "made_by": tf.__version__,
        "inputs": values,
        "outputs": {key: plain(answer) for key, answer in answers.items()},
    }
    expected.update(more)
    with open(os.path.join(directory, "expected.json"), "w") as f:
        json.dump(expected, f, sort_keys=True)
        f.write("\n")


def plain(answer):
    """An array as JSON has it."""
    return [x.decode() for x in answer] if answer.dtype == object else answer.tolist()


if __name__ == "__main__":
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "contrib")
    for model in (spatial_transformer, augmentation, beam_search, crossed_columns, skip_grams):
        export(model, os.path.join(root, model.__name__))
    export_keras(os.path.join(root, "keras_rotation"))
