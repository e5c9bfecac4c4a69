"""What running a graph needs beyond the nodes that are stored in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """Ops that TensorFlow adds.

    Attributes:
      name: what reasons call it.
      when: the ops of which one has to run; empty for always.
      adds: the ops that are added.
    """

    name: str
    when: frozenset[str]
    adds: tuple[str, ...]


def _rule(name: str, when: str, adds: str) -> Rule:
    return Rule(name, frozenset(when.split()), tuple(adds.split()))


CALLS = "PartitionedCall StatefulPartitionedCall RemoteCall For"
BRANCHES = "If StatelessIf Case StatelessCase"
LOOPS = "While StatelessWhile"

# From tensorflow/core/common_runtime and core/graph of 2.14: each op that a pass makes.
RULES = (
    # graph/subgraph.cc and function.cc feed and fetch, graph_partition.cc and memory_types.cc copy
    # between devices, constant_folding.cc and replicate_constants_pass.cc make constants.
    _rule("every run", "", "NoOp Const Identity _Arg _Retval _Send _Recv _HostSend _HostRecv"),
    # inline_function_utils.cc.
    _rule("function calls", f"{CALLS} {BRANCHES} {LOOPS}", "IdentityN"),
    # lower_if_op.cc and lower_case_op.cc; branches become calls by the name of the function, which
    # have no kernel of their own.
    _rule("branches", "If StatelessIf", "Switch Merge IdentityN"),
    _rule("branches", "Case StatelessCase", "_SwitchN Merge IdentityN"),
    # lower_while_op.cc.
    _rule("loops", LOOPS, "Enter Exit LoopCond Merge NextIteration Switch IdentityN"),
    # accumulate_n_optimizer.cc, parallel_concat_optimizer.cc.
    _rule(
        "AccumulateNV2",
        "AccumulateNV2",
        "AddN TemporaryVariable Shape Fill Assign AssignAdd DestroyTemporaryVariable",
    ),
    _rule("ParallelConcat", "ParallelConcat", "_ParallelConcatStart _ParallelConcatUpdate"),
)

# What slim/fuse.cc makes of a convolution and what follows it, by kernels with this label.
FUSED = {"Conv2D": "_FusedConv2D", "DepthwiseConv2dNative": "_FusedDepthwiseConv2dNative"}
FUSED_WITH = frozenset("BiasAdd FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3".split())
FUSED_LABEL = "slim"

# A pass takes these ops out of the graph, so it does not matter that they have no kernel.
WITHOUT_KERNEL = frozenset(("AccumulateNV2",))
