# ruff: noqa: D103
"""Runs cases, each in a fork of this process, under its TensorFlow (1.0 or newer).

    python run_cases.py CASES MODELS [--load] NAME ...

CASES/NAME holds inputs.npz and expected.npz, MODELS/NAME the model (or MODELS/NAME/model).
Prints a line for each: name, tab, "ok" or what went wrong.
"""

from __future__ import print_function

import os
import signal
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np  # noqa: E402
import tensorflow  # noqa: E402, F401, before the forks, which is what makes them cheap

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from corpus import compare  # noqa: E402
from run_case import run  # noqa: E402

PATIENCE = 120  # seconds for a case


def arrays(path):
    with np.load(path) as found:
        return {k: (v.astype(object) if v.dtype.kind == "S" else v) for k, v in found.items()}


def outcome(case, model, load):
    try:
        if load:
            import opgraft

            opgraft.load()
        with np.load(os.path.join(case, "expected.npz")) as found:
            expected = dict(found)
        return compare(expected, run(model, arrays(os.path.join(case, "inputs.npz")))) or "ok"
    except Exception as error:
        return "%s: %s" % (type(error).__name__, str(error).replace("\n", " ")[:300])


def in_a_fork(*arguments):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        os.close(reader)
        os.write(writer, outcome(*arguments).encode("utf-8", "replace"))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as f:
        text = f.read().decode("utf-8")
    status = os.waitpid(child, 0)[1]
    return text or "died: status %d" % status


def main():
    names = [name for name in sys.argv[3:] if name != "--load"]
    for name in names:
        model = os.path.join(sys.argv[2], name)
        if os.path.isdir(os.path.join(model, "model")):
            model = os.path.join(model, "model")
        case = os.path.join(sys.argv[1], name)
        print("%s\t%s" % (name, in_a_fork(case, model, "--load" in sys.argv)))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
