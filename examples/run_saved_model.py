"""Loads a SavedModel in the TensorFlow of this Python and compares its answers with expected.json.

    python examples/run_saved_model.py DIRECTORY [--opgraft] [--cpp]

--opgraft calls opgraft.load() first; --cpp shows what TensorFlow's C++ half says to the graph,
which an old TensorFlow's Python half never asks. Prints each statement before it runs it, as a
Python shell would. Exits with 0 if the answers are right, 1 if they are wrong, 3 if TensorFlow
refused the graph. Runs in Python 3.6 and later, and in any TensorFlow.
"""

import argparse
import json
import logging
import os
import sys
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
warnings.simplefilter("ignore")

import numpy as np  # noqa: E402, after the environment is set
import tensorflow as tf  # noqa: E402

REFUSED = 3

READ = """\
model = SavedModel.FromString(open(directory + '/saved_model.pb', 'rb').read())
graph = model.meta_graphs[0].graph_def.SerializeToString()"""
EXTEND = "TF_ExtendGraph(session._session, graph, status)"
LOAD = "model = saved_model.load(session, ['serve'], directory)"
RUN = "answers = session.run(outputs, feeds)"


def say(names, statements):
    """Runs statements, printing each."""
    for statement in statements.splitlines():
        print(">>> " + statement)
        exec(statement, names)  # noqa: S102, the statements are those of this file


def extend_in_cpp(names, directory):
    """Hands the graph to the C++ session directly, as a program without Python would."""
    from tensorflow.core.protobuf import saved_model_pb2
    from tensorflow.python import pywrap_tensorflow
    from tensorflow.python.framework import errors

    names.update(SavedModel=saved_model_pb2.SavedModel)
    names.update(TF_ExtendGraph=pywrap_tensorflow.TF_ExtendGraph)
    say(names, READ)
    with errors.raise_exception_on_not_ok_status() as status:
        names.update(status=status)
        say(names, EXTEND)


def answer(names, expected):
    """Loads the model and asks it; returns what differs, or None."""
    say(names, LOAD)
    signature = names["model"].signature_def["serving_default"]
    names["outputs"] = {key: tensor.name for key, tensor in signature.outputs.items()}
    names["feeds"] = {
        signature.inputs[key].name: value for key, value in expected["inputs"].items()
    }
    say(names, RUN)
    return different(expected["outputs"], names["answers"])


def different(expected, answers):
    """The first difference between two dicts of arrays, or None."""
    if set(expected) != set(answers):
        return f"outputs {sorted(answers)} instead of {sorted(expected)}"
    for key, right in sorted(expected.items()):
        got = np.asarray(answers[key])
        if got.dtype == object:
            got = np.vectorize(lambda text: text.decode(), otypes=[object])(got)
        right = np.array(right)
        shown = json.dumps(got.tolist())
        print("{} = {}".format(key, shown if len(shown) < 90 else shown[:87] + "..."))
        same = np.allclose(got, right, 1e-5, 1e-6) if right.dtype.kind == "f" else got == right
        if got.shape != right.shape or not np.all(same):
            return f"{key} should be {right.tolist()}"
    return None


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory", help="holds model/ and expected.json")
    parser.add_argument("--opgraft", action="store_true", help="opgraft.load() first")
    parser.add_argument("--cpp", action="store_true", help="ask the C++ half only")
    options = parser.parse_args()
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    v1 = tf.compat.v1 if hasattr(getattr(tf, "compat", None), "v1") else tf
    with open(os.path.join(options.directory, "expected.json")) as f:
        expected = json.load(f)
    names = {"directory": os.path.join(options.directory, "model")}
    names["saved_model"] = v1.saved_model if v1 is not tf else tf.saved_model.loader
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        names["session"] = session
        if options.opgraft:
            say(names, "import opgraft\nopgraft.load()")
        try:
            if options.cpp:
                extend_in_cpp(names, names["directory"])
                print("the C++ session accepts the graph")
                return 0
            problem = answer(names, expected)
        except (ValueError, tf.errors.OpError) as error:
            text = getattr(error, "message", None) or str(error)
            print(
                "{}: {}".format(
                    type(error).__name__, text.strip().split("\n")[0].split(" Make sure")[0]
                )
            )
            return REFUSED
    print(
        problem or "the same as in TensorFlow {}, which made the model".format(expected["made_by"])
    )
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
