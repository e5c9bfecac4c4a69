"""Calls of every public function of opgraft.contrib, on generated inputs.

Imported inside each runtime by contrib_functions.py: Python 3.6, numpy alone.
"""

import os
import tempfile

import numpy as np

RANDOM = np.random.RandomState(15)  # noqa: NPY002, the same numbers in every release of numpy


class Sparse:
    """A SparseTensor, once there is a TensorFlow."""

    def __init__(self, indices, values, shape):
        self.parts = (np.array(indices, np.int64).reshape(-1, 2), np.array(values), shape)


class Table:
    """A table of counts."""

    def __init__(self, keys, counts):
        self.keys, self.counts = np.array(keys), np.array(counts, np.float32)


class Call:
    """One call: arrays among the arguments become tensors; slopes are wanted for some of them."""

    def __init__(self, path, *arguments, **keywords):
        self.path, self.arguments = path, arguments
        # Which arguments to differentiate by, and the step of a check by differences.
        self.slopes = keywords.pop("slopes", ())
        self.numeric = keywords.pop("numeric", None)
        self.keywords = keywords

    def __repr__(self):
        return "{}{}".format(self.path, self.keywords or "")


def reals(*shape, **keywords):
    """Numbers in [low, high)."""
    low, high = keywords.get("low", 0.0), keywords.get("high", 1.0)
    return (RANDOM.rand(*shape) * (high - low) + low).astype(keywords.get("dtype", np.float32))


def flat_transforms(n):
    """Transforms near the identity."""
    return (np.array([1, 0, 0, 0, 1, 0, 0, 0]) + reals(n, 8, low=-0.3, high=0.3)
            * np.array([1, 1, 9, 1, 1, 9, 0.05, 0.05])).astype(np.float32)  # fmt: skip


def resampler():
    """Points inside and outside, no corner of a pixel: there the slope jumps."""
    for dtype in (np.float16, np.float32, np.float64):
        for shape in ((1, 2, 3, 1), (2, 5, 4, 3), (3, 1, 1, 2)):
            for inner in ((4,), (2, 3)):
                data = reals(*shape, dtype=dtype)
                corner = RANDOM.randint(-2, 6, (shape[0],) + inner + (2,))
                points = (corner + reals(*corner.shape, low=0.1, high=0.9)).astype(dtype)
                numeric = 1e-3 if dtype == np.float64 else None
                yield Call("resampler.resampler", data, points, slopes=(0, 1), numeric=numeric)


def photos():
    """Images of each type and rank."""
    for dtype in (np.uint8, np.int32, np.int64, np.float16, np.float32, np.float64):
        yield (reals(2, 6, 7, 3, dtype=np.float64) * 200).astype(dtype)
    yield reals(5, 4, 3)
    yield reals(5, 4)
    yield reals(1, 1, 1, 1)


def images():
    """Transforms, rotations and moves."""
    for interpolation in ("NEAREST", "BILINEAR"):
        for photo in photos():
            batch = len(photo) if photo.ndim == 4 else 1
            slopes = (0,) if photo.dtype.kind == "f" else ()
            flat = flat_transforms(1)[0]
            yield Call("image.transform", photo, flat, interpolation, slopes=slopes)
            sized = {"interpolation": interpolation, "output_shape": [4, 9]}
            yield Call("image.transform", photo, flat_transforms(batch), slopes=slopes, **sized)
            yield Call("image.rotate", photo, reals(batch, high=6), interpolation, slopes=slopes)
            yield Call("image.rotate", photo, np.float32(0.3), interpolation, slopes=slopes)
            moves = reals(batch, 2, low=-3, high=3)
            yield Call("image.translate", photo, moves, interpolation, slopes=slopes)
        # Exact, so differences show the same slope. Double images are interpolated as floats.
        whole = np.array([[2, -1], [0, 3]], np.float32)
        yield Call("image.translate", reals(2, 6, 7, 3, dtype=np.float64), whole, interpolation,
                   slopes=(0,), numeric=0.25)  # fmt: skip
    yield Call("image.transform", reals(2, 3), np.ones([1, 1, 8], np.float32))
    yield Call("image.transform", reals(6), np.ones([8], np.float32))
    yield Call("image.transform", reals(2, 3) > 0, np.ones([8], np.float32))
    yield Call("image.rotate", reals(2, 3), reals(1, 1))
    yield Call("image.translate", reals(2, 3), reals(1, 1, 2))


def helpers():
    """Transforms as numbers and as matrices."""
    for n in (1, 3):
        flats = [flat_transforms(n) for _ in range(3)]
        yield Call("image.compose_transforms", *flats, slopes=(0, 1, 2))
        yield Call("image.compose_transforms", flats[0][0], flats[1][0], slopes=(0,))
        yield Call("image.flat_transforms_to_matrices", flats[0], slopes=(0,))
        yield Call("image.flat_transforms_to_matrices", flats[0][0])
        matrices = reals(n, 3, 3, low=0.5, high=2, dtype=np.float64)
        yield Call("image.matrices_to_flat_transforms", matrices, slopes=(0,), numeric=1e-5)
        yield Call("image.matrices_to_flat_transforms", matrices[0])
        sizes = np.float32(5), np.float32(8)
        angles = reals(n, high=6)
        yield Call("image.angles_to_projective_transforms", angles, *sizes, slopes=(0,))
        yield Call("image.angles_to_projective_transforms", angles[0], *sizes)
        yield Call("image.translations_to_projective_transforms", reals(n, 2), slopes=(0,))
        yield Call("image.translations_to_projective_transforms", reals(2))
    yield Call("image.compose_transforms")
    yield Call("image.flat_transforms_to_matrices", reals(2, 9))
    yield Call("image.matrices_to_flat_transforms", reals(2, 8))
    yield Call("image.angles_to_projective_transforms", reals(1, 1), 5.0, 8.0)
    yield Call("image.translations_to_projective_transforms", reals(1, 1, 2))


def colours():
    """Fixed and random changes of colours."""
    for photo in (reals(4, 5, 3), reals(2, 1, 4, 3), reals(1, 3)):
        changes = [np.float32(x) for x in (RANDOM.rand() * 3, RANDOM.rand() * 2, RANDOM.rand())]
        yield Call("image.adjust_hsv_in_yiq", photo, *changes, slopes=(0,))
    # One random number each: ops that draw with the same seed share a generator when run eagerly.
    for seed in (1, 9):
        for more in ({"max_delta_hue": 0.4}, {"lower_saturation": 0.5, "upper_saturation": 1.5},
                     {"lower_value": 0.2}):  # fmt: skip
            yield Call("image.random_hsv_in_yiq", reals(3, 4, 3), seed=seed, **more)
    # No colour beyond white or black: what a cast makes of it differs between releases.
    pixels = (reals(3, 4, 3, low=0.3, high=0.7) * 255).astype(np.uint8)
    yield Call("image.random_hsv_in_yiq", pixels, 0.2, seed=3)
    yield Call("image.random_hsv_in_yiq", pixels, -1.0)
    yield Call("image.random_hsv_in_yiq", pixels, 0.0, 2.0, 1.0)
    yield Call("image.random_hsv_in_yiq", pixels, 0.0, 1.0, 1.0, 3.0, 1.0)


def components():
    """Regions of few colours."""
    for low, high in ((0, 2), (-1, 3), (1, 2)):
        pixels = RANDOM.randint(low, high, [3, 5, 6])
        for value in (pixels, pixels[0], pixels.astype(np.float32), pixels > 0,
                      pixels.astype(str)):  # fmt: skip
            yield Call("image.connected_components", value)
    yield Call("image.connected_components", reals(2))


def matches():
    """Distances with fewer rows, more rows, ties."""
    for rows, columns in ((3, 5), (6, 4), (1, 1), (0, 3)):
        for distances in (reals(rows, columns), RANDOM.randint(0, 3, [rows, columns])):
            for valid, top in ((-1, -1), (2, -1), (-1, 2), (0, 1)):
                floats = distances.astype(np.float32), np.float32(valid)
                yield Call("image.bipartite_match", *floats, top_k=top)


def stereograms():
    """A picture of a slope: the dots are random, so only its size and type compare."""
    depth = np.arange(20, dtype=np.float32).reshape(4, 5)
    yield Call("image.single_image_random_dot_stereograms", depth)  # 1.15.5 crashes on small ones


def beams():
    """Parents in range."""
    for steps, batch, width in ((1, 1, 1), (5, 2, 3), (7, 3, 2)):
        ids = RANDOM.randint(0, 9, [steps, batch, width]).astype(np.int32)
        parents = RANDOM.randint(0, width, ids.shape).astype(np.int32)
        lengths = RANDOM.randint(1, steps + 1, [batch]).astype(np.int32)
        yield Call("seq2seq.gather_tree", ids, parents, lengths, np.int32(8))
    yield Call("seq2seq.gather_tree", ids, parents, lengths[:1], np.int32(8))


def crosses():
    """Sparse and dense columns of words and numbers."""
    for _ in range(2):
        indices = sorted({(int(a), int(b)) for a, b in RANDOM.randint(0, 3, [5, 2])})
        words = Sparse(indices, RANDOM.choice(["a", "b", "ccc", ""], len(indices)), [3, 3])
        numbers = Sparse(indices, RANDOM.randint(-9, 9, len(indices)), [3, 3])
        dense_words = RANDOM.choice(["x", "y", "zz"], [3, 2])
        dense_numbers = RANDOM.randint(-9, 9, [3, 1])
        for columns in ([words, dense_words], [numbers, dense_numbers], [words, numbers],
                        [words], [dense_words, dense_numbers, words]):  # fmt: skip
            yield Call("layers.sparse_feature_cross", columns)
            for more in ({}, {"num_buckets": 99}, {"hash_key": 956888297470},
                         {"hash_key": 7, "num_buckets": 5}):  # fmt: skip
                yield Call("layers.sparse_feature_cross", columns, hashed_output=True, **more)
    yield Call("layers.sparse_feature_cross", ["no tensor"])


WORDS = np.array(["the", "quick", "fox", "the", "rare", "dog"] * 5)


def skip_grams():
    """Windows of fixed and of random size, with and without counts."""
    name = "text.skip_gram_sample"
    for seed in (1, 7):
        for more in ({}, {"min_skips": 2, "max_skips": 3, "start": 3, "limit": 9},
                     {"emit_self_as_target": True}):  # fmt: skip
            for tokens in (WORDS, RANDOM.randint(0, 99, [20]), np.arange(9, dtype=np.int32)):
                yield Call(name, tokens, seed=seed, **more)
    counts = Table(["the", "quick", "fox"], [60, 30, 10])
    yield Call(name, WORDS, seed=2, vocab_freq_table=counts)
    yield Call(name, WORDS, seed=2, vocab_freq_table=counts, vocab_min_count=20)
    more = {"vocab_subsampling": 0.05, "corpus_size": 100.0}
    yield Call(name, WORDS, seed=4, vocab_freq_table=counts, **more)
    yield Call(name, WORDS, vocab_min_count=3)
    yield Call(name, WORDS, vocab_freq_table=counts, corpus_size=4)
    yield Call(name, WORDS, min_skips=3, max_skips=2)
    path = os.path.join(tempfile.mkdtemp(prefix="opgraft_"), "counts.csv")
    with open(path, "w") as f:
        f.write("the,60\nquick,30\nfox,10\nrare,1\n")
    name += "_with_text_vocab"
    yield Call(name, WORDS, path, seed=3)
    yield Call(name, WORDS, path, seed=3, vocab_min_count=5, max_skips=2)
    yield Call(name, WORDS, path, seed=3, vocab_subsampling=0.05)
    yield Call(name, WORDS, path, vocab_token_index=1, vocab_freq_index=1)
    yield Call(name, WORDS, path, vocab_subsampling=0.05, corpus_size=7)


def rearrangements():
    """periodic_resample up and down."""
    for dtype in (np.float32, np.float64, np.int32):
        slopes = (0,) if dtype != np.int32 else ()
        more = {"slopes": slopes, "numeric": 0.25 if dtype == np.float64 else None}
        name = "periodic_resample.periodic_resample"
        yield Call(name, reals(2, 2, 8, high=9, dtype=dtype), [4, 4, None], **more)
        yield Call(name, reals(1, 2, 12, high=9, dtype=dtype), [3, 4, None], **more)
        yield Call(name, reals(6, 5, high=9, dtype=dtype), [None, 5], **more)
        yield Call(name, reals(12, 3, high=9, dtype=dtype), [None, 6], **more)
    yield Call("periodic_resample.periodic_resample", reals(2, 2), [4, 4])
    yield Call("periodic_resample.periodic_resample", reals(2, 2), [4, 4, None])


def slices():
    """Reductions along each axis."""
    for dtype in (np.float32, np.float64, np.int32, np.uint8, np.float16):
        data = (reals(4, 3, 5, high=2.5, dtype=np.float64)).astype(dtype)
        slopes = (0,) if dtype in (np.float32, np.float64) else ()
        for axis, op in enumerate(("sum", "prod", "max", "min")):
            pairs = RANDOM.randint(0, 6, [4, 2])
            name = "reduce_slice_ops.reduce_slice_" + op
            yield Call(name, data, pairs, np.int64(axis % 3), slopes=slopes)
            yield Call(name, data, np.sort(pairs[:, 0]).astype(np.int32), np.int64(axis % 3))


def records():
    """LIBSVM."""
    lines = np.array([["1 0:0.5 3:-3", "0"], ["-1 1:2 2:1e3", "7 3:1"]])
    for dtype in (None, "float64", "int32", "int64"):
        values = lines if dtype in (None, "float64") else np.array(["1 0:5", "2 3:-7 1:2"])
        yield Call("libsvm.decode_libsvm", values, 4, dtype=dtype, label_dtype=dtype)
    yield Call("libsvm.decode_libsvm", np.array(["1 x:2"]), 4)
    yield Call("libsvm.decode_libsvm", np.array([""]), 4)


def hashing():
    """Buckets by hyperplanes."""
    name = "nearest_neighbor.hyperplane_lsh_probes"
    for dtype in (np.float32, np.float64):
        for tables, planes, probes in ((1, 3, 8), (2, 2, 5), (3, 4, 7)):
            products = reals(4, tables * planes, low=-3, high=3, dtype=dtype)
            sizes = [np.int32(x) for x in (tables, planes, probes)]
            yield Call(name, products, *sizes)
    yield Call(name, products, np.int32(2), np.int32(2), np.int32(5))


def factorization():
    """Elements of a product; both sides of the normal equations."""
    name = "factorization.masked_matmul"
    for transpose_a, transpose_b in ((False, False), (True, False), (False, True), (True, True)):
        a, b = reals(4, 3), reals(3, 5)
        where = np.stack([RANDOM.randint(0, 4, 6), RANDOM.randint(0, 5, 6)], 1)
        sides = a.T.copy() if transpose_a else a, b.T.copy() if transpose_b else b
        yield Call(name, sides[0], sides[1], where, transpose_a, transpose_b, slopes=(0, 1))
    name = "factorization.wals_compute_partial_lhs_and_rhs"
    none = np.zeros([0], np.float32)
    for transpose in (False, True):
        where = np.array(sorted({(int(a), int(b)) for a, b in RANDOM.randint(0, 4, [6, 2])}))
        entries = where[:, ::-1].copy() if transpose else where
        values, block = reals(len(where)), np.int64(4)
        yield Call(name, reals(4, 3), none, np.float32(0), none, entries, values,
                   reals(len(where)), block, transpose)  # fmt: skip
        yield Call(name, reals(4, 3), reals(4), np.float32(0.1), reals(4), entries, values, none,
                   block, transpose)  # fmt: skip


def memory():
    """What a CPU can say, and what it cannot."""
    for name in ("BytesInUse", "BytesLimit", "MaxBytesInUse"):
        yield Call("memory_stats." + name)


GROUPS = (resampler, images, helpers, colours, components, matches, stereograms, beams, crosses,
          skip_grams, rearrangements, slices, records, hashing, factorization, memory)  # fmt: skip


def calls():
    """All of them, the same ones in every process."""
    return [call for group in GROUPS for call in group()]
