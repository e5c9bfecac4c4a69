"""Runs a model on files of inputs in the full TensorFlow: a worker of prove.py.

    prove_stock.py MODEL - TASKS.json

Loads the model into a session, as TensorFlow 1 and 2 both can, and feeds the tensors that the
signature names. Prints what prove_slim.py prints.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import tensorflow as tf

from slim import arrays

v1 = tf.compat.v1


def run(session, task):
    """Runs a task in a session that holds the model."""
    inputs = arrays.load(task["inputs"])
    feeds = {}
    for name, tensor in task["input_tensors"].items():
        placeholder = session.graph.get_tensor_by_name(tensor)
        value = inputs[name]
        feeds[placeholder] = (
            value if value.dtype == object else value.astype(placeholder.dtype.as_numpy_dtype)
        )
    names = sorted(task["output_tensors"])
    made = session.run([task["output_tensors"][name] for name in names], feeds)
    arrays.save(task["outputs"], dict(zip(names, made)))


def main(path, _, tasks):
    """Runs them one after another."""
    with open(tasks) as file:
        listed = json.load(file)
    with v1.Session(graph=tf.Graph()) as session:
        v1.saved_model.load(session, listed["tags"], path)
        for task in listed["tasks"]:
            error = ""
            try:
                run(session, task)
            except (tf.errors.OpError, ValueError, TypeError, KeyError) as problem:
                error = str(problem).split("\n\n")[0]
            print(json.dumps({"error": error, "missing": ""}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
