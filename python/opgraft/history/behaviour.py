"""What releases do in their own way and no definition of an op says.

Measured by running stock releases beside one another.
"""

from __future__ import annotations

SOFTMAX_OF_ANY_RANK = (1, 13)
UNIQUE_OF_ANY_RANK = (2, 8)  # seen to be so; up to 2.4 its shape function took all for vectors

# Ops that compute something else for one and the same graph: the GraphDef versions of the last
# release that was seen to do the old thing and of the first that was not (24 is that of 1.4.1, 134
# of 1.15.5, 440 of 2.3.4; in between nothing was measured), what older ones do, what newer ones do.
_QUANTIZE = (24, 134, "other scales than since, and ties rounded upwards", "the scales of 1.15")
_SEGMENTS = (24, 134, "an error for negative ids", "no error for negative ids")
_RESULTS: dict[str, tuple[int, int, str, str]] = {
    "CTCBeamSearchDecoder": (24, 134, "other log probabilities", "other log probabilities"),
    "CumulativeLogsumexp": (134, 440, "the lowest number for -inf", "-inf for the lowest number"),
    "NonMaxSuppressionWithOverlaps": (
        *(134, 440, "one box again and again if its overlap with itself is within the limit"),
        "each box once",
    ),
    "QuantizeAndDequantize": _QUANTIZE,
    "QuantizeAndDequantizeV2": _QUANTIZE,
    "QuantizeAndDequantizeV3": _QUANTIZE,
    "UnsortedSegmentMax": _SEGMENTS,
    "UnsortedSegmentSum": _SEGMENTS,
}


def kernel_limit(op: str, rank: int | None, release: tuple[int, ...]) -> str:
    """What the kernel of a release may refuse about a node with an output of some rank, or ""."""
    if op in ("Softmax", "LogSoftmax") and release < SOFTMAX_OF_ANY_RANK and rank != 2:
        return "it takes matrices alone"
    return ""


def shape_limit(op: str, rank: int | None, release: tuple[int, ...]) -> str:
    """What a release infers that contradicts the static shape of a node's output, or ""."""
    if op in ("UniqueV2", "UniqueWithCountsV2") and release < UNIQUE_OF_ANY_RANK:
        return "" if rank in (None, 1) else "is not what is inferred: a vector"
    return ""


def result_difference(op: str, writer: int, reader: int) -> str:
    """What a release computes that the one which wrote a graph does not, or "".

    Args:
      op: the op.
      writer: the GraphDef version of the one that wrote it; 0 if that is not known.
      reader: that of the other.
    """
    if op not in _RESULTS or not writer or not reader or writer == reader:
        return ""
    last, first, before, since = _RESULTS[op]
    if max(writer, reader) <= last or min(writer, reader) >= first:
        return ""
    return before if reader < writer else since
