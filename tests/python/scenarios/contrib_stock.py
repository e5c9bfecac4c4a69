# ruff: noqa: D103
"""opgraft.contrib against tf.contrib in one process, where there is a tf.contrib: 1.15.

Run by the conformance tests in each runtime, with opgraft on PYTHONPATH. Python 3.6, no pytest.
"""

import os
import sys

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tensorflow as tf  # noqa: E402

if not tf.__version__.startswith("1.15."):
    print("tf.contrib is compared in TensorFlow 1.15 only")
    sys.exit(0)

# Before opgraft.load(): tf.contrib's libraries would register their kernels a second time.
from opgraft import contrib  # noqa: E402
from opgraft.contrib import _ops  # noqa: E402
from tensorflow.contrib import image as stock_image  # noqa: E402
from tensorflow.contrib import resampler as stock_resampler  # noqa: E402
from tensorflow.contrib import text as stock_text  # noqa: E402
from tensorflow.contrib.image.python.ops import distort_image_ops  # noqa: E402
from tensorflow.contrib.layers.python.ops import sparse_feature_cross_op  # noqa: E402
from tensorflow.contrib.libsvm.python.ops import libsvm_ops  # noqa: E402

RANDOM = np.random.RandomState(2)  # noqa: NPY002
PHOTOS = RANDOM.rand(2, 7, 6, 3).astype(np.float32)
POINTS = (RANDOM.rand(2, 9, 2) * 8 - 1).astype(np.float32)
FLAT = (RANDOM.rand(2, 8) * [1, 0.3, 2, 0.3, 1, 2, 0.01, 0.01]).astype(np.float32)


def run(case):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.set_random_seed(5)
        return session.run(case())


def same(stock, ours, *arguments, **more):
    """Two functions agree on every value."""
    got = [run(lambda f=f: f(*arguments, **more)) for f in (ours, stock)]
    flat = [flatten(value) for value in got]
    assert len(flat[0]) == len(flat[1]), got
    for value, right in zip(*flat):
        value, right = np.asarray(value), np.asarray(right)
        assert value.dtype == right.dtype and value.shape == right.shape, (value, right)
        if right.dtype.kind == "f":
            np.testing.assert_allclose(value, right, rtol=2e-6, atol=2e-7)
        else:
            assert np.array_equal(value, right), (value, right)


def flatten(value):
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in flatten(part)]
    return [value]


def slopes(function, inputs):
    def case():
        tensors = [tf.constant(x) for x in inputs]
        return tf.gradients(tf.square(function(*tensors)), tensors)

    return case


def images():
    ours = contrib.image
    for interpolation in ("NEAREST", "BILINEAR"):
        for photos in (PHOTOS, (PHOTOS * 255).astype(np.uint8), PHOTOS[0], PHOTOS[0, :, :, 0]):
            for f, g, x in (
                (stock_image.transform, ours.transform, FLAT[0]),
                (stock_image.rotate, ours.rotate, 0.3),
                (stock_image.translate, ours.translate, [1.5, -2.25]),
            ):
                same(f, g, photos, x, interpolation)
        same(stock_image.rotate, ours.rotate, PHOTOS, [0.5, -2.0], interpolation)
        same(stock_image.transform, ours.transform, PHOTOS, FLAT, interpolation, [4, 9])
        for size in (None, [4, 9]):
            pair = [
                run(slopes(lambda x, f=f, i=interpolation, s=size: f(x, FLAT, i, s), [PHOTOS]))
                for f in (ours.transform, stock_image.transform)
            ]
            np.testing.assert_allclose(*pair, rtol=1e-4, atol=1e-5)


def helpers():
    ours = contrib.image
    for name, arguments in (
        ("compose_transforms", (FLAT, FLAT[::-1], FLAT)),
        ("flat_transforms_to_matrices", (FLAT[0],)),
        ("matrices_to_flat_transforms", (RANDOM.rand(2, 3, 3) + 0.5,)),
        ("angles_to_projective_transforms", ([0.1, 2.0], 5.0, 8.0)),
        ("translations_to_projective_transforms", ([[0.1, 2.0]],)),
    ):
        same(getattr(stock_image, name), getattr(ours, name), *arguments)


def components():
    for low, high in ((0, 2), (-1, 3), (1, 3)):
        pixels = RANDOM.randint(low, high, [2, 5, 6])
        for value in (pixels, pixels[0], pixels.astype(np.float32), pixels > 0):
            same(stock_image.connected_components, contrib.image.connected_components, value)


def matches():
    for rows, columns in ((3, 5), (6, 4)):
        distances = RANDOM.rand(rows, columns).astype(np.float32)
        for valid, top in ((-1.0, -1), (2.0, -1), (-1.0, 2)):
            ours = contrib.image.bipartite_match
            same(stock_image.bipartite_match, ours, distances, valid, top)


def colours():
    for photo in (PHOTOS, (PHOTOS * 255).astype(np.uint8)):
        stock, ours = distort_image_ops, contrib.image
        if photo.dtype == np.float32:
            same(stock.adjust_hsv_in_yiq, ours.adjust_hsv_in_yiq, photo, 0.3, 1.2, 0.9)
        more = {"max_delta_hue": 0.4, "lower_saturation": 0.5, "seed": 3}
        same(stock.random_hsv_in_yiq, ours.random_hsv_in_yiq, photo, **more)


def resampler():
    stock, ours = stock_resampler.resampler, contrib.resampler.resampler
    same(stock, ours, PHOTOS, POINTS)
    pair = [run(slopes(f, [PHOTOS, POINTS])) for f in (ours, stock)]
    for value, right in zip(*pair):
        np.testing.assert_allclose(value, right, rtol=1e-4, atol=1e-5)


def crosses():
    def case(cross, columns, **more):
        def build():
            return cross(
                [
                    tf.SparseTensor([[0, 0], [0, 1], [1, 0]], x, [2, 2])
                    if len(np.shape(x)) == 1
                    else tf.constant(x)
                    for x in columns
                ],
                **more,
            )

        return run(build)

    words, numbers = ["a", "b", "c"], [1, 2, 3]
    for columns in ([words, words], [words, [["x", "y"], ["z", "w"]]], [numbers, [[1], [2]]],
                    [words, numbers]):  # fmt: skip
        for more in ({}, {"hashed_output": True}, {"hashed_output": True, "num_buckets": 99},
                     {"hashed_output": True, "hash_key": 956888297470}):  # fmt: skip
            stock = case(sparse_feature_cross_op.sparse_feature_cross, columns, **more)
            ours = case(contrib.layers.sparse_feature_cross, columns, **more)
            for value, right in zip(ours, stock):
                assert np.array_equal(value, right) and value.dtype == right.dtype, (ours, stock)


def skip_grams():
    words = ["w%d" % i for i in range(30)]
    for seed in (1, 7):
        for more in ({}, {"min_skips": 2, "max_skips": 3, "start": 3, "limit": 9},
                     {"emit_self_as_target": True}):  # fmt: skip
            more = dict(more, seed=seed)
            same(stock_text.skip_gram_sample, contrib.text.skip_gram_sample, words, **more)


def libsvm():
    lines = [["1 0:0.5 3:-3"], ["-1 1:2"]]
    same(libsvm_ops.decode_libsvm, contrib.libsvm.decode_libsvm, lines, 4)


CASES = [
    (colours, ["AdjustHsvInYiq"]),
    (components, ["ImageConnectedComponents"]),
    (crosses, ["SparseFeatureCross", "SparseFeatureCrossV2"]),
    (helpers, []),
    (images, ["ImageProjectiveTransformV2"]),
    (libsvm, ["DecodeLibsvm"]),
    (matches, ["BipartiteMatch"]),
    (resampler, ["Resampler", "ResamplerGrad"]),
    (skip_grams, ["SkipGramGenerateCandidates"]),
]


def main():
    for case, ops in CASES:
        missing = [op for op in ops if not _ops.has(op)]
        if missing:
            print("skipped: the library has no {}".format(", ".join(missing)))
            continue
        case()
        print("{}: ok".format(case.__name__))


if __name__ == "__main__":
    main()
