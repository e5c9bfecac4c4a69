"""Harvests the ops and CPU kernels of the stock releases into opgraft's package data.

    python build_configs/op_history.py check [VERSION...]  # default: what is installed
    python build_configs/op_history.py write               # every release, and the file anew
    python build_configs/op_history.py libraries           # what opgraft's libraries hold, anew

A release that is not installed is installed, asked and, unless its tier is "tested", discarded
again: one at a time, 0.2 to 2 GB each. `libraries` wants $OPGRAFT_PACKAGE, the unpacked wheel.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import runtimes

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from opgraft import history, proto  # noqa: E402

WORKER = Path(__file__).with_name("harvest_worker.py")
LINE = re.compile(r"\s*device='(?P<device>\w+)'(?:; label='(?P<label>\w+)')?(?P<types>.*)")
TYPES = re.compile(r"; (\w+) in \[(.*?)\]")


def read_ops(path: Path) -> dict[str, Any]:
    """{name: OpDef} of an ops.pb."""
    op_list = proto.parse(proto.OpList, path.read_bytes(), str(path))
    return {op.name: history.strip_op(op) for op in op_list.op}


def kernels_of_text(op: str, text: str) -> list[Any]:
    """The KernelDefs in TensorFlow's description of an op's kernels.

    Raises:
      ValueError: a line is of a form that is not known.
    """
    found = []
    for line in text.splitlines():
        if line.strip() in ("", "<no registered kernels>"):
            continue
        match = LINE.fullmatch(line)
        if match is None or TYPES.sub("", match["types"]):
            raise ValueError(f"{op}: {line!r}")
        kernel = proto.KernelDef(op=op, device_type=match["device"], label=match["label"] or "")
        for name, types in TYPES.findall(match["types"]):
            constraint = kernel.constraint.add(name=name)
            for dtype in types.split(", "):
                number = proto.type_number(dtype.removeprefix("DT_").lower())
                constraint.allowed_values.list.type.append(number)
        found.append(kernel)
    return found


def read_kernels(directory: Path) -> dict[str, list[Any]]:
    """{op: its CPU kernels as KernelSets} of a release."""
    if (directory / "kernels.pb").exists():
        data = (directory / "kernels.pb").read_bytes()
        kernels = list(proto.parse(proto.KernelList, data, str(directory)).kernel)
    else:
        texts = json.loads((directory / "kernels.json").read_text(encoding="utf-8"))
        kernels = [k for op, text in texts.items() for k in kernels_of_text(op, text)]
    return history.group_kernels(kernels)


def read_harvest(directory: Path) -> Any:
    """A History of one release, from what the worker wrote."""
    about = json.loads((directory / "core" / "versions.json").read_text(encoding="utf-8"))
    producer, min_producer, min_consumer = about["graph_def"]
    one = proto.History()
    one.release.add(
        version=about["version"],
        producer=producer,
        min_producer=min_producer,
        min_consumer=min_consumer,
    )
    core = read_ops(directory / "core" / "ops.pb")
    contrib = {}
    if (directory / "contrib").exists():
        everything = read_ops(directory / "contrib" / "ops.pb")
        contrib = {name: op for name, op in everything.items() if name not in core}
    kernels = read_kernels(directory / "core")
    for name in sorted({*core, *contrib}):
        entry = one.op.add(name=name)
        if name in contrib:
            entry.contrib.add(op=contrib[name])
        else:
            entry.core.add(op=core[name])
            entry.kernels.add(set=kernels.get(name, []))
    return one


def merge(releases: Iterable[Any]) -> Any:
    """Histories of one release each, oldest first, as one."""
    merged = proto.History()
    entries: dict[str, Any] = {}
    for index, one in enumerate(releases):
        merged.release.extend(one.release)
        for entry in one.op:
            whole = entries.setdefault(entry.name, proto.OpHistory(name=entry.name))
            for field in ("core", "kernels", "contrib"):
                spans = getattr(whole, field)
                for span in getattr(entry, field):
                    span.first = span.last = index
                    _append(spans, span)
    merged.op.extend(entries[name] for name in sorted(entries))
    return merged


def _append(spans: Any, span: Any) -> None:
    """Adds a span, or makes the last one longer if it says the same."""
    if spans and spans[-1].last == span.first - 1:
        last = type(span)()
        last.CopyFrom(spans[-1])
        last.first, last.last = span.first, span.last
        if last == span:
            spans[-1].last = span.last
            return
    spans.add().CopyFrom(span)


def harvest(version: str, directory: Path) -> Any:
    """Asks a stock release; a History of that release alone."""
    row = runtimes.get(version)
    keep = runtimes.is_installed(row) or row.tier == "tested"
    runtimes.install(version)
    try:
        parts = ["core", "contrib"] if row.minor < (2, 0) else ["core"]
        for part in parts:
            (directory / part).mkdir(parents=True)
            command = [str(row.environment_python), str(WORKER), str(directory / part)]
            command += ["--contrib"] if part == "contrib" else []
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
        return read_harvest(directory)
    finally:
        if not keep:
            runtimes.discard(version)


def load_libraries(version: str, package: Path, directory: Path) -> dict[str, Any]:
    """Has a release load opgraft; its ops and kernels are in the directory then.

    Returns:
      {library: {op: what opgraft.load() knows of it}}.
    """
    python = runtimes.install(version).environment_python
    command = [str(python), str(WORKER), str(directory), "--opgraft"]
    environment = {**os.environ, "PYTHONPATH": str(package)}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    reports: dict[str, Any] = json.loads((directory / "libraries.json").read_text(encoding="utf-8"))
    return reports


def libraries(package: Path) -> Any:
    """A Libraries message: what opgraft's libraries hold, read in the newest release."""
    found = proto.Libraries()
    with tempfile.TemporaryDirectory() as scratch:
        reports = load_libraries(history.releases()[-1], package, Path(scratch))
        ops, kernels = read_ops(Path(scratch, "ops.pb")), read_kernels(Path(scratch))
    for library, names in sorted(reports.items()):
        for name in sorted(name for name in names if not name.startswith("Opgraft")):
            ours = f"Opgraft{name}" if f"Opgraft{name}" in names else name
            entry = found.op.add(library=library, op=ops[ours], kernels=kernels.get(ours, []))
            entry.op.name, entry.opgraft_name = name, ours != name
    return found


def write_data(message: Any, path: Path) -> None:
    """Writes package data."""
    data = message.SerializeToString(deterministic=True)
    path.write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
    print(f"{path}: {path.stat().st_size} bytes")


def difference(one: Any) -> list[str]:
    """What a harvest of one release says otherwise than the package data; empty if they agree."""
    found = []
    version = one.release[0].version
    known = history.Release(version)
    if known.about != one.release[0]:
        found.append(f"{version}: {known.about} in the data, {one.release[0]} in the wheel")
    names = {entry.name: entry for entry in one.op}
    there = {name for name in known.ops} | {name for name in known.contrib_ops}
    found += [f"{version}: {name} is not in the data" for name in sorted(set(names) - there)]
    found += [f"{version}: {name} is not in the wheel" for name in sorted(there - set(names))]
    for name in sorted(there & set(names)):
        entry = names[name]
        pairs = [("contrib", entry.contrib, known.contrib_op), ("core", entry.core, known.op)]
        for place, spans, lookup in pairs:
            if (spans[0].op if spans else None) != lookup(name):
                found.append(f"{version}: {name} has another definition ({place})")
        if entry.core and list(entry.kernels[0].set) != known.kernel_sets(name):
            found.append(f"{version}: {name} has other kernels")
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("command", choices=("check", "write", "libraries"))
    parser.add_argument("versions", nargs="*", help="releases, or all")
    options = parser.parse_args()
    if options.command == "libraries":
        write_data(libraries(Path(os.environ["OPGRAFT_PACKAGE"]).resolve()), history.LIBRARIES)
        return
    rows = [row for row in runtimes.runtimes() if row.tier != "unseen"]
    if options.command == "check" and options.versions != ["all"]:
        wanted = [runtimes.get(version).version for version in options.versions]
        rows = [r for r in rows if r.version in wanted or not wanted and runtimes.is_installed(r)]
    problems, harvests = [], []
    for row in rows:
        with tempfile.TemporaryDirectory() as scratch:
            one = harvest(row.version, Path(scratch))
        harvests.append(one)
        if options.command == "check":
            problems += difference(one)
        print(f"{row.version:<9} {len(one.op)} ops", flush=True)
    if options.command == "write":
        write_data(merge(harvests), history.DATA)
    if problems:
        sys.exit("\n".join([*problems, "next: python build_configs/op_history.py write"]))


if __name__ == "__main__":
    main()
