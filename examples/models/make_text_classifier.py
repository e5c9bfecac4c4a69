"""Makes text_classifier/: a SavedModel of stock TensorFlow 1.4.1 that looks words up in a table.

    python build_configs/runtimes.py install 1.4.1
    $(python build_configs/runtimes.py python 1.4.1) examples/models/make_text_classifier.py

Text -> words -> their numbers in a vocabulary file -> vectors -> the topic's name, from a second
file. TensorFlow 1.1.0 has every op of the graph except the tables'. Beside the model goes
expected.json, what TensorFlow 1.4.1 itself answers.
"""

import json
import os
import shutil
import sys

import numpy as np
import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))
TOPICS = {
    "weather": "rain snow wind cloud storm sun degrees forecast",
    "sport": "goal match team score league player win coach",
    "food": "bread soup salt butter oven recipe spoon taste",
}
SENTENCES = [
    "snow and wind in the forecast",
    "the team won the match with a late goal",
    "salt the soup and butter the bread",
    "rain did not stop the league match",
    "words that nobody ever saw",
]


def write_lines(path, lines):
    """Writes a vocabulary file."""
    with open(path, "w") as f:
        f.write("".join(line + "\n" for line in lines))


def weights(size):
    """A vector per word (its topic and a little noise), and the matrix from vectors to topics."""
    random = np.random.RandomState(14)
    words = [random.normal(0, 0.1, len(TOPICS)) + 2 * row for row in np.eye(len(TOPICS))]
    vectors = np.repeat(np.array(words), 8, axis=0) + random.normal(0, 0.2, (8 * len(TOPICS), 3))
    unknown = np.zeros((size - len(vectors), len(TOPICS)))
    return np.concatenate([vectors, unknown]).astype(np.float32), np.eye(3, dtype=np.float32) * 1.5


def build(directory):
    """The graph; its vocabulary files are written to `directory` and become assets."""
    vocabulary = os.path.join(directory, "vocabulary.txt")
    labels = os.path.join(directory, "labels.txt")
    write_lines(vocabulary, " ".join(TOPICS.values()).split())
    write_lines(labels, TOPICS)
    text = tf.placeholder(tf.string, [None], name="text")
    words = tf.string_split(text)
    table = tf.contrib.lookup.index_table_from_file(vocabulary, num_oov_buckets=4)
    numbers = table.lookup(words.values)
    vectors, matrix = weights(8 * len(TOPICS) + 4)
    vectors = tf.Variable(vectors, name="vectors")
    matrix = tf.Variable(matrix, name="matrix")
    sentences = tf.segment_mean(tf.gather(vectors, numbers), words.indices[:, 0])
    scores = tf.nn.softmax(tf.matmul(sentences, matrix))
    best, index = tf.nn.top_k(scores, k=1)
    names = tf.contrib.lookup.index_to_string_table_from_file(labels, default_value="?")
    topic = names.lookup(tf.to_int64(index[:, 0]))
    return {"text": text}, {"topic": topic, "score": best[:, 0]}


def export(directory):
    """Writes the SavedModel and what it answers."""
    scratch = os.path.join(directory, "scratch")
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(scratch)
    inputs, outputs = build(scratch)
    signature = tf.saved_model.signature_def_utils.predict_signature_def(inputs, outputs)
    builder = tf.saved_model.builder.SavedModelBuilder(os.path.join(directory, "model"))
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.tables_initializer()])
        answers = session.run(outputs, {inputs["text"]: SENTENCES})
        builder.add_meta_graph_and_variables(
            session,
            [tf.saved_model.tag_constants.SERVING],
            {"serving_default": signature},
            tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS),
            legacy_init_op=tf.tables_initializer(),
        )
    builder.save()
    shutil.rmtree(scratch)
    expected = {
        "made_by": tf.__version__,
        "inputs": {"text": SENTENCES},
        "outputs": {
            "topic": [name.decode() for name in answers["topic"]],
            "score": [float(score) for score in answers["score"]],
        },
    }
    with open(os.path.join(directory, "expected.json"), "w") as f:
        json.dump(expected, f, indent=2, sort_keys=True)
        f.write("\n")


if __name__ == "__main__":
    export(sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "text_classifier"))
