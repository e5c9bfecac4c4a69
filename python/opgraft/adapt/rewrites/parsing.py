"""Parsing of tf.Example."""

from __future__ import annotations

from opgraft.adapt.builder import STRING, Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.table import equivalent


@equivalent("ParseExampleV2")
def parse_example(b: Builder, node: Node) -> list[Tensor]:
    """ParseExample, where the keys are constants and nothing is ragged."""
    serialized, names, sparse_keys, dense_keys, ragged_keys = node.inputs[:5]
    defaults = node.inputs[5:]
    keys = [b.value_of(tensor) for tensor in (sparse_keys, dense_keys, ragged_keys)]
    if any(value is None for value in keys):
        raise NoRewriteError("its keys are no constants")
    if keys[2] is not None and keys[2].size:
        raise NoRewriteError("it has ragged features")
    single = b.rank_of(serialized) == 0
    if single:
        serialized = b("ExpandDims", serialized, b.const(0))
    sparse, dense = (
        [b.const(key, STRING) for key in value.reshape(-1)]
        for value in keys[:2]
        if value is not None
    )
    if single and sparse:
        raise NoRewriteError("it parses a single example with sparse features")
    attrs = {
        "sparse_types": list(node.attrs["sparse_types"].list.type),
        "dense_shapes": list(node.attrs["dense_shapes"].list.shape),
    }
    first = b("ParseExample", serialized, names, sparse, dense, defaults, **attrs)
    outputs = [Tensor(first.node, i) for i in range(3 * len(sparse) + len(dense))]
    return [b("Squeeze", one, squeeze_dims=[0]) for one in outputs] if single else outputs


@equivalent("ParseSequenceExampleV2")
def parse_sequence_example(b: Builder, node: Node) -> list[Tensor]:
    """ParseSequenceExample, where the keys are constants and nothing is ragged."""
    keys = [b.value_of(tensor) for tensor in node.inputs[2:9]]
    if any(value is None for value in keys) or b.rank_of(node.inputs[0]) != 1:
        raise NoRewriteError("its keys are no constants, or it parses a single example")
    context_sparse, context_dense, context_ragged, sparse, dense, ragged, assumed = (
        value.reshape(-1).tolist() for value in keys if value is not None
    )
    if context_ragged or ragged:
        raise NoRewriteError("it has ragged features")
    lists = {
        "context_sparse_keys": context_sparse,
        "context_dense_keys": context_dense,
        "feature_list_sparse_keys": sparse,
        "feature_list_dense_keys": dense,
        "feature_list_dense_missing_assumed_empty": [k for k, on in zip(dense, assumed) if on],
    }
    for name in ("context_sparse_types", "feature_list_sparse_types", "feature_list_dense_types"):
        lists[name] = list(node.attrs[name].list.type)
    for name in ("context_dense_shapes", "feature_list_dense_shapes"):
        lists[name] = list(node.attrs[name].list.shape)
    counts = {
        "Ncontext_sparse": len(context_sparse),
        "Ncontext_dense": len(context_dense),
        "Nfeature_list_sparse": len(sparse),
        "Nfeature_list_dense": len(dense),
    }
    first = b("ParseSequenceExample", *node.inputs[:2], node.inputs[9:], **lists, **counts)
    count = 3 * len(context_sparse) + len(context_dense) + 3 * len(sparse) + 2 * len(dense)
    return [Tensor(first.node, i) for i in range(count)]
