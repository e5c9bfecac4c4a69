"""What opgraft's libraries add to a runtime: the rules of ops/runtime, applied to package data."""

from __future__ import annotations

import functools
import lzma
from pathlib import Path
from typing import Any

from opgraft import proto
from opgraft._manifest import C_API_SINCE, parse_version
from opgraft.history.data import releases
from opgraft.history.registry import Registry

LIBRARIES = Path(__file__).with_name("libraries.pb.xz")
NEWEST_CC = parse_version(releases()[-1]) or (2, 21)
NAMESPACES_SINCE = (2, 0)  # before, no op is called "Package>Op"
VARIABLES_SINCE = (1, 9)  # before, op libraries do not see resource variables


@functools.cache
def _ops() -> dict[str, Any]:
    data = lzma.decompress(LIBRARIES.read_bytes())
    return {entry.op.name: entry for entry in proto.parse(proto.Libraries, data, str(LIBRARIES)).op}


def provider(name: str) -> str:
    """The library that has an op, under its name or as Opgraft + name: "core"; or ""."""
    entry = _ops().get(name.removeprefix("Opgraft")) or _ops().get(name)
    return str(entry.library) if entry is not None else ""


def with_opgraft(runtime: Registry) -> Registry:
    """A runtime after `opgraft.load()`.

    An op that the runtime lacks comes with all its kernels; one that it has with the same inputs
    and outputs gets the kernels that it lacks; one with another signature stays as it is. Under
    Opgraft + name there is the newest definition with all kernels.
    """
    ops, kernels = dict(runtime.ops), dict(runtime.kernels or {})
    for name, entry in _ops().items():
        if not _is_for(entry, runtime):
            continue
        has = runtime.op(name)
        if has is None:
            ops[name] = entry.op
            kernels[name] = list(entry.kernels)
        elif _same_interface(entry.op, has):
            kernels[name] = [*kernels.get(name, ()), *entry.kernels]
        if entry.opgraft_name:
            renamed = proto.OpDef()
            renamed.CopyFrom(entry.op)
            renamed.name = f"Opgraft{name}"
            ops[renamed.name] = renamed
            kernels[renamed.name] = list(entry.kernels)
    known = None if runtime.kernels is None else kernels
    return Registry(
        f"{runtime.name} with opgraft",
        ops,
        known,
        runtime.version,
        runtime.producer,
        runtime.min_producer,
    )


def _is_for(entry: Any, runtime: Registry) -> bool:
    """Whether the library of an op has it for a runtime."""
    release = parse_version(runtime.version) or (0, 0)
    if ">" in entry.op.name and release < NAMESPACES_SINCE:
        return False
    resource = proto.type_number("resource")
    takes_variable = entry.library != "lookup" and any(
        argument.type == resource for argument in entry.op.input_arg
    )
    if release <= NEWEST_CC:
        return not takes_variable or release >= VARIABLES_SINCE
    # The C API has no tables and no references.
    arguments = (*entry.op.input_arg, *entry.op.output_arg)
    return (
        release >= C_API_SINCE
        and not takes_variable
        and entry.library != "lookup"
        and not any(argument.is_ref for argument in arguments)
    )


def _same_interface(ours: Any, theirs: Any) -> bool:
    """Whether kernels for one definition fit the other."""
    attrs = {attr.name for attr in theirs.attr}
    return (
        [_plain(a) for a in ours.input_arg] == [_plain(a) for a in theirs.input_arg]
        and [_plain(a) for a in ours.output_arg] == [_plain(a) for a in theirs.output_arg]
        and all(attr.name in attrs for attr in ours.attr)
    )


def _plain(argument: Any) -> tuple[Any, ...]:
    """An argument as far as signatures are compared."""
    kind = (argument.type, argument.type_attr, argument.number_attr, argument.type_list_attr)
    return (argument.name, *kind, argument.is_ref)
