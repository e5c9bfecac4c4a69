"""Runs graphs under the TensorFlow of this interpreter: python graph_worker.py JOBS RESULTS.

JOBS is a pickle of [{"graph": bytes of a GraphDef, "feeds": {name: (dtype, shape, values)},
"fetches": [name]}], RESULTS of [[array] or the text of an error].
"""

from __future__ import print_function

import os
import pickle
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402


def run(job):
    """The fetched arrays of a job; strings as numpy bytes."""
    v1 = getattr(getattr(tf, "compat", None), "v1", None)
    v1 = v1 if hasattr(v1, "Session") else tf
    graph_def = v1.GraphDef()
    graph_def.ParseFromString(job["graph"])
    feeds = {
        name: np.array(values, dtype).reshape(shape)
        for name, (dtype, shape, values) in job["feeds"].items()
    }
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
        with v1.Session(graph=graph) as session:
            values = session.run(job["fetches"], feeds)
    return [np.asarray(v).astype("S") if np.asarray(v).dtype.kind == "O" else v for v in values]


def main():
    """Runs all jobs."""
    with open(sys.argv[1], "rb") as f:
        jobs = pickle.load(f)
    results = []
    for job in jobs:
        try:
            results.append([np.asarray(value) for value in run(job)])
        except Exception as error:
            results.append("%s: %s" % (type(error).__name__, str(error)[:500]))
    with open(sys.argv[2], "wb") as f:
        pickle.dump(results, f, protocol=2)


if __name__ == "__main__":
    main()
