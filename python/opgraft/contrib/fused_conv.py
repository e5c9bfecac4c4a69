"""Convolution with scales, bias, side input and activation in one op (tf.contrib.fused_conv)."""

from typing import Any, Optional, Sequence

from opgraft.contrib import _ops

__all__ = ["fused_conv2d_bias_activation"]


def fused_conv2d_bias_activation(
    conv_input: Any,
    filter: Any,  # noqa: A002, tf.contrib's name
    bias: Any,
    strides: Optional[Sequence[int]] = None,
    padding: Optional[str] = None,
    conv_input_scale: Any = 1.0,
    side_input_scale: Any = 0.0,
    side_input: Optional[Any] = None,
    activation_mode: str = "Relu",
    data_format: Optional[str] = None,
    filter_format: Optional[str] = None,
    name: Optional[str] = None,
) -> Any:
    """activation(conv_input_scale * conv2d + bias + side_input_scale * side_input).

    As in TensorFlow 1.15 the CPU has a kernel for qint8 in the formats NHWC and HWIO alone. Sums
    are exact in int32, and the result is rounded to the nearest even integer and saturated.

    Args:
      conv_input: qint8 [batch, height, width, in_channels].
      filter: qint8 [height, width, in_channels, out_channels].
      bias: float [out_channels].
      strides: [1, rows, columns, 1]; default: all 1.
      padding: "SAME" or "VALID".
      conv_input_scale: float scalar.
      side_input_scale: float scalar; 0: there is no side input.
      side_input: qint8, of the shape of the result.
      activation_mode: "Relu" (results of 0 to 127) or "None" (-128 to 127).
      data_format: "NHWC", the default; others load but have no kernel.
      filter_format: "HWIO", the default; others load but have no kernel.
      name: of the op.

    Returns:
      qint8 [batch, out_height, out_width, out_channels].

    Raises:
      InvalidArgumentError: shapes, strides or formats that do not fit.
    """
    return _ops.call(
        "FusedConv2DBiasActivation",
        conv_input=conv_input,
        filter=filter,
        bias=bias,
        side_input=[] if side_input is None else side_input,
        conv_input_scale=conv_input_scale,
        side_input_scale=side_input_scale,
        strides=[1, 1, 1, 1] if strides is None else strides,
        padding=padding,
        activation_mode=activation_mode,
        data_format=data_format or "NHWC",
        filter_format=filter_format or "HWIO",
        name=name,
    )
