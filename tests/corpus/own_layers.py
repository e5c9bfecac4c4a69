# ruff: noqa: D103
"""Keras networks. python own_layers.py OUT [NAME ...]."""

from building import Corpus, Input, Model, export, keras, layers, np, rng, stack, uniform

corpus = Corpus()


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


@corpus.case("conv_transpose", x=uniform(2, 6, 6, 3))
def _():
    return stack(
        Input((6, 6, 3)),
        layers.ZeroPadding2D(1),
        layers.Conv2DTranspose(4, 3, strides=2, padding="same", output_padding=1),
        layers.Reshape((-1, 8)),
        layers.Conv1DTranspose(3, 2, strides=2),
        layers.Permute((2, 1)),
    )


@corpus.case("depthwise_1d", x=uniform(2, 12, 4))
def _():
    return stack(
        Input((12, 4)),
        layers.DepthwiseConv1D(3, depth_multiplier=2),
        layers.SpatialDropout1D(0.3),
        layers.GlobalAveragePooling1D(keepdims=True),
        layers.Flatten(),
        layers.RepeatVector(3),
    )


@corpus.case("conv_lstm", x=uniform(1, 3, 6, 6, 2))
def _():
    return stack(Input((3, 6, 6, 2)), layers.ConvLSTM2D(2, 3, return_sequences=True))


@corpus.case("rnn_states", x=uniform(2, 5, 3))
def _():
    x = Input((5, 3))
    y, h, c = layers.LSTM(4, return_sequences=True, return_state=True, go_backwards=True)(x)
    z = layers.GRU(4, reset_after=False)(layers.Masking(0.5)(x), initial_state=h)
    return Model(x, {"y": y, "c": c, "z": z})


@corpus.case("stacked_cells", x=uniform(2, 4, 3))
def _():
    cells = [layers.LSTMCell(3), layers.GRUCell(2), layers.SimpleRNNCell(2)]
    return stack(Input((4, 3)), layers.RNN(layers.StackedRNNCells(cells)))


@corpus.case("grouped_query_attention", x=uniform(2, 5, 8))
def _():
    x = Input((5, 8))
    y = layers.GroupQueryAttention(4, 4, 2)(x, x)
    y = layers.RMSNormalization()(x + y)
    return Model(x, layers.EinsumDense("abc,cd->abd", output_shape=(None, 3))(y))


@corpus.case("masked_average", x=np.array([[3, 4, 0, 0], [5, 1, 2, 0]], np.int32))
def _():
    return stack(
        Input((4,), dtype="int32"),
        layers.Embedding(8, 4, mask_zero=True),
        layers.GlobalAveragePooling1D(),
        layers.SpectralNormalization(layers.Dense(3)),
    )


@corpus.case("pools_and_crops", x=uniform(1, 9, 9, 3))
def _():
    return stack(
        Input((9, 9, 3)),
        layers.AveragePooling2D(2, strides=1, padding="same"),
        layers.MaxPooling2D(3, strides=2, padding="same"),
        layers.LayerNormalization(axis=[1, 2]),
        layers.GlobalMaxPooling2D(),
        layers.Softmax(),
    )


@corpus.case("mobilenet_v3", x=uniform(1, 32, 32, 3))
def _():
    return keras.applications.MobileNetV3Small(weights=None, input_shape=(32, 32, 3), classes=5)


if __name__ == "__main__":
    export(corpus)
