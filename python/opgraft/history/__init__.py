"""Every op and every CPU kernel of each minor release of TensorFlow from 0.12 to 2.21.

    from opgraft import history

    old = history.Release("1.15")
    old.op("AddV2")                       # an OpDef, or None
    old.has_kernel("AddV2", {"T": value})  # an AttrValue for each attr
    history.Release("2.21").ops.keys() - old.ops.keys()

`history.ages(NAME)` is an op through the ages, `history.with_opgraft(registry)` what a runtime has
after `opgraft.load()`. `nox -s history` reads the data from the stock wheels.
"""

from opgraft.history.data import DATA, Release, ages, releases, resolve
from opgraft.history.libraries import LIBRARIES, provider, with_opgraft
from opgraft.history.registry import Registry, group_kernels, strip_op

__all__ = [
    "DATA",
    "LIBRARIES",
    "Registry",
    "Release",
    "ages",
    "group_kernels",
    "provider",
    "releases",
    "resolve",
    "strip_op",
    "with_opgraft",
]
