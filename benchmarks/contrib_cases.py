"""What the benchmark of the contrib kernels runs: each op on a small and on a large input.

Small is what one request has: an image, a sentence, a few rows. Large is what a training step has.
Runs inside TensorFlow's environments; both sides make the same inputs from the same seeds.
"""

import itertools

import numpy as np

SIZES = ("small", "large")


class Variable:
    """An input that is a Ref to a variable."""

    def __init__(self, value):
        self.value = value


class Maker:
    """Makes cases, all random numbers from one seed."""

    def __init__(self):
        self.random = np.random.RandomState(0)
        self.cases = []

    def add(self, op, size, inputs, what="", **attrs):
        """A case; attrs are ints, bools, texts, NumPy dtypes, and lists of ints for shapes."""
        name = " ".join(word for word in ("contrib", op, what, size) if word)
        self.cases.append({"name": name, "op": op, "size": size, "inputs": inputs, "attrs": attrs})

    def uniform(self, low, high, shape, dtype="f4"):
        """Random numbers as an array."""
        return self.random.uniform(low, high, shape).astype(dtype)

    def words(self, n, lengths=(3, 12)):
        """Random words."""
        letters = self.random.randint(97, 123, (n, lengths[1])).astype("u1")
        sizes = self.random.randint(lengths[0], lengths[1] + 1, n)
        return np.array([row[:k].tobytes() for row, k in zip(letters, sizes)], object)


def resampling(make):
    """Resampler, ResamplerGrad: most points inside, some beside the image."""
    for dtype, channels in itertools.product(("f2", "f4", "f8"), (1, 3, 32)):
        for size in SIZES:
            batch, side = (1, 28) if size == "small" else (8, 128 if channels < 32 else 48)
            data = make.uniform(0, 1, (batch, side, side, channels), dtype)
            warp = make.uniform(-1, side, (batch, side * side, 2), dtype)
            grad = make.uniform(0, 1, (batch, side * side, channels), dtype)
            what = "%s, %d channels," % (np.dtype(dtype), channels)
            make.add("Resampler", size, [data, warp], what, T=dtype)
            make.add("ResamplerGrad", size, [data, warp, grad], what, T=dtype)


def images(make):
    """The image ops."""
    for size in SIZES:
        batch, side = (1, 32) if size == "small" else (8, 256)
        turn = np.array([[0.98, -0.17, 5, 0.17, 0.98, -3, 0.0001, 0.0002]] * batch, "f4")
        for dtype, channels in (("u1", 3), ("i4", 1), ("f2", 3), ("f4", 1), ("f4", 3), ("f8", 3)):
            pixels = make.uniform(0, 255, (batch, side, side, channels), dtype)
            for way in ("NEAREST", "BILINEAR"):
                what = "%s, %d channels, %s," % (np.dtype(dtype), channels, way.lower())
                attrs = {"dtype": dtype, "interpolation": way}
                make.add("ImageProjectiveTransform", size, [pixels, turn], what, **attrs)
        shape = np.array([side, side], "i4")
        make.add(
            "ImageProjectiveTransformV2", size, [pixels, turn, shape], dtype="f8",
            interpolation="BILINEAR",
        )  # fmt: skip
        colours = make.uniform(0, 1, (batch, side, side, 3))
        factors = [np.float32(x) for x in (0.5, 0.9, 1.1)]
        make.add("AdjustHsvInYiq", size, [colours, *factors], T="f4")
        for dtype in ("u1", "f4", "O"):
            areas = np.kron(
                make.random.randint(0, 2, (batch, side // 4, side // 4)), np.ones((4, 4))
            )
            areas = (
                areas.astype(dtype)
                if dtype != "O"
                else np.array([b"", b"x"], "O")[areas.astype(int)]
            )
            what = "%s," % (np.dtype(dtype) if dtype != "O" else "string")
            make.add("ImageConnectedComponents", size, [areas], what, dtype=dtype)
        rows, columns = (8, 10) if size == "small" else (100, 1000)
        distances = [make.uniform(0, 1, (rows, columns)), np.array([-1], "f4")]
        make.add("BipartiteMatch", size, distances, top_k=-1)


def sequences(make):
    """Beams, skip-grams, strings."""
    for size in SIZES:
        time, batch, beams = (20, 1, 5) if size == "small" else (100, 64, 10)
        steps = make.random.randint(1, 1000, (time, batch, beams)).astype("i4")
        parents = make.random.randint(0, beams, (time, batch, beams)).astype("i4")
        lengths = np.full(batch, time, "i4")
        make.add("GatherTree", size, [steps, parents, lengths, np.int32(0)], T="i4")

        n = 30 if size == "small" else 10**5
        for dtype in ("i4", "i8", "O"):
            tokens = make.words(n) if dtype == "O" else np.arange(n).astype(dtype)
            what = "%s," % (np.dtype(dtype) if dtype != "O" else "string")
            scalars = [np.int32(x) for x in (1, 5, 0, -1)] + [np.bool_(False)]
            make.add("SkipGramGenerateCandidates", size, [tokens, *scalars], what, T=dtype, seed=1)
        for lengths in ((3, 12), (40, 80)):
            what = "%d to %d bytes," % lengths
            make.add("ReinterpretStringToFloat", size, [make.words(n, lengths)], what)
        make.add("ObtainNext", size, [make.words(n), Variable(np.int64(0))])


def features(make):
    """Columns, buckets, lines, crosses."""
    for size in SIZES:
        n = 100 if size == "small" else 10**6
        for dtype, buckets in itertools.product(("i4", "i8", "f4", "f8"), (10, 100)):
            inputs = [make.uniform(0, 1000, n, dtype), np.linspace(0, 1000, buckets).astype("f4")]
            what = "%s, %d boundaries," % (np.dtype(dtype), buckets)
            make.add("BucketizeWithInputBoundaries", size, inputs, what, T=dtype)

        n = 4 if size == "small" else 10**4
        lines = ["%d " % i + " ".join("%d:%.4f" % (k, k / 7) for k in range(20)) for i in range(n)]
        lines = np.array([line.encode() for line in lines], object)
        for dtype in ("f4", "f8"):
            attrs = {"dtype": dtype, "label_dtype": "i8", "num_features": 100}
            make.add("DecodeLibsvm", size, [lines], "%s," % np.dtype(dtype), **attrs)

        n = 16 if size == "small" else 10**4
        rows = np.repeat(np.arange(n), 3)
        indices = np.stack([rows, np.tile(np.arange(3), n)], 1).astype("i8")
        shape = np.array([n, 3], "i8")
        for kind, hashed in (("O", True), ("i8", True), ("O", False)):
            columns = [
                make.words(3 * n) if kind == "O" else make.random.randint(0, 10**6, 3 * n)
                for _ in range(2)
            ]
            dense = make.words(n).reshape(n, 1)
            out = "i8" if hashed else "O"
            attrs = {"N": 2, "hashed_output": hashed, "num_buckets": 1000 if hashed else 0}
            attrs.update(
                sparse_types=[kind] * 2,
                dense_types=["O"],
                out_type=out,
                internal_type="O" if not hashed else kind,
            )
            inputs = [indices, indices, *columns, shape, shape, dense]
            what = "%s to %s," % (
                "string" if kind == "O" else "int64",
                "int64" if hashed else "string",
            )
            make.add("SparseFeatureCross", size, inputs, what, **attrs)
            make.add("SparseFeatureCrossV2", size, inputs, what, hash_key=7, **attrs)


def arithmetic(make):
    """Matrices, slices, resampling in periods, factorization."""
    for size in SIZES:
        rows, columns = (32, 16) if size == "small" else (4096, 256)
        starts = np.arange(0, rows - 3, 2)
        slices = np.stack([starts, starts + 3], 1).astype("i4")
        for op in ("Sum", "Prod", "Max", "Min"):
            for dtype in ("f4", "i8", "f2"):
                data = make.uniform(1, 2, (rows, columns), dtype)
                for axis in (0, 1):
                    if axis == 1 and (op, dtype) != ("Sum", "f4"):
                        continue
                    pieces = slices[slices[:, 1] <= data.shape[axis]]
                    what = "%s, axis %d," % (np.dtype(dtype), axis)
                    inputs = [data, pieces, np.int64(axis)]
                    make.add("ReduceSlice" + op, size, inputs, what, T=dtype, Tindices="i4")

        side, depth = (4, 32) if size == "small" else (64, 128)
        shape, wide = [1, side, side, depth], [1, side * 2, side * 2, -1]
        for dtype in ("i4", "f8"):
            values = make.uniform(0, 100, shape, dtype)
            make.add(
                "PeriodicResample", size, [values], "%s," % np.dtype(dtype), T=dtype, shape=wide
            )
        grad = make.uniform(0, 1, [1, side * 2, side * 2, depth // 4])
        make.add(
            "PeriodicResampleOpGrad", size, [grad], T="f4", original_shape=shape,
            desired_shape=wide,
        )  # fmt: skip

        points = 2 if size == "small" else 10**4
        for dtype in ("f4", "f8"):
            product = make.uniform(-1, 1, (points, 4 * 10), dtype)
            inputs = [product, np.int32(4), np.int32(10), np.int32(16)]
            make.add(
                "HyperplaneLSHProbes", size, inputs, "%s," % np.dtype(dtype), CoordinateType=dtype
            )

        side, inner, n = (32, 16, 100) if size == "small" else (1024, 128, 10**5)
        mask = make.random.randint(0, side, (n, 2)).astype("i8")
        for a, b in itertools.product((False, True), repeat=2):
            inputs = [make.uniform(0, 1, (inner, side) if a else (side, inner))]
            inputs += [make.uniform(0, 1, (side, inner) if b else (inner, side))]
            inputs += [mask, np.bool_(a), np.bool_(b)]
            make.add("MaskedMatmul", size, inputs, "a%s b%s," % ("'" * a, "'" * b))

        for k in (8, 32, 100):
            users, items, each = (4, 50, 20) if size == "small" else (2000, 1000, 40)
            n = users * each
            factors = make.uniform(0, 1, (items, k))
            indices = np.stack(
                [np.repeat(np.arange(users), each), make.random.randint(0, items, n)], 1
            )
            inputs = [
                factors,
                make.uniform(0, 1, items),
                np.float32(0.1),
                make.uniform(0, 1, users),
            ]
            inputs += [indices.astype("i8"), make.uniform(0, 5, n), np.zeros(0, "f4")]
            inputs += [np.int64(users), np.bool_(False)]
            make.add("WALSComputePartialLhsAndRhs", size, inputs, "%d factors," % k)

        rows, n = (16, 8) if size == "small" else (10**5, 10**4)
        indices = make.random.randint(0, rows, (n, 1)).astype("i4")
        inputs = [Variable(make.uniform(0, 1, (rows, 16))), indices, make.uniform(0, 1, (n, 16))]
        make.add("ScatterAddNdim", size, inputs)


def all_cases():
    """All of them."""
    make = Maker()
    for part in (resampling, images, sequences, features, arithmetic):
        part(make)
    return make.cases
