"""Strings, a byte at a time: StringSplit without a separator takes a string apart."""

from __future__ import annotations

from opgraft.adapt.builder import INT32, INT64, STRING, Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.regex import byte_set
from opgraft.adapt.rewrites.shapes import as_int32, columns_of, mask, rows_of_splits
from opgraft.adapt.rewrites.table import composition

_WHITESPACE = b" \t\n\v\f\r"


@composition("StringSplitV2")
def string_split(b: Builder, node: Node) -> list[Tensor]:
    """StringSplit, for white space or a separator of one byte."""
    text, separator = node.inputs
    value = b.value_of(separator)
    if value is None or node.number("maxsplit", -1) >= 0:
        raise NoRewriteError("its separator is no constant, or it splits only so often")
    if len(value.item()) > 1:
        raise NoRewriteError(f"StringSplit takes {value.item()!r} for a set of separators")
    if not value.item():
        first = b("StringSplit", text, b.const(_WHITESPACE, STRING), skip_empty=True)
        return [Tensor(first.node, i) for i in range(3)]
    # StringSplit makes nothing of an empty string, StringSplitV2 an empty piece. So it splits a
    # separator, and the second of the two pieces is left out.
    empty = b("Equal", text, b.const(b"", STRING))
    filled = b("Select", empty, b("Fill", b("Shape", text), separator), text)
    first = b("StringSplit", filled, separator, skip_empty=False)
    row, column = (
        b("Reshape", b("Slice", first, b.const([0, i]), b.const([-1, 1])), b.const([-1]))
        for i in (0, 1)
    )
    second = b("LogicalAnd", b("Gather", empty, row), b("Greater", column, b.const(0, INT64)))
    keep = b("LogicalNot", second)
    ends = b("Add", mask(b, column, keep), b.const(1, INT64))
    longest = b("Max", b("ConcatV2", [ends, b.const([0], INT64)], b.const(0)), b.const(0))
    shape = b("Pack", [b("Size", text, out_type=INT64), longest])
    return [mask(b, first, keep), mask(b, Tensor(first.node, 1), keep), shape]


def _bytes(b: Builder, text: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """A tensor of strings taken apart.

    Returns:
      How many strings there are; of each byte the string that it is in, its place in it, and its
      value from 0 to 255. All int32.
    """
    flat = b("Reshape", text, b.const([-1]))
    split = b("StringSplit", flat, b.const(b"", STRING), skip_empty=False)
    indices = b("Cast", split, DstT=INT32)
    single = Tensor(split.node, 1)
    rows, places = (
        b("Reshape", b("Slice", indices, b.const([0, i]), b.const([-1, 1])), b.const([-1]))
        for i in (0, 1)
    )
    # An empty string may or may not give an empty piece; a byte is what is there.
    there = b("NotEqual", single, b.const(b"", STRING))
    rows, places, single = (mask(b, tensor, there) for tensor in (rows, places, single))
    values = b("Reshape", b("DecodeRaw", single, out_type=4), b.const([-1]))
    return b("Size", flat), rows, places, b("Cast", values, DstT=INT32)


def _is_one_of(b: Builder, values: Tensor, wanted: frozenset[int]) -> Tensor:
    """Whether each byte is in a set."""
    return b("Gather", b.const([i in wanted for i in range(256)], 10), values)


@composition("StringLength")
def string_length(b: Builder, node: Node) -> list[Tensor]:
    """Counts bytes, or those that begin a character of UTF-8."""
    text = node.inputs[0]
    count, rows, _, values = _bytes(b, text)
    if node.text("unit") == "UTF8_CHAR":
        rows = mask(
            b, rows, _is_one_of(b, values, frozenset(range(256)) - frozenset(range(128, 192)))
        )
    lengths = b("UnsortedSegmentSum", b("Fill", b("Shape", rows), b.const(1)), rows, count)
    return [b("Reshape", lengths, b("Shape", text))]


@composition("StringStrip")
def string_strip(b: Builder, node: Node) -> list[Tensor]:
    """Substr from the first byte that is no white space to the last."""
    text = node.inputs[0]
    count, rows, places, values = _bytes(b, text)
    solid = _is_one_of(b, values, frozenset(range(256)) - frozenset(_WHITESPACE))
    rows, places = mask(b, rows, solid), mask(b, places, solid)
    # Greatest place + 1, and greatest -place: old releases have no smallest.
    end = b("UnsortedSegmentMax", b("Add", places, b.const(1)), rows, count)
    end = b("Maximum", end, b.const(0))
    start = b("UnsortedSegmentMax", b("Neg", places), rows, count)
    start = b("Select", b("Greater", end, b.const(0)), b("Neg", start), end)
    flat = b("Reshape", text, b.const([-1]))
    # Old releases take no part of an empty string, not even an empty one.
    flat = b("StringJoin", [flat, b.const(b" ", STRING)])
    stripped = b("Substr", flat, start, b("Sub", end, start))
    return [b("Reshape", stripped, b("Shape", text))]


@composition("StaticRegexReplace")
def static_regex_replace(b: Builder, node: Node) -> list[Tensor]:
    """Replaces byte by byte, where the pattern is a character or a class of ASCII characters."""
    if "replace_global" in node.attrs and not node.flag("replace_global"):
        raise NoRewriteError("it replaces only the first match")
    pattern, new = node.attrs["pattern"].s, node.attrs["rewrite"].s
    wanted = byte_set(pattern)
    if wanted is None or b"\\" in new:
        raise NoRewriteError(
            f"the pattern {pattern!r} is no single ASCII character or class of them"
        )
    return [_replace(b, node.inputs[0], wanted, new)]


@composition("RegexReplace")
def regex_replace(b: Builder, node: Node) -> list[Tensor]:
    """As StaticRegexReplace, where pattern and rewrite are constants."""
    pattern, new = (b.value_of(tensor) for tensor in node.inputs[1:3])
    if pattern is None or new is None:
        raise NoRewriteError("its pattern or its rewrite is no constant")
    if "replace_global" in node.attrs and not node.flag("replace_global"):
        raise NoRewriteError("it replaces only the first match")
    wanted = byte_set(pattern.item())
    if wanted is None or b"\\" in new.item():
        raise NoRewriteError("its pattern is no single ASCII character or class of them")
    return [_replace(b, node.inputs[0], wanted, new.item())]


def _replace(b: Builder, text: Tensor, wanted: frozenset[int], new: bytes) -> Tensor:
    """Each byte of a set replaced by a string."""
    alphabet = [new if value in wanted else bytes([value]) for value in range(256)]
    return _map_bytes(b, text, alphabet)


def _map_bytes(b: Builder, text: Tensor, alphabet: list[bytes]) -> Tensor:
    """Each byte replaced by what the alphabet has for it.

    The pieces go into a matrix, a row for each string, whose rows are joined.
    """
    count, rows, places, values = _bytes(b, text)
    pieces = b("Gather", b.const(alphabet, STRING), values)
    longest = b(
        "Max", b("ConcatV2", [b("Add", places, b.const(1)), b.const([0])], b.const(0)), b.const(0)
    )
    shape = b("Pack", [count, longest])
    cells = b("Pack", [rows, places], axis=1)
    matrix = b("SparseToDense", cells, shape, pieces, b.const(b"", STRING))
    joined = b("ReduceJoin", matrix, b.const([1]))
    return b("Reshape", joined, b("Shape", text))


def _ascii_only(node: Node, what: str) -> None:
    if node.text("encoding") not in ("",):
        raise NoRewriteError(f"it is about {what} of {node.text('encoding')}")


@composition("StringUpper")
def string_upper(b: Builder, node: Node) -> list[Tensor]:
    """Byte by byte, for ASCII."""
    _ascii_only(node, "capitals")
    return [_map_bytes(b, node.inputs[0], [bytes([v]).upper() for v in range(256)])]


@composition("StringLower")
def string_lower(b: Builder, node: Node) -> list[Tensor]:
    """Byte by byte, for ASCII."""
    _ascii_only(node, "small letters")
    return [_map_bytes(b, node.inputs[0], [bytes([v]).lower() for v in range(256)])]


@composition("StringNGrams")
def string_ngrams(b: Builder, node: Node) -> list[Tensor]:
    """Joins of neighbours, sorted by row, then by width; without padding."""
    data, splits = node.inputs
    widths = [int(width) for width in node.attrs["ngram_widths"].list.i]
    padded = node.number("pad_width") != 0 and (node.text("left_pad") or node.text("right_pad"))
    if padded or node.flag("preserve_short_sequences") or not widths:
        raise NoRewriteError("it pads, or keeps short rows")
    split_type = b.type_of(splits)
    splits = as_int32(b, splits)
    n = b("Size", data)
    rows = rows_of_splits(b, splits, n)
    columns = columns_of(b, splits, rows)
    starts = b("Gather", splits, rows)
    ends = b("Gather", b("Slice", splits, b.const([1]), b.const([-1])), rows)
    length = b("Sub", ends, starts)
    grams, keys, owners = [], [], []
    for order, width in enumerate(widths):
        fits = b("LessEqual", b("Add", columns, b.const(width)), length)
        begin = b("Reshape", b("Cast", b("Where", fits), DstT=INT32), b.const([-1]))
        words = [b("Gather", data, b("Add", begin, b.const(i))) for i in range(width)]
        separator = node.text("separator")
        grams.append(b("StringJoin", words, separator=separator) if width > 1 else words[0])
        row = b("Gather", rows, begin)
        owners.append(row)
        rank = b("Add", b("Mul", row, b.const(len(widths))), b.const(order))
        keys.append(b("Add", b("Mul", rank, b("Add", n, b.const(1))), begin))
    if len(widths) == 1:
        gram, row = grams[0], owners[0]
    else:
        key = b("ConcatV2", keys, b.const(0))
        sorted_ = b("TopKV2", b("Neg", key), b("Size", key))
        place = Tensor(sorted_.node, 1)
        gram = b("Gather", b("ConcatV2", grams, b.const(0)), place)
        row = b("ConcatV2", owners, b.const(0))
    n_rows = b("Sub", b("Size", splits), b.const(1))
    counts = b("UnsortedSegmentSum", b("Fill", b("Shape", row), b.const(1)), row, n_rows)
    new_splits = b("ConcatV2", [b.const([0]), b("Cumsum", counts, b.const(0))], b.const(0))
    if split_type != INT32:
        new_splits = b("Cast", new_splits, DstT=split_type)
    return [gram, new_splits]
