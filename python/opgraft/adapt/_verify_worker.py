"""Runs one signature of a SavedModel with the TensorFlow of this interpreter, 1.0 or newer.

python _verify_worker.py JOB.json
"""

from __future__ import print_function

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
sys.path = [path for path in sys.path if path != os.path.dirname(os.path.abspath(__file__))]


def main():
    """Reads the job and does it."""
    with open(sys.argv[1]) as f:
        job = json.load(f)
    import numpy as np
    import tensorflow as tf

    if job["load"]:
        import opgraft

        opgraft.load()
    v1 = getattr(getattr(tf, "compat", None), "v1", None)
    v1 = v1 if hasattr(v1, "Session") else tf
    loader = getattr(v1.saved_model, "loader", v1.saved_model)
    arrays = dict(np.load(job["inputs"]))
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        meta = loader.load(session, ["serve"], job["model"])
        signature = meta.signature_def[job["signature"]]
        feeds = {}
        for name, info in signature.inputs.items():
            if name not in arrays:
                raise ValueError("no array for the input " + name)
            array = arrays[name]
            feeds[info.name] = array.astype(object) if array.dtype.kind == "S" else array
        names = sorted(signature.outputs)
        values = session.run([signature.outputs[name].name for name in names], feeds)
    plain = {}
    for name, value in zip(names, values):
        value = np.asarray(value)
        plain[name] = value.astype("S") if value.dtype.kind in "OUS" else value
    np.savez(job["outputs"], **plain)


if __name__ == "__main__":
    main()
