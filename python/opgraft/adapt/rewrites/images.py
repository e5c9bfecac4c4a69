"""Images: resizing with half pixel centers, non-maximum suppression."""

from __future__ import annotations

from opgraft.adapt.builder import FLOAT, INT32, Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.shapes import mask, scalar
from opgraft.adapt.rewrites.table import composition


def _sizes(b: Builder, node: Node, axis: int) -> tuple[Tensor, Tensor]:
    """(input size, output size) along the axis 1 or 2 of an image batch, int32 scalars."""
    if not node.flag("half_pixel_centers"):
        raise NoRewriteError("half_pixel_centers is not the trouble")
    if node.flag("align_corners"):
        raise NoRewriteError("align_corners and half_pixel_centers exclude each other")
    images, size = node.inputs
    before = scalar(b, b("Slice", b("Shape", images), b.const([axis]), b.const([1])))
    after = scalar(b, b("Slice", size, b.const([axis - 1]), b.const([1])))
    return before, after


def _places(b: Builder, before: Tensor, after: Tensor, offset: float) -> Tensor:
    """Where the middle of each output pixel is in the input, plus an offset; float [after]."""
    scale = b("RealDiv", b("Cast", before, DstT=FLOAT), b("Cast", after, DstT=FLOAT))
    steps = b("Cast", b("Range", b.const(0), after, b.const(1)), DstT=FLOAT)
    middle = b("Mul", b("Add", steps, b.const(0.5, FLOAT)), scale)
    return b("Add", middle, b.const(offset, FLOAT)) if offset else middle


def _take(b: Builder, images: Tensor, places: Tensor, axis: int) -> Tensor:
    """Pixels along an axis."""
    return b("GatherV2", images, b("Cast", places, DstT=INT32), b.const(axis))


def _along(b: Builder, weights: Tensor, axis: int) -> Tensor:
    """A vector of weights that multiplies along an axis of an image batch."""
    return b("Reshape", weights, b.const([-1 if i == axis else 1 for i in range(4)]))


@composition("ResizeBilinear")
def resize_bilinear(b: Builder, node: Node) -> list[Tensor]:
    """Gathers the two neighbours along each axis and mixes them."""
    images, _ = node.inputs
    x = images if b.type_of(images) == FLOAT else b("Cast", images, DstT=FLOAT)
    for axis in (2, 1):
        before, after = _sizes(b, node, axis)
        at = _places(b, before, after, -0.5)
        floor = b("Floor", at)
        last = b("Cast", b("Sub", before, b.const(1)), DstT=FLOAT)
        low = _take(b, x, b("Maximum", floor, b.const(0.0, FLOAT)), axis)
        high = _take(b, x, b("Minimum", b("Ceil", at), last), axis)
        share = _along(b, b("Sub", at, floor), axis)
        x = b("Add", low, b("Mul", b("Sub", high, low), share))
    return [x]


@composition("ResizeNearestNeighbor")
def resize_nearest(b: Builder, node: Node) -> list[Tensor]:
    """Gathers the nearest pixel along each axis."""
    x, _ = node.inputs
    for axis in (2, 1):
        before, after = _sizes(b, node, axis)
        last = b("Cast", b("Sub", before, b.const(1)), DstT=FLOAT)
        x = _take(b, x, b("Minimum", b("Floor", _places(b, before, after, 0)), last), axis)
    return [x]


def _keys(b: Builder, distance: Tensor, near: bool) -> Tensor:
    """Keys' cubic kernel with a = -1/2, for distances up to 1 (near) or from 1 to 2."""
    # Coefficients of distance^3, distance^2, distance and 1.
    cubic = (1.5, -2.5, 0.0, 1.0) if near else (-0.5, 2.5, -4.0, 2.0)
    value = b.const(cubic[0], FLOAT)
    for coefficient in cubic[1:]:
        value = b("Add", b("Mul", value, distance), b.const(coefficient, FLOAT))
    return value


@composition("ResizeBicubic")
def resize_bicubic(b: Builder, node: Node) -> list[Tensor]:
    """Gathers the four neighbours along each axis; those outside have no weight."""
    images, _ = node.inputs
    x = images if b.type_of(images) == FLOAT else b("Cast", images, DstT=FLOAT)
    zero, one, steps = (b.const(value, FLOAT) for value in (0.0, 1.0, 1024.0))
    for axis in (2, 1):
        before, after = _sizes(b, node, axis)
        at = _places(b, before, after, -0.5)
        floor = b("Floor", at)
        # The kernel is a table of 1024 steps.
        share = b("RealDiv", b("Round", b("Mul", b("Sub", at, floor), steps)), steps)
        rest = b("Sub", one, share)
        last = b("Cast", b("Sub", before, b.const(1)), DstT=FLOAT)
        distances = (b("Add", share, one), share, rest, b("Add", rest, one))
        parts, weights = [], []
        for place, distance in enumerate(distances):
            wanted = b("Add", floor, b.const(float(place - 1), FLOAT))
            inside = b("Minimum", b("Maximum", wanted, zero), last)
            weight = _keys(b, distance, near=place in (1, 2))
            weight = b("Mul", weight, b("Cast", b("Equal", inside, wanted), DstT=FLOAT))
            weights.append(weight)
            parts.append(_take(b, x, inside, axis))
        total = b("AddN", weights)
        shares = [_along(b, b("RealDiv", weight, total), axis) for weight in weights]
        x = b("AddN", [b("Mul", part, share) for part, share in zip(parts, shares)])
    return [x]


def _suppress(b: Builder, node: Node) -> Tensor:
    """The indices that non-maximum suppression selects."""
    boxes, scores, size, overlap, threshold = node.inputs[:5]
    for attr in ("T", "T_threshold"):
        if attr in node.attrs and node.type(attr) != FLOAT:
            raise NoRewriteError("it is not about float")
    above = b("Greater", scores, threshold)
    places = b("Cast", b("Reshape", b("Where", above), b.const([-1])), DstT=INT32)
    kept = b("NonMaxSuppressionV2", mask(b, boxes, above), mask(b, scores, above), size, overlap)
    return b("Gather", places, kept)


def _padded(b: Builder, node: Node, values: Tensor) -> Tensor:
    """Zeros up to max_output_size, if asked for."""
    if not node.flag("pad_to_max_output_size"):
        return values
    missing = b("Sub", node.inputs[2], b("Size", values))
    return b("Pad", values, b("Reshape", b("Pack", [b.const(0), missing]), b.const([1, 2])))


@composition("NonMaxSuppressionV3")
def nms_v3(b: Builder, node: Node) -> list[Tensor]:
    """NonMaxSuppressionV2 of the boxes above the score threshold."""
    return [_suppress(b, node)]


@composition("NonMaxSuppressionV4")
def nms_v4(b: Builder, node: Node) -> list[Tensor]:
    """As V3, with padding."""
    kept = _suppress(b, node)
    return [_padded(b, node, kept), b("Size", kept)]


@composition("NonMaxSuppressionV5")
def nms_v5(b: Builder, node: Node) -> list[Tensor]:
    """As V4, with the scores; only without soft suppression."""
    sigma = b.value_of(node.inputs[5])
    if sigma is None or sigma.item() != 0:
        raise NoRewriteError("it may suppress softly")
    kept = _suppress(b, node)
    scores = b("Gather", node.inputs[1], kept)
    return [_padded(b, node, kept), _padded(b, node, scores), b("Size", kept)]
