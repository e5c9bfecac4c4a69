"""Skip-grams (tf.contrib.text)."""

from typing import Any, Optional, Tuple

from opgraft.contrib import _ops

v1 = _ops.v1

__all__ = ["skip_gram_sample", "skip_gram_sample_with_text_vocab"]


def skip_gram_sample(
    input_tensor: Any,
    min_skips: Any = 1,
    max_skips: Any = 5,
    start: Any = 0,
    limit: Any = -1,
    emit_self_as_target: Any = False,
    vocab_freq_table: Optional[Any] = None,
    vocab_min_count: Optional[Any] = None,
    vocab_subsampling: Optional[float] = None,
    corpus_size: Optional[Any] = None,
    batch_size: Optional[int] = None,
    batch_capacity: Optional[int] = None,
    seed: Optional[int] = None,
    name: Optional[str] = None,
) -> Tuple[Any, Any]:
    """Pairs of a token and a neighbour, each token with a window of random size.

    Skip-grams as of Mikolov et al. 2013 (arXiv:1301.3781), subsampling of frequent tokens as in
    their word2vec program: kept with probability (sqrt(f / s) + 1) * s / f, where f is the count
    and s = vocab_subsampling * corpus_size (arXiv:1310.4546, Eq. 5 is a simpler form of it).

    Args:
      input_tensor: [n] tokens: string, int16, int32 or int64.
      min_skips: int scalar >= 0, the smallest window to each side, in tokens.
      max_skips: int scalar >= min_skips, the largest.
      start: int scalar, the first token.
      limit: int scalar, how many tokens; -1: all from start on.
      emit_self_as_target: bool scalar, whether a token is a neighbour of itself.
      vocab_freq_table: tokens to counts; tokens it lacks (its default_value) are dropped.
      vocab_min_count: tokens of a lower count are dropped.
      vocab_subsampling: share of the corpus above which tokens are dropped at random.
      corpus_size: how many tokens the corpus has, in the table's unit.
      batch_size: ask for pairs in batches of this size from a queue (graphs of TensorFlow 1 only:
        start tf.compat.v1.train.start_queue_runners; elsewhere use tf.data).
      batch_capacity: of that queue; default 100 * batch_size.
      seed: of the ops, see tf.compat.v1.set_random_seed.
      name: of the ops.

    Returns:
      (tokens, labels): [pairs] each, type of input_tensor.

    Raises:
      ValueError: a vocabulary argument without the ones it needs.
      InvalidArgumentError: skips, start or limit out of range.
    """
    given = (vocab_min_count, vocab_subsampling, corpus_size)
    if vocab_freq_table is None and any(x is not None for x in given):
        raise ValueError(
            "vocab_min_count={}, vocab_subsampling={} and corpus_size={} need a "
            "vocab_freq_table".format(*given)
        )
    if (vocab_subsampling is None) != (corpus_size is None):
        raise ValueError(
            "vocab_subsampling={} and corpus_size={} need one another".format(
                vocab_subsampling, corpus_size
            )
        )
    with v1.name_scope(name, "skip_gram_sample", [input_tensor]):
        tokens = v1.convert_to_tensor(input_tensor, name="input_tensor")
        if vocab_freq_table is not None:
            tokens, counts = _filter(tokens, vocab_freq_table, vocab_min_count)
            if vocab_subsampling is not None:
                tokens = _subsample(tokens, counts, vocab_subsampling, corpus_size, seed)
        graph_seed, op_seed = v1.get_seed(seed)
        pairs = _ops.call(
            "SkipGramGenerateCandidates",
            input_tensor=tokens,
            min_skips=min_skips,
            max_skips=max_skips,
            start=start,
            limit=limit,
            emit_self_as_target=emit_self_as_target,
            seed=graph_seed or 0,
            seed2=op_seed or 0,
        )
        if batch_size is not None:
            capacity = 100 * batch_size if batch_capacity is None else batch_capacity
            pairs = v1.train.batch(list(pairs), batch_size, capacity=capacity, enqueue_many=True)
        return pairs[0], pairs[1]


def _filter(tokens: Any, table: Any, min_count: Optional[Any]) -> Tuple[Any, Any]:
    """The tokens that the table has, and often enough, with their counts."""
    counts = table.lookup(tokens)
    keep = v1.not_equal(counts, v1.cast(table.default_value, counts.dtype))
    if min_count is not None:
        keep = v1.logical_and(keep, counts >= v1.cast(min_count, counts.dtype))
    return v1.boolean_mask(tokens, keep), v1.boolean_mask(counts, keep)


def _subsample(tokens: Any, counts: Any, share: Any, corpus_size: Any, seed: Optional[int]) -> Any:
    """Drops frequent tokens at random."""
    counts = v1.cast(counts, v1.float64)
    expected = v1.cast(share, v1.float64) * v1.cast(corpus_size, v1.float64)
    probability = (v1.sqrt(counts / expected) + 1.0) * (expected / counts)
    drawn = v1.random_uniform(v1.shape(counts), 0, 1, dtype=v1.float64, seed=seed)
    return v1.boolean_mask(tokens, drawn <= probability)


def skip_gram_sample_with_text_vocab(
    input_tensor: Any,
    vocab_freq_file: str,
    vocab_token_index: int = 0,
    vocab_token_dtype: Any = v1.string,
    vocab_freq_index: int = 1,
    vocab_freq_dtype: Any = v1.float64,
    vocab_delimiter: str = ",",
    vocab_min_count: Any = 0,
    vocab_subsampling: Optional[float] = None,
    corpus_size: Optional[Any] = None,
    min_skips: Any = 1,
    max_skips: Any = 5,
    start: Any = 0,
    limit: Any = -1,
    emit_self_as_target: Any = False,
    batch_size: Optional[int] = None,
    batch_capacity: Optional[int] = None,
    seed: Optional[int] = None,
    name: Optional[str] = None,
) -> Tuple[Any, Any]:
    """skip_gram_sample() with the counts in a text file, a token per line.

    The file is read now, to check it and to count the corpus, and again as a table (which graphs
    of TensorFlow 1 initialize by tf.compat.v1.tables_initializer).

    Args:
      input_tensor: [n] tokens.
      vocab_freq_file: path of the file.
      vocab_token_index: column of the token, from 0 on.
      vocab_token_dtype: string, int32 or int64.
      vocab_freq_index: column of the count.
      vocab_freq_dtype: int32, int64, float or double.
      vocab_delimiter: between the columns.
      vocab_min_count: tokens of a lower count are dropped.
      vocab_subsampling: share of the corpus above which tokens are dropped at random.
      corpus_size: how many tokens the corpus has; default: the sum of the counts.
      min_skips: and all that follow: see skip_gram_sample().
      max_skips: see there.
      start: see there.
      limit: see there.
      emit_self_as_target: see there.
      batch_size: see there.
      batch_capacity: see there.
      seed: see there.
      name: of the ops.

    Returns:
      (tokens, labels): [pairs] each, type of input_tensor.

    Raises:
      ValueError: a column that the file does not have, the same column twice, a negative count, or
        a corpus_size below the sum of the counts.
    """
    from opgraft import lookup  # its library is needed here only

    if vocab_token_index < 0 or vocab_freq_index < 0:
        raise ValueError(
            "vocab_token_index={} and vocab_freq_index={} must not be negative".format(
                vocab_token_index, vocab_freq_index
            )
        )
    if vocab_token_index == vocab_freq_index:
        raise ValueError(
            "vocab_token_index and vocab_freq_index are both {}".format(vocab_freq_index)
        )
    total = _corpus_size(
        vocab_freq_file,
        vocab_delimiter,
        max(vocab_token_index, vocab_freq_index),
        vocab_freq_index,
        vocab_freq_dtype,
    )
    if vocab_subsampling is None:
        corpus_size = None
    elif corpus_size is None:
        corpus_size = total
    elif isinstance(corpus_size, (int, float)) and corpus_size < total:
        raise ValueError(
            "corpus_size={} is less than {}, the sum of the counts in {}".format(
                corpus_size, total, vocab_freq_file
            )
        )
    initializer = lookup.TextFileInitializer(
        vocab_freq_file,
        vocab_token_dtype,
        vocab_token_index,
        vocab_freq_dtype,
        vocab_freq_index,
        delimiter=vocab_delimiter,
    )
    return skip_gram_sample(
        input_tensor,
        min_skips=min_skips,
        max_skips=max_skips,
        start=start,
        limit=limit,
        emit_self_as_target=emit_self_as_target,
        # Counts are not negative, so -1 stands for a token that is not there.
        vocab_freq_table=lookup.StaticHashTable(initializer, -1),
        vocab_min_count=vocab_min_count,
        vocab_subsampling=vocab_subsampling,
        corpus_size=corpus_size,
        batch_size=batch_size,
        batch_capacity=batch_capacity,
        seed=seed,
        name=name,
    )


def _corpus_size(path: str, delimiter: str, last_column: int, column: int, dtype: Any) -> Any:
    """The sum of the counts in a vocabulary file, all of which are checked."""
    number = float if v1.as_dtype(dtype).is_floating else int
    total = number(0)
    with v1.gfile.GFile(path) as f:
        for line, text in enumerate(f, 1):
            columns = text.rstrip("\n").split(delimiter)
            if len(columns) <= last_column:
                raise ValueError(
                    "line {} of {} has no column {}, only {}".format(
                        line, path, last_column, len(columns)
                    )
                )
            count = number(columns[column])
            if count < 0:
                raise ValueError("line {} of {} has the count {}".format(line, path, count))
            total += count
    return total
