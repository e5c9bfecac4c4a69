"""Projective transforms and other image functions (tf.contrib.image).

A transform is 8 numbers [a0, a1, a2, b0, b1, b2, c0, c1]: the pixel (x, y) of the output is that of
the input at ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k), k = c0 x + c1 y + 1; x along the
width.
"""

from typing import Any, Optional, Tuple

from opgraft.contrib import _ops
from opgraft.contrib._colours import adjust_hsv_in_yiq, random_hsv_in_yiq

v1 = _ops.v1

__all__ = [
    "adjust_hsv_in_yiq",
    "angles_to_projective_transforms",
    "bipartite_match",
    "compose_transforms",
    "connected_components",
    "flat_transforms_to_matrices",
    "matrices_to_flat_transforms",
    "random_hsv_in_yiq",
    "rotate",
    "single_image_random_dot_stereograms",
    "transform",
    "translate",
    "translations_to_projective_transforms",
]

_IMAGE_DTYPES = (v1.uint8, v1.int32, v1.int64, v1.float16, v1.float32, v1.float64)


def transform(
    images: Any,
    transforms: Any,
    interpolation: str = "NEAREST",
    output_shape: Optional[Any] = None,
    name: Optional[str] = None,
) -> Any:
    """Applies projective transforms to images; what lies outside of them is zero.

    The gradient with respect to images is the gradient image under the inverse transform;
    transforms have none.

    Args:
      images: [batch, height, width, channels], [height, width, channels] or [height, width], the
        rank known; uint8, int32, int64, half, float or double.
      transforms: float [8] for all images or [batch, 8]; see the module.
      interpolation: "NEAREST" or "BILINEAR".
      output_shape: [height, width] of the result in pixels; default: that of images.
      name: of the ops.

    Returns:
      Images of the same type and rank.

    Raises:
      TypeError: a type or rank that is not among these.
      ValueError: output_shape is not two numbers.
    """
    with v1.name_scope(name, "transform"):
        images = v1.convert_to_tensor(images, name="images")
        transforms = _rows(transforms, "transforms", 2)
        if images.dtype.base_dtype not in _IMAGE_DTYPES:
            raise TypeError("images cannot be {}".format(images.dtype))
        rank, batch = _batch(images)
        size = v1.shape(batch)[1:3] if output_shape is None else _size(output_shape)
        result = _ops.call(
            "ImageProjectiveTransformV2",
            images=batch,
            transforms=transforms,
            output_shape=size,
            interpolation=interpolation.upper(),
        )
        if output_shape is None:
            result.set_shape(batch.shape)
        return result if rank == 4 else result[0] if rank == 3 else result[0, :, :, 0]


def _batch(images: Any) -> Tuple[int, Any]:
    """The rank of images, and the images as a batch with channels."""
    rank = images.shape.ndims
    if rank is None:
        raise TypeError("the rank of images must be known")
    if rank not in (2, 3, 4):
        raise TypeError("images must have rank 2, 3 or 4, not {}".format(rank))
    return rank, images if rank == 4 else images[None] if rank == 3 else images[None, :, :, None]


def _rows(value: Any, name: str, rank: int) -> Any:
    """A float tensor of this rank, or a single row of it as a batch."""
    tensor = v1.convert_to_tensor(value, name=name, dtype=v1.float32)
    ranks = rank - 1, rank
    if tensor.shape.ndims not in ranks:
        raise TypeError("{} must have rank {} or {}, not {}".format(name, *ranks, tensor.shape))
    return tensor if tensor.shape.ndims == rank else tensor[None]


def _size(output_shape: Any) -> Any:
    size = v1.convert_to_tensor(output_shape, name="output_shape", dtype=v1.int32)
    if not size.shape.is_compatible_with([2]):
        raise ValueError("output_shape must be [height, width], got shape {}".format(size.shape))
    return size


def rotate(
    images: Any, angles: Any, interpolation: str = "NEAREST", name: Optional[str] = None
) -> Any:
    """Rotates images about their centres.

    Args:
      images: as in transform().
      angles: float scalar or [batch], in radians, counterclockwise.
      interpolation: "NEAREST" or "BILINEAR".
      name: of the ops.

    Returns:
      Images of the same type and shape; corners without an image are zero.

    Raises:
      TypeError: a type or rank that is not among these.
    """
    with v1.name_scope(name, "rotate"):
        images = v1.convert_to_tensor(images, name="images")
        _, batch = _batch(images)
        shape = v1.shape(batch)
        height, width = v1.cast(shape[1], v1.float32), v1.cast(shape[2], v1.float32)
        transforms = angles_to_projective_transforms(angles, height, width)
        return transform(images, transforms, interpolation)


def translate(
    images: Any, translations: Any, interpolation: str = "NEAREST", name: Optional[str] = None
) -> Any:
    """Moves images.

    Args:
      images: as in transform().
      translations: float [2] or [batch, 2]: (dx, dy) in pixels, to the right and down.
      interpolation: "NEAREST" or "BILINEAR".
      name: of the ops.

    Returns:
      Images of the same type and shape; what moved in from outside is zero.

    Raises:
      TypeError: a type or rank that is not among these.
    """
    with v1.name_scope(name, "translate"):
        return transform(images, translations_to_projective_transforms(translations), interpolation)


def angles_to_projective_transforms(
    angles: Any, image_height: Any, image_width: Any, name: Optional[str] = None
) -> Any:
    """The transforms that rotate images about their centres.

    Args:
      angles: float scalar or [n], in radians, counterclockwise.
      image_height: scalar, in pixels.
      image_width: scalar, in pixels.
      name: of the ops.

    Returns:
      float [n, 8] (n = 1 for a scalar).

    Raises:
      TypeError: angles have another rank.
    """
    with v1.name_scope(name, "angles_to_projective_transforms"):
        angles = _rows(angles, "angles", 1)
        right = v1.cast(image_width, v1.float32) - 1
        bottom = v1.cast(image_height, v1.float32) - 1
        cos, sin = v1.cos(angles), v1.sin(angles)
        # The offsets keep the centre (right, bottom) / 2 where it is.
        x = (right - (cos * right - sin * bottom)) / 2.0
        y = (bottom - (sin * right + cos * bottom)) / 2.0
        zero = v1.zeros_like(angles)
        return v1.stack([cos, -sin, x, sin, cos, y, zero, zero], axis=1)


def translations_to_projective_transforms(translations: Any, name: Optional[str] = None) -> Any:
    """The transforms that move images.

    Args:
      translations: float [2] or [n, 2]: (dx, dy) in pixels, to the right and down.
      name: of the ops.

    Returns:
      float [n, 8] (n = 1 for one translation).

    Raises:
      TypeError: translations have another rank.
    """
    with v1.name_scope(name, "translations_to_projective_transforms"):
        moves = _rows(translations, "translations", 2)
        dx, dy = moves[:, 0], moves[:, 1]
        zero, one = v1.zeros_like(dx), v1.ones_like(dx)
        return v1.stack([one, zero, -dx, zero, one, -dy, zero, zero], axis=1)


def compose_transforms(*transforms: Any) -> Any:
    """The transform that does what the given ones do one after the other.

    Args:
      *transforms: float [8] or [n, 8], all of one shape.

    Returns:
      float [n, 8] (n = 1 for vectors).

    Raises:
      AssertionError: there are none (tf.contrib's error).
      ValueError: a shape that is not among these.
    """
    assert transforms, "there must be at least one transform"
    with v1.name_scope(None, "compose_transforms"):
        composed = flat_transforms_to_matrices(transforms[0])
        for other in transforms[1:]:
            # Pixels go backwards, from the last output to the first input.
            composed = v1.matmul(composed, flat_transforms_to_matrices(other))
        return matrices_to_flat_transforms(composed)


def flat_transforms_to_matrices(transforms: Any) -> Any:
    """Transforms as matrices that map homogeneous output to input coordinates.

    Args:
      transforms: float [8] or [n, 8].

    Returns:
      float [n, 3, 3] (n = 1 for a vector).

    Raises:
      ValueError: another shape (InvalidArgumentError if only the values tell).
    """
    with v1.name_scope(None, "flat_transforms_to_matrices"):
        flat = v1.convert_to_tensor(transforms, name="transforms")
        if flat.shape.ndims not in (1, 2):
            raise ValueError("transforms must be [8] or [n, 8], not {}".format(flat.shape))
        if not flat.shape[-1:].is_compatible_with([8]):
            raise ValueError("a transform has 8 numbers, not {}".format(flat.shape[-1]))
        flat = v1.reshape(flat, [-1, 8])
        return v1.reshape(v1.concat([flat, v1.ones_like(flat[:, :1])], axis=1), [-1, 3, 3])


def matrices_to_flat_transforms(transform_matrices: Any) -> Any:
    """Matrices that map homogeneous output to input coordinates as transforms.

    Args:
      transform_matrices: float [3, 3] or [n, 3, 3].

    Returns:
      float [n, 8] (n = 1 for one matrix).

    Raises:
      ValueError: another shape (InvalidArgumentError if only the values tell).
    """
    with v1.name_scope(None, "matrices_to_flat_transforms"):
        matrices = v1.convert_to_tensor(transform_matrices, name="transform_matrices")
        if matrices.shape.ndims not in (2, 3):
            raise ValueError("matrices must be [3, 3] or [n, 3, 3], not {}".format(matrices.shape))
        if not matrices.shape[-2:].is_compatible_with([3, 3]):
            raise ValueError("a matrix is [3, 3], not {}".format(matrices.shape[-2:]))
        flat = v1.reshape(matrices, [-1, 9])
        return (flat / flat[:, 8:9])[:, :8]


def connected_components(images: Any) -> Any:
    """Numbers the regions of equal, non-zero pixels that touch above, below, left or right.

    Args:
      images: [height, width] or [batch, height, width]: bool, numbers or strings.

    Returns:
      int32, same shape: 0 where the pixel is zero (false, ""), otherwise the number of its region,
      from 1 on, in the order of their first pixels in the whole batch.

    Raises:
      TypeError: images have another rank.
    """
    with v1.name_scope(None, "connected_components"):
        images = v1.convert_to_tensor(images, name="images")
        rank = images.shape.ndims
        if rank not in (2, 3):
            raise TypeError("images must have rank 2 or 3, not {}".format(images.shape))
        regions = _ops.call("ImageConnectedComponents", image=images[None] if rank == 2 else images)
        # The op numbers a region by its first pixel: unique() closes the gaps, but counts 0 too.
        ids, index = v1.unique(v1.reshape(regions, [-1]))
        zero = v1.cast(v1.reshape(v1.where(v1.equal(ids, 0)), [-1]), v1.int32)
        zero = v1.reduce_min(v1.concat([zero, v1.size(ids)[None]], axis=0))
        number = index + v1.cast(index < zero, v1.int32)
        number = number * v1.cast(v1.not_equal(index, zero), v1.int32)
        return v1.reshape(number, v1.shape(images))


def bipartite_match(
    distance_mat: Any, num_valid_rows: Any, top_k: int = -1, name: str = "bipartite_match"
) -> Tuple[Any, Any]:
    """Pairs rows with columns greedily, the nearest pair first.

    Args:
      distance_mat: float [rows, columns].
      num_valid_rows: float scalar or [1]: how many rows count; negative: all.
      top_k: how many pairs; negative: as many as there can be.
      name: of the op.

    Returns:
      (row_to_col_match_indices, col_to_row_match_indices): int32 [rows] and [columns], -1 where
      there is no partner.

    Raises:
      InvalidArgumentError: distance_mat is no matrix, or num_valid_rows no single number.
    """
    rows, columns = _ops.call(
        "BipartiteMatch", distance_mat, num_valid_rows, top_k=top_k, name=name
    )
    return rows, columns


def single_image_random_dot_stereograms(
    depth_values: Any,
    hidden_surface_removal: Optional[bool] = None,
    convergence_dots_size: Optional[int] = None,
    dots_per_inch: Optional[int] = None,
    eye_separation: Optional[float] = None,
    mu: Optional[float] = None,
    normalize: Optional[bool] = None,
    normalize_max: Optional[float] = None,
    normalize_min: Optional[float] = None,
    border_level: Optional[float] = None,
    number_colors: Optional[int] = None,
    output_image_shape: Optional[Any] = None,
    output_data_window: Optional[Any] = None,
) -> Any:
    """A picture that shows depth when looked at with eyes crossed or relaxed.

    Thimbleby, Inglis and Witten, "Displaying 3D Images: Algorithms for Single-Image Random-Dot
    Stereograms" (IEEE Computer 1994).

    Args:
      depth_values: float, double, int32 or int64 [rows, columns]; larger is nearer.
      hidden_surface_removal: default True.
      convergence_dots_size: of the two dots below the picture, in pixels; default 8.
      dots_per_inch: of the output device; default 72.
      eye_separation: in inches; default 2.5.
      mu: depth of field as a fraction of the viewing distance; default 0.3333.
      normalize: whether to scale depths to [0, 1]; default True.
      normalize_max: the depth that becomes 1; below normalize_min: found. Default -100.
      normalize_min: the depth that becomes 0; default 100.
      border_level: depth of the border in [0, 1]; default 0.
      number_colors: 2, 256 for grey, more for colour; default 256.
      output_image_shape: [columns, rows, channels]; default [1024, 768, 1].
      output_data_window: [columns, rows] of the depths in the picture; default [1022, 757].

    Returns:
      uint8 image of output_image_shape.

    Raises:
      InvalidArgumentError: a size or number of colours out of range.
    """
    return _ops.call(
        "SingleImageRandomDotStereograms",
        depth_values=depth_values,
        hidden_surface_removal=hidden_surface_removal,
        convergence_dots_size=convergence_dots_size,
        dots_per_inch=dots_per_inch,
        eye_separation=eye_separation,
        mu=mu,
        normalize=normalize,
        normalize_max=normalize_max,
        normalize_min=normalize_min,
        border_level=border_level,
        number_colors=number_colors,
        output_image_shape=output_image_shape,
        output_data_window=output_data_window,
    )
