"""The interface of a table, and tables that are filled once by an initializer."""

import uuid
from typing import Any, Callable, Optional

from opgraft import _compat
from opgraft.lookup._ops import call, has, tf, v1
from opgraft.lookup.initializers import TableInitializerBase


class LookupInterface(object):
    """What all tables have: dtypes, a name, size(), lookup() and table[keys]."""

    _key_dtype: Any = None
    _value_dtype: Any = None
    _table_name: Optional[str] = None

    @property
    def key_dtype(self) -> Any:
        """The tf.DType of keys."""
        return self._key_dtype

    @property
    def value_dtype(self) -> Any:
        """The tf.DType of values."""
        return self._value_dtype

    @property
    def name(self) -> Optional[str]:
        """The name of the table's node in its graph; None when executing eagerly."""
        return self._table_name

    def size(self, name: Optional[str] = None) -> Any:
        """The number of entries: a scalar int64 tensor."""
        raise NotImplementedError

    def lookup(self, keys: Any, name: Optional[str] = None) -> Any:
        """The values of keys."""
        raise NotImplementedError

    def __getitem__(self, keys: Any) -> Any:
        return self.lookup(keys)

    def _check_keys(self, keys: Any) -> Any:
        """Tensors of the dtype of keys; lists and arrays are converted to it."""
        if _compat.is_sparse(tf, keys) or _compat.is_ragged(tf, keys):
            dtype = keys.dtype
        elif hasattr(keys, "dtype") and isinstance(keys.dtype, tf.DType):
            dtype = keys.dtype.base_dtype
        else:
            return tf.convert_to_tensor(keys, dtype=self._key_dtype, name="keys")
        if dtype != self._key_dtype:
            raise TypeError(
                "Dtype of argument `keys` must be {}, received: {}".format(
                    self._key_dtype.name, dtype.name
                )
            )
        return keys

    @staticmethod
    def _map(function: Callable[[Any], Any], keys: Any) -> Any:
        """Applies a function of dense keys to dense, sparse or ragged ones."""
        if _compat.is_sparse(tf, keys):
            shape = getattr(keys, "dense_shape", None)
            return tf.SparseTensor(keys.indices, function(keys.values), shape)
        if _compat.is_ragged(tf, keys):
            return keys.with_flat_values(function(keys.flat_values))
        return function(keys)


def scope(name: Any, table: Any, action: str, values: Any = None) -> Any:
    """The name scope of an op of a table; a name that the caller gave takes its place."""
    return v1.name_scope(name, "{}_{}".format(table.name, action), values)


class ResourceTable(LookupInterface, _compat.trackable_resource()):  # type: ignore
    """A table that owns a resource of the runtime.

    A table made eagerly lives as long as its handle is referenced, be it from this object or from
    a function that captured it.
    """

    _default_value: Any = None

    def __init__(self, key_dtype: Any, value_dtype: Any) -> None:
        super(ResourceTable, self).__init__()
        self._key_dtype = tf.as_dtype(key_dtype)
        self._value_dtype = tf.as_dtype(value_dtype)

    @classmethod
    def _resource_type(cls) -> str:
        # Distribution strategies replace resources of type "StaticHashTable" by their own.
        return "Opgraft" + cls.__name__

    def _make_handle(self, is_owner: bool = True) -> None:
        """Creates the table; outside of loops and functions, as its life is longer."""
        with _compat.init_scope(tf):
            handle = self._create_resource()
            self._resource_handle = handle
            if is_owner and _compat.executing_eagerly(tf):
                _compat.destroy_with(handle)

    def _create_resource(self) -> Any:
        """Makes a handle; TensorFlow calls it again while it saves a model."""
        eager = _compat.executing_eagerly(tf)
        handle = self._new_table(eager)
        self._table_name = None if eager else handle.op.name.split("/")[-1]
        return handle

    def _new_table(self, eager: bool) -> Any:
        raise NotImplementedError

    @property
    def table_ref(self) -> Any:
        """The handle of the table, under its name in TensorFlow 1."""
        return self.resource_handle

    def size(self, name: Optional[str] = None) -> Any:
        """The number of entries: a scalar int64 tensor."""
        with scope(name, self, "Size", [self.resource_handle]):
            return call("LookupTableSizeV2", table_handle=self.resource_handle)

    def export(self, name: Optional[str] = None) -> Any:
        """All entries: a pair of tensors, keys [n] and values [n] + shape of a value."""
        with scope(name, self, "Export", [self.resource_handle]):
            keys, values = call(
                "LookupTableExportV2",
                table_handle=self.resource_handle,
                Tkeys=self._key_dtype,
                Tvalues=self._value_dtype,
            )
        if not _compat.executing_eagerly(tf):
            shape = self._default_value.get_shape()
            keys.set_shape([None])
            values.set_shape(keys.get_shape()[:1].concatenate(shape))
        return keys, values

    def _find(self, keys: Any, default_value: Any) -> Any:
        return call(
            "LookupTableFindV2",
            table_handle=self.resource_handle,
            keys=keys,
            default_value=default_value,
        )


class StaticHashTable(ResourceTable):
    """A table that an initializer fills once, as tf.lookup.StaticHashTable.

    Eagerly it is initialized at once. In graphs the op `table.init` does it; it is in the
    collection tf.GraphKeys.TABLE_INITIALIZERS, which `tf.tables_initializer()` runs.
    """

    def __init__(
        self,
        initializer: TableInitializerBase,
        default_value: Any,
        name: Optional[str] = None,
        experimental_is_anonymous: bool = False,
        shared_name: Optional[str] = None,
    ) -> None:
        """Makes a table.

        Args:
          initializer: what fills it; it gives the dtypes.
          default_value: scalar of the value dtype, the value of keys that are absent.
          name: of the op (optional).
          experimental_is_anonymous: whether no other handle can name the table; on releases before
            2.7 it gets a unique name instead. In a graph it lives for one step, as TensorFlow's.
          shared_name: graphs: sessions on the same devices share the table of this name.

        Raises:
          TypeError, ValueError: default_value is not a scalar of the value dtype.
          opgraft.OpgraftError: there are no lookup tables for this TensorFlow.
        """
        super(StaticHashTable, self).__init__(initializer.key_dtype, initializer.value_dtype)
        self._default_value = tf.convert_to_tensor(default_value, dtype=self._value_dtype)
        self._default_value.get_shape().assert_is_compatible_with(tf.TensorShape([]))
        self._is_anonymous = experimental_is_anonymous
        self._op_name = name or "hash_table"
        self._shared_name = (
            shared_name or initializer.shared_name or "opgraft_table_{}".format(uuid.uuid4())
        )
        self._initializer = initializer
        if hasattr(self, "_track_trackable") and hasattr(initializer, "_track_trackable"):
            self._track_trackable(initializer, "_initializer")
        self._make_handle()
        if _compat.in_control_flow(tf):
            with _compat.init_scope(tf):
                self._init_op = self._initialize()
        else:
            self._init_op = self._initialize()

    def _new_table(self, eager: bool) -> Any:
        dtypes = {"key_dtype": self._key_dtype, "value_dtype": self._value_dtype}
        if self._is_anonymous and has("AnonymousHashTable"):
            return call("AnonymousHashTable", name=self._op_name, **dtypes)
        shared_name = self._shared_name
        if eager or self._is_anonymous:
            # Its own: the table is destroyed with its handle, and the file may have changed.
            shared_name = "{}_{}".format(shared_name, uuid.uuid4())
        return call("HashTableV2", shared_name=shared_name, name=self._op_name, **dtypes)

    def _initialize(self) -> Any:
        return self._initializer.initialize(self)

    @property
    def initializer(self) -> Any:
        """The op that initializes the table; None when executing eagerly."""
        return self._init_op

    @property
    def init(self) -> Any:
        """The same as `initializer`, under its name in TensorFlow 1."""
        return self._init_op

    @property
    def default_value(self) -> Any:
        """The value of keys that are absent: a scalar tensor."""
        return self._default_value

    def lookup(self, keys: Any, name: Optional[str] = None) -> Any:
        """The values of keys.

        Args:
          keys: tensor, tf.SparseTensor or tf.RaggedTensor of the key dtype, of any shape.
          name: of the op (optional).

        Returns:
          A tensor of the value dtype and the kind and shape of keys.

        Raises:
          TypeError: keys have another dtype.
          tf.errors.FailedPreconditionError: at run time, if the table was not initialized.
        """
        keys = self._check_keys(keys)
        with scope(name, self, "Lookup"):
            return self._map(self._find_static, keys)

    def _find_static(self, keys: Any) -> Any:
        values = self._find(keys, self._default_value)
        if not _compat.executing_eagerly(tf):
            values.set_shape(keys.get_shape())
        return values


class HashTable(StaticHashTable):
    """StaticHashTable with the signature of tf.contrib.lookup.HashTable."""

    def __init__(
        self,
        initializer: TableInitializerBase,
        default_value: Any,
        shared_name: Optional[str] = None,
        name: Optional[str] = None,
    ) -> None:
        """Makes a table; see StaticHashTable."""
        super(HashTable, self).__init__(
            initializer, default_value, name=name, shared_name=shared_name
        )
