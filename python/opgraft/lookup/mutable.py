"""Tables whose entries change while a program runs."""

import functools
import uuid
from typing import Any, Dict, Optional

from opgraft import _compat
from opgraft.lookup._ops import call, has, tf, v1
from opgraft.lookup.tables import ResourceTable, scope


class _MutableTable(ResourceTable):
    """What the two kinds have in common: everything but how they are made."""

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        name: str,
        checkpoint: bool,
        anonymous: bool,
        shared: Optional[str],
    ) -> None:
        super(_MutableTable, self).__init__(key_dtype, value_dtype)
        self._default_value = tf.convert_to_tensor(
            default_value, dtype=self._value_dtype, name="default_value"
        )
        self._op_name = name
        self._checkpoint = checkpoint
        self._is_anonymous = anonymous
        self._shared_name = shared
        if shared is None and _compat.executing_eagerly(tf):
            self._shared_name = "opgraft_table_{}".format(uuid.uuid4())
        self._make_handle(is_owner=shared is None)
        if checkpoint and not _compat.executing_eagerly(tf):
            v1.add_to_collection(v1.GraphKeys.SAVEABLE_OBJECTS, self._saveable(name))

    def _attrs(self, eager: bool) -> Dict[str, Any]:
        """The attrs that decide which tables are one and the same."""
        name = self._shared_name
        if name and not eager:
            name += "_saved"  # the table in a model lives longer than this one
        return {
            "shared_name": name,
            "use_node_name_sharing": self._checkpoint and name is None,
            "value_dtype": self._value_dtype,
            "name": self._op_name,
        }

    @property
    def default_value(self) -> Any:
        """The value of keys that are absent: a tensor of the shape of a value."""
        return self._default_value

    def insert(self, keys: Any, values: Any, name: Optional[str] = None) -> Any:
        """Adds entries, or replaces the values of keys that are there.

        Args:
          keys: a tensor of keys, of any shape.
          values: a tensor of the shape of keys + shape of a value.
          name: of the op (optional).

        Returns:
          The op; None when executing eagerly.

        Raises:
          TypeError, ValueError: keys or values do not have the dtypes of the table.
          tf.errors.InvalidArgumentError: the shapes do not go together.
        """
        keys = tf.convert_to_tensor(keys, dtype=self._key_dtype, name="keys")
        values = tf.convert_to_tensor(values, dtype=self._value_dtype, name="values")
        with scope(name, self, "lookup_table_insert", [self.resource_handle, keys, values]):
            return call(
                "LookupTableInsertV2",
                table_handle=self.resource_handle,
                keys=keys,
                values=values,
            )

    def remove(self, keys: Any, name: Optional[str] = None) -> Any:
        """Deletes entries; keys that are absent are ignored.

        Returns:
          The op; None when executing eagerly.

        Raises:
          TypeError: keys have another dtype than those of the table.
        """
        keys = self._check_keys(keys)
        with scope(name, self, "lookup_table_remove", [self.resource_handle, keys]):
            return call("LookupTableRemoveV2", table_handle=self.resource_handle, keys=keys)

    def _lookup(self, keys: Any, default: Any, name: Optional[str]) -> Any:
        keys = self._check_keys(keys)
        with scope(name, self, "lookup_table_find"):
            return self._map(functools.partial(self._find, default_value=default), keys)

    def _saveable(self, name: str) -> Any:
        keys, values = self.export()
        return _compat.saveable(self, {"-keys": keys, "-values": values}, self._restore, name)

    def _gather_saveables_for_checkpoint(self) -> Dict[str, Any]:
        """Tells tf.train.Checkpoint how to save the contents; the key is TensorFlow's own."""
        return {"table": self._saveable_of} if self._checkpoint else {}

    def _saveable_of(self, name: Optional[str] = None) -> Any:
        # While a model is saved, name is a tensor: `or` would become a tf.cond.
        return self._saveable(self._op_name if name is None else name)

    def _restore(self, tensors: Dict[str, Any]) -> Any:
        with v1.name_scope(None, "{}_table_restore".format(self.name)):
            return call(
                "LookupTableImportV2",
                table_handle=self.resource_handle,
                keys=tensors["-keys"],
                values=tensors["-values"],
            )


class MutableHashTable(_MutableTable):
    """A table to insert into and remove from, as tf.lookup.experimental.MutableHashTable.

    Checkpoints have its contents unless checkpoint is False: it is in the collection
    tf.GraphKeys.SAVEABLE_OBJECTS in graphs, and trackable where TensorFlow knows of that.
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        name: str = "MutableHashTable",
        checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
        shared_name: Optional[str] = None,
    ) -> None:
        """Makes an empty table.

        Args:
          key_dtype: dtype of keys.
          value_dtype: dtype of values.
          default_value: the value of keys that are absent; its shape is that of all values.
          name: of the op, and of its contents in checkpoints of TensorFlow 1.
          checkpoint: whether checkpoints have the contents.
          experimental_is_anonymous: see StaticHashTable.
          shared_name: sessions on the same devices share the table of this name; made eagerly, it
            lives as long as the process.

        Raises:
          TypeError, ValueError: default_value is not of the value dtype.
          opgraft.OpgraftError: there are no lookup tables for this TensorFlow.
        """
        super(MutableHashTable, self).__init__(
            key_dtype,
            value_dtype,
            default_value,
            name,
            checkpoint,
            experimental_is_anonymous,
            shared_name,
        )

    def _new_table(self, eager: bool) -> Any:
        attrs, op = self._attrs(eager), "MutableHashTable"
        attrs["key_dtype"] = self._key_dtype
        if self._default_value.get_shape().ndims != 0:
            op += "OfTensors"
            attrs["value_shape"] = self._default_value.get_shape()
        if self._is_anonymous and has("Anonymous" + op):
            del attrs["shared_name"], attrs["use_node_name_sharing"]
            return call("Anonymous" + op, **attrs)
        return call(op + "V2", **attrs)

    def lookup(  # type: ignore[override]  # the order of arguments is tf.lookup's
        self, keys: Any, dynamic_default_values: Any = None, name: Optional[str] = None
    ) -> Any:
        """The values of keys.

        Args:
          keys: tensor of the key dtype, of any shape; tf.SparseTensor and tf.RaggedTensor too if
            values are scalars.
          dynamic_default_values: values of absent keys instead of the table's default: of the shape
            of a value, or one per key.
          name: of the op (optional).

        Returns:
          A tensor of the shape of keys + shape of a value.

        Raises:
          TypeError: keys have another dtype.
        """
        default = dynamic_default_values
        return self._lookup(keys, self._default_value if default is None else default, name)


class DenseHashTable(_MutableTable):
    """A table that marks free slots by keys of its own, as tf.lookup.experimental.DenseHashTable.

    The keys empty_key and deleted_key cannot be used: lookups and inserts of them fail with
    tf.errors.InvalidArgumentError.
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        empty_key: Any,
        deleted_key: Any,
        initial_num_buckets: Optional[int] = None,
        name: str = "MutableDenseHashTable",
        checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
        shared_name: Optional[str] = None,
    ) -> None:
        """Makes an empty table.

        Args:
          key_dtype: dtype of keys.
          value_dtype: dtype of values.
          default_value: the value of keys that are absent; its shape is that of all values.
          empty_key: a key that is never used, of the shape of a key.
          deleted_key: another one, for entries that were removed.
          initial_num_buckets: how many slots there are at first, a power of 2.
          name: of the op, and of its contents in checkpoints of TensorFlow 1.
          checkpoint: whether checkpoints have the contents.
          experimental_is_anonymous: see StaticHashTable.
          shared_name: sessions on the same devices share the table of this name; made eagerly, it
            lives as long as the process.

        Raises:
          TypeError, ValueError: an argument does not have the dtype of keys or values.
          opgraft.OpgraftError: there are no lookup tables for this TensorFlow.
        """
        self._empty_key = empty_key
        self._deleted_key = deleted_key
        self._initial_num_buckets = initial_num_buckets
        super(DenseHashTable, self).__init__(
            key_dtype,
            value_dtype,
            default_value,
            name,
            checkpoint,
            experimental_is_anonymous,
            shared_name,
        )

    def _new_table(self, eager: bool) -> Any:
        attrs = self._attrs(eager)
        for name, key in (("empty_key", self._empty_key), ("deleted_key", self._deleted_key)):
            attrs[name] = tf.convert_to_tensor(key, dtype=self._key_dtype, name=name)
        attrs["value_shape"] = self._default_value.get_shape()
        if self._initial_num_buckets is not None:
            attrs["initial_num_buckets"] = self._initial_num_buckets
        if self._is_anonymous and has("AnonymousMutableDenseHashTable"):
            del attrs["shared_name"], attrs["use_node_name_sharing"]
            return call("AnonymousMutableDenseHashTable", **attrs)
        return call("MutableDenseHashTableV2", **attrs)

    def lookup(self, keys: Any, name: Optional[str] = None) -> Any:
        """The values of keys.

        Args:
          keys: tensor of the key dtype, of any shape (followed by the shape of a key);
            tf.SparseTensor and tf.RaggedTensor too if keys and values are scalars.
          name: of the op (optional).

        Returns:
          A tensor of the shape of keys + shape of a value.

        Raises:
          TypeError: keys have another dtype.
          tf.errors.InvalidArgumentError: a key is empty_key or deleted_key.
        """
        return self._lookup(keys, self._default_value, name)

    def insert_or_assign(self, keys: Any, values: Any, name: Optional[str] = None) -> Any:
        """The same as insert()."""
        return self.insert(keys, values, name)

    def erase(self, keys: Any, name: Optional[str] = None) -> Any:
        """The same as remove()."""
        return self.remove(keys, name)


MutableDenseHashTable = DenseHashTable
