"""What fills a table: tensors or text files."""

from typing import Any, Optional

from opgraft import _compat
from opgraft.lookup._ops import call, tf, v1


class TextFileIndex(object):
    """Which part of a line is the key or the value, besides column numbers from 0 on."""

    WHOLE_LINE = -2
    LINE_NUMBER = -1


class TableInitializerBase(_compat.auto_trackable()):  # type: ignore
    """Base class of initializers: the dtypes of a table and how it is filled."""

    def __init__(self, key_dtype: Any, value_dtype: Any) -> None:
        super(TableInitializerBase, self).__init__()
        self._key_dtype = tf.as_dtype(key_dtype)
        self._value_dtype = tf.as_dtype(value_dtype)

    @property
    def key_dtype(self) -> Any:
        """The tf.DType of keys."""
        return self._key_dtype

    @property
    def value_dtype(self) -> Any:
        """The tf.DType of values."""
        return self._value_dtype

    @property
    def shared_name(self) -> str:
        """A name for all tables with these contents, or ""."""
        return ""

    def initialize(self, table: Any) -> Any:
        """Makes the op that fills the table; fills it at once when executing eagerly."""
        raise NotImplementedError

    def _check_table(self, table: Any) -> None:
        for what in ("key", "value"):
            expected = getattr(table, what + "_dtype")
            got = getattr(self, what + "_dtype")
            if got.base_dtype != expected:
                raise TypeError(
                    "Invalid {} dtype for table, expected {} but got {}.".format(
                        what, expected.name, got.name
                    )
                )


def _collect(init_op: Any) -> Any:
    """Puts an op where tf.tables_initializer() finds it."""
    if not _compat.executing_eagerly(tf):
        v1.add_to_collection(v1.GraphKeys.TABLE_INITIALIZERS, init_op)
    return init_op


class KeyValueTensorInitializer(TableInitializerBase):
    """Fills a table from a tensor of keys and one of values, as tf.lookup has it."""

    def __init__(
        self,
        keys: Any,
        values: Any,
        key_dtype: Any = None,
        value_dtype: Any = None,
        name: Optional[str] = None,
    ) -> None:
        """Takes the entries.

        Args:
          keys: a tensor [n], or what converts to one.
          values: a tensor [n], or what converts to one.
          key_dtype: dtype of keys, if they are no tensor.
          value_dtype: dtype of values, if they are no tensor.
          name: of the op (optional).

        Raises:
          TypeError, ValueError: keys or values do not convert to the dtype.
        """
        if _compat.in_control_flow(tf):
            with _compat.init_scope(tf):
                self._convert(keys, values, key_dtype, value_dtype)
        else:
            self._convert(keys, values, key_dtype, value_dtype)
        self._name = name or "key_value_init"
        super(KeyValueTensorInitializer, self).__init__(
            self._keys.dtype.base_dtype, self._values.dtype.base_dtype
        )

    def _convert(self, keys: Any, values: Any, key_dtype: Any, value_dtype: Any) -> None:
        self._keys = tf.convert_to_tensor(keys, dtype=key_dtype, name="keys")
        self._values = tf.convert_to_tensor(values, dtype=value_dtype, name="values")

    def initialize(self, table: Any) -> Any:
        """Makes the op that fills the table.

        Raises:
          TypeError: the dtypes are not those of the table.
          tf.errors.InvalidArgumentError: when it runs, if a key has two different values or keys
            and values differ in length.
        """
        self._check_table(table)
        with v1.name_scope(None, self._name, [table.resource_handle, self._keys, self._values]):
            return _collect(
                call(
                    "InitializeTableV2",
                    table_handle=table.resource_handle,
                    keys=self._keys,
                    values=self._values,
                )
            )


class TextFileInitializer(TableInitializerBase):
    """Fills a table from the lines of a text file, as tf.lookup.TextFileInitializer.

    The file is an asset: tf.saved_model.save and the SavedModel builder of TensorFlow 1 copy it
    into the model.
    """

    def __init__(
        self,
        filename: Any,
        key_dtype: Any,
        key_index: int,
        value_dtype: Any,
        value_index: int,
        vocab_size: Optional[int] = None,
        delimiter: str = "\t",
        name: Optional[str] = None,
        value_index_offset: int = 0,
    ) -> None:
        r"""Takes the file and where in a line keys and values are.

        Args:
          filename: a path, or a scalar string tensor.
          key_dtype: dtype of keys.
          key_index: TextFileIndex.WHOLE_LINE (integers or strings), TextFileIndex.LINE_NUMBER
            (int64), or the number of a column.
          value_dtype: dtype of values.
          value_index: likewise.
          vocab_size: how many lines to read; default: all.
          delimiter: one character between columns.
          name: of the op (optional).
          value_index_offset: added to line numbers that are values.

        Raises:
          ValueError: the filename is empty, an index is below -2 or does not go with its dtype, or
            vocab_size is not positive.
        """
        if not _is_tensor(filename) and not filename:
            raise ValueError("`filename` argument required for TextFileInitializer")
        super(TextFileInitializer, self).__init__(key_dtype, value_dtype)
        _check_column("key", key_index, self._key_dtype)
        _check_column("value", value_index, self._value_dtype)
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError("`vocab_size` should be > 0, received: {}".format(vocab_size))
        self._path = filename
        self._key_index = key_index
        self._value_index = value_index
        self._vocab_size = vocab_size
        self._delimiter = delimiter
        self._offset = value_index_offset
        self._name = name or "text_file_init"
        # An attribute of its own, as the name under which a SavedModel keeps it.
        eager = _compat.executing_eagerly(tf)
        self._filename = _compat.asset(tf, filename) if eager else filename

    @property
    def shared_name(self) -> str:
        """A name made of everything that decides the contents."""
        if _is_tensor(self._path):
            return ""
        parts = (
            self._path,
            self._key_dtype.name,
            self._key_index,
            self._value_dtype.name,
            self._value_index,
            self._vocab_size or -1,
            self._offset,
            repr(self._delimiter),
        )
        return "opgraft_table_" + "_".join(str(p) for p in parts)

    def initialize(self, table: Any) -> Any:
        """Makes the op that fills the table.

        Raises:
          TypeError: the dtypes are not those of the table.
          tf.errors.NotFoundError, InvalidArgumentError and others: when it runs, if the file cannot
            be read or does not hold what it should.
        """
        self._check_table(table)
        with v1.name_scope(None, self._name, [table.resource_handle]):
            filename = tf.convert_to_tensor(self._filename, dtype=tf.string, name="asset_filepath")
            init_op = _collect(
                call(
                    "InitializeTableFromTextFileV2",
                    table_handle=table.resource_handle,
                    filename=filename,
                    key_index=self._key_index,
                    value_index=self._value_index,
                    vocab_size=-1 if self._vocab_size is None else self._vocab_size,
                    delimiter=self._delimiter,
                    offset=self._offset,
                )
            )
        if not _compat.executing_eagerly(tf) and filename.op.type == "Const":
            v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, filename)
        return init_op


def _is_tensor(value: Any) -> bool:
    return isinstance(value, tf.Tensor)


def _check_column(what: str, index: int, dtype: Any) -> None:
    if index < -2:
        raise ValueError("`{}_index` should be >= -2, received: {}".format(what, index))
    if index == TextFileIndex.LINE_NUMBER and dtype != tf.int64:
        raise ValueError(
            "`{0}_dtype` must be int64 if `{0}_index` is {1}, received: {2}".format(
                what, index, dtype.name
            )
        )
    if index == TextFileIndex.WHOLE_LINE and not dtype.is_integer and dtype != tf.string:
        raise ValueError(
            "`{0}_dtype` should be either integer or string for `{0}_index` {1}, received: "
            "{2}".format(what, index, dtype.name)
        )


class TextFileStringTableInitializer(TextFileInitializer):
    """From int64 ids (by default line numbers) to strings (by default whole lines)."""

    def __init__(
        self,
        filename: Any,
        key_column_index: int = TextFileIndex.LINE_NUMBER,
        value_column_index: int = TextFileIndex.WHOLE_LINE,
        vocab_size: Optional[int] = None,
        delimiter: str = "\t",
        name: str = "text_file_string_table_init",
    ) -> None:
        """Takes the file; see TextFileInitializer."""
        super(TextFileStringTableInitializer, self).__init__(
            filename,
            tf.int64,
            key_column_index,
            tf.string,
            value_column_index,
            vocab_size=vocab_size,
            delimiter=delimiter,
            name=name,
        )


class TextFileIdTableInitializer(TextFileInitializer):
    """From strings or integers (by default whole lines) to int64 ids (by default line numbers)."""

    def __init__(
        self,
        filename: Any,
        key_column_index: int = TextFileIndex.WHOLE_LINE,
        value_column_index: int = TextFileIndex.LINE_NUMBER,
        vocab_size: Optional[int] = None,
        delimiter: str = "\t",
        name: str = "text_file_id_table_init",
        key_dtype: Any = tf.string,
    ) -> None:
        """Takes the file; see TextFileInitializer."""
        super(TextFileIdTableInitializer, self).__init__(
            filename,
            key_dtype,
            key_column_index,
            tf.int64,
            value_column_index,
            vocab_size=vocab_size,
            delimiter=delimiter,
            name=name,
        )
