# ruff: noqa: D103, D205, D209, D415
"""Shared pieces of the export corpus: declare a case, export it, run it anywhere.

A *case* is a small real model, exported as a SavedModel by the newest supported
TensorFlow together with one batch of inputs and the outputs that TensorFlow
itself computed.  A runtime passes a case when it loads the (possibly adapted)
SavedModel and reproduces those outputs.

    python make_corpus.py OUT [NAME ...]     # TensorFlow >= 2.14; the corpus of record is 2.21's
    python run_case.py CASE_DIR [MODEL_DIR]  # any TensorFlow >= 1.0

Layout of one case directory:
    model/            the SavedModel, signature "serving_default"
    inputs.npz        one array per signature input (string inputs: dtype "S")
    expected.npz      one array per signature output
"""

import os
import shutil

import numpy as np


class Corpus(object):
    """An ordered registry of cases: name -> (builder, inputs)."""

    def __init__(self):
        self.cases = {}

    def case(self, name, **inputs):
        """Register a builder: a function returning a keras.Model, or a
        (tf.Module, concrete tf.function) pair; `inputs` are its arrays.
        """

        def register(build):
            self.cases[name] = (build, inputs)
            return build

        return register

    def export(self, out_dir, names=()):
        import tensorflow as tf

        failed = []
        for name, (build, inputs) in self.cases.items():
            if names and name not in names:
                continue
            case_dir = os.path.join(out_dir, name)
            shutil.rmtree(case_dir, ignore_errors=True)
            model_dir = os.path.join(case_dir, "model")
            tf.keras.utils.set_random_seed(17)
            try:
                built = build()
                if isinstance(built, tuple):
                    module, function = built
                    tf.saved_model.save(module, model_dir, signatures={"serving_default": function})
                else:
                    built.export(model_dir)
                signature = tf.saved_model.load(model_dir).signatures["serving_default"]
                specs = signature.structured_input_signature[1]
                order = sorted(specs)
                feeds = dict(zip(order, inputs.values())) if set(order) != set(inputs) else inputs
                outputs = signature(**{k: tf.constant(v, specs[k].dtype) for k, v in feeds.items()})
                np.savez(
                    os.path.join(case_dir, "inputs.npz"), **{k: _plain(v) for k, v in feeds.items()}
                )
                np.savez(
                    os.path.join(case_dir, "expected.npz"),
                    **{k: _plain(v.numpy()) for k, v in outputs.items()},
                )
                print("%-28s ok" % name, flush=True)
            except Exception as error:  # a case that its own TensorFlow cannot export is not a case
                shutil.rmtree(case_dir, ignore_errors=True)
                failed.append(name)
                print("%-28s FAILED %s" % (name, str(error).replace("\n", " ")[:160]), flush=True)
        return failed


def _plain(value):
    value = np.asarray(value)
    return value.astype("S") if value.dtype.kind in "OUS" else value


def tensor_module(function, *specs, **state):
    """Wrap a plain function of tensors into (tf.Module, tf.function) with outputs o0, o1, ..."""
    import tensorflow as tf

    module = tf.Module()
    for key, value in state.items():
        setattr(module, key, value)

    def flat(*args):
        leaves = tf.nest.flatten(function(module, *args), expand_composites=True)
        return {"o%d" % i: leaf for i, leaf in enumerate(leaves)}

    module.serve = tf.function(flat, input_signature=list(specs), autograph=False)
    return module, module.serve


def compare(expected, actual, rtol=1e-3, atol=1e-5):
    """Return '' when the outputs agree, else one line naming the first difference.

    Integers and strings must be equal; floats may differ by rtol, or by atol times
    the largest magnitude of that output (other runtimes sum in other orders).
    """
    for key in sorted(expected):
        if key not in actual:
            return "output %s is missing" % key
        want, got = np.asarray(expected[key]), np.asarray(actual[key])
        if want.dtype.kind == "S":
            got = got.astype("S")
        if want.shape != got.shape:
            return "output %s: shape %s, expected %s" % (key, got.shape, want.shape)
        if want.dtype.kind in "fc":
            scale = max(1.0, float(np.max(np.abs(np.nan_to_num(want)))) if want.size else 1.0)
            if not np.allclose(want, got, rtol=rtol, atol=atol * scale, equal_nan=True):
                return "output %s: max |difference| %g" % (
                    key,
                    float(np.nanmax(np.abs(want - got))),
                )
        elif not np.array_equal(want, got):
            return "output %s differs" % key
    return ""
