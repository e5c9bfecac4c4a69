"""Keys and values to try: what hypothesis draws, and large sets made from a seed."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

KEY_TYPES = ("int32", "int64", "string")
BITS = {"int8": 8, "uint8": 8, "int16": 16, "uint16": 16, "int32": 32, "int64": 64}
FLOATS = {"half": np.float16, "bfloat16": np.float32, "float": np.float32, "double": np.float64}
VALUE_TYPES = ("bool", *BITS, *FLOATS, "string")

# Around the sizes that hashes, slots and allocators treat apart.
LENGTHS = (0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 23, 31, 32, 33, 63, 64, 65, 255, 256)
BATCHES = (0, 1, 2, 15, 16, 17, 127, 128, 129, 255, 256, 257, 1000, 3000)
PATTERNS = ("random", "sequence", "high bits", "low bits", "negative", "multiples")
PREFIX = b"a\0b\xff" * 64


def signed(n: int, bits: int) -> int:
    """The integer of the same low bits."""
    return (n + (1 << (bits - 1))) % (1 << bits) - (1 << (bits - 1))


def integers(bits: int) -> st.SearchStrategy[int]:
    """Integers that a bad hash confuses: powers of 2, equal halves, sequences, extremes."""
    half, top = bits // 2, (1 << (bits - 1)) - 1
    near = st.integers(-9, 9)
    shifts = st.integers(0, bits - 1)
    return st.one_of(
        st.integers(-9, 99),
        st.integers(-top - 1, top),
        st.sampled_from((-top - 1, -top, top - 1, top)),
        st.builds(lambda n, k: signed(n << k, bits), near, shifts),
        st.builds(lambda n, k: signed((1 << k) + n, bits), near, shifts),
        st.builds(lambda n: signed((n << half) + 7, bits), st.integers(0, 99)),
    )


def strings() -> st.SearchStrategy[bytes]:
    """Any bytes, of all lengths, many with a long common prefix; some of 100 kB."""
    lengths = st.sampled_from(LENGTHS)
    return st.one_of(
        st.binary(max_size=9),
        st.builds(lambda n, tail: PREFIX[:n] + tail, lengths, st.binary(max_size=2)),
        st.builds(lambda n, i: b"\0" * n + bytes([i]), lengths, st.integers(0, 3)),
        st.builds(lambda i: LongText(100_000 + i), st.integers(0, 3)),
    )


class LongText(bytes):
    """A long string that prints short."""

    def __new__(cls, n: int) -> LongText:
        return super().__new__(cls, b"\xe9" * n)

    def __repr__(self) -> str:
        return f"LongText({len(self)})"

    def __reduce__(self) -> Any:
        return bytes, (bytes(self),)  # the worker knows no LongText


def keys(dtype: str) -> st.SearchStrategy[Any]:
    """Keys of a type."""
    return strings() if dtype == "string" else integers(BITS[dtype])


def key_lists(dtype: str, least: int = 0) -> st.SearchStrategy[list[Any]]:
    """A few keys, in which some may come twice."""
    return st.lists(keys(dtype), min_size=least, max_size=40)


@dataclass(frozen=True)
class Bulk:
    """Many keys of a pattern."""

    pattern: str
    seed: int
    n: int

    def keys(self, dtype: str) -> list[Any]:
        """The keys, shuffled; repeated only where the type has too few."""
        rng = random.Random(self.seed)
        made: list[Any]
        made = self._strings(rng) if dtype == "string" else self._integers(rng, BITS[dtype])
        rng.shuffle(made)
        return made

    def _integers(self, rng: random.Random, bits: int) -> list[int]:
        start = rng.getrandbits(bits)
        numbers = range(self.n)
        if self.pattern == "random":
            return [signed(rng.getrandbits(bits), bits) for _ in numbers]
        if self.pattern == "multiples":
            shift = bits - self.n.bit_length() - 1
            return [signed(i << shift, bits) for i in numbers]
        if self.pattern == "high bits":
            return [signed((i << (bits // 2)) + start % 99, bits) for i in numbers]
        if self.pattern == "low bits":
            return [signed((start << (bits // 2)) + i, bits) for i in numbers]
        return [signed(-i if self.pattern == "negative" else start + i, bits) for i in numbers]

    def _strings(self, rng: random.Random) -> list[bytes]:
        numbers = range(self.n)
        if self.pattern == "random":
            return [rng.randbytes(rng.choice(LENGTHS[3:])) for _ in numbers]
        if self.pattern == "multiples":  # of one byte
            return [b"\0" * (i % 300) + b"%d" % (i // 300) for i in numbers]
        if self.pattern == "high bits":  # differ at the front
            return [b"%d" % i + PREFIX[:65] for i in numbers]
        prefix = {"sequence": b"", "low bits": PREFIX[:60], "negative": b"-"}[self.pattern]
        return [prefix + b"%d" % i for i in numbers]


def bulks(most: int = 5000) -> st.SearchStrategy[Bulk]:
    """Sets of keys of any pattern."""
    sizes = st.one_of(st.integers(1, 300), st.integers(1, most))
    return st.builds(Bulk, st.sampled_from(PATTERNS), st.integers(0, 99), sizes)


def values(dtype: str, rng: random.Random, n: int) -> list[Any]:
    """Values of a type, NaN and the extremes among them, exact in the type."""
    if dtype == "bool":
        return [rng.random() < 0.5 for _ in range(n)]
    if dtype == "string":
        return [rng.randbytes(rng.choice(LENGTHS)) for _ in range(n)]
    if dtype in FLOATS:
        edges = (0.0, 1.5, -(2.0**-20), float("inf"), float("-inf"), float("nan"))
        numbers = [rng.choice(edges) if rng.random() < 0.2 else rng.gauss(0, 99) for _ in range(n)]
        rounded: list[float] = np.array(numbers, dtype=FLOATS[dtype]).tolist()
        return [truncated(x) for x in rounded] if dtype == "bfloat16" else rounded
    low = 0 if dtype[0] == "u" else -(1 << (BITS[dtype] - 1))
    high = low + (1 << BITS[dtype]) - 1
    return [rng.choice((low, high)) if rng.random() < 0.1 else rng.randint(low, high)
            for _ in range(n)]  # fmt: skip


def rows(dtype: str, seed: int, n: int, width: int = 0) -> list[Any]:
    """Values, or vectors of values as tuples."""
    flat = values(dtype, random.Random(seed), n * max(width, 1))
    return [tuple(flat[i : i + width]) for i in range(0, len(flat), width)] if width else flat


def flatten(given: list[Any], width: int) -> list[Any]:
    """The values of rows."""
    return [item for row in given for item in row] if width else given


def truncated(x: float) -> float:
    """A float as bfloat16 has it."""
    value: float = struct.unpack("<f", b"\0\0" + struct.pack("<f", x)[2:])[0]
    return value


def same(value: Any) -> Any:
    """What is equal if and only if two results are: one NaN is like another."""
    if isinstance(value, tuple):
        return tuple(same(item) for item in value)
    return "nan" if value != value else value


@dataclass(frozen=True)
class Query:
    """A batch of keys to look up."""

    seed: int
    n: int
    hits: float
    shape: str

    def keys(self, dtype: str, present: list[Any]) -> list[Any]:
        """Some of the keys that are present, and others that resemble them."""
        rng = random.Random(self.seed)
        present = present or [b"" if dtype == "string" else 0]
        chosen = [rng.choice(present) for _ in range(self.n)]
        return [key if rng.random() < self.hits else neighbour(dtype, key, rng) for key in chosen]

    def dims(self) -> tuple[int, ...]:
        """The shape of the batch."""
        if self.shape == "scalar" and self.n == 1:
            return ()
        if self.shape == "matrix":
            return (2, self.n // 2) if self.n % 2 == 0 else (1, self.n, 1)
        return (self.n,)


def neighbour(dtype: str, key: Any, rng: random.Random) -> Any:
    """A key that differs little, or altogether."""
    if dtype != "string":
        bits = BITS[dtype]
        return signed(rng.choice((key ^ (1 << rng.randrange(bits)), key + 1, -key,
                                  rng.getrandbits(bits))), bits)  # fmt: skip
    i = rng.randrange(len(key) + 1)
    return rng.choice((key + b"\0", key[:-1], key[1:], key[:i] + b"?" + key[i + 1 :], b"\0" + key))


def queries(n: st.SearchStrategy[int] | None = None) -> st.SearchStrategy[Query]:
    """Batches of the sizes that matter."""
    return st.builds(
        Query,
        st.integers(0, 99),
        st.sampled_from(BATCHES) if n is None else n,
        st.sampled_from((0.0, 0.5, 1.0)),
        st.sampled_from(("vector", "scalar", "matrix")),
    )
