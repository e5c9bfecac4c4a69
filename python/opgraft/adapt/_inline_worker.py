"""Inlines functions, and freezes variables, with the TensorFlow of this interpreter.

    python _inline_worker.py JOB.json

Started by inline.py in a process of its own, in an environment that need not have opgraft. The job
names a GraphDef to read and one to write, the nodes to keep, and, to freeze, the checkpoint with
the nodes that restore it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


def inline(tf: Any, graph_def: Any, keep: list[str]) -> Any:
    """Grappler's function optimizer alone: inlines calls and lowers If, Case and While."""
    from tensorflow.core.protobuf import config_pb2, meta_graph_pb2, rewriter_config_pb2
    from tensorflow.python.grappler import tf_optimizer

    config = config_pb2.ConfigProto()
    options = config.graph_options.rewrite_options
    options.min_graph_nodes = -1
    options.meta_optimizer_iterations = rewriter_config_pb2.RewriterConfig.ONE
    options.optimizers.append("function")
    options.function_optimization = rewriter_config_pb2.RewriterConfig.AGGRESSIVE
    meta = meta_graph_pb2.MetaGraphDef(graph_def=graph_def)
    meta.collection_def["train_op"].node_list.value.extend(keep)  # how Grappler learns of them
    return tf_optimizer.OptimizeGraph(config, meta)


def freeze(tf: Any, graph_def: Any, job: dict[str, Any]) -> Any:
    """Variables become constants that hold what the checkpoint says."""
    from tensorflow.python.framework import convert_to_constants

    outputs = [name for name in job["keep"] if name != job["restore"]]
    there = {node.name for node in graph_def.node}
    for node in [node for node in graph_def.node if node.op == "VarHandleOp"]:
        name = node.name + "/Read/ReadVariableOp"  # what the converter reads variables by
        if name not in there:
            read = graph_def.node.add(name=name, op="ReadVariableOp", input=[node.name])
            read.attr["dtype"].CopyFrom(node.attr["dtype"])
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        tf.import_graph_def(graph_def, name="")
        session.run(job["restore"], {job["filename"]: job["checkpoint"]})
        handles = [op for op in graph.get_operations() if op.type == "VarHandleOp"]
        checks = {h.name: tf.raw_ops.VarIsInitializedOp(resource=h.outputs[0]) for h in handles}
        restored = session.run(checks)
        return convert_to_constants.convert_variables_to_constants_from_session_graph(
            session,
            graph_def,
            outputs,
            variable_names_denylist=[name for name in restored if not restored[name]],
        )


def main() -> None:
    """Reads the job and does it."""
    with open(sys.argv[1]) as f:
        job = json.load(f)
    import tensorflow as tf

    graph_def = tf.compat.v1.GraphDef()
    with open(job["input"], "rb") as f:
        graph_def.ParseFromString(f.read())
    if graph_def.library.function:
        graph_def = inline(tf, graph_def, job["keep"])
    if job["checkpoint"]:
        graph_def = freeze(tf, graph_def, job)
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
        shaped = graph.as_graph_def(add_shapes=True)
    with open(job["output"], "wb") as f:
        f.write(shaped.SerializeToString())


if __name__ == "__main__":
    main()
