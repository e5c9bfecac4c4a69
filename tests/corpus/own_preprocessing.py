# ruff: noqa: D103
"""Layers that prepare data. python own_preprocessing.py OUT [NAME ...]."""

from building import Corpus, Input, Model, export, layers, np, rng, stack, uniform

corpus = Corpus()


@corpus.case("discretization", x=uniform(4, 3) * 10)
def _():
    return stack(Input((3,)), layers.Discretization([1.0, 3.0, 7.0]))


@corpus.case("string_lookup_multi_hot", x=np.array([["a", "b"], ["q", "c"]], "S"))
def _():
    return stack(
        Input((2,), dtype="string"),
        layers.StringLookup(vocabulary=["a", "b", "c"], output_mode="multi_hot", num_oov_indices=2),
    )


@corpus.case("string_lookup_count", x=np.array([["a", "b", "a"], ["q", "c", "c"]], "S"))
def _():
    return stack(
        Input((3,), dtype="string"),
        layers.StringLookup(vocabulary=["a", "b", "c"], output_mode="count"),
    )


@corpus.case("string_lookup_invert", x=np.array([[1, 2, 0]], np.int64))
def _():
    return stack(
        Input((3,), dtype="int64"), layers.StringLookup(vocabulary=["a", "b", "c"], invert=True)
    )


@corpus.case("tf_idf", x=np.array([["red blue"], ["blue green green"]], "S"))
def _():
    vectorize = layers.TextVectorization(max_tokens=20, output_mode="tf_idf")
    vectorize.adapt(["red blue", "green green", "blue red green"])
    return stack(Input((1,), dtype="string"), vectorize)


@corpus.case("text_ngrams", x=np.array([["a B c d"], ["d c"]], "S"))
def _():
    vectorize = layers.TextVectorization(ngrams=3, output_sequence_length=8)
    vectorize.adapt(["a b c d", "d c b a"])
    return stack(Input((1,), dtype="string"), vectorize)


@corpus.case("text_characters", x=np.array([["abc"], ["b a"]], "S"))
def _():
    vectorize = layers.TextVectorization(split="character", output_sequence_length=5)
    vectorize.adapt(["abc", "cab"])
    return stack(Input((1,), dtype="string"), vectorize)


@corpus.case("hashed_crossing", a=np.array([["x"], ["y"]], "S"), b=np.array([["1"], ["2"]], "S"))
def _():
    a, b = Input((1,), dtype="string", name="a"), Input((1,), dtype="string", name="b")
    return Model([a, b], layers.HashedCrossing(7)([a, b]))


@corpus.case("hashing_salted", x=np.array([["a"], ["zz"]], "S"))
def _():
    return stack(Input((1,), dtype="string"), layers.Hashing(10, salt=[3, 4]))


@corpus.case("one_hot_category", x=np.array([[0], [2]], np.int32))
def _():
    return stack(Input((1,), dtype="int32"), layers.CategoryEncoding(4, output_mode="one_hot"))


@corpus.case("image_chain", x=(rng.random((1, 12, 16, 3)) * 255).astype(np.float32))
def _():
    return stack(
        Input((12, 16, 3)),
        layers.Resizing(8, 8, crop_to_aspect_ratio=True),
        layers.Resizing(12, 10, interpolation="bicubic"),
        layers.Resizing(6, 6, interpolation="nearest"),
        layers.Cropping2D(1),
        layers.UpSampling2D(2),
    )


@corpus.case("normalization", x=uniform(4, 3) * 10)
def _():
    layer = layers.Normalization()
    layer.adapt(np.arange(12, dtype=np.float32).reshape(4, 3))
    return stack(Input((3,)), layer, layers.Normalization(mean=2.0, variance=3.0, invert=True))


@corpus.case("discretization_one_hot", x=uniform(4, 1) * 10)
def _():
    return stack(Input((1,)), layers.Discretization([1.0, 5.0], output_mode="one_hot"))


@corpus.case("integer_lookup_counts", x=np.array([[10, 20, 10], [30, 99, -1]], np.int64))
def _():
    lookup = layers.IntegerLookup(vocabulary=[10, 20, 30], output_mode="count", mask_token=-1)
    return stack(Input((3,), dtype="int64"), lookup)


@corpus.case("string_lookup_tf_idf", x=np.array([["a", "b", "a"], ["q", "c", "c"]], "S"))
def _():
    lookup = layers.StringLookup(
        vocabulary=["a", "b", "c"], idf_weights=[0.5, 1.0, 2.0], output_mode="tf_idf"
    )
    return stack(Input((3,), dtype="string"), lookup)


@corpus.case("text_split_custom", x=np.array([["a-b!  C"], ["c d\te"]], "S"))
def _():
    vectorize = layers.TextVectorization(
        standardize="lower", split="whitespace", ngrams=(1, 2), output_mode="multi_hot"
    )
    vectorize.adapt(["a-b! c", "c d e"])
    return stack(Input((1,), dtype="string"), vectorize)


@corpus.case("hashing_integers", x=np.array([[1], [20], [300]], np.int64))
def _():
    hashing = layers.Hashing(8, mask_value=20, output_mode="one_hot")
    return stack(Input((1,), dtype="int64"), hashing)


@corpus.case(
    "table_of_features",
    age=uniform(3, 1) * 80,
    city=np.array([["Ulm"], ["Bern"], ["Oslo"]], "S"),
    zone=np.array([[3], [1], [7]], np.int64),
)
def _():
    age = Input((1,), name="age")
    city, zone = Input((1,), dtype="string", name="city"), Input((1,), dtype="int64", name="zone")
    parts = [
        layers.Normalization(mean=40.0, variance=100.0)(age),
        layers.CategoryEncoding(4, output_mode="one_hot")(
            layers.Discretization([20.0, 40.0, 60.0])(age)
        ),
        layers.StringLookup(vocabulary=["Bern", "Ulm"], output_mode="one_hot")(city),
        layers.Flatten()(layers.Embedding(9, 2)(layers.Hashing(9)(zone))),
        layers.HashedCrossing(6, output_mode="one_hot")([city, zone]),
    ]
    return Model([age, city, zone], layers.Dense(2)(layers.Concatenate()(parts)))


@corpus.case("mel_layer", x=uniform(1, 800))
def _():
    mel = layers.MelSpectrogram(fft_length=128, sequence_stride=64, num_mel_bins=8)
    return stack(Input((800,)), mel)


@corpus.case("colour_layers", x=uniform(1, 8, 8, 3))
def _():
    return stack(
        Input((8, 8, 3)),
        layers.Resizing(6, 7, interpolation="lanczos3"),
        layers.Resizing(5, 5, interpolation="area"),
        layers.Rescaling(2.0, -1.0),
        layers.CenterCrop(4, 4),
    )


if __name__ == "__main__":
    export(corpus)
