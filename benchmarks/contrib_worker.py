"""One side of benchmarks/contrib.py: runs ops when it is told to, and says how long they took.

    python benchmarks/contrib_worker.py stock|opgraft THREADS

Reads lines from its input and answers each with a line: "names" asks for those of the cases, "make
NUMBER COPIES" makes a graph of a case with so many copies of its op, and "run TIMES" asks how many
seconds that graph takes, so many times.
Runs inside TensorFlow 1.15.5, with tf.contrib's own libraries or with opgraft.
"""

import glob
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import contrib_cases  # noqa: E402, after the environment is set
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

V1 = tf.compat.v1
SERVICES = ("bigtable", "ffmpeg", "hadoop", "ignite", "kafka", "kinesis")


def load_contrib():
    """The libraries of tf.contrib, but those that need a service."""
    from tensorflow import contrib

    root = os.path.dirname(contrib.__file__)
    for path in sorted(glob.glob(os.path.join(root, "**", "_*.so"), recursive=True)):
        if os.path.relpath(path, root).split(os.sep)[0] not in SERVICES:
            tf.load_op_library(path)


def data_type(text):
    """TensorFlow's number of a NumPy type."""
    return (
        tf.string.as_datatype_enum if text == "O" else tf.as_dtype(np.dtype(text)).as_datatype_enum
    )


def set_attr(attr, name, value):
    """Sets an attr of a NodeDef: types are under these names, lists of ints are shapes."""
    if name in (
        "T",
        "Tindices",
        "dtype",
        "label_dtype",
        "out_type",
        "internal_type",
        "CoordinateType",
    ):
        attr.type = data_type(value)
    elif name.endswith("_types"):
        attr.list.type.extend(data_type(text) for text in value)
    elif isinstance(value, list):
        attr.shape.SetInParent()
        for size in value:
            attr.shape.dim.add(size=size)
    elif isinstance(value, bool):
        attr.b = value
    elif isinstance(value, int):
        attr.i = value
    else:
        attr.s = value.encode()


def add_input(graph, name, value):
    """Adds a constant or a variable; returns the name."""
    variable = isinstance(value, contrib_cases.Variable)
    constant = tf.make_tensor_proto(value.value if variable else value)
    node = graph.node.add(op="Const", name=name + "-value" if variable else name)
    node.attr["value"].tensor.CopyFrom(constant)
    node.attr["dtype"].type = constant.dtype
    if variable:
        node = graph.node.add(op="VariableV2", name=name)
        node.attr["shape"].shape.CopyFrom(constant.tensor_shape)
        node.attr["dtype"].type = constant.dtype
        assign = graph.node.add(op="Assign", name=name + "-assign", input=[name, name + "-value"])
        assign.attr["T"].type = constant.dtype
    return name


class Bench:
    """The graph of the case that is measured."""

    def __init__(self, prefix, threads):
        self.prefix = prefix
        self.config = V1.ConfigProto(
            intra_op_parallelism_threads=threads, inter_op_parallelism_threads=1
        )
        # Inputs are constants: what depends on nothing else must not be computed beforehand.
        self.config.graph_options.optimizer_options.opt_level = -1
        self.config.graph_options.rewrite_options.disable_meta_optimizer = True
        self.cases = contrib_cases.all_cases()

    def names(self):
        """Those of the cases, in one line."""
        return "\t".join(case["name"] for case in self.cases)

    def make(self, number, copies):
        """Makes the graph."""
        case = self.cases[number]
        definition = V1.GraphDef()
        inputs = [add_input(definition, "in%d" % i, x) for i, x in enumerate(case["inputs"])]
        for copy in range(copies):
            node = definition.node.add(op=self.prefix + case["op"], name="op%d" % copy)
            node.input.extend(inputs)
            for name, value in case["attrs"].items():
                set_attr(node.attr[name], name, value)
        definition.node.add(op="NoOp", name="all").input.extend("^op%d" % i for i in range(copies))
        with tf.Graph().as_default() as graph:
            V1.import_graph_def(definition, name="")
            session = V1.Session(config=self.config)
        for node in definition.node:
            if node.op == "Assign":
                session.run(node.name)
        self.call = session.make_callable(graph.get_operation_by_name("all"))
        return "made"

    def run(self, times):
        """How many seconds the graph takes, so many times."""
        start = time.perf_counter()
        for _ in range(times):
            self.call()
        return time.perf_counter() - start


def main():
    """The command line."""
    side, threads = sys.argv[1:]
    if side == "stock":
        load_contrib()
    else:
        import opgraft

        opgraft.load()
    V1.disable_eager_execution()
    bench = Bench("" if side == "stock" else "Opgraft", int(threads))
    for line in sys.stdin:
        command, *numbers = line.split()
        try:
            print(getattr(bench, command)(*map(int, numbers)), flush=True)
        except Exception as error:
            print("failed: " + str(error).replace("\n", " ")[:500], flush=True)


if __name__ == "__main__":
    main()
