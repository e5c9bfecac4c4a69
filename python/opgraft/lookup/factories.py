"""Tables between strings or integers and ids, made in one call, as tf.contrib.lookup has them."""

from typing import Any, Optional

from opgraft.lookup._ops import tf, v1
from opgraft.lookup.buckets import FastHashSpec, IdTableWithHashBuckets
from opgraft.lookup.initializers import (
    KeyValueTensorInitializer,
    TextFileIdTableInitializer,
    TextFileIndex,
    TextFileStringTableInitializer,
)
from opgraft.lookup.tables import HashTable


def _check_file(vocabulary_file: Any, vocab_size: Optional[int]) -> None:
    if vocabulary_file is None or (isinstance(vocabulary_file, str) and not vocabulary_file):
        raise ValueError("`vocabulary_file` must be specified and must not be empty.")
    if vocab_size is not None and vocab_size < 1:
        raise ValueError(
            "`vocab_size` must be greater than 0, got {} for vocabulary_file: {}.".format(
                vocab_size, vocabulary_file
            )
        )


def _check_buckets(num_oov_buckets: int) -> None:
    if num_oov_buckets < 0:
        raise ValueError(
            "`num_oov_buckets` must be greater or equal than 0, got {}.".format(num_oov_buckets)
        )


def _with_buckets(table: Any, num_oov_buckets: int, hasher_spec: Any, key_dtype: Any) -> Any:
    if not num_oov_buckets:
        return table
    return IdTableWithHashBuckets(
        table, num_oov_buckets, hasher_spec=hasher_spec, key_dtype=key_dtype
    )


def index_table_from_file(
    vocabulary_file: Any = None,
    num_oov_buckets: int = 0,
    vocab_size: Optional[int] = None,
    default_value: int = -1,
    hasher_spec: Any = FastHashSpec,
    key_dtype: Any = tf.string,
    name: Optional[str] = None,
    key_column_index: int = TextFileIndex.WHOLE_LINE,
    value_column_index: int = TextFileIndex.LINE_NUMBER,
    delimiter: str = "\t",
) -> Any:
    """A table from the lines of a file (by default) to their numbers.

    Args:
      vocabulary_file: a path, or a scalar string tensor.
      num_oov_buckets: how many ids there are for keys that are not in the file.
      vocab_size: how many lines to read; default: all.
      default_value: the id of keys that are not in the file, if there are no buckets.
      hasher_spec: FastHashSpec, or StrongHashSpec(key).
      key_dtype: string or an integer dtype.
      name: of the ops (optional).
      key_column_index: TextFileIndex.WHOLE_LINE or the number of a column.
      value_column_index: TextFileIndex.LINE_NUMBER or the number of a column.
      delimiter: one character between columns.

    Returns:
      A table whose lookup() takes keys of key_dtype and gives int64.

    Raises:
      ValueError: there is no file name, num_oov_buckets is negative or vocab_size not positive.
      TypeError: key_dtype is neither string nor an integer dtype.
    """
    _check_file(vocabulary_file, vocab_size)
    _check_buckets(num_oov_buckets)
    key_dtype = tf.as_dtype(key_dtype)
    if not key_dtype.is_integer and key_dtype != tf.string:
        raise TypeError("Dtype for `keys` should be either integer or string.")
    with v1.name_scope(name, "string_to_index"):
        initializer = TextFileIdTableInitializer(
            vocabulary_file,
            vocab_size=vocab_size,
            key_dtype=tf.int64 if key_dtype.is_integer else key_dtype,
            name="table_init",
            key_column_index=key_column_index,
            value_column_index=value_column_index,
            delimiter=delimiter,
        )
        table = HashTable(initializer, default_value)
        return _with_buckets(table, num_oov_buckets, hasher_spec, key_dtype)


def index_table_from_tensor(
    vocabulary_list: Any = None,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: Any = FastHashSpec,
    dtype: Any = tf.string,
    name: Optional[str] = None,
    mapping: Any = None,
) -> Any:
    """A table from the elements of a tensor to their positions.

    Args:
      vocabulary_list: a tensor [n] of strings or integers, or what converts to one.
      num_oov_buckets: how many ids there are for keys that are not in the list.
      default_value: the id of keys that are not in the list, if there are no buckets.
      hasher_spec: FastHashSpec, or StrongHashSpec(key).
      dtype: of the keys to look up: string or an integer dtype.
      name: of the ops (optional).
      mapping: vocabulary_list under its name in early releases of TensorFlow 1.

    Returns:
      A table whose lookup() takes keys of the dtype and gives int64.

    Raises:
      ValueError: there is no list, it does not go with the dtype, or num_oov_buckets is negative.
      TypeError: dtype is neither string nor an integer dtype.
    """
    vocabulary_list = mapping if vocabulary_list is None else vocabulary_list
    if vocabulary_list is None:
        raise ValueError("`vocabulary_list` must be specified.")
    _check_buckets(num_oov_buckets)
    dtype = tf.as_dtype(dtype)
    if not dtype.is_integer and dtype != tf.string:
        raise TypeError("`dtype` must either be integer or string.")
    with v1.name_scope(name, "string_to_index"):
        keys = tf.convert_to_tensor(vocabulary_list)
        if keys.dtype.is_integer != dtype.is_integer or (
            not dtype.is_integer and keys.dtype.base_dtype != dtype
        ):
            raise ValueError(
                "Invalid `dtype`: Expected {}, got {}.".format(
                    "integer" if dtype.is_integer else dtype.name, keys.dtype.name
                )
            )
        if dtype.is_integer:
            keys = v1.cast(keys, tf.int64)
        initializer = KeyValueTensorInitializer(
            keys, v1.cast(tf.range(tf.size(keys)), tf.int64), name="table_init"
        )
        table = HashTable(initializer, default_value)
        return _with_buckets(table, num_oov_buckets, hasher_spec, dtype)


def index_to_string_table_from_file(
    vocabulary_file: Any,
    vocab_size: Optional[int] = None,
    default_value: str = "UNK",
    name: Optional[str] = None,
    key_column_index: int = TextFileIndex.LINE_NUMBER,
    value_column_index: int = TextFileIndex.WHOLE_LINE,
    delimiter: str = "\t",
) -> Any:
    """A table from line numbers (by default) to the lines of a file.

    Args:
      vocabulary_file: a path, or a scalar string tensor.
      vocab_size: how many lines to read; default: all.
      default_value: the string for ids that are not in the file.
      name: of the ops (optional).
      key_column_index: TextFileIndex.LINE_NUMBER or the number of a column.
      value_column_index: TextFileIndex.WHOLE_LINE or the number of a column.
      delimiter: one character between columns.

    Returns:
      A table whose lookup() takes int64 and gives strings.

    Raises:
      ValueError: there is no file name, or vocab_size is not positive.
    """
    _check_file(vocabulary_file, vocab_size)
    with v1.name_scope(name, "index_to_string"):
        initializer = TextFileStringTableInitializer(
            vocabulary_file,
            vocab_size=vocab_size,
            name="table_init",
            key_column_index=key_column_index,
            value_column_index=value_column_index,
            delimiter=delimiter,
        )
        return HashTable(initializer, default_value)


def index_to_string_table_from_tensor(
    vocabulary_list: Any = None,
    default_value: str = "UNK",
    name: Optional[str] = None,
    mapping: Any = None,
) -> Any:
    """A table from positions to the strings of a tensor.

    Args:
      vocabulary_list: a string tensor [n], or what converts to one.
      default_value: the string for ids that are not in the list.
      name: of the ops (optional).
      mapping: vocabulary_list under its name in early releases of TensorFlow 1.

    Returns:
      A table whose lookup() takes int64 and gives strings.

    Raises:
      ValueError: there is no list.
    """
    vocabulary_list = mapping if vocabulary_list is None else vocabulary_list
    if vocabulary_list is None:
        raise ValueError("`vocabulary_list` argument must be specified.")
    with v1.name_scope(name, "index_to_string"):
        values = tf.convert_to_tensor(vocabulary_list, dtype=tf.string)
        initializer = KeyValueTensorInitializer(
            v1.cast(tf.range(tf.size(values)), tf.int64), values, name="table_init"
        )
        return HashTable(initializer, default_value)
