"""Rewrites of ops; importing this package fills the table."""

from opgraft.adapt.rewrites import (
    arrays,
    control,
    counting,
    diagonals,
    einsum,
    images,
    math,
    nn,
    ordering,
    parsing,
    ragged,
    segments,
    text,
)
from opgraft.adapt.rewrites.table import REWRITES, Rewrite

__all__ = [
    "REWRITES",
    "Rewrite",
    "arrays",
    "control",
    "counting",
    "diagonals",
    "einsum",
    "images",
    "math",
    "nn",
    "ordering",
    "parsing",
    "ragged",
    "segments",
    "text",
]
