# ruff: noqa: D103, D205, D209, D415
"""Export the public half of the corpus: python make_corpus.py OUT [NAME ...]

Every builder is a plain, deterministic model of a kind that people really
export: Keras layers and preprocessing, lookup tables, string and ragged
pipelines, image and signal graphs, control flow, small networks.
"""

import os

from building import (
    Corpus,
    Input,
    Model,
    Spec,
    export,
    keras,
    layers,
    np,
    rng,
    stack,
    tensor_module,
    tf,
    uniform,
)

corpus = Corpus()


# ---- Keras networks


@corpus.case("dense_bn", x=uniform(5, 8))
def _():
    return stack(
        Input((8,)),
        layers.Dense(4, "relu"),
        layers.BatchNormalization(),
        layers.Dropout(0.5),
        layers.Dense(3, "softmax"),
    )


@corpus.case("conv_misc", x=uniform(2, 32, 32, 3))
def _():
    return stack(
        Input((32, 32, 3)),
        layers.Conv2D(4, 3, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(2),
        layers.SeparableConv2D(4, 3),
        layers.DepthwiseConv2D(3),
        layers.Conv2DTranspose(4, 3, strides=2),
        layers.UpSampling2D(2, interpolation="bilinear"),
        layers.LeakyReLU(),
        layers.ZeroPadding2D(1),
        layers.GlobalAveragePooling2D(),
        layers.Dense(2),
    )


@corpus.case("activations", x=uniform(4, 8) * 4 - 2)
def _():
    return stack(
        Input((8,)),
        *[
            layers.Activation(a)
            for a in (
                "relu",
                "elu",
                "selu",
                "gelu",
                "silu",
                "softplus",
                "softsign",
                "tanh",
                "hard_sigmoid",
                "leaky_relu",
            )
        ],
    )


@corpus.case("lstm_gru", x=uniform(3, 10, 8))
def _():
    return stack(
        Input((10, 8)), layers.LSTM(4, return_sequences=True), layers.GRU(4), layers.Dense(2)
    )


@corpus.case("attention", x=uniform(2, 6, 8))
def _():
    x = Input((6, 8))
    return Model(x, layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x)))


@corpus.case("embedding_pool", x=rng.integers(0, 20, (4, 10)).astype(np.int32))
def _():
    return stack(
        Input((10,), dtype="int32"),
        layers.Embedding(20, 8),
        layers.GlobalAveragePooling1D(),
        layers.Dense(2, "sigmoid"),
    )


@corpus.case("mobilenet_v2", x=uniform(1, 64, 64, 3))
def _():
    return keras.applications.MobileNetV2(weights=None, input_shape=(64, 64, 3), classes=10)


# ---- Keras preprocessing


@corpus.case("string_lookup", x=np.array([["a"], ["zz"], ["b"]], "S"))
def _():
    return stack(Input((1,), dtype="string"), layers.StringLookup(vocabulary=["a", "b", "c"]))


@corpus.case("string_lookup_classifier", x=np.array([["a"], ["zz"], ["b"]], "S"))
def _():
    return stack(
        Input((1,), dtype="string"),
        layers.StringLookup(vocabulary=["a", "b", "c"]),
        layers.Embedding(4, 8),
        layers.Flatten(),
        layers.Dense(3, "softmax"),
    )


@corpus.case("integer_lookup", x=np.array([[1], [9], [5]], np.int64))
def _():
    return stack(Input((1,), dtype="int64"), layers.IntegerLookup(vocabulary=[1, 5, 7]))


@corpus.case("text_vectorization", x=np.array([["A b, c!"], ["hello b unknown"]], "S"))
def _():
    vectorize = layers.TextVectorization(max_tokens=50, output_sequence_length=6)
    vectorize.adapt(["a b c", "hello world, b"])
    return stack(Input((1,), dtype="string"), vectorize)


@corpus.case("text_multi_hot", x=np.array([["A b, c!"], ["hello b unknown"]], "S"))
def _():
    vectorize = layers.TextVectorization(max_tokens=50, output_mode="multi_hot", ngrams=2)
    vectorize.adapt(["a b c", "hello world, b"])
    return stack(Input((1,), dtype="string"), vectorize)


@corpus.case("hashing", x=np.array([["a"], ["zz"]], "S"))
def _():
    return stack(Input((1,), dtype="string"), layers.Hashing(10))


@corpus.case("category_encoding", x=np.array([[0, 1, 4], [2, 2, 3]], np.int32))
def _():
    return stack(Input((3,), dtype="int32"), layers.CategoryEncoding(5, output_mode="multi_hot"))


@corpus.case("resize_rescale", x=(rng.random((1, 20, 24, 3)) * 255).astype(np.float32))
def _():
    return stack(
        Input((None, None, 3)),
        layers.Resizing(16, 16),
        layers.Rescaling(1 / 255.0),
        layers.CenterCrop(8, 8),
        layers.Normalization(mean=0.3, variance=2.0),
    )


# ---- tf.function graphs


@corpus.case("static_table", s=np.array(["a", "zz"], "S"))
def _():
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([1, 2], tf.int64)), -1
    )
    return tensor_module(lambda m, s: m.table.lookup(s), Spec([None], tf.string), table=table)


@corpus.case("vocabulary_table_from_file", s=np.array(["b", "zz", "a"], "S"))
def _():
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), "corpus_vocabulary.txt")
    with open(path, "w") as out:
        out.write("a\nb\n")
    table = tf.lookup.StaticVocabularyTable(
        tf.lookup.TextFileInitializer(
            path,
            tf.string,
            tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER,
        ),
        2,
    )
    return tensor_module(lambda m, s: m.table.lookup(s), Spec([None], tf.string), table=table)


@corpus.case("where_clip_div", x=uniform(3, 4) - 0.5)
def _():
    return tensor_module(
        lambda m, x: tf.where(x > 0, tf.clip_by_value(x, 0, 1), tf.math.divide_no_nan(x, 2.0)),
        Spec([None, 4], tf.float32),
    )


@corpus.case("while_loop", n=np.int32(5))
def _():
    return tensor_module(
        lambda m, n: tf.while_loop(
            lambda i, x: i < n, lambda i, x: (i + 1, x * 2.0 + 1.0), [0, 0.0]
        )[1],
        Spec([], tf.int32),
    )


@corpus.case("scan_tensor_list", x=uniform(4, 3))
def _():
    return tensor_module(lambda m, x: tf.scan(lambda a, b: a + b, x), Spec([None, 3], tf.float32))


@corpus.case("cond", x=np.float32(-2))
def _():
    return tensor_module(
        lambda m, x: tf.cond(x > 0, lambda: x * 2, lambda: x - 1), Spec([], tf.float32)
    )


@corpus.case(
    "nms",
    b=np.array([[0, 0, 1, 1], [0, 0, 1, 0.9], [0.5, 0.5, 1.5, 1.5]], np.float32),
    s=np.array([0.9, 0.8, 0.7], np.float32),
)
def _():
    return tensor_module(
        lambda m, b, s: [
            tf.image.non_max_suppression(b, s, 5),
            *tf.image.non_max_suppression_with_scores(b, s, 5),
        ],
        Spec([None, 4], tf.float32),
        Spec([None], tf.float32),
    )


@corpus.case("strings", s=np.array(["Hello World", " x y "], "S"))
def _():
    return tensor_module(
        lambda m, s: [
            tf.strings.lower(s),
            tf.strings.regex_replace(s, "o", "0"),
            tf.strings.split(s).to_tensor(),
            tf.strings.length(s, "UTF8_CHAR"),
            tf.strings.strip(s),
            tf.strings.substr(s, 0, 1),
            tf.strings.to_hash_bucket_fast(s, 5),
        ],
        Spec([None], tf.string),
    )


@corpus.case("ragged", s=np.array(["one two", "three"], "S"))
def _():
    def graph(m, s):
        words = tf.strings.split(s)
        return [
            words.to_sparse().values,
            words.row_lengths(),
            tf.reduce_sum(tf.strings.length(words), 1),
        ]

    return tensor_module(graph, Spec([None], tf.string))


@corpus.case("image_resizers", x=uniform(1, 12, 10, 3))
def _():
    return tensor_module(
        lambda m, x: [
            tf.image.resize(x, [8, 8], method=k) for k in ("bilinear", "nearest", "bicubic", "area")
        ],
        Spec([1, None, None, 3], tf.float32),
    )


@corpus.case("stft", x=uniform(512))
def _():
    return tensor_module(lambda m, x: tf.abs(tf.signal.stft(x, 64, 32)), Spec([None], tf.float32))


@corpus.case("scatter_band_roll", x=uniform(8, 8))
def _():
    return tensor_module(
        lambda m, x: [
            tf.linalg.band_part(x, 1, 1),
            tf.linalg.diag_part(x),
            tf.roll(x, 1, 0),
            tf.math.cumsum(x),
            tf.tensor_scatter_nd_update(x, [[0, 0]], [1.0]),
            tf.broadcast_to(x[:1], [3, 8]),
            tf.einsum("ij,kj->ik", x, x),
            tf.math.xlogy(x, x),
            tf.math.top_k(x, 3).values,
        ],
        Spec([None, 8], tf.float32),
    )


@corpus.case(
    "parse_example",
    s=np.array(
        [
            tf.train.Example(
                features=tf.train.Features(
                    feature={"a": tf.train.Feature(float_list=tf.train.FloatList(value=[v]))}
                )
            ).SerializeToString()
            for v in (1.5, -2)
        ],
        "O",
    ),
)
def _():
    return tensor_module(
        lambda m, s: tf.io.parse_example(s, {"a": tf.io.FixedLenFeature([], tf.float32)})["a"],
        Spec([None], tf.string),
    )


if __name__ == "__main__":
    export(corpus)
