# ruff: noqa: D103
"""Numbers: linear algebra, indices, signals. python own_numbers.py OUT [NAME ...]."""

from building import Corpus, Spec, export, np, rng, tensor_module, tf, uniform

corpus = Corpus()


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


@corpus.case("sorting", x=uniform(3, 5), k=np.array([4, 1, 4, 2, 1], np.int64))
def _():
    def graph(m, x, k):
        values, places = tf.math.top_k(x, 2)
        return [
            *(tf.sort(x, direction="DESCENDING"), tf.argsort(x, 0, stable=True), values, places),
            tf.math.in_top_k([1, 0, 4], x, 3),
            *tf.unique_with_counts(k),
            *tf.raw_ops.UniqueV2(x=k, axis=[0]),
            tf.raw_ops.ListDiff(x=k, y=tf.constant([1], tf.int64)).out,
            tf.math.invert_permutation([2, 0, 1]),
            tf.where(x > 0.5),
        ]

    return tensor_module(graph, Spec([3, 5], tf.float32), Spec([5], tf.int64))


@corpus.case("segments", x=uniform(4, 2), i=np.array([0, 0, 2, 2], np.int32))
def _():
    return tensor_module(
        lambda m, x, i: [
            *(tf.math.segment_max(x, i), tf.math.segment_mean(x, i), tf.math.segment_prod(x, i)),
            tf.math.unsorted_segment_prod(x, i, 3),
            tf.math.unsorted_segment_min(x, i, 3),
            tf.math.unsorted_segment_max(x, i, 3),
            tf.math.unsorted_segment_sqrt_n(x, i, 3),
            tf.sparse.segment_sum(x, [3, 0], [0, 1], num_segments=3),
            tf.sparse.segment_mean(x, [3, 0, 1], [0, 1, 1]),
        ],
        Spec([4, 2], tf.float32),
        Spec([4], tf.int32),
    )


@corpus.case("scatters", x=uniform(4, 3), u=uniform(2, 3))
def _():
    return tensor_module(
        lambda m, x, u: [
            tf.scatter_nd([[3], [0]], u, [4, 3]),
            tf.tensor_scatter_nd_update(x, [[2], [1]], u),
            tf.tensor_scatter_nd_sub(x, [[2], [2]], u),
            tf.tensor_scatter_nd_max(x, [[2], [1]], u),
            tf.tensor_scatter_nd_min(x, [[2], [1]], u),
            tf.math.cumsum(x, 1, exclusive=True, reverse=True),
            tf.math.cumprod(x, 0),
            tf.dynamic_stitch([[0, 2], [1]], [x[:2], x[2:3]]),
            *tf.dynamic_partition(x, [1, 0, 1, 0], 2),
        ],
        Spec([4, 3], tf.float32),
        Spec([2, 3], tf.float32),
    )


@corpus.case("fourier", x=uniform(2, 16))
def _():
    return tensor_module(
        lambda m, x: [
            tf.signal.rfft(x),
            tf.signal.irfft(tf.signal.rfft(x, [12]), [12]),
            tf.signal.fft(tf.cast(x, tf.complex64)),
            tf.signal.ifft2d(tf.cast(x, tf.complex64)),
            tf.signal.rfft2d(x),
            tf.signal.dct(x, norm="ortho"),
            tf.signal.fftshift(x, 1),
            tf.signal.overlap_and_add(tf.reshape(x, [2, 4, 4]), 2),
            tf.signal.inverse_stft(tf.signal.stft(x, 8, 4), 8, 4),
            tf.signal.hann_window(8),
        ],
        Spec([2, 16], tf.float32),
    )


@corpus.case("matrices", x=uniform(2, 3, 3) + 3 * np.eye(3, dtype=np.float32))
def _():
    def graph(m, x):
        square = tf.matmul(x, x, transpose_b=True)
        return [
            tf.linalg.cholesky(square),
            tf.abs(tf.linalg.qr(x).r),
            tf.linalg.svd(x, compute_uv=False),
            tf.linalg.eigvalsh(square),
            tf.linalg.lstsq(x, x[:, :, :1]),
            tf.linalg.triangular_solve(tf.linalg.band_part(x, -1, 0), x),
            tf.linalg.expm(x / 4),
            tf.linalg.pinv(x),
            tf.linalg.slogdet(x).log_abs_determinant,
            tf.linalg.cross(x[0], x[1]),
            tf.linalg.diag_part(x),
            tf.linalg.diag_part(x, k=1),
            tf.linalg.diag(x[0], k=-1),
            tf.linalg.logdet(square),
            tf.linalg.adjoint(x),
            tf.linalg.tensor_diag(x[0, 0]),
            tf.eye(2, 3, [2]),
        ]

    return tensor_module(graph, Spec([2, 3, 3], tf.float32))


@corpus.case("special_functions", x=uniform(5) * 0.8 + 0.1)
def _():
    return tensor_module(
        lambda m, x: [
            *(tf.math.igamma(x, x), tf.math.igammac(x, x), tf.math.betainc(x, x, x)),
            *(tf.math.digamma(x), tf.math.polygamma(1.0, x), tf.math.zeta(x + 2, x)),
            *(tf.math.bessel_i0e(x), tf.math.bessel_i1(x), tf.math.erfinv(x), tf.math.ndtri(x)),
            *(tf.math.erfcinv(x), tf.math.special.expint(x), tf.math.special.dawsn(x)),
            *(tf.math.expm1(x), tf.math.log1p(x), tf.math.softplus(x), tf.math.atan2(x, x + 1)),
            *(tf.math.sinh(x), tf.math.asinh(x), tf.math.acosh(x + 1), tf.math.atanh(x)),
            *(tf.math.log_sigmoid(x), tf.nn.selu(x), tf.nn.softsign(x), tf.nn.elu(x)),
            *(tf.math.nextafter(x, x + 1), tf.math.rsqrt(x), tf.math.reciprocal_no_nan(x - x)),
            *(tf.math.xlog1py(x, x), tf.math.squared_difference(x, 1.0), tf.math.is_inf(x)),
        ],
        Spec([None], tf.float32),
    )


@corpus.case("rounding", x=uniform(6) * 8 - 4, n=np.array([7, -7, 9], np.int32))
def _():
    return tensor_module(
        lambda m, x, n: [
            *(tf.round(x), tf.math.ceil(x), tf.math.floor(x), tf.math.rint(x), n // 2, n % 4),
            *(
                tf.truncatediv(n, 2),
                tf.truncatemod(n, 4),
                tf.math.pow(n, 2),
                tf.saturate_cast(x * 99, tf.uint8),
            ),
            *(tf.bitcast(x, tf.int32), tf.bitwise.invert(n), tf.bitwise.right_shift(n, 1)),
            *(tf.bitwise.bitwise_xor(n, 3), tf.raw_ops.PopulationCount(x=n)),
            tf.bitwise.left_shift(tf.constant([1, -3], tf.int64), tf.constant([40, 2], tf.int64)),
            tf.cast(tf.cast(n, tf.int8), tf.int32),
            tf.cast(x, tf.bfloat16) > 0,
            tf.math.mod(x, 1.5),
            tf.quantization.fake_quant_with_min_max_args(x, -3, 3),
            tf.quantization.fake_quant_with_min_max_vars(x, -2.0, 2.0, 4),
            tf.quantization.fake_quant_with_min_max_vars_per_channel(x, [-2.0] * 6, [2.0] * 6),
            tf.histogram_fixed_width(x, [-4.0, 4.0], 5),
        ],
        Spec([6], tf.float32),
        Spec([3], tf.int32),
    )


@corpus.case("slices_and_shapes", x=uniform(2, 4, 3))
def _():
    return tensor_module(
        lambda m, x: [
            *(x[..., tf.newaxis, 1:], x[:, ::-2], x[0, -1], x[:, 1:3, 0]),
            *(tf.reverse_sequence(x, [3, 2], 1), tf.roll(x, [1, -1], [0, 2])),
            *(tf.sequence_mask([1, 3], 4), tf.repeat(x, [1, 0, 2, 1], 1), tf.linspace(0.0, 1.0, 5)),
            *(tf.batch_to_space(tf.reshape(x, [4, 1, 2, 3]), [2, 2], [[0, 0], [0, 0]]),),
            *(tf.broadcast_to(x[:1], [2, 4, 3]), tf.where(x > 0.5, x, 1.0), tf.add_n([x, x, x])),
            *(tf.tensordot(x, x, [[1, 2], [1, 2]]), tf.matmul(x, x, transpose_a=True)),
            *(
                tf.searchsorted(tf.sort(x), x, "right"),
                tf.raw_ops.Bucketize(input=x, boundaries=[0.3, 0.6]),
            ),
            *(tf.shape(x), tf.size(x), tf.rank(x), tf.squeeze(x[:, :1]), tf.split(x, [1, 3], 1)),
            *(tf.zeros_like(x), tf.identity_n([x])[0], tf.math.argmin(x, 2), tf.norm(x, 1, 2)),
            *(tf.nn.l2_normalize(x, 2), tf.nn.moments(x, [0, 1]), tf.clip_by_norm(x, 1.0)),
            tf.math.confusion_matrix([0, 1, 1], [0, 1, 0]),
            tf.math.approx_max_k(x, 2)[0],
        ],
        Spec([2, 4, 3], tf.float32),
    )


@corpus.case("convolutions", x=uniform(1, 6, 6, 4))
def _():
    kernel = rng.random((3, 3, 4, 2), dtype=np.float32)
    return tensor_module(
        lambda m, x: [
            tf.nn.atrous_conv2d(x, kernel, 2, "SAME"),
            tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], "VALID"),
            tf.nn.conv2d(x, kernel, 1, [[0, 0], [1, 1], [2, 0], [0, 0]]),
            *tf.nn.max_pool_with_argmax(x, 2, 2, "VALID"),
            tf.nn.local_response_normalization(x),
            tf.nn.dilation2d(x, kernel[..., 0], [1, 1, 1, 1], "SAME", "NHWC", [1, 1, 1, 1]),
            tf.nn.bias_add(x, [1.0, 2.0, 3.0, 4.0]),
            tf.nn.softmax_cross_entropy_with_logits(x[0], tf.nn.softmax(x[0] * 2)),
            tf.nn.sparse_softmax_cross_entropy_with_logits([1, 2], x[0, 0, :2]),
            tf.nn.conv3d_transpose(
                x[:, :, :, :, None], kernel[:, :, :, :1, None], [1, 6, 6, 4, 1], [1, 1, 1, 1, 1]
            ),
            tf.nn.ctc_greedy_decoder(tf.transpose(x[0], [1, 0, 2]), [6] * 6)[0][0].values,
        ],
        Spec([1, 6, 6, 4], tf.float32),
    )


@corpus.case("stateless_random", seed=np.array([3, 7], np.int32))
def _():
    return tensor_module(
        lambda m, seed: [
            tf.random.stateless_uniform([3, 2], seed),
            tf.random.stateless_normal([4], seed),
            tf.random.stateless_truncated_normal([4], seed),
            tf.random.stateless_uniform([4], seed, 0, 10, tf.int32),
        ],
        Spec([2], tf.int32),
    )


@corpus.case("complex_numbers", x=uniform(3), y=uniform(3))
def _():
    def graph(m, x, y):
        z = tf.complex(x, y)
        return [
            *(tf.math.angle(z), tf.abs(z), tf.math.conj(z), tf.math.real(z * z), tf.exp(z)),
            *(tf.reduce_sum(z), z / tf.complex(y + 1, x), tf.cast(z, tf.complex128), tf.sqrt(z)),
        ]

    return tensor_module(graph, Spec([None], tf.float32), Spec([None], tf.float32))


if __name__ == "__main__":
    export(corpus)
