"""Runs the signature "count" of key_value/ twice: the restored table goes on counting.

    python tests/models/run_counts.py DIRECTORY

Runs in a runtime, Python 3.6 and later; exits with 1 if a count is wrong.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import opgraft  # noqa: E402, after the environment is set
import tensorflow as tf  # noqa: E402


def main():
    """The command line."""
    opgraft.load()
    directory = sys.argv[1]
    with open(os.path.join(directory, "expected.json")) as f:
        expected = json.load(f)
    v1 = tf.compat.v1 if hasattr(getattr(tf, "compat", None), "v1") else tf
    saved_model = v1.saved_model if v1 is not tf else tf.saved_model.loader
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        model = saved_model.load(session, ["serve"], os.path.join(directory, "model"))
        signature = model.signature_def["count"]
        feeds = {signature.inputs["names"].name: expected["inputs"]["names"]}
        for wanted in expected["counts"]:
            counts = session.run(signature.outputs["counts"].name, feeds).tolist()
            if counts != wanted:
                print(f"counted {counts}, not {wanted}")
                return 1
    print("counts as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
