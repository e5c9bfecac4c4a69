"""Parsing of tf.Example."""

from __future__ import annotations

from opgraft.adapt.builder import STRING, Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.table import equivalent


@equivalent("ParseExampleV2")
def parse_example(b: Builder, node: Node) -> list[Tensor]:
    """ParseExample, where the keys are constants, a batch is parsed and nothing is ragged."""
    serialized, names, sparse_keys, dense_keys, ragged_keys = node.inputs[:5]
    defaults = node.inputs[5:]
    keys = [b.value_of(tensor) for tensor in (sparse_keys, dense_keys, ragged_keys)]
    if any(value is None for value in keys):
        raise NoRewriteError("its keys are no constants")
    if keys[2] is not None and keys[2].size:
        raise NoRewriteError("it has ragged features")
    if b.rank_of(serialized) != 1:
        raise NoRewriteError("it parses a single example")
    sparse, dense = (
        [b.const(key, STRING) for key in value.reshape(-1)]
        for value in keys[:2]
        if value is not None
    )
    attrs = {
        "sparse_types": list(node.attrs["sparse_types"].list.type),
        "dense_shapes": list(node.attrs["dense_shapes"].list.shape),
    }
    first = b("ParseExample", serialized, names, sparse, dense, defaults, **attrs)
    count = 3 * len(sparse) + len(dense)
    return [Tensor(first.node, i) for i in range(count)]
