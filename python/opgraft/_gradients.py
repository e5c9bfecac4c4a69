"""Gradients of ops that load() has registered: TensorFlow 1 keeps them in Python."""

import re
from typing import Any, Iterable

from opgraft import _compat

# The gradient of these is that of an op which every release has.
_SAME_AS = {"AddV2": "Add"}
_NO_GRADIENT = re.compile(r"HashTable|LookupTable|InitializeTable|^String|^GatherTree$")


def register(tf: Any, names: Iterable[str]) -> None:
    """Registers gradients for new ops: an older op's where there is one, otherwise none.

    Without an entry `tf.gradients` fails on a graph that has such an op on its way.
    """
    ops = _compat.v1(tf)
    no_gradient = getattr(ops, "NotDifferentiable", None) or getattr(ops, "no_gradient", None)
    register_gradient = getattr(ops, "RegisterGradient", None)
    if no_gradient is None or register_gradient is None:
        return
    for name in names:
        plain = name[len("Opgraft") :] if name.startswith("Opgraft") else name
        try:
            if plain in _SAME_AS:
                register_gradient(name)(_compat.gradient_of(_SAME_AS[plain]))
            elif _NO_GRADIENT.search(plain):
                no_gradient(name)
        except (KeyError, LookupError):
            pass  # TensorFlow knows it: some gradients are older than the op
