# ruff: noqa: D103, D205, D209, D415
"""More cases of the same kinds: python more_cases.py OUT [NAME ...]"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from corpus import Corpus, tensor_module  # noqa: E402

layers, Input, Model, Spec = keras.layers, keras.Input, keras.Model, tf.TensorSpec
corpus = Corpus()
rng = np.random.default_rng(11)


def uniform(*shape):
    return rng.random(shape, dtype=np.float32)


def stack(inputs, *chain):
    x = inputs
    for layer in chain:
        x = layer(x)
    return Model(inputs, x)


# ---- Keras networks


@corpus.case("conv1d_pool", x=uniform(3, 20, 4))
def _():
    return stack(
        Input((20, 4)),
        layers.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="relu"),
        layers.MaxPooling1D(2),
        layers.SeparableConv1D(5, 3),
        layers.AveragePooling1D(2),
        layers.GlobalMaxPooling1D(),
        layers.Dense(2),
    )


@corpus.case("conv3d", x=uniform(1, 6, 8, 8, 2))
def _():
    return stack(
        Input((6, 8, 8, 2)),
        layers.Conv3D(3, 2),
        layers.MaxPooling3D(2),
        layers.BatchNormalization(),
        layers.GlobalAveragePooling3D(),
    )


@corpus.case("bidirectional", x=uniform(2, 7, 5))
def _():
    return stack(
        Input((7, 5)),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.Bidirectional(layers.GRU(2)),
    )


@corpus.case("masked_rnn", x=np.array([[3, 4, 0, 0], [5, 1, 2, 0]], np.int32))
def _():
    return stack(
        Input((4,), dtype="int32"),
        layers.Embedding(8, 4, mask_zero=True),
        layers.LSTM(3),
        layers.Dense(2),
    )


@corpus.case("time_distributed", x=uniform(2, 4, 6))
def _():
    return stack(
        Input((4, 6)),
        layers.TimeDistributed(layers.Dense(3, "elu")),
        layers.SimpleRNN(4, return_sequences=True),
        layers.Flatten(),
    )


@corpus.case("transformer_block", x=rng.integers(0, 30, (2, 8)).astype(np.int32))
def _():
    tokens = Input((8,), dtype="int32")
    x = layers.Embedding(30, 16)(tokens)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(4, 4)(x, x, use_causal_mask=True))
    x = layers.LayerNormalization()(x + layers.Dense(16)(layers.Dense(32, "gelu")(x)))
    return Model(tokens, layers.Dense(30, "softmax")(x))


@corpus.case("residual_group_norm", x=uniform(2, 8, 8, 4))
def _():
    x = Input((8, 8, 4))
    y = layers.GroupNormalization(2)(layers.Conv2D(4, 3, padding="same")(x))
    y = layers.Add()([x, layers.ReLU(max_value=6)(y)])
    y = layers.Concatenate()([y, layers.Multiply()([x, y])])
    return Model(x, layers.UnitNormalization()(layers.Flatten()(y)))


@corpus.case("activations_more", x=uniform(3, 6) * 6 - 3)
def _():
    x = Input((6,))
    names = (
        "exponential",
        "mish",
        "relu6",
        "log_softmax",
        "hard_silu",
        "softmax",
        "linear",
        "sparse_plus",
    )
    y = [layers.Activation(name)(x) for name in names]
    y += [layers.PReLU()(x), layers.ELU(0.5)(x), layers.ReLU(negative_slope=0.1, threshold=0.5)(x)]
    return Model(x, layers.Concatenate()(y))


@corpus.case("two_inputs_two_outputs", a=uniform(3, 4), b=uniform(3, 2))
def _():
    a, b = Input((4,), name="a"), Input((2,), name="b")
    joined = layers.Concatenate()([layers.Dense(3)(a), layers.Dense(3)(b)])
    return Model(
        [a, b], {"sum": layers.Dense(1)(joined), "gate": layers.Dense(2, "sigmoid")(joined)}
    )


@corpus.case("dot_attention", q=uniform(2, 3, 4), v=uniform(2, 5, 4))
def _():
    q, v = Input((3, 4), name="q"), Input((5, 4), name="v")
    return Model(
        [q, v], layers.Attention(use_scale=True)([q, v]) + layers.AdditiveAttention()([q, v])
    )


@corpus.case("resnet_v2_style", x=uniform(1, 32, 32, 3))
def _():
    return keras.applications.ResNet50V2(weights=None, input_shape=(32, 32, 3), classes=5)


@corpus.case("efficientnet", x=uniform(1, 32, 32, 3))
def _():
    return keras.applications.EfficientNetB0(weights=None, input_shape=(32, 32, 3), classes=5)


# ---- preprocessing


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


# ---- tf.function graphs


@corpus.case("mutable_table", s=np.array(["a", "q"], "S"))
def _():
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    table.insert(["a", "b"], tf.constant([4, 5], tf.int64))
    return tensor_module(lambda m, s: m.table.lookup(s), Spec([None], tf.string), table=table)


@corpus.case("variable_counter", x=uniform(3))
def _():
    return tensor_module(
        lambda m, x: [x * m.scale, tf.gather(m.rows, tf.cast(x * 3, tf.int32)), m.rows[1:, ::-1]],
        Spec([None], tf.float32),
        scale=tf.Variable(2.5),
        rows=tf.Variable(np.arange(12, dtype=np.float32).reshape(4, 3)),
    )


@corpus.case("nested_while", n=np.int32(4))
def _():
    def inner(i):
        return tf.while_loop(lambda j, s: j < i, lambda j, s: (j + 1, s + j), [0, 0])[1]

    return tensor_module(
        lambda m, n: tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + inner(i)), [0, 0])[
            1
        ],
        Spec([], tf.int32),
    )


@corpus.case("while_with_cond", n=np.int32(6))
def _():
    def body(i, x):
        return i + 1, tf.cond(tf.equal(i % 2, 0), lambda: x + 1.0, lambda: x * 2.0)

    return tensor_module(
        lambda m, n: tf.while_loop(lambda i, x: i < n, body, [0, 0.5])[1], Spec([], tf.int32)
    )


@corpus.case("switch_case", k=np.int32(2))
def _():
    return tensor_module(
        lambda m, k: tf.switch_case(
            k, [lambda: tf.constant(1.0), lambda: tf.constant(5.0), lambda: tf.constant(9.0)]
        ),
        Spec([], tf.int32),
    )


@corpus.case("map_fn", x=uniform(4, 3))
def _():
    return tensor_module(
        lambda m, x: [tf.map_fn(lambda row: tf.sort(row) * 2, x), tf.foldl(lambda a, b: a + b, x)],
        Spec([None, 3], tf.float32),
    )


@corpus.case("tensor_array", n=np.int32(5))
def _():
    def graph(m, n):
        array = tf.TensorArray(tf.float32, size=0, dynamic_size=True, element_shape=[])
        return tf.while_loop(
            lambda i, a: i < n,
            lambda i, a: (i + 1, a.write(i, tf.cast(i, tf.float32) ** 2)),
            [0, array],
        )[1].stack()

    return tensor_module(graph, Spec([], tf.int32))


@corpus.case("cond_with_variable", x=np.float32(1))
def _():
    return tensor_module(
        lambda m, x: tf.cond(x > 0, lambda: m.a * x, lambda: m.b - x),
        Spec([], tf.float32),
        a=tf.Variable(3.0),
        b=tf.Variable(4.0),
    )


@corpus.case("linear_algebra", x=uniform(3, 3) + 3 * np.eye(3, dtype=np.float32))
def _():
    return tensor_module(
        lambda m, x: [
            tf.linalg.inv(x),
            tf.linalg.det(x),
            tf.linalg.matmul(x, x, transpose_b=True),
            tf.linalg.set_diag(x, tf.zeros([3])),
            tf.linalg.diag(x[0]),
            tf.linalg.trace(x),
            tf.norm(x),
            tf.linalg.solve(x, x),
        ],
        Spec([3, 3], tf.float32),
    )


@corpus.case("reductions", x=uniform(3, 4) - 0.5)
def _():
    return tensor_module(
        lambda m, x: [
            tf.reduce_logsumexp(x, 1),
            tf.math.reduce_std(x, 0),
            tf.argmax(x, 1),
            tf.reduce_any(x > 0, 1),
            tf.math.segment_sum(x, [0, 0, 1]),
            tf.math.unsorted_segment_mean(x, [1, 0, 1], 2),
            tf.math.cumulative_logsumexp(x, 1),
            tf.math.floormod(x, 0.3),
            tf.math.sign(x),
            tf.math.bincount([1, 2, 2, 5]),
        ],
        Spec([3, 4], tf.float32),
    )


@corpus.case("indexing", x=uniform(4, 5))
def _():
    return tensor_module(
        lambda m, x: [
            tf.gather(x, [2, 0], axis=1),
            tf.gather_nd(x, [[0, 1], [3, 2]]),
            tf.gather(x, [[1], [0], [2], [3]], batch_dims=1),
            tf.boolean_mask(x, x[:, 0] > 0.5),
            tf.one_hot([1, 3], 5),
            tf.reverse(x, [1]),
            tf.tile(x, [1, 2]),
            tf.pad(x, [[1, 1], [0, 0]], "REFLECT"),
            tf.stack(tf.unstack(x, 5, 1), 0),
            tf.tensor_scatter_nd_add(x, [[0], [0]], tf.ones([2, 5])),
            tf.meshgrid(x[0], x[1])[0],
            tf.unique(tf.constant([3, 3, 1]))[0],
            tf.searchsorted([1.0, 2.0, 3.0], x[0] * 4),
            tf.space_to_batch_nd(x[:, :, None], [2], [[0, 1]]),
        ],
        Spec([4, 5], tf.float32),
    )


@corpus.case("strings_more", s=np.array([b"ab,cd", b"x", "é,y".encode()], "S"))
def _():
    return tensor_module(
        lambda m, s: [
            tf.strings.upper(s),
            tf.strings.join([s, s], "-"),
            tf.strings.split(s, ",").to_tensor("?"),
            tf.strings.length(s),
            tf.strings.reduce_join(s, 0),
            tf.strings.to_hash_bucket_strong(s, 9, [1, 2]),
            tf.strings.as_string(tf.strings.length(s)),
            tf.strings.regex_full_match(s, ".*,.*"),
            tf.strings.regex_replace(s, "[a-c]+", "_"),
            tf.strings.bytes_split(s).to_tensor(),
        ],
        Spec([None], tf.string),
    )


@corpus.case("unicode", s=np.array(["héllo".encode(), b"a"], "S"))
def _():
    return tensor_module(
        lambda m, s: [
            tf.strings.unicode_decode(s, "UTF-8").to_tensor(),
            tf.strings.unicode_split(s, "UTF-8").to_tensor(),
            tf.strings.unicode_transcode(s, "UTF-8", "UTF-16-BE"),
        ],
        Spec([None], tf.string),
    )


@corpus.case("numbers_from_strings", s=np.array(["1.5", "-2"], "S"))
def _():
    return tensor_module(
        lambda m, s: [
            tf.strings.to_number(s),
            tf.strings.substr(s, 0, 1),
            tf.io.decode_raw(tf.strings.substr(s, 0, 2), tf.uint8),
        ],
        Spec([None], tf.string),
    )


@corpus.case("ragged_more", n=np.array([2, 0, 3], np.int32))
def _():
    def graph(m, n):
        rows = tf.ragged.range(n)
        return [
            rows.to_tensor(-1),
            tf.reduce_max(rows + 1, 1),
            rows.row_splits,
            tf.concat([rows, rows], 1).flat_values,
        ]

    return tensor_module(graph, Spec([None], tf.int32))


@corpus.case("sparse", x=uniform(3, 4))
def _():
    def graph(m, x):
        sparse = tf.sparse.from_dense(tf.where(x > 0.5, x, 0.0))
        return [
            tf.sparse.to_dense(sparse),
            tf.sparse.reduce_sum(sparse, 1),
            tf.sparse.sparse_dense_matmul(sparse, tf.transpose(x)),
            tf.sparse.reorder(sparse).values,
        ]

    return tensor_module(graph, Spec([3, 4], tf.float32))


@corpus.case(
    "parse_mixed_example",
    s=np.array(
        [
            tf.train.Example(
                features=tf.train.Features(
                    feature={
                        "a": tf.train.Feature(float_list=tf.train.FloatList(value=[1.0, 2.0])),
                        "t": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"x", b"yy"])),
                    }
                )
            ).SerializeToString()
        ],
        "O",
    ),
)
def _():
    def graph(m, s):
        parsed = tf.io.parse_example(
            s,
            {
                "a": tf.io.FixedLenFeature([2], tf.float32),
                "t": tf.io.VarLenFeature(tf.string),
                "d": tf.io.FixedLenFeature([], tf.int64, 7),
            },
        )
        return [parsed["a"], tf.sparse.to_dense(parsed["t"]), parsed["d"]]

    return tensor_module(graph, Spec([None], tf.string))


@corpus.case("image_ops", x=uniform(1, 8, 8, 3))
def _():
    return tensor_module(
        lambda m, x: [
            tf.image.rgb_to_grayscale(x),
            tf.image.adjust_contrast(x, 2.0),
            tf.image.adjust_saturation(x, 0.5),
            tf.image.flip_left_right(x),
            tf.image.central_crop(x, 0.5),
            tf.image.crop_and_resize(x, [[0.1, 0.1, 0.9, 0.9]], [0], [4, 4]),
            tf.image.resize_with_pad(x, 10, 12),
            tf.image.per_image_standardization(x),
            tf.image.extract_patches(x, [1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"),
            tf.nn.depth_to_space(tf.nn.space_to_depth(x, 2), 2),
            tf.image.sobel_edges(x),
        ],
        Spec([1, 8, 8, 3], tf.float32),
    )


@corpus.case(
    "decode_png",
    s=np.array(tf.io.encode_png(np.arange(48, dtype=np.uint8).reshape(4, 4, 3)).numpy(), "O"),
)
def _():
    return tensor_module(
        lambda m, s: tf.image.convert_image_dtype(tf.io.decode_png(s, channels=3), tf.float32),
        Spec([], tf.string),
    )


@corpus.case("mel_spectrogram", x=uniform(1024))
def _():
    def graph(m, x):
        spectrum = tf.abs(tf.signal.stft(x, 128, 64))
        mel = tf.matmul(
            spectrum, tf.signal.linear_to_mel_weight_matrix(12, 65, 8000, 100.0, 3500.0)
        )
        return [
            tf.signal.mfccs_from_log_mel_spectrograms(tf.math.log(mel + 1e-6)),
            tf.signal.frame(x, 256, 128),
        ]

    return tensor_module(graph, Spec([None], tf.float32))


@corpus.case("nms_combined", b=uniform(1, 4, 1, 4), s=uniform(1, 4, 2))
def _():
    return tensor_module(
        lambda m, b, s: list(tf.image.combined_non_max_suppression(b, s, 3, 4)),
        Spec([1, 4, 1, 4], tf.float32),
        Spec([1, 4, 2], tf.float32),
    )


@corpus.case("einsums", x=uniform(2, 3, 4), y=uniform(2, 4, 5))
def _():
    return tensor_module(
        lambda m, x, y: [
            tf.einsum("bij,bjk->bik", x, y),
            tf.einsum("bij,bjk->kb", x, y),
            tf.einsum("...ij->...ji", x),
            tf.einsum("bij->b", x),
            tf.einsum("bij,cjk->bcik", x, y),
        ],
        Spec([2, 3, 4], tf.float32),
        Spec([2, 4, 5], tf.float32),
    )


@corpus.case("half_and_double", x=uniform(4))
def _():
    def graph(m, x):
        low, high = tf.cast(x, tf.float16), tf.cast(x, tf.float64)
        return [
            tf.cast(tf.exp(low) + low, tf.float32),
            tf.math.erf(high),
            tf.math.lgamma(high + 1),
            tf.complex(x, x) * 2.0,
        ]

    return tensor_module(graph, Spec([None], tf.float32))


@corpus.case("bits_and_ints", n=np.array([1, 6, 13], np.int32))
def _():
    return tensor_module(
        lambda m, n: [
            tf.bitwise.bitwise_and(n, 5),
            tf.bitwise.left_shift(n, 2),
            n // 4,
            n % 4,
            tf.cast(n, tf.int64) * 3,
            tf.clip_by_value(n, 2, 9),
            tf.math.bincount(n, minlength=16),
        ],
        Spec([None], tf.int32),
    )


if __name__ == "__main__":
    failed = corpus.export(sys.argv[1], sys.argv[2:])
    sys.exit("could not export: " + ", ".join(failed) if failed else 0)
