"""Tables from keys to ids, with buckets for keys that are not in the vocabulary."""

import functools
import numbers
from collections import namedtuple
from typing import Any, Optional

from opgraft import _compat
from opgraft.lookup._ops import tf, v1
from opgraft.lookup.initializers import TableInitializerBase
from opgraft.lookup.tables import LookupInterface, StaticHashTable, scope

HasherSpec = namedtuple("HasherSpec", ["hasher", "key"])
"""Which hash function chooses the bucket: "fasthash", "legacy", or "stronghash" with its key."""

FastHashSpec = HasherSpec("fasthash", None)


class StrongHashSpec(HasherSpec):
    """A hash function with a secret key of two unsigned integers."""

    __slots__ = ()

    def __new__(cls, key: Any) -> Any:
        """Takes the key: two integers. ValueError or TypeError if it is something else."""
        if len(key) != 2:
            raise ValueError("`key` must have size 2, received {}".format(len(key)))
        if not all(isinstance(k, numbers.Integral) for k in key):
            raise TypeError("Invalid key {}. Must be unsigned integer values.".format(key))
        return super(StrongHashSpec, cls).__new__(cls, "stronghash", key)


def _hash_function(spec: Any) -> Any:
    if not isinstance(spec, HasherSpec):
        raise TypeError("`hasher_spec` must be of type HasherSpec, got {}".format(type(spec)))
    if spec.hasher == "fasthash":
        return v1.string_to_hash_bucket_fast
    if spec.hasher == "legacy":
        return v1.string_to_hash_bucket
    if spec.hasher == "stronghash":
        return functools.partial(v1.string_to_hash_bucket_strong, key=tuple(spec.key))
    raise ValueError("Found unknown hasher {} in `hasher_spec`".format(spec.hasher))


class _Buckets(LookupInterface, _compat.auto_trackable()):  # type: ignore
    """Ids of a table, then ids of buckets; without a table, of buckets alone."""

    def __init__(
        self,
        table: Optional[Any],
        num_oov_buckets: int,
        hash_function: Any,
        key_dtype: Any,
        name: Optional[str],
    ) -> None:
        super(_Buckets, self).__init__()
        self._table = table
        self._num_oov_buckets = num_oov_buckets
        self._hash = hash_function
        self._key_dtype = tf.as_dtype(key_dtype)
        self._value_dtype = tf.int64
        name = (name or "").rstrip("/") or (table.name if table else "hash_bucket")
        self._table_name = name.split("/")[-1] if name else None

    @property
    def resource_handle(self) -> Any:
        """The handle of the table with the vocabulary; None without one."""
        return self._table.resource_handle if self._table else None

    @property
    def initializer(self) -> Any:
        """The op that initializes the table."""
        if self._table:
            return self._table.initializer
        with v1.name_scope(None, "init"):
            return v1.no_op()

    @property
    def init(self) -> Any:
        """The same as `initializer`, under its name in TensorFlow 1."""
        return self.initializer

    def size(self, name: Optional[str] = None) -> Any:
        """The number of ids, those of buckets included: a scalar int64 tensor."""
        with scope(name, self, "Size"):
            known = self._table.size() if self._table else tf.constant(0, dtype=tf.int64)
            return known + self._num_oov_buckets

    def lookup(self, keys: Any, name: Optional[str] = None) -> Any:
        """The ids of keys.

        Args:
          keys: tensor, tf.SparseTensor or tf.RaggedTensor of the key dtype, of any shape.
          name: of the op (optional).

        Returns:
          An int64 tensor of the kind and shape of keys: the value in the table, or size of the
          table + bucket for a key that is not there.

        Raises:
          TypeError: keys have another dtype.
        """
        keys = self._check_keys(keys)
        with scope(name, self, "Lookup"):
            return self._map(self._ids, keys)

    def _ids(self, keys: Any) -> Any:
        if self._table and self._table.key_dtype == tf.int64:
            keys = v1.cast(keys, tf.int64)
        if self._num_oov_buckets == 0 and self._table:
            return self._table.lookup(keys)
        text = keys if keys.dtype.base_dtype == tf.string else v1.as_string(keys)
        buckets = self._hash(text, num_buckets=self._num_oov_buckets, name="hash_bucket")
        if not self._table:
            return buckets
        ids = self._table.lookup(keys)
        found = tf.not_equal(ids, self._table.default_value)
        return v1.where(found, ids, buckets + self._table.size())


def _check_vocabulary(source: Any, key_dtype: Any) -> None:
    """Checks the dtypes of a table or initializer against those of the keys to be looked up."""
    if source.key_dtype not in (tf.int64, tf.string):
        raise TypeError(
            "Invalid `key_dtype`, expected int64 or string, received {}.".format(
                source.key_dtype.name
            )
        )
    if source.key_dtype.is_integer != key_dtype.is_integer:
        raise TypeError(
            "Invalid `key_dtype`, expected {} but got {}.".format(
                "integer" if key_dtype.is_integer else "non-integer", source.key_dtype.name
            )
        )
    if source.value_dtype != tf.int64:
        raise TypeError(
            "Invalid `value_dtype`: expected int64 but got {}.".format(source.value_dtype.name)
        )


def _check_key_dtype(key_dtype: Any) -> Any:
    if not key_dtype.is_integer and key_dtype != tf.string:
        raise TypeError(
            "Invalid `key_dtype`, expected integer or string, got {}.".format(key_dtype.name)
        )
    return key_dtype


class IdTableWithHashBuckets(_Buckets):
    """A table from keys to ids with buckets for the rest, as tf.contrib.lookup has it."""

    def __init__(
        self,
        table: Optional[Any],
        num_oov_buckets: int,
        hasher_spec: Any = FastHashSpec,
        name: Optional[str] = None,
        key_dtype: Any = None,
    ) -> None:
        """Wraps a table.

        Args:
          table: from int64 or string to int64; None for buckets alone.
          num_oov_buckets: how many buckets; 0 only with a table.
          hasher_spec: FastHashSpec, or StrongHashSpec(key).
          name: of the ops (optional).
          key_dtype: dtype of the keys to look up; default: that of the table, or string.

        Raises:
          ValueError: there is neither a table nor a bucket, or the hasher is unknown.
          TypeError: hasher_spec is no HasherSpec, or a dtype is not as above.
        """
        if table:
            key_dtype = tf.as_dtype(key_dtype or table.key_dtype)
            _check_vocabulary(table, key_dtype)
        elif num_oov_buckets <= 0:
            raise ValueError("`oov_buckets` must be > 0 if no `table` is supplied.")
        key_dtype = _check_key_dtype(tf.as_dtype(key_dtype or tf.string))
        super(IdTableWithHashBuckets, self).__init__(
            table, num_oov_buckets, _hash_function(hasher_spec), key_dtype, name
        )


class StaticVocabularyTable(_Buckets):
    """A table from keys to ids with at least one bucket, as tf.lookup.StaticVocabularyTable."""

    def __init__(
        self,
        initializer: Optional[TableInitializerBase],
        num_oov_buckets: int,
        lookup_key_dtype: Any = None,
        name: Optional[str] = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        """Makes a table.

        Args:
          initializer: from int64 or string to int64; None for buckets alone.
          num_oov_buckets: how many buckets, at least 1.
          lookup_key_dtype: dtype of the keys to look up; default: that of the initializer. It is
            string without one.
          name: of the ops (optional).
          experimental_is_anonymous: see StaticHashTable.

        Raises:
          ValueError: num_oov_buckets is not positive.
          TypeError: a dtype is not as above.
        """
        if num_oov_buckets <= 0:
            raise ValueError("`num_oov_buckets` must be > 0; use StaticHashTable.")
        table = None
        key_dtype = tf.string
        if initializer:
            key_dtype = tf.as_dtype(lookup_key_dtype or initializer.key_dtype)
            _check_vocabulary(initializer, _check_key_dtype(key_dtype))
            table = StaticHashTable(
                initializer, -1, experimental_is_anonymous=experimental_is_anonymous
            )
        super(StaticVocabularyTable, self).__init__(
            table, num_oov_buckets, v1.string_to_hash_bucket_fast, key_dtype, name
        )
