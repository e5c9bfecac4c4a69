"""Gradients of ops that load() has registered: TensorFlow 1 keeps them in Python."""

import importlib
import re
from typing import Any, Callable, Iterable

from opgraft import _compat

# The gradient of these is that of an op which every release has.
_SAME_AS = {"AddV2": "Add"}
_NO_GRADIENT = re.compile(r"HashTable|LookupTable|InitializeTable|^String|^GatherTree$")
_PREFIX = re.compile("^(Opgraft|Addons>)")
# In opgraft.contrib, which needs a loaded TensorFlow.
_CONTRIB = {
    "ImageProjectiveTransform",
    "ImageProjectiveTransformV2",
    "PeriodicResample",
    "Resampler",
}
# What tf.contrib declares to have none; the other contrib ops have no entry there.
_CONTRIB_NONE = {
    "BipartiteMatch",
    "HyperplaneLSHProbes",
    "ImageConnectedComponents",
    "ResamplerGrad",
    "SingleImageRandomDotStereograms",
    "SkipGramGenerateCandidates",
    "SparseFeatureCross",
    "SparseFeatureCrossV2",
}


def _contrib(op: str) -> Callable[..., Any]:
    """A gradient function that is imported at first use."""

    def gradient(*arguments: Any) -> Any:
        return importlib.import_module("opgraft.contrib._gradients").FUNCTIONS[op](*arguments)

    return gradient


def register(tf: Any, names: Iterable[str]) -> None:
    """Registers gradients for new ops: an older op's where there is one, otherwise none.

    Without an entry `tf.gradients` fails on a graph that has such an op on its way.
    """
    ops = _compat.v1(tf)
    no_gradient = getattr(ops, "NotDifferentiable", None) or getattr(ops, "no_gradient", None)
    register_gradient = getattr(ops, "RegisterGradient", None)
    if no_gradient is None or register_gradient is None:
        return
    has_contrib = str(tf.__version__).startswith(("0.", "1."))
    for name in names:
        plain = _PREFIX.sub("", name)
        try:
            if has_contrib and name in _CONTRIB | _CONTRIB_NONE:
                continue  # importing tf.contrib registers these, and fails if they are there
            if plain in _SAME_AS:
                register_gradient(name)(_compat.gradient_of(_SAME_AS[plain]))
            elif _NO_GRADIENT.search(plain) or plain in _CONTRIB_NONE:
                no_gradient(name)
            elif plain in _CONTRIB:
                register_gradient(name)(_contrib(plain))
        except (KeyError, LookupError):
            pass  # TensorFlow knows it: some gradients are older than the op
