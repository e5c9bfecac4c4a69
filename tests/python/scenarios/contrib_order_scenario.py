"""tf.contrib and opgraft.load() in one process, in either order: each op has one kernel, its own.

Run by the conformance tests in each runtime, with opgraft on PYTHONPATH. Python 3.6, no pytest.
"""

import os
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np  # noqa: E402, after the environment is set
import opgraft  # noqa: E402
import tensorflow as tf  # noqa: E402


def use_contrib():
    """Functions of tf.contrib, each from another of its libraries."""
    from tensorflow.contrib import image, libsvm, resampler, seq2seq
    from tensorflow.contrib.boosted_trees.python.ops import quantile_ops
    from tensorflow.contrib.image import single_image_random_dot_stereograms

    photo = np.arange(4, dtype=np.float32).reshape(1, 2, 2, 1)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        answers = session.run(
            [
                resampler.resampler(photo, np.array([[0.5, 0.5]], np.float32)),
                image.translate(photo, [1.0, 0.0]),
                image.connected_components(photo[0, :, :, 0] > 1),
                seq2seq.gather_tree([[[3]], [[4]]], [[[0]], [[0]]], [2], end_token=9),
                libsvm.decode_libsvm(["1 0:0.5"], 2)[0],
                single_image_random_dot_stereograms(photo[0, :, :, 0]),
                quantile_ops.bucketize_with_input_boundaries([1.5], boundaries=[1.0, 2.0]),
            ]
        )
    assert answers[0].ravel().tolist() == [1.5], answers[0]
    assert answers[1].ravel().tolist() == [0, 0, 0, 2], answers[1]
    assert answers[2].tolist() == [[0, 0], [1, 1]], answers[2]
    assert answers[3].ravel().tolist() == [3, 4], answers[3]
    assert answers[4].values.tolist() == [0.5], answers[4]
    assert answers[5].shape == (768, 1024, 1), answers[5].shape
    assert answers[6].tolist() == [1], answers[6]


def use_opgraft():
    """The same op by the name that is opgraft's alone."""
    from opgraft.contrib import seq2seq

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        beams = seq2seq.gather_tree([[[3]], [[4]]], [[[0]], [[0]]], [2], end_token=9)
        assert session.run(beams).ravel().tolist() == [3, 4]


def check(order):
    """One order: the words that name the steps."""
    steps = {
        "import": lambda: __import__("tensorflow.contrib.resampler"),
        "load": opgraft.load,
        "contrib": use_contrib,
        "opgraft": use_opgraft,
    }
    for step in order:
        steps[step]()


ORDERS = (
    "load contrib opgraft",
    "import load contrib opgraft",
    "contrib load opgraft contrib",
    "opgraft contrib load",
)


def main():
    """All orders, each in a process of its own."""
    if not tf.__version__.startswith("1.15."):
        print("tf.contrib and opgraft meet in TensorFlow 1.15 only")
        return 0
    if len(sys.argv) > 1:
        check(sys.argv[1:])
        return 0
    for order in ORDERS:
        command = [sys.executable, "-W", "ignore", __file__] + order.split()
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False
        )
        if done.returncode != 0:
            print("{}:\n{}".format(order, done.stdout.decode("utf-8", "replace")[-3000:]))
            return 1
        print("{}: ok".format(order))
    return 0


if __name__ == "__main__":
    sys.exit(main())
