"""The steps of adapt, in order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opgraft._version import __version__
from opgraft.adapt import (
    calls,
    constants,
    flat,
    graph,
    lists,
    objects,
    read,
    sound,
    tables,
    waits,
    write,
)
from opgraft.adapt.changes import Changes
from opgraft.adapt.errors import CannotAdaptError
from opgraft.adapt.fit import Problem, fit
from opgraft.adapt.target import Target
from opgraft.inspect.checks import COMPRESSED_SINCE, device_kind
from opgraft.inspect.escape import printable


@dataclass(frozen=True)
class Report:
    """What was done.

    Attributes:
      lines: one per kind of change, for people.
      json: what adapt.json holds: {"opgraft", "model", "runtime", "signatures", "needs_library",
        "changes": {kind: {what: count}}}.
    """

    lines: list[str]
    json: dict[str, Any]


def adapt(
    model: str | os.PathLike[str],
    out: str | os.PathLike[str],
    runtime: str,
    signatures: Sequence[str] = (),
    library: bool = True,
    freeze: bool = False,
    python: str | None = None,
) -> Report:
    """Writes a SavedModel that a release of TensorFlow loads with its own loader.

    Args:
      model: the directory of a SavedModel of any age. It is only read.
      out: the directory to make. It is written whole or not at all.
      runtime: the release, such as "1.15.5".
      signatures: those to keep; all by default.
      library: whether `opgraft.load()` will be called before the result is loaded.
      freeze: make constants of the variables.
      python: an interpreter with TensorFlow 2.14 or newer, which inlines functions (for releases
        before 2.0) and freezes; this one by default.

    Returns:
      What was done.

    Raises:
      UnknownReleaseError: nothing is known about `runtime`.
      ModelError: the model is damaged, or has no such signature.
      CannotAdaptError: the release cannot run the model; the text names each reason. Nothing is
        written.
      TensorFlowNeededError: `python` has no TensorFlow, and it is needed.
      OutputError: `out` exists or cannot be written.
    """
    source, destination = Path(model), Path(out)
    write.check_out(source, destination)
    loaded = read.read(source)
    meta, changes = loaded.meta, Changes()
    kept = read.choose_signatures(meta, list(signatures), source)
    for tags in loaded.left_out:
        changes.add("meta graphs", f"{tags or 'without tags'} left out")
    functions = {f.signature.name: f.signature for f in meta.graph_def.library.function}
    target = Target(runtime, library, functions, meta.graph_def.versions.producer)
    _check_versions(meta.graph_def.versions, target)
    plain = not target.runs_functions or freeze
    if plain:
        sound.check_calls(meta.graph_def, source)
        flat.flatten(meta, target.newest, changes, python, loaded.checkpoint if freeze else None)
    _fit_all(meta, target, changes, set(functions), plain)
    objects.fit_objects(meta, target, changes)
    _fit_versions(meta, target, changes)
    files = _files_of(loaded, meta, changes)
    if not target.runs_functions:
        tables.collect_assets(meta, changes)
    report = {
        "opgraft": __version__,
        "model": source.name,
        "runtime": target.version,
        "signatures": kept,
        "needs_library": "library" in changes.as_dict(),
        "changes": changes.as_dict(),
    }
    data = write.serialize(loaded.message, "the model")
    write.write(destination, data, report, source, files)
    return Report(changes.lines(), report)


def _fit_all(meta: Any, target: Target, changes: Changes, functions: set[str], plain: bool) -> None:
    """Fits the graph and every function.

    What no node of the graph calls is left out where it does not fit, and what does not run needs
    no kernels.

    Raises:
      CannotAdaptError: with all problems.
    """
    problems: list[Problem] = []
    unfit: set[str] = set()
    loaded, run = calls.loaded_and_run(meta, target.newest)
    for message, body in graph.bodies(meta.graph_def, target.newest):
        objects.drop_marks(body, target, changes)
        _drop_devices(body, changes)
        if plain and not target.runs_functions:
            tables.initialize_once(body, changes)
        if body.what == "graph":
            lists.to_arrays(body, target, changes)
        name = "" if body.what == "graph" else message.signature.name
        wanted = target if not name or name in run else target.without_kernels()
        fitted = Changes()
        found = fit(body, wanted, fitted, functions)
        if found and name and name not in loaded:
            unfit.add(name)
            continue
        changes.update(fitted)
        problems += found
        if body.what == "graph":
            waits.behind_identity(body, target, changes)
        if target.number < COMPRESSED_SINCE:
            spelt = constants.spell_out(body)
            if spelt:
                changes.add("constants", "compressed ones spelt out", spelt)
        if plain or not name and target.writer > target.stock.producer:
            for node in body.nodes.values():  # an older shape function may contradict
                node.attrs.pop("_output_shapes", None)
        graph.write(message, body)
    if problems:
        raise CannotAdaptError(describe(problems, target))
    objects.leave_out(meta, unfit, changes)


def _drop_devices(body: graph.Body, changes: Changes) -> None:
    """Lets nodes that ask for a GPU or a TPU run where they can."""
    for node in body.nodes.values():
        kind = device_kind(node.device)
        if kind not in ("", "CPU"):
            node.device = ""
            changes.add("devices", f"{kind} not asked for")


def describe(problems: list[Problem], target: Target) -> str:
    """All problems, those with one reason together."""
    nodes: dict[str, list[str]] = {}
    for problem in problems:
        name = problem.node if problem.where == "graph" else f"{problem.node} in {problem.where}"
        reason = problem.reason
        if problem.why_not:
            reason += f" (a rewrite exists, but {problem.why_not})"
        nodes.setdefault(reason, []).append(name)
    lines = [f"TensorFlow {target.version} cannot run this model:"]
    for reason, names in nodes.items():
        shown = ", ".join(printable(name) for name in names[:3])
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        lines.append(f"  {printable(reason)}: {shown}{more}")
    return "\n".join(lines)


def _check_versions(versions: Any, target: Target) -> None:
    """Raises CannotAdaptError if the model excludes the release."""
    if target.stock.producer in versions.bad_consumers:
        raise CannotAdaptError(
            f"the model excludes GraphDef version {target.stock.producer}, which is that of "
            f"TensorFlow {target.version}"
        )


def _fit_versions(meta: Any, target: Target, changes: Changes) -> None:
    """The versions and the list of ops that a loader compares with its own."""
    versions = meta.graph_def.versions
    if versions.producer > target.stock.producer:
        changes.add("versions", f"producer {versions.producer} to {target.stock.producer}")
        versions.producer = target.stock.producer
    versions.min_consumer = min(versions.min_consumer, target.stock.producer)
    used = {node.op for node in meta.graph_def.node}
    for function in meta.graph_def.library.function:
        used.update(node.op for node in function.node_def)
    stripped = meta.meta_info_def.stripped_op_list
    del stripped.op[:]
    for name in sorted(used):
        definition = target.definition(name) or target.newest(name)
        if definition is not None and name not in target.functions:
            stripped.op.append(definition)


def _files_of(loaded: read.Model, meta: Any, changes: Changes) -> list[Path]:
    """The files that the result still needs."""
    nodes = {node.name for node in meta.graph_def.node}
    assets = [a for a in meta.asset_file_def if a.tensor_info.name.partition(":")[0] in nodes]
    if len(assets) < len(meta.asset_file_def):
        changes.add("assets", "left out, not in use", len(meta.asset_file_def) - len(assets))
        names = [a.SerializeToString() for a in assets]
        del meta.asset_file_def[:]
        for data in names:
            meta.asset_file_def.add().MergeFromString(data)
    wanted = {Path("assets", a.filename) for a in meta.asset_file_def}
    files = [f for f in loaded.files if f.parts[0] != "assets" or f in wanted]
    if not meta.HasField("saver_def"):
        files = [f for f in files if f.parts[0] != "variables"]
    return files
