# ruff: noqa: D103
"""opgraft.contrib under a real TensorFlow against small examples computed by numpy.

Run by the conformance tests in each runtime, with opgraft on PYTHONPATH. Python 3.6, no pytest.
"""

import os
import sys
import tempfile

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import opgraft  # noqa: E402
import tensorflow as tf  # noqa: E402

v1 = getattr(getattr(tf, "compat", None), "v1", None) or tf
EAGER = tf.__version__.startswith("2.")
if tuple(int(x) for x in tf.__version__.split(".")[:2]) < (1, 15):
    print("opgraft.contrib is for TensorFlow 1.15 and newer")
    sys.exit(0)

from opgraft import contrib  # noqa: E402
from opgraft.contrib import _ops  # noqa: E402

RANDOM = np.random.RandomState(1)  # noqa: NPY002, Python 3.6's numpy has no other
PHOTO = RANDOM.rand(4, 5).astype(np.float32)


def graph(case):
    """Runs the tensors that a case makes, in a graph."""
    with tf.Graph().as_default(), v1.Session() as session:
        tensors = case()
        session.run(v1.tables_initializer())
        return session.run(tensors)


def eager(case):
    tensors = case()
    if isinstance(tensors, (list, tuple)):
        return [t if t is None else convert(t) for t in tensors]
    return convert(tensors)


def convert(tensor):
    if isinstance(tensor, v1.SparseTensor):
        return v1.SparseTensorValue(*[x.numpy() for x in (tensor.indices, tensor.values,
                                                          tensor.dense_shape)])  # fmt: skip
    return tensor.numpy()


def close(case, expected, **tolerance):
    """A case gives these values in a graph and, in TensorFlow 2, eagerly."""
    for mode in (graph, eager) if EAGER else (graph,):
        got = mode(case)
        pairs = zip(got, expected) if isinstance(expected, (list, tuple)) else [(got, expected)]
        for value, right in pairs:
            np.testing.assert_allclose(value, right, rtol=1e-5, atol=1e-6, **tolerance)


def fails(error, case, words):
    try:
        graph(case)
    except error as e:
        assert words in str(e), e
    else:
        raise AssertionError("there should have been an error with: " + words)


def derivative(function, *inputs):
    """Gradients of the sum of squares of a function, in either mode."""

    def case():
        tensors = [tf.constant(x) for x in inputs]
        if EAGER and tf.executing_eagerly():
            with tf.GradientTape() as tape:
                for tensor in tensors:
                    tape.watch(tensor)
                loss = v1.reduce_sum(v1.square(function(*tensors)))
            return tape.gradient(loss, tensors)
        return v1.gradients(v1.reduce_sum(v1.square(function(*tensors))), tensors)

    return case


def sample(image, x, y):
    """Bilinear interpolation of [height, width], zero outside."""
    left, top = int(np.floor(x)), int(np.floor(y))
    total = 0.0
    for row, column in [(top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)]:
        if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
            total += (1 - abs(row - y)) * (1 - abs(column - x)) * image[row, column]
    return total


POINTS = np.array([[0.5, 0.25], [3.75, 2.5], [-0.5, 1.25], [4.5, 3.5], [9.0, 9.0]], np.float32)


def resampler():
    data = PHOTO[None, :, :, None]
    expected = [[[sample(PHOTO, x, y)] for x, y in POINTS]]
    close(lambda: contrib.resampler.resampler(data, POINTS[None]), np.array(expected, np.float32))


def resampler_gradient():
    def loss(photo, points):
        return sum(sample(photo, x, y) ** 2 for x, y in points)

    photo, points = PHOTO.astype(np.float64), POINTS.astype(np.float64)
    wanted = []
    for value in (photo, points):
        slopes = np.zeros(value.size)
        for i in range(value.size):
            sides = []
            for step in (1e-6, -1e-6):
                value.reshape(-1)[i] += step
                sides.append(loss(photo, points))
                value.reshape(-1)[i] -= step
            slopes[i] = (sides[0] - sides[1]) / 2e-6
        wanted.append(slopes.reshape(value.shape))
    wanted = [wanted[0][None, :, :, None], wanted[1][None]]
    case = derivative(contrib.resampler.resampler, photo[None, :, :, None], points[None])
    close(case, wanted)


def transform():
    image = contrib.image
    close(lambda: image.translate(PHOTO, [1.0, 2.0]), moved(PHOTO, 1, 2))
    close(lambda: image.rotate(PHOTO[:, :4], np.pi / 2), np.rot90(PHOTO[:, :4]))
    turned = np.stack([np.rot90(PHOTO[:, :4], k) for k in (1, 2)])[..., None]
    batch = np.stack([PHOTO[:, :4]] * 2)[..., None]
    close(lambda: image.rotate(batch, [np.pi / 2, np.pi], "BILINEAR"), turned)
    half = [1.0, 0, 0.5, 0, 1, 0, 0, 0]
    between = np.array([[sample(PHOTO, x + 0.5, y) for x in range(5)] for y in range(4)])
    close(lambda: image.transform(PHOTO, half, "BILINEAR"), between)
    small = moved(PHOTO, -1, 0)[:2, :3]
    shift = [1.0, 0, 1, 0, 1, 0, 0, 0]
    close(lambda: image.transform(PHOTO[..., None], shift, output_shape=[2, 3]), small[..., None])
    fails(TypeError, lambda: image.transform([True], half), "images cannot be")
    fails(TypeError, lambda: image.transform([1.0], half), "rank")
    fails(TypeError, lambda: image.transform(PHOTO, [[half]]), "transforms")
    fails(ValueError, lambda: image.transform(PHOTO, half, output_shape=[1, 2, 3]), "output_shape")


def moved(photo, dx, dy):
    result = np.zeros_like(photo)
    rows, columns = photo.shape
    for y in range(rows):
        for x in range(columns):
            if 0 <= y - dy < rows and 0 <= x - dx < columns:
                result[y, x] = photo[y - dy, x - dx]
    return result


def transform_gradient():
    """Of a move by whole pixels: the gradient image moves back."""
    case = derivative(lambda x: contrib.image.translate(x, [1.0, 2.0]), PHOTO)
    close(case, [moved(2 * moved(PHOTO, 1, 2), -1, -2)])


def helpers():
    image = contrib.image
    moves = image.translations_to_projective_transforms
    close(lambda: moves([3.0, 4.0]), np.array([[1, 0, -3, 0, 1, -4, 0, 0]], np.float32))
    flat = RANDOM.rand(2, 8).astype(np.float32)
    matrices = np.concatenate([flat, np.ones((2, 1))], 1).reshape(2, 3, 3)
    close(lambda: image.flat_transforms_to_matrices(flat), matrices)
    close(lambda: image.matrices_to_flat_transforms(2 * matrices.astype(np.float32)), flat)
    product = np.matmul(matrices[0], matrices[1]).reshape(9)
    close(lambda: image.compose_transforms(flat[0], flat[1]), (product / product[8])[None, :8])
    angles = image.angles_to_projective_transforms
    close(lambda: angles(np.pi / 2, 4, 6), np.array([[0, -1, 4, 1, 0, -1, 0, 0]]))
    fails(ValueError, lambda: image.matrices_to_flat_transforms(np.ones([3, 4])), "3, 3")
    fails(ValueError, lambda: image.flat_transforms_to_matrices(np.ones([2, 9])), "8 numbers")
    fails(AssertionError, image.compose_transforms, "at least one")


def connected_components():
    picture = np.array([[[1, 1, 0, 2], [0, 1, 0, 2], [3, 0, 2, 2]], [[0, 0, 0, 5]] * 3])
    numbers = np.array([[[1, 1, 0, 2], [0, 1, 0, 2], [3, 0, 2, 2]], [[0, 0, 0, 4]] * 3])
    label = contrib.image.connected_components
    close(lambda: label(picture), numbers)
    close(lambda: label(picture[0] == 1), numbers[0] == 1)
    close(lambda: label(np.ones([2, 2], np.int32)), np.ones([2, 2]))
    close(lambda: label(np.zeros([2, 2], np.int32)), np.zeros([2, 2]))
    fails(TypeError, lambda: label([1]), "rank")


def bipartite_match():
    distances = np.array([[0.5, 0.1, 0.9], [0.2, 0.15, 0.3]], np.float32)
    match = contrib.image.bipartite_match
    close(lambda: match(distances, -1.0), [[1, 0], [1, 0, -1]])
    close(lambda: match(distances, -1.0, top_k=1), [[1, -1], [-1, 0, -1]])


def adjust_hsv_in_yiq():
    adjust = contrib.image.adjust_hsv_in_yiq
    photo = RANDOM.rand(2, 3, 3).astype(np.float32)
    close(lambda: adjust(photo, 0.0, 1.0, 2.0), 2 * photo, err_msg="value")
    grey = np.repeat(photo.dot([0.299, 0.587, 0.114])[..., None], 3, -1)
    for mode in (graph, eager) if EAGER else (graph,):
        np.testing.assert_allclose(mode(lambda: adjust(photo, 0.0, 0.0)), grey, atol=2e-3)
    pixels = np.array([[[10, 20, 30], [200, 100, 50]]], np.uint8)
    close(lambda: adjust(pixels, 0.0, 1.0, 0.5), pixels // 2)
    assert np.ptp(graph(lambda: contrib.image.random_hsv_in_yiq(photo, 1.0, seed=1)) - photo) > 0
    random = contrib.image.random_hsv_in_yiq
    fails(ValueError, lambda: random(photo, -1.0), "max_delta_hue")
    fails(ValueError, lambda: random(photo, 0, 2, 1), "lower_saturation")
    fails(ValueError, lambda: random(photo, 0, 1, 1, -1, 1), "lower_value")


def stereograms():
    depth = np.array([[1, 2, 3, 2], [1, 3, 3, 1]], np.float32)
    size = {"output_image_shape": [80, 60, 1], "output_data_window": [70, 50]}
    make = contrib.image.single_image_random_dot_stereograms
    picture = graph(lambda: make(depth, **size))
    assert picture.dtype == np.uint8 and picture.size == 80 * 60 and np.ptp(picture) > 100


def gather_tree():
    steps = np.array([[[1, 2, 3]], [[4, 5, 6]], [[7, 8, 9]]], np.int32)
    parents = np.array([[[0, 0, 0]], [[0, 1, 1]], [[2, 1, 2]]], np.int32)
    beams = [[[2, 2, 2]], [[6, 5, 6]], [[7, 8, 9]]]
    close(lambda: contrib.seq2seq.gather_tree(steps, parents, [3], 10), np.array(beams))


def sparse_feature_cross():
    def sparse(values):
        return v1.SparseTensor([[0, 0], [0, 1]], values, [1, 2])

    cross = contrib.layers.sparse_feature_cross
    for mode in (graph, eager) if EAGER else (graph,):
        crossed = mode(lambda: cross([sparse(["a", "b"]), tf.constant([["c", "d"]])]))
        assert list(crossed.values) == [b"a_X_c", b"a_X_d", b"b_X_c", b"b_X_d"], crossed
        assert crossed.dense_shape.tolist() == [1, 4], crossed
        hashed = mode(lambda: cross([sparse([1, 2])] * 2, True, 100))
        assert hashed.values.dtype == np.int64 and len(hashed.values) == 4, hashed
        assert all(0 <= x < 100 for x in hashed.values), hashed
    fails(TypeError, lambda: cross("x"), "must be a list")
    fails(TypeError, lambda: cross(["x"]), "SparseTensors or Tensors")


def sparse_feature_cross_v2():
    key = contrib.layers.SPARSE_FEATURE_CROSS_DEFAULT_HASH_KEY

    def case():
        words = tf.constant([["a", "b"]])
        return contrib.layers.sparse_feature_cross([words, words], True, hash_key=key)

    assert len(set(graph(case).values.tolist())) == 4


WORDS = ["the", "quick", "fox"]
SKIPS = [[b"the", b"quick", b"quick", b"fox"], [b"quick", b"the", b"fox", b"quick"]]


def skip_grams():
    pairs = contrib.text.skip_gram_sample
    for mode in (graph, eager) if EAGER else (graph,):
        got = mode(lambda: pairs(tf.constant(WORDS), 1, 1))
        assert [list(x) for x in got] == SKIPS, got
    fails(ValueError, lambda: pairs(WORDS, corpus_size=5), "need a vocab_freq_table")
    fails(
        ValueError,
        lambda: pairs(WORDS, vocab_freq_table="table", corpus_size=5),
        "need one another",
    )


def skip_grams_with_vocabulary():
    path = os.path.join(tempfile.mkdtemp(prefix="opgraft_"), "counts.csv")
    with open(path, "w") as f:
        f.write("the,60\nquick,30\nfox,10\nrare,1\n")
    pairs = contrib.text.skip_gram_sample_with_text_vocab
    words = ["the", "unknown", "quick", "rare", "fox"]
    for mode in (graph, eager) if EAGER else (graph,):
        got = mode(lambda: pairs(tf.constant(words), path, vocab_min_count=2, max_skips=1))
        assert [list(x) for x in got] == SKIPS, got
        # Counts far below the threshold: nothing is dropped.
        got = mode(
            lambda: pairs(words, path, vocab_min_count=2, max_skips=1, vocab_subsampling=9.0)
        )
        assert [list(x) for x in got] == SKIPS, got
    fails(ValueError, lambda: pairs(words, path, vocab_token_index=1), "are both 1")
    fails(ValueError, lambda: pairs(words, path, vocab_freq_index=7), "no column 7")
    fails(ValueError, lambda: pairs(words, path, vocab_freq_index=-1), "not be negative")
    few = {"vocab_subsampling": 0.1, "corpus_size": 100}
    fails(ValueError, lambda: pairs(words, path, **few), "less than 101")
    with open(path, "a") as f:
        f.write("bad,-1\n")
    fails(ValueError, lambda: pairs(words, path), "line 5")


def periodic_resample():
    values = np.arange(16, dtype=np.float32).reshape(2, 2, 4)
    expected = [[[0], [2], [4], [6]], [[1], [3], [5], [7]], [[8], [10], [12], [14]],
                [[9], [11], [13], [15]]]  # fmt: skip
    resample = contrib.periodic_resample.periodic_resample
    close(lambda: resample(values, [4, 4, -1]), np.array(expected))


def periodic_resample_gradient():
    values = np.arange(16, dtype=np.float32).reshape(2, 2, 4)
    resample = contrib.periodic_resample.periodic_resample
    close(derivative(lambda x: resample(x, [4, 4, -1]), values), [2 * values])


def reduce_slices():
    data = np.array([[1, 2, 3], [40, 50, 60], [700, 800, 900]], np.float32)
    slices, ops = [[0, 2], [1, 3], [2, 9]], contrib.reduce_slice_ops
    for name, reduce in (("sum", np.sum), ("prod", np.prod), ("max", np.max), ("min", np.min)):
        right = np.stack([reduce(data[a:b], 0) for a, b in slices])
        close(lambda name=name: getattr(ops, "reduce_slice_" + name)(data, slices, 0), right)
    close(lambda: ops.reduce_slice_sum(data, [[1, 1]], 1), np.zeros([3, 1]))


def libsvm():
    decode = contrib.libsvm.decode_libsvm
    for mode in (graph, eager) if EAGER else (graph,):
        features, labels = mode(lambda: decode(["1 0:0.5 2:-3", "-1 1:2"], 3))
        assert labels.tolist() == [1, -1] and features.values.tolist() == [0.5, -3, 2]
        assert features.indices.tolist() == [[0, 0], [0, 2], [1, 1]], features
        assert features.dense_shape.tolist() == [2, 3], features


def lsh_probes():
    products = np.array([[1.0, -2.0, 3.0, -4.0]], np.float32)
    probes = contrib.nearest_neighbor.hyperplane_lsh_probes
    close(lambda: probes(products, 2, 2, 2), [[[2, 2]], [[0, 1]]])


def masked_matmul():
    a, b = RANDOM.rand(3, 2).astype(np.float32), RANDOM.rand(4, 2).astype(np.float32)
    where = [[2, 3], [0, 0], [1, 2]]
    expected = np.array([a.dot(b.T)[i, j] for i, j in where])
    close(lambda: contrib.factorization.masked_matmul(a, b, where, False, True), expected)


def wals():
    factors = RANDOM.rand(3, 2).astype(np.float32)
    entries, values, weights = [[0, 1], [0, 2], [1, 0]], [2.0, 3.0, 4.0], [0.5, 0.25, 1.0]
    lhs, rhs = np.zeros([2, 2, 2]), np.zeros([2, 2])
    for (row, column), value, weight in zip(entries, values, weights):
        factor = factors[column]
        lhs[row] += weight * np.outer(factor, factor)
        rhs[row] += weight * value * factor
    compute = contrib.factorization.wals_compute_partial_lhs_and_rhs
    arguments = (factors, [], 0.0, [], entries, values, weights, 2, False)
    close(lambda: compute(*arguments), [lhs, rhs])


def fused_conv():
    """A filter of a single 1 gives the input, scaled, with bias, rounded and cut off."""
    numbers = np.array([[-100, 3, 5, 100]], np.int8).reshape([1, 1, 4, 1])

    def case(**more):
        pixels, one = [
            v1.bitcast(tf.constant(x), v1.qint8) for x in (numbers, np.ones([1, 1, 1, 1], np.int8))
        ]
        bias = tf.constant([10.0])
        fused = contrib.fused_conv.fused_conv2d_bias_activation(
            pixels, one, bias, padding="SAME", conv_input_scale=0.5, **more
        )
        return v1.bitcast(fused, tf.int8)

    close(case, np.array([0, 12, 12, 60]).reshape([1, 1, 4, 1]))
    close(lambda: case(activation_mode="None"), np.array([-40, 12, 12, 60]).reshape([1, 1, 4, 1]))


def zero_initializer():
    """A variable gets zeros once."""
    for resource in (False, True):
        with tf.Graph().as_default(), v1.Session() as session:
            variable = v1.get_variable("v", [2, 3], initializer=v1.ones_initializer(),
                                       use_resource=resource)  # fmt: skip
            zeros = contrib.framework.zero_initializer(variable)
            session.run(getattr(zeros, "op", zeros))
            assert np.array_equal(session.run(variable), np.zeros([2, 3])), resource
            try:
                session.run(getattr(zeros, "op", zeros))
            except tf.errors.InvalidArgumentError as e:
                assert "already initialized" in str(e), e
            else:
                raise AssertionError("a second time is an error")


def memory():
    """A CPU can say its limit; the other two have kernels for GPUs only in TensorFlow itself."""
    limit = graph(contrib.memory_stats.BytesLimit)
    assert limit.dtype == np.int64 and limit.shape == (), limit


def absent():
    """An op that the library lacks is named."""
    try:
        _ops.call("NoSuchOp")
    except opgraft.OpgraftError as e:
        assert "the op NoSuchOp (OpgraftNoSuchOp) is not in opgraft's library" in str(e), e
    else:
        raise AssertionError("an op that is not there was called")


CASES = [
    (absent, []),
    (adjust_hsv_in_yiq, ["AdjustHsvInYiq"]),
    (bipartite_match, ["BipartiteMatch"]),
    (connected_components, ["ImageConnectedComponents"]),
    (gather_tree, ["GatherTree"]),
    (helpers, []),
    (libsvm, ["DecodeLibsvm"]),
    (lsh_probes, ["HyperplaneLSHProbes"]),
    (masked_matmul, ["MaskedMatmul"]),
    (memory, ["BytesLimit"]),
    (periodic_resample, ["PeriodicResample"]),
    (periodic_resample_gradient, ["PeriodicResample", "PeriodicResampleOpGrad"]),
    (reduce_slices, ["ReduceSliceSum", "ReduceSliceProd", "ReduceSliceMax", "ReduceSliceMin"]),
    (resampler, ["Resampler"]),
    (resampler_gradient, ["Resampler", "ResamplerGrad"]),
    (skip_grams, ["SkipGramGenerateCandidates"]),
    (skip_grams_with_vocabulary, ["SkipGramGenerateCandidates"]),
    (sparse_feature_cross, ["SparseFeatureCross"]),
    (sparse_feature_cross_v2, ["SparseFeatureCrossV2"]),
    (fused_conv, ["FusedConv2DBiasActivation"]),
    (zero_initializer, ["ZeroInitializer", "ZeroVarInitializer"]),
    (stereograms, ["SingleImageRandomDotStereograms"]),
    (transform, ["ImageProjectiveTransformV2"]),
    (transform_gradient, ["ImageProjectiveTransformV2"]),
    (wals, ["WALSComputePartialLhsAndRhs"]),
]


def available(op):
    if not _ops.has(op):
        print("skipped: the library has no {}".format(op))
        return False
    return True


def main():
    for case, ops in CASES:
        if all([available(op) for op in ops]):
            case()
            print("{}: ok".format(case.__name__))


if __name__ == "__main__":
    main()
