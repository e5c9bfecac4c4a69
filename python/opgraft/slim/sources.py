"""The source files of a selection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from opgraft.slim import problems
from opgraft.slim.index import Index
from opgraft.slim.selection import File, Kernel, Reason


def kernel_files(index: Index, kernels: Iterable[Kernel]) -> tuple[File, ...]:
    """The files that register kernels and those that these need, without the framework's."""
    ops: dict[str, set[str]] = {}
    dtypes: dict[str, set[str]] = {}
    for kernel in kernels:
        ops.setdefault(kernel.file, set()).add(kernel.op)
        has = (dtype for _, allowed in kernel.types for dtype in allowed)
        dtypes.setdefault(kernel.file, set()).update(has)
    return _with_needed(index, ops, dtypes)


def op_files(index: Index, ops: Iterable[str], others: Iterable[File]) -> tuple[File, ...]:
    """The files that define ops, and those that these need beyond the framework's and others."""
    defined: dict[str, set[str]] = {}
    for op in ops:
        defined.setdefault(index.op_files[op], set()).add(op)
    known = {file.path for file in others}
    return tuple(file for file in _with_needed(index, defined, {}) if file.path not in known)


def _with_needed(
    index: Index, ops: Mapping[str, set[str]], dtypes: Mapping[str, set[str]]
) -> tuple[File, ...]:
    """Files and all that they need, without the framework's.

    Args:
      index: of the release.
      ops: {file: ops that are selected of it}.
      dtypes: {file: dtypes of its kernels}; a file without any needs what serves all.
    """
    needed_by: dict[str, set[str]] = {}
    stack = list(ops)
    seen = set(stack)
    while stack:
        file = stack.pop()
        for needed in index.needs.get(file, ()):
            wanted = dtypes.get(file)  # none for kernels without types
            if wanted and wanted.isdisjoint(index.serves.get(needed, wanted)):
                continue
            needed_by.setdefault(needed, set()).add(file)
            if needed not in seen:
                seen.add(needed)
                stack.append(needed)
    return tuple(
        File(
            file,
            tuple(sorted(ops.get(file, ()))),
            tuple(sorted(needed_by.get(file, ()))),
            tuple(sorted(index.libraries.get(file, ()))),
        )
        for file in sorted(seen - index.framework)
    )


def problems_of(
    index: Index,
    kernels: Mapping[Kernel, Iterable[Reason]],
    libraries: Collection[str] | None,
) -> list[str]:
    """A line for each op whose source, or what that needs, is not to be had."""
    found: dict[str, str] = {}
    for kernel, reasons in kernels.items():
        if problems.left_out(kernel.file)[0]:
            found.setdefault(kernel.op, problems.of_file(kernel.file, kernel.op, reasons))
            continue
        if libraries is None:
            continue
        for file in kernel_files(index, [kernel]):
            for library in file.libraries:
                if library not in libraries:
                    text = problems.of_library(library, file.path, kernel.op, reasons)
                    found.setdefault(kernel.op, text)
    return list(found.values())
