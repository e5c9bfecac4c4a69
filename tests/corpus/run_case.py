# ruff: noqa: D103, D205, D209, D415
"""Run one corpus case under the TensorFlow that is installed here; exit 0 when it agrees.

    python run_case.py CASE_DIR [MODEL_DIR] [--ops LIB.so ...] [--import MODULE]

MODEL_DIR defaults to CASE_DIR/model.  --ops loads op libraries with
tf.load_op_library first; --import imports a Python module first and, when it
has a function load(), calls it.  Prints one line: 'ok' or what went wrong.
"""

import argparse
import importlib
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from corpus import compare  # noqa: E402


def run(model_dir, inputs):
    """Load MODEL_DIR through the graph-mode loader every TensorFlow has, and run its signature."""
    import tensorflow as tf

    v1 = getattr(getattr(tf, "compat", None), "v1", None) or tf
    if not hasattr(v1, "Session"):
        v1 = tf
    loader = v1.saved_model.loader if hasattr(v1.saved_model, "loader") else v1.saved_model
    graph = tf.Graph()
    with graph.as_default():
        with v1.Session(graph=graph) as session:
            meta = loader.load(session, ["serve"], model_dir)
            signature = meta.signature_def["serving_default"]
            feeds = {
                signature.inputs[k].name: v for k, v in inputs.items() if k in signature.inputs
            }
            missing = sorted(set(signature.inputs) - set(inputs))
            if missing:
                raise ValueError("no input array for %s" % ", ".join(missing))
            keys = sorted(signature.outputs)
            values = session.run([signature.outputs[k].name for k in keys], feeds)
            return dict(zip(keys, values))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case_dir")
    parser.add_argument("model_dir", nargs="?")
    parser.add_argument("--ops", nargs="*", default=[])
    parser.add_argument("--import", dest="module")
    arguments = parser.parse_args()
    inputs = dict(np.load(os.path.join(arguments.case_dir, "inputs.npz")))
    inputs = {k: (v.astype(object) if v.dtype.kind == "S" else v) for k, v in inputs.items()}
    expected = dict(np.load(os.path.join(arguments.case_dir, "expected.npz")))
    try:
        import tensorflow as tf

        for library in arguments.ops:
            tf.load_op_library(library)
        if arguments.module:
            module = importlib.import_module(arguments.module)
            if hasattr(module, "load"):
                module.load()
        problem = compare(
            expected, run(arguments.model_dir or os.path.join(arguments.case_dir, "model"), inputs)
        )
    except Exception as error:
        problem = "%s: %s" % (type(error).__name__, str(error).replace("\n", " ")[:300])
    print(problem or "ok")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
