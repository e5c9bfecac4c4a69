# ruff: noqa: D103
"""Every public function of opgraft.contrib beside tf.contrib's of the same name.

    contrib_functions.py record FILE   in TensorFlow 1.15: what tf.contrib gives
    contrib_functions.py check FILE    opgraft.contrib in a graph, eagerly and in tf.function

Run by test_contrib.py in each runtime, with opgraft on PYTHONPATH. Python 3.6, no pytest.
"""

import importlib
import inspect
import json
import os
import sys

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tensorflow as tf  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from contrib_cases import Sparse, Table, calls  # noqa: E402

v1 = tf.compat.v1

# Where tf.contrib has the functions of a module.
STOCK = {
    "factorization": ["tensorflow.contrib.factorization.python.ops.gen_factorization_ops"],
    "framework": ["tensorflow.contrib.framework"],
    "fused_conv": ["tensorflow.contrib.fused_conv"],
    "image": ["tensorflow.contrib.image", "tensorflow.contrib.image.python.ops.distort_image_ops"],
    "layers": ["tensorflow.contrib.layers.python.ops.sparse_feature_cross_op"],
    "libsvm": ["tensorflow.contrib.libsvm.python.ops.libsvm_ops"],
    "memory_stats": ["tensorflow.contrib.memory_stats"],
    "nearest_neighbor": ["tensorflow.contrib.nearest_neighbor"],
    "periodic_resample": ["tensorflow.contrib.periodic_resample"],
    "reduce_slice_ops": ["tensorflow.contrib.reduce_slice_ops.python.ops.reduce_slice_ops"],
    "resampler": ["tensorflow.contrib.resampler"],
    "seq2seq": ["tensorflow.contrib.seq2seq"],
    "text": ["tensorflow.contrib.text"],
}
# float, by the width in bytes of the type: (relative, absolute). Sums are in another order here.
TOLERANCE = {2: (2e-3, 2e-3), 4: (4e-6, 2e-6), 8: (1e-12, 1e-12)}
# Of variables and quantized numbers: contrib_scenario.py calls them.
ELSEWHERE = {"framework.zero_initializer", "fused_conv.fused_conv2d_bias_activation"}
# Random dots have no seed.
SIZES_ONLY = {"image.single_image_random_dot_stereograms"}


class Stock:
    """tf.contrib."""

    def function(self, path):
        module, name = path.split(".")
        for place in STOCK[module]:
            found = getattr(importlib.import_module(place), name, None)
            if found is not None:
                return found
        raise AttributeError("tf.contrib has no {}".format(path))

    def table(self, table):
        lookup = importlib.import_module("tensorflow.contrib.lookup")
        return lookup.HashTable(lookup.KeyValueTensorInitializer(table.keys, table.counts), -1)


class Ours:
    """opgraft.contrib."""

    def function(self, path):
        module, name = path.split(".")
        return getattr(importlib.import_module("opgraft.contrib." + module), name)

    def table(self, table):
        lookup = importlib.import_module("opgraft.lookup")
        initializer = lookup.KeyValueTensorInitializer(table.keys, table.counts)
        return lookup.StaticHashTable(initializer, -1)


def flatten(value):
    if isinstance(value, (v1.SparseTensor, tf.SparseTensor)):
        return [value.indices, value.values, value.dense_shape]
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in flatten(part)]
    return [value]


def build(api, value):
    """An argument as the function gets it."""
    if isinstance(value, Sparse):
        return tf.SparseTensor(*value.parts)
    if isinstance(value, Table):
        return api.table(value)
    if isinstance(value, (np.ndarray, np.generic)):
        if tf.executing_eagerly():
            return tf.constant(value)
        # A value that shape functions do not know: those of 1.15.5 fail on some axes.
        return v1.placeholder_with_default(value, value.shape)
    return [build(api, part) for part in value] if isinstance(value, list) else value


def loss_of(outputs):
    """A weighted sum, so that each element's slope counts."""
    total = None
    for output in outputs:
        if output.dtype.is_floating:
            ramp = v1.cast(v1.range(v1.size(output)), v1.float64)
            weights = v1.cast(v1.reshape(v1.cos(ramp), v1.shape(output)), output.dtype)
            part = v1.cast(v1.reduce_sum(output * weights), v1.float64)
            total = part if total is None else total + part
    return total


def in_graph(api, call, slopes):
    with tf.Graph().as_default(), v1.Session() as session:
        v1.set_random_seed(5)
        arguments = [build(api, value) for value in call.arguments]
        keywords = {name: build(api, value) for name, value in call.keywords.items()}
        outputs = flatten(api.function(call.path)(*arguments, **keywords))
        if slopes:
            outputs = v1.gradients(loss_of(outputs), [arguments[i] for i in call.slopes])
        session.run(v1.tables_initializer())
        kept = [output for output in outputs if output is not None]
        values = iter(session.run(kept) if kept else [])
        return [None if output is None else next(values) for output in outputs]


def eagerly(api, call, slopes):
    v1.set_random_seed(5)
    arguments = [build(api, value) for value in call.arguments]
    return run_eagerly(api, call, arguments, slopes)


def run_eagerly(api, call, arguments, slopes):
    keywords = {name: build(api, value) for name, value in call.keywords.items()}
    with tf.GradientTape() as tape:
        points = [arguments[i] for i in call.slopes]
        for point in points:
            tape.watch(point)
        outputs = flatten(api.function(call.path)(*arguments, **keywords))
        loss = loss_of(outputs) if slopes else None
    if slopes:
        outputs = tape.gradient(loss, points)
    return [output if output is None else as_numpy(output) for output in outputs]


def as_numpy(tensor):
    return tensor.numpy() if hasattr(tensor, "numpy") and tf.executing_eagerly() else tensor


def in_function(api, call, slopes):
    """Arrays are the function's arguments; all else is closed over."""
    v1.set_random_seed(5)
    places = [i for i, x in enumerate(call.arguments) if isinstance(x, (np.ndarray, np.generic))]
    fixed = {}
    for name, value in call.keywords.items():  # tables live outside of functions
        fixed[name] = api.table(value) if isinstance(value, Table) else value
    kept = []

    @tf.function(autograph=False)
    def traced(*tensors):
        arguments = [None if i in places else build(api, x) for i, x in enumerate(call.arguments)]
        for i, tensor in zip(places, tensors):
            arguments[i] = tensor
        keywords = {name: build(api, value) for name, value in fixed.items()}
        if slopes:
            points = [arguments[i] for i in call.slopes]
            outputs = flatten(api.function(call.path)(*arguments, **keywords))
            outputs = v1.gradients(loss_of(outputs), points)
        else:
            outputs = flatten(api.function(call.path)(*arguments, **keywords))
        kept[:] = [output is not None for output in outputs]
        return [output for output in outputs if output is not None]

    values = iter(traced(*[tf.constant(call.arguments[i]) for i in places]))
    return [next(values).numpy() if there else None for there in kept]


# A shape that does not fit is found while a graph is built or, eagerly, when the kernel runs; an
# op without a kernel is invalid in a graph, not found eagerly.
INVALID = ("ValueError", "InvalidArgumentError", "NotFoundError")


def outcome(run, api, call, slopes):
    """{"values": [...]} or {"error": class}."""
    try:
        values = run(api, call, slopes)
    except Exception as e:  # noqa: BLE001, any error is an outcome
        name = type(e).__name__
        return {"error": "invalid" if name in INVALID else name, "text": str(e)[:300]}
    return {"values": [value if value is None else plain(value) for value in values]}


def plain(value):
    value = np.asarray(value)
    return np.array(value.tolist(), "S").reshape(value.shape) if value.dtype == object else value


def parameters(function):
    """A signature without annotations: name, kind, default."""
    return [
        [p.name, int(p.kind), "" if p.default is p.empty else repr(p.default)]
        for p in inspect.signature(function).parameters.values()
    ]


def public():
    """All public functions of opgraft.contrib."""
    contrib = importlib.import_module("opgraft.contrib")
    return sorted(
        "{}.{}".format(module, name)
        for module in contrib.__all__
        for name in getattr(contrib, module).__all__
        if callable(getattr(getattr(contrib, module), name))
    )


def gradients_of(prefix):
    """What TensorFlow has registered: a function ("some"), none at all ("none"), by op."""
    registry = importlib.import_module("tensorflow.python.framework.ops")._gradient_registry
    found = {}
    for name, entry in registry._registry.items():
        if name.startswith(prefix):
            found[name[len(prefix) :]] = "none" if entry["type"] is None else "some"
    return found


def record(path):
    api, report, arrays = Stock(), {"calls": [], "signatures": {}}, {}
    for name in ELSEWHERE:
        report["signatures"][name] = parameters(api.function(name))
    for i, call in enumerate(calls()):
        entry = {"path": call.path}
        for kind in ("values", "slopes") if call.slopes else ("values",):
            got = outcome(in_graph, api, call, kind == "slopes")
            if "values" in got:
                for k, value in enumerate(got["values"]):
                    if value is not None:
                        arrays["{}/{}/{}".format(i, kind, k)] = value
                got["values"] = [value is not None for value in got["values"]]
            entry[kind] = got
        report["calls"].append(entry)
        report["signatures"][call.path] = parameters(api.function(call.path))
    report["gradients"] = gradients_of("")
    with open(path, "wb") as f:
        np.savez_compressed(f, report=np.array(json.dumps(report)), **arrays)


class Checker:
    """Collects what differs, to tell it all at once."""

    def __init__(self, recorded):
        self.recorded, self.wrong, self.done = recorded, [], {}

    def compare(self, label, got, expected, path):
        """One outcome with the recorded one."""
        if "error" in expected or "error" in got:
            if expected.get("error") != got.get("error"):
                self.wrong.append("{}: {!s:.300}, not {!s:.300}".format(label, got, expected))
            return
        if len(got["values"]) != len(expected["values"]):
            self.wrong.append("{}: {} values".format(label, len(got["values"])))
            return
        for value, right in zip(got["values"], expected["values"]):
            try:
                same(value, right, path)
            except AssertionError as e:
                self.wrong.append("{}: {}".format(label, e))

    def expected(self, i, kind):
        entry = dict(json.loads(str(self.recorded["report"]))["calls"][i][kind])
        if "values" in entry:
            entry["values"] = [
                self.recorded["{}/{}/{}".format(i, kind, k)] if there else None
                for k, there in enumerate(entry["values"])
            ]
        return entry


def same(value, right, path):
    if value is None or right is None:
        assert value is None and right is None, (value, right)
        return
    assert value.dtype.kind == right.dtype.kind, (value.dtype, right.dtype)
    assert value.shape == right.shape, (value.shape, right.shape)
    if path in SIZES_ONLY:
        return
    if right.dtype.kind != "f":
        np.testing.assert_array_equal(value, right)
        return
    assert value.dtype == right.dtype, (value.dtype, right.dtype)
    # Transforms are floats, and so are the interpolated pixels of double images.
    width = min(right.dtype.itemsize, 4 if path.startswith("image.") else 8)
    relative, absolute = TOLERANCE[width]
    scale = max(1.0, float(np.max(np.abs(right), initial=0))) if right.size else 1.0
    np.testing.assert_allclose(value, right, rtol=relative, atol=absolute * scale)


def by_differences(api, call):
    """Slopes of loss_of(), from central differences: double precision only."""
    with tf.Graph().as_default(), v1.Session() as session:
        tensors = [v1.placeholder(x.dtype, x.shape) if isinstance(x, np.ndarray) else build(api, x)
                   for x in call.arguments]  # fmt: skip
        keywords = {name: build(api, value) for name, value in call.keywords.items()}
        loss = loss_of(flatten(api.function(call.path)(*tensors, **keywords)))
        arrays = [(t, x) for t, x in zip(tensors, call.arguments) if isinstance(x, np.ndarray)]
        feed = {tensor: np.array(array) for tensor, array in arrays}
        result = []
        for i in call.slopes:
            point = feed[tensors[i]]
            slope = np.zeros(point.size)
            for k in range(point.size):
                sides = []
                for step in (call.numeric, -2 * call.numeric):
                    point.reshape(-1)[k] += step
                    sides.append(session.run(loss, feed))
                point.reshape(-1)[k] += call.numeric
                slope[k] = (sides[0] - sides[1]) / (2 * call.numeric)
            result.append(slope.reshape(point.shape))
        return result


def check(path):
    v1.enable_eager_execution()  # 1.15; elsewhere it is on
    importlib.import_module("opgraft").load()
    checker = Checker(np.load(path))
    report = json.loads(str(checker.recorded["report"]))
    all_calls = calls()
    assert sorted({call.path for call in all_calls} | ELSEWHERE) == public()
    assert [call.path for call in all_calls] == [entry["path"] for entry in report["calls"]]
    api = Ours()
    for name in public():
        ours, stock = parameters(api.function(name)), report["signatures"][name]
        if ours != stock:
            checker.wrong.append("{}: the signature is {}, not {}".format(name, ours, stock))
    ours = gradients_of("Opgraft")
    for op, kind in report["gradients"].items():
        if op in ours and ours[op] != kind:
            checker.wrong.append("the gradient of {}: {}, not {}".format(op, ours[op], kind))
    modes = (("graph", in_graph), ("eager", eagerly), ("function", in_function))
    for i, call in enumerate(all_calls):
        for kind in ("values", "slopes") if call.slopes else ("values",):
            expected = checker.expected(i, kind)
            for mode, run in modes:
                got = outcome(run, api, call, kind == "slopes")
                label = "call {}, {!r}, {} in {}".format(i, call, kind, mode)
                checker.compare(label, got, expected, call.path)
        if call.numeric:
            for slope, right in zip(in_graph(api, call, True), by_differences(api, call)):
                if not np.allclose(slope, right, rtol=1e-5, atol=1e-5):
                    checker.wrong.append("{}: {}, by differences {}".format(call, slope, right))
    for line in checker.wrong:
        print(line)
    print("{} calls in {} modes, {} differences".format(len(all_calls), 3, len(checker.wrong)))
    return 1 if checker.wrong else 0


if __name__ == "__main__":
    sys.exit({"record": record, "check": check}[sys.argv[1]](sys.argv[2]))
