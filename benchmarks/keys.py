"""Keys, queries and values of the table benchmarks, made from indices by arithmetic.

A key is a function of its index, so nothing has to be kept: keys 0 to N-1 are in the table, those
from FIRST_MISS on never are, and both look alike.
"""

import numpy as np

FIRST_MISS = 1 << 40
LONGEST = 20
ZIPF = 0.99
_LETTERS = np.frombuffer(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", np.uint8
)


def mix(index):
    """A permutation of the 64-bit numbers that looks random (the finalizer of MurmurHash3)."""
    x = index.astype(np.uint64)
    x ^= x >> np.uint64(33)
    x *= np.uint64(0xFF51AFD7ED558CCD)
    x ^= x >> np.uint64(33)
    x *= np.uint64(0xC4CEB9FE1A85EC53)
    return x ^ (x >> np.uint64(33))


def integers(index):
    """Distinct int64 keys over the full range."""
    return mix(index + 12345).view(np.int64)


def strings(index):
    """Distinct byte strings of 8 to 20 bytes, mean 14, as an array of S20."""
    first = (index + 12345).astype(np.uint64) * np.uint64(0x5851F42D4C957F2D)
    first &= np.uint64((1 << 48) - 1)
    first ^= first >> np.uint64(23)  # a permutation of 48 bits: 8 letters that differ
    rest = mix(index)
    letters = np.empty((len(index), LONGEST), np.uint8)
    for column in range(LONGEST):
        bits, place = (first, column) if column < 8 else (rest, column - 8)
        letters[:, column] = _LETTERS[(bits >> np.uint64(6 * place)) & np.uint64(63)]
    length = 8 + mix(rest) % np.uint64(LONGEST - 7)
    letters[np.arange(LONGEST, dtype=np.uint64) >= length[:, None]] = 0
    return letters.view("S%d" % LONGEST)[:, 0]


def make_keys(kind, index):
    """The keys of some indices; kind is "int64" or "string"."""
    return integers(index) if kind == "int64" else strings(index)


def make_values(wide, count):
    """Row numbers below 2^31, or numbers of 64 bits."""
    random = mix(np.arange(count) + (1 << 50))
    return random.view(np.int64) if wide else (random >> np.uint64(33)).astype(np.int64)


def query_indices(random, table_size, count, hit_percent, distribution):
    """Indices of the keys to ask for.

    Args:
      random: a numpy Generator.
      table_size: how many keys the table has; a power of 10.
      count: how many to make.
      hit_percent: how many of 100 are in the table.
      distribution: "uniform" or "zipf" (exponent 0.99, by the inverse of its continuous form).
    """
    if distribution == "uniform":
        index = random.integers(0, table_size, count)
    else:
        power = 1 - ZIPF
        spread = (table_size**power - 1) * random.random(count) + 1
        rank = np.minimum(spread ** (1 / power), table_size).astype(np.int64) - 1
        index = rank * 7368787 % table_size  # frequent keys are anywhere in the table
    misses = random.random(count) * 100 >= hit_percent
    return index + misses * FIRST_MISS


def blob_and_offsets(array):
    """The strings of an S20 array one behind the other, and where each begins and ends."""
    letters = array.view(np.uint8).reshape(len(array), -1)
    lengths = np.char.str_len(array)
    offsets = np.zeros(len(array) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return letters[np.arange(letters.shape[1]) < lengths[:, None]], offsets
