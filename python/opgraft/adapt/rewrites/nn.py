"""Neural networks."""

from __future__ import annotations

from typing import Any

from opgraft.adapt.builder import FLOAT, Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.table import composition, equivalent


@composition("LeakyRelu")
def leaky_relu(b: Builder, node: Node) -> list[Tensor]:
    """max(x, 0) + alpha * min(x, 0)."""
    x = node.inputs[0]
    dtype = b.type_of(x)
    alpha = float(node.attrs["alpha"].f) if "alpha" in node.attrs else 0.2
    zero = b.const(0, dtype)
    low = b("Mul", b("Minimum", x, zero), b.const(alpha, dtype))
    return [b("Add", b("Maximum", x, zero), low)]


@equivalent("FusedBatchNormV3")
def fused_batch_norm(b: Builder, node: Node) -> list[Tensor]:
    """FusedBatchNorm, which has neither half nor the last reserved output."""
    x = node.inputs[0]
    training = node.flag("is_training") or "is_training" not in node.attrs
    if training and "exponential_avg_factor" in node.attrs:
        if node.attrs["exponential_avg_factor"].f != 1:
            raise NoRewriteError("it keeps a running average")
    dtype = b.type_of(x)
    wide = x if dtype == FLOAT else b("Cast", x, DstT=FLOAT)
    attrs: dict[str, Any] = {"is_training": training}
    if "data_format" in node.attrs:
        attrs["data_format"] = node.text("data_format")
    epsilon = float(node.attrs["epsilon"].f) if "epsilon" in node.attrs else 0.0001
    first = b("FusedBatchNorm", wide, *node.inputs[1:5], epsilon=epsilon, **attrs)
    outputs = [Tensor(first.node, i) for i in range(5)]
    if dtype != FLOAT:
        outputs[0] = b("Cast", first, DstT=dtype)
    if not training:
        outputs[1:3] = node.inputs[3:5]  # older releases return zeros
    return [*outputs, b.const([], FLOAT)]
