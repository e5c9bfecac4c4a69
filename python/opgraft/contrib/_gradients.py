"""Gradients of contrib ops, under their native names, Addons' and opgraft's."""

from typing import Any, Callable, Dict, List

from opgraft.contrib import _ops, image

v1 = _ops.v1


def _resampler(op: Any, grad: Any) -> List[Any]:
    """Bilinear weights for data; differences of neighbours for the points."""
    return list(_ops.call("ResamplerGrad", data=op.inputs[0], warp=op.inputs[1], grad_output=grad))


def _projective_transform(op: Any, grad: Any) -> List[Any]:
    """The gradient image through the inverse transform; the transform itself gets none.

    That is tf.contrib's approximation, not the adjoint: it is exact for moves by whole pixels.
    """
    images, transforms = op.inputs[0], op.inputs[1]
    interpolation = op.get_attr("interpolation")
    if isinstance(interpolation, bytes):
        interpolation = interpolation.decode()
    inverse = image.matrices_to_flat_transforms(
        v1.matrix_inverse(image.flat_transforms_to_matrices(transforms))
    )
    moved = _ops.call(
        "ImageProjectiveTransformV2",
        images=grad,
        transforms=inverse,
        output_shape=v1.shape(images)[1:3],
        interpolation=interpolation,
    )
    moved.set_shape(images.shape)
    return [moved] + [None] * (len(op.inputs) - 1)


def _periodic_resample(op: Any, grad: Any) -> Any:
    """Adds up what each element of the input became."""
    return _ops.call(
        "PeriodicResampleOpGrad",
        grad=grad,
        original_shape=op.inputs[0].shape,
        desired_shape=op.get_attr("shape"),
    )


FUNCTIONS: Dict[str, Callable[..., Any]] = {
    "ImageProjectiveTransform": _projective_transform,
    "ImageProjectiveTransformV2": _projective_transform,
    "PeriodicResample": _periodic_resample,
    "Resampler": _resampler,
}
