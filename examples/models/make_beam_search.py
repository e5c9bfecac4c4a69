"""Makes beam_search/: a SavedModel of stock TensorFlow 1.15.5 that decodes with a beam search.

    python build_configs/runtimes.py install 1.15.5
    $(python build_configs/runtimes.py python 1.15.5) examples/models/make_beam_search.py

tf.contrib's BeamSearchDecoder ends with the contrib op GatherTree, which no TensorFlow since 2.0
has; every other op of the graph is still there. Beside the model goes expected.json, what
TensorFlow 1.15.5 itself answers.
"""

import json
import os
import shutil
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorflow.contrib import seq2seq

HERE = os.path.dirname(os.path.abspath(__file__))
LETTERS = "$^abcdefghijklmnopqrstuvwxyz"  # end and start of a word come first
WORDS = ["graft", "table", "tensor", "graph", "kernel"]
UNITS = 24
BEAMS = 3


class FollowingLetter(tf.nn.rnn_cell.RNNCell):
    """A cell whose state is the decayed sum of the letters so far; enough to spell a few words."""

    state_size = UNITS
    output_size = UNITS

    def __call__(self, inputs, state, scope=None):
        """One step."""
        state = tf.tanh(inputs + 0.8 * state)
        return state, state


def weights():
    """Vectors of letters, and a least-squares fit from states to the letters that follow."""
    random = np.random.RandomState(5)
    vectors = random.normal(0, 0.7, (len(LETTERS), UNITS))
    states, targets = [], []
    for number, word in enumerate(WORDS):
        state = start(number)
        for before, after in zip("^" + word, word + "$"):
            state = np.tanh(vectors[LETTERS.index(before)] + 0.8 * state)
            states.append(state)
            targets.append(12.0 * np.eye(len(LETTERS))[LETTERS.index(after)])
    matrix = np.linalg.lstsq(np.array(states), np.array(targets), rcond=1e-6)[0]
    return vectors.astype(np.float32), matrix.astype(np.float32)


def start(number):
    """The state that the search for a word starts from."""
    return np.sin(np.arange(UNITS) * (number + 1.0)) * 0.9


def build():
    """The graph."""
    state = tf.compat.v1.placeholder(tf.float32, [None, UNITS], name="state")
    vectors, matrix = weights()
    vectors = tf.compat.v1.get_variable("vectors", initializer=vectors)
    decoder = seq2seq.BeamSearchDecoder(
        FollowingLetter(),
        embedding=vectors,
        start_tokens=tf.fill([tf.shape(state)[0]], LETTERS.index("^")),
        end_token=LETTERS.index("$"),
        initial_state=seq2seq.tile_batch(state, BEAMS),
        beam_width=BEAMS,
        output_layer=tf.compat.v1.layers.Dense(
            len(LETTERS), use_bias=False, kernel_initializer=tf.constant_initializer(matrix)
        ),
    )
    found, _, _ = seq2seq.dynamic_decode(decoder, maximum_iterations=8)
    letters = tf.gather(tf.constant(["", ""] + list(LETTERS[2:])), found.predicted_ids)
    words = tf.strings.reduce_join(letters, axis=1)
    return {"state": state}, {"words": words, "ids": found.predicted_ids}


def export(directory):
    """Writes the SavedModel and what it answers."""
    shutil.rmtree(directory, ignore_errors=True)
    inputs, outputs = build()
    states = np.array([start(number) for number in range(len(WORDS))], np.float32)
    with tf.compat.v1.Session() as session:
        session.run(tf.compat.v1.global_variables_initializer())
        answers = session.run(outputs, {inputs["state"]: states})
        tf.compat.v1.saved_model.simple_save(
            session, os.path.join(directory, "model"), inputs, outputs
        )
    expected = {
        "made_by": tf.__version__,
        "inputs": {"state": states.tolist()},
        "outputs": {
            "words": [[word.decode() for word in row] for row in answers["words"]],
            "ids": answers["ids"].tolist(),
        },
    }
    with open(os.path.join(directory, "expected.json"), "w") as f:
        json.dump(expected, f, sort_keys=True)
        f.write("\n")


if __name__ == "__main__":
    export(sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "beam_search"))
