"""Which ops, kernels and source files a TensorFlow needs to run given models.

    from opgraft import slim

    selection = slim.select(["export/1"], data="build_configs/slim/2.14.1")
    selection.header()  # what goes into ops_to_register.h

No TensorFlow is needed. Errors are SelectionError, with all problems at once, and ModelError.
"""

from __future__ import annotations

from opgraft.slim.index import Index, IndexDataError
from opgraft.slim.select import select
from opgraft.slim.selection import File, Kernel, Reason, Selection, SelectionError

__all__ = [
    "File",
    "Index",
    "IndexDataError",
    "Kernel",
    "Reason",
    "Selection",
    "SelectionError",
    "select",
]
