"""The names of tf.lookup.experimental, so that one changed import is all that a program needs."""

from opgraft.lookup.mutable import DenseHashTable, MutableHashTable

__all__ = ["DenseHashTable", "MutableHashTable"]
