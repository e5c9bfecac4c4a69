# ruff: noqa: D103
"""Strings, ragged and sparse tensors, protobufs. python own_data.py OUT [NAME ...]."""

from building import Corpus, Spec, export, np, tensor_module, tf, uniform

corpus = Corpus()


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


@corpus.case("splits_of_strings", s=np.array(["a b  c", "d", " e f "], "S"))
def _():
    return tensor_module(
        lambda m, s: [
            tf.strings.split(s).to_tensor(),
            tf.strings.split(s, maxsplit=1).to_tensor("-"),
            tf.strings.split(s, " ").row_lengths(),
            tf.compat.v1.string_split(s, " ").values,
            tf.strings.ngrams(tf.strings.split(s), 2, " ").to_tensor(""),
            tf.strings.strip(s),
            tf.strings.reduce_join([["a", "b"], ["c", "d"]], 1, separator="+"),
            tf.strings.join(["x", s], ":"),
        ],
        Spec([None], tf.string),
    )


@corpus.case("patterns", s=np.array(["ab-12 cd", "<b>x</b>", "  y  z", "2024-05-06"], "S"))
def _():
    return tensor_module(
        lambda m, s: [
            tf.strings.regex_replace(s, r"\s+", " "),
            tf.strings.regex_replace(s, r"(\w+)-(\w+)", r"\2_\1"),
            tf.strings.regex_replace(s, "<[^>]*>", ""),
            tf.strings.regex_replace(s, r"[^a-zA-Z0-9 ]", ""),
            tf.strings.regex_replace(s, r"^\s*", "", replace_global=False),
            tf.strings.regex_full_match(s, r"\d{4}-\d{2}-\d{2}"),
        ],
        Spec([None], tf.string),
    )


@corpus.case("texts_of_numbers", s=np.array(["12", "-7"], "S"), x=uniform(2) * 9)
def _():
    return tensor_module(
        lambda m, s, x: [
            tf.strings.to_number(s, tf.int64),
            tf.strings.to_number(s, tf.int32),
            tf.strings.to_number(s, tf.float64),
            tf.strings.as_string(x, precision=2),
            tf.strings.as_string(tf.cast(x, tf.int32), width=5, fill="0"),
            tf.strings.as_string(x > 4),
            tf.strings.format("{} and {}", (s[0], tf.cast(x, tf.int32))),
            tf.strings.to_hash_bucket(s, 11),
            tf.strings.to_hash_bucket_fast(s, 11),
        ],
        Spec([None], tf.string),
        Spec([None], tf.float32),
    )


@corpus.case("characters", s=np.array(["héllo".encode(), "ÀB c".encode(), b"xyz"], "S"))
def _():
    return tensor_module(
        lambda m, s: [
            tf.strings.length(s, "UTF8_CHAR"),
            tf.strings.substr(s, 1, 2, "UTF8_CHAR"),
            tf.strings.substr(s, [0, 1, -2], [1, 2, 2]),
            tf.strings.lower(s, "utf-8"),
            tf.strings.upper(s, "utf-8"),
            tf.strings.unicode_encode(tf.strings.unicode_decode(s, "UTF-8"), "UTF-8"),
            tf.strings.unicode_script([65, 0x3B1]),
            tf.strings.unicode_split_with_offsets(s, "UTF-8")[1].to_tensor(),
        ],
        Spec([None], tf.string),
    )


@corpus.case("encodings", s=np.array(["1,a,2.5", "7,,9"], "S"))
def _():
    def graph(m, s):
        encoded = tf.io.encode_base64(s)
        return [
            encoded,
            tf.io.decode_base64(encoded),
            *tf.io.decode_csv(s, [[0], ["none"], [0.0]]),
            tf.io.parse_tensor(tf.io.serialize_tensor(tf.constant([[1.0, 2.0]])), tf.float32),
            tf.io.decode_raw(s[:1], tf.uint8, fixed_length=4),
        ]

    return tensor_module(graph, Spec([None], tf.string))


@corpus.case("ragged_slices", x=uniform(6), i=np.array([2, 0], np.int32))
def _():
    def graph(m, x, i):
        rows = tf.RaggedTensor.from_row_lengths(x, [3, 0, 1, 2])
        return [
            tf.gather(rows, i).to_tensor(),
            tf.ragged.boolean_mask(rows, rows > 0.5).to_tensor(),
            tf.ragged.stack([rows[0], rows[3]]).to_tensor(9.0),
            tf.concat([rows, rows[:, :1]], 1).to_tensor(),
            tf.reduce_sum(rows, 1),
            tf.reduce_mean(rows, 1),
            tf.sparse.to_dense(rows.to_sparse()),
            rows.value_rowids(),
            rows.bounding_shape(),
            tf.ragged.map_flat_values(tf.square, rows).to_tensor(shape=[4, 3]),
            tf.RaggedTensor.from_tensor([[1, 2], [3, 0]], padding=0).flat_values,
            tf.RaggedTensor.from_value_rowids(x, [0, 0, 1, 1, 1, 3]).row_lengths(),
        ]

    return tensor_module(graph, Spec([6], tf.float32), Spec([None], tf.int32))


@corpus.case("sparse_more", x=uniform(3, 4))
def _():
    def graph(m, x):
        sparse = tf.sparse.from_dense(tf.where(x > 0.4, x, 0.0))
        ids = tf.sparse.from_dense(tf.constant([[1, 2], [0, 0], [2, 0]]))
        filled, empty = tf.sparse.fill_empty_rows(ids, 1)
        return [
            tf.sparse.to_dense(tf.sparse.concat(1, [sparse, sparse])),
            tf.sparse.to_dense(tf.sparse.slice(sparse, [0, 1], [2, 2])),
            tf.sparse.softmax(sparse).values,
            tf.sparse.to_dense(tf.sparse.add(sparse, sparse)),
            tf.sparse.to_dense(tf.sparse.maximum(sparse, sparse)),
            tf.sparse.retain(sparse, sparse.values > 0.6).values,
            tf.sparse.reshape(sparse, [4, 3]).indices,
            tf.sparse.transpose(sparse).indices,
            tf.sparse.reduce_max(sparse, 0),
            *(filled.values, empty, tf.sparse.bincount(ids, axis=-1).values),
            tf.nn.embedding_lookup_sparse(m.table, ids, None, combiner="mean"),
            tf.nn.safe_embedding_lookup_sparse(m.table, ids, combiner="sqrtn"),
            tf.nn.embedding_lookup(m.table, [[0, 2]]),
            tf.sparse.to_indicator(ids, 4),
            tf.sparse.to_dense(tf.sparse.expand_dims(sparse, 0)),
        ]

    return tensor_module(
        graph, Spec([3, 4], tf.float32), table=tf.Variable(np.eye(4, dtype=np.float32))
    )


def _sequence():
    def ints(values):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))

    return tf.train.SequenceExample(
        context=tf.train.Features(feature={"n": ints([3])}),
        feature_lists=tf.train.FeatureLists(
            feature_list={"t": tf.train.FeatureList(feature=[ints([1, 2]), ints([3, 4])])}
        ),
    ).SerializeToString()


@corpus.case("parse_sequences", s=np.array([_sequence()], "O"))
def _():
    def graph(m, s):
        context, lists, lengths = tf.io.parse_sequence_example(
            s,
            {"n": tf.io.FixedLenFeature([], tf.int64)},
            {"t": tf.io.FixedLenSequenceFeature([2], tf.int64)},
        )
        alone = tf.io.parse_single_sequence_example(
            s[0], {"n": tf.io.FixedLenFeature([], tf.int64)}
        )[0]["n"]
        return [context["n"], lists["t"], lengths["t"], alone]

    return tensor_module(graph, Spec([None], tf.string))


@corpus.case(
    "parse_ragged",
    s=np.array(
        [
            tf.train.Example(
                features=tf.train.Features(
                    feature={
                        "r": tf.train.Feature(int64_list=tf.train.Int64List(value=[5] * n)),
                        "k": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5])),
                    }
                )
            ).SerializeToString()
            for n in (2, 1, 3)  # of 0 the last byte would be 0, which numpy drops
        ],
        "O",
    ),
)
def _():
    def graph(m, s):
        rows = tf.io.parse_example(s, {"r": tf.io.RaggedFeature(tf.int64)})["r"]
        one = tf.io.parse_single_example(s[0], {"k": tf.io.FixedLenFeature([1], tf.float32)})
        return [rows.to_tensor(), rows.row_lengths(), one["k"]]

    return tensor_module(graph, Spec([None], tf.string))


if __name__ == "__main__":
    export(corpus)
