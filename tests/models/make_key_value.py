"""Makes key_value/: a SavedModel of stock TensorFlow 1.4.1 with tables made from tensors.

    $(python build_configs/runtimes.py python 1.4.1) tests/models/make_key_value.py

InitializeTableV2 instead of a text file, and a mutable table that the signature "count" changes,
whose contents are in the checkpoint. Beside the model goes expected.json, what TensorFlow 1.4.1
answers.
"""

import json
import os
import shutil
import sys

import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))
COLOURS = ["red", "green", "blue", "yellow"]
CODES = [0xFF0000, 0x00FF00, 0x0000FF, 0xFFFF00]
WORDS = ["blue", "red", "mauve", "", "yellow"]


def build():
    """The graph: names of colours to their codes and back, and how often each was asked for."""
    lookup = tf.contrib.lookup
    names = tf.placeholder(tf.string, [None], name="names")
    codes = lookup.HashTable(
        lookup.KeyValueTensorInitializer(COLOURS, CODES, tf.string, tf.int64), -1
    ).lookup(names)
    back = lookup.HashTable(
        lookup.KeyValueTensorInitializer(CODES, COLOURS, tf.int64, tf.string), "unknown"
    ).lookup(codes)
    seen = lookup.MutableHashTable(tf.string, tf.int64, 0, shared_name="seen", name="seen")
    before = seen.lookup(names)
    with tf.control_dependencies([seen.insert(names, before + 1)]):
        counts = seen.lookup(names)
    inputs = {"names": names}
    return inputs, {"codes": codes, "back": back}, {"counts": counts}


def export(directory):
    """Writes the SavedModel and what it answers."""
    shutil.rmtree(directory, ignore_errors=True)
    inputs, colours, counts = build()
    signature = tf.saved_model.signature_def_utils.predict_signature_def
    builder = tf.saved_model.builder.SavedModelBuilder(os.path.join(directory, "model"))
    with tf.Session() as session:
        session.run(tf.tables_initializer())
        feeds = {inputs["names"]: WORDS}
        answers = session.run(colours, feeds)
        session.run(counts, feeds)  # so that the checkpoint holds a table that is not empty
        builder.add_meta_graph_and_variables(
            session,
            [tf.saved_model.tag_constants.SERVING],
            {"serving_default": signature(inputs, colours), "count": signature(inputs, counts)},
            legacy_init_op=tf.tables_initializer(),
        )
        builder.save()
        counted = [session.run(counts, feeds)["counts"].tolist() for _ in range(2)]
    expected = {
        "made_by": tf.__version__,
        "inputs": {"names": WORDS},
        "outputs": {
            "codes": answers["codes"].tolist(),
            "back": [name.decode() for name in answers["back"]],
        },
        "counts": counted,
    }
    with open(os.path.join(directory, "expected.json"), "w") as f:
        json.dump(expected, f, indent=2, sort_keys=True)
        f.write("\n")


if __name__ == "__main__":
    export(sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "key_value"))
