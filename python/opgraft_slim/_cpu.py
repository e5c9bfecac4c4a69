"""Which of the library's builds fits the processor."""

from __future__ import annotations

import os
from typing import List

# Flags of /proc/cpuinfo that a level adds to the one below (the x86-64 psABI's micro-architecture
# levels; lzcnt is called abm there).
_FLAGS = {
    "x86-64-v3": {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"},
    "x86-64-v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
}
LEVELS = ("baseline",) + tuple(_FLAGS)
VARIABLE = "OPGRAFT_SLIM_CPU"


def _processor_flags() -> "set[str]":
    try:
        with open("/proc/cpuinfo", "rb") as f:
            text = f.read(1 << 14)  # the first processor's paragraph: there may be hundreds
    except OSError:
        return set()
    for line in text.split(b"\n"):
        if line.startswith(b"flags"):
            return set(line.partition(b":")[2].decode("ascii", "replace").split())
    return set()


def levels() -> List[str]:
    """The levels that this processor has and $OPGRAFT_SLIM_CPU allows, the best first.

    Raises:
      ValueError: the variable names no level.
    """
    limit = os.environ.get(VARIABLE) or LEVELS[-1]
    if limit not in LEVELS:
        raise ValueError("{}={}: it is one of {}".format(VARIABLE, limit, ", ".join(LEVELS)))
    flags, found = _processor_flags(), ["baseline"]
    for level in LEVELS[1 : LEVELS.index(limit) + 1]:
        if not _FLAGS[level] <= flags:
            break
        found.insert(0, level)
    return found
