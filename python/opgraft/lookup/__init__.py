"""Lookup tables with the names and signatures of tf.lookup and tf.contrib.lookup.

The same code has the same table on every TensorFlow that opgraft supports: the classes are built on
opgraft's own ops (OpgraftHashTableV2 and so on), in graphs, in tf.function and eagerly.

    import tensorflow as tf
    from opgraft import lookup

    table = lookup.StaticHashTable(
        lookup.KeyValueTensorInitializer(["a", "b"], [1, 2], tf.string, tf.int64), default_value=-1)
    table.lookup(tf.constant(["b", "z"]))      # [2, -1]

In graphs of TensorFlow 1 run `tf.tables_initializer()` or `table.init` first, as with TensorFlow's
own tables. Keys are int32, int64 or string; values are bool, int8, uint8, int16, uint16, int32,
int64, half, bfloat16, float, double or string, as far as the TensorFlow in use has the type.

Importing this module imports TensorFlow; the first table loads the op library, and raises
opgraft.OpgraftError if there is none for this TensorFlow. Models saved with such tables need
`opgraft.load()` (or TF_LoadLibrary of the file `opgraft.library_path("lookup")`) where they run.
"""

from opgraft.lookup import experimental
from opgraft.lookup.buckets import (
    FastHashSpec,
    HasherSpec,
    IdTableWithHashBuckets,
    StaticVocabularyTable,
    StrongHashSpec,
)
from opgraft.lookup.factories import (
    index_table_from_file,
    index_table_from_tensor,
    index_to_string_table_from_file,
    index_to_string_table_from_tensor,
)
from opgraft.lookup.initializers import (
    KeyValueTensorInitializer,
    TableInitializerBase,
    TextFileIdTableInitializer,
    TextFileIndex,
    TextFileInitializer,
    TextFileStringTableInitializer,
)
from opgraft.lookup.mutable import DenseHashTable, MutableDenseHashTable, MutableHashTable
from opgraft.lookup.tables import HashTable, LookupInterface, StaticHashTable

__all__ = [
    "DenseHashTable",
    "FastHashSpec",
    "HashTable",
    "HasherSpec",
    "IdTableWithHashBuckets",
    "KeyValueTensorInitializer",
    "LookupInterface",
    "MutableDenseHashTable",
    "MutableHashTable",
    "StaticHashTable",
    "StaticVocabularyTable",
    "StrongHashSpec",
    "TableInitializerBase",
    "TextFileIdTableInitializer",
    "TextFileIndex",
    "TextFileInitializer",
    "TextFileStringTableInitializer",
    "experimental",
    "index_table_from_file",
    "index_table_from_tensor",
    "index_to_string_table_from_file",
    "index_to_string_table_from_tensor",
]
