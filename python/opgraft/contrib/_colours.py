"""Hue, saturation and value by way of YIQ, where they are one matrix."""

from typing import Any, Optional

from opgraft.contrib import _ops

v1 = _ops.v1


def adjust_hsv_in_yiq(
    image: Any,
    delta_hue: Any = 0,
    scale_saturation: Any = 1,
    scale_value: Any = 1,
    name: Optional[str] = None,
) -> Any:
    """Turns the hue, scales the saturation and the value of RGB images.

    Args:
      image: [..., 3], any type that tf.image.convert_image_dtype takes.
      delta_hue: float scalar, radians about the Y axis.
      scale_saturation: float scalar, of I and Q.
      scale_value: float scalar, of Y, I and Q.
      name: of the ops.

    Returns:
      Images of the same shape and type.

    Raises:
      InvalidArgumentError: there are not 3 channels, or an argument is no scalar.
    """
    with v1.name_scope(name, "adjust_hsv_in_yiq", [image]):
        image = v1.convert_to_tensor(image, name="image")
        adjusted = _ops.call(
            "AdjustHsvInYiq",
            images=v1.image.convert_image_dtype(image, v1.float32),
            delta_h=delta_hue,
            scale_s=scale_saturation,
            scale_v=scale_value,
        )
        return v1.image.convert_image_dtype(adjusted, image.dtype)


def random_hsv_in_yiq(
    image: Any,
    max_delta_hue: float = 0,
    lower_saturation: float = 1,
    upper_saturation: float = 1,
    lower_value: float = 1,
    upper_value: float = 1,
    seed: Optional[int] = None,
) -> Any:
    """adjust_hsv_in_yiq() by random amounts, the same for all images of the tensor.

    Args:
      image: [..., 3].
      max_delta_hue: radians; the hue turns by up to that, either way.
      lower_saturation: least factor of the saturation.
      upper_saturation: largest factor of the saturation.
      lower_value: least factor of the value.
      upper_value: largest factor of the value.
      seed: of the op, see tf.compat.v1.set_random_seed.

    Returns:
      Images of the same shape and type.

    Raises:
      ValueError: a bound is negative or below its lower one.
    """
    if max_delta_hue < 0:
        raise ValueError("max_delta_hue must not be negative, it is {}".format(max_delta_hue))
    if not 0 <= lower_saturation <= upper_saturation:
        raise ValueError(
            "0 <= lower_saturation <= upper_saturation is needed, they are {} and {}".format(
                lower_saturation, upper_saturation
            )
        )
    if not 0 <= lower_value <= upper_value:
        raise ValueError(
            "0 <= lower_value <= upper_value is needed, they are {} and {}".format(
                lower_value, upper_value
            )
        )

    def between(lower: float, upper: float) -> Any:
        return lower if lower == upper else v1.random_uniform([], lower, upper, seed=seed)

    delta_hue = between(-max_delta_hue, max_delta_hue)
    saturation = between(lower_saturation, upper_saturation)
    return adjust_hsv_in_yiq(image, delta_hue, saturation, between(lower_value, upper_value))
