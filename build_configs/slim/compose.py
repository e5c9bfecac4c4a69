"""Makes slim.json's document out of what the build knows."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .document import (
    FORMAT,
    Archive,
    Document,
    Flags,
    Model,
    Op,
    Proof,
    Reason,
    Sizes,
    Source,
    Stock,
)

if TYPE_CHECKING:
    from opgraft.slim import Selection


def compose(
    selection: Selection,
    *,
    platform: str,
    profile: str,
    sources: Mapping[str, str],
    archives: Mapping[str, str],
    flags: Flags,
    tools: Mapping[str, str],
    stock: Stock,
    sizes: Sizes,
    proofs: Iterable[Proof],
) -> Document:
    """The document of a build.

    Args:
      selection: what was selected; its models and files of ops must still be there to be hashed.
      platform: such as "linux-x86_64".
      profile: "size" or "speed".
      sources: {path: sha256} of every file that was compiled.
      archives: {name: sha256} of what was downloaded.
      flags: of the compiler and the linker.
      tools: {name: version}.
      stock: what it stands in for.
      sizes: as sizes.measure gives them.
      proofs: in the order of the models; `model` is the path that was given.

    Raises:
      OSError: a model cannot be read.
    """
    names = model_names(
        [*selection.models, *(r.source for reasons in selection.ops.values() for r in reasons)]
    )

    def told(reasons: Iterable[Any]) -> list[Reason]:
        return [
            Reason(rule=r.rule, source=names[r.source], function=r.function, node=r.node)
            for r in sorted(reasons)
        ]

    ops: dict[str, set[str]] = defaultdict(set)
    needed_by: dict[str, set[str]] = defaultdict(set)
    for file in (*selection.op_files, *selection.kernel_files):  # some files are in both
        ops[file.path].update(file.ops)
        needed_by[file.path].update(file.needed_by)
    return Document(
        format=FORMAT,
        release=selection.release,
        platform=platform,
        profile=profile,
        models=[
            Model(name=name, sha256=_hash_model(Path(path))) for path, name in names.items() if path
        ],
        ops=[
            Op(name=name, reasons=told(reasons)) for name, reasons in sorted(selection.ops.items())
        ],
        kernels=[
            {
                "op": kernel.op,
                "class": kernel.kernel_class,
                "types": {attr: list(types) for attr, types in kernel.types},
                "label": kernel.label,
                "priority": kernel.priority,
                "file": kernel.file,
                "reasons": told(reasons),
            }
            for kernel, reasons in sorted(selection.kernels.items())
        ],
        sources=[
            Source(
                path=path,
                sha256=sha256,
                ops=sorted(ops[path]),
                needed_by=sorted(needed_by[path]),
            )
            for path, sha256 in sorted(sources.items())
        ],
        archives=[Archive(name=name, sha256=hashed) for name, hashed in sorted(archives.items())],
        flags=flags,
        tools=dict(sorted(tools.items())),
        stock=stock,
        sizes=sizes,
        proofs=[Proof(**{**proof, "model": names[proof["model"]]}) for proof in proofs],
    )


def model_names(paths: Iterable[str]) -> dict[str, str]:
    """Names for paths of models, without the machine's directories: {path: name}, "" stays.

    A path's last part, or the last two or three where that tells models apart; a version directory
    keeps its parent (`export/1`). What is still equal is numbered.
    """
    different = [path for path in dict.fromkeys(paths) if path]
    names = {"": ""}
    for path in different:
        parts = [part for part in Path(path).parts if part not in ("/", "..")] or ["model"]
        least = 2 if parts[-1].isdigit() else 1
        others = [Path(other).parts for other in different if other != path]
        base = next(
            (
                "/".join(parts[-length:])
                for length in range(least, 4)
                if not any(list(other[-length:]) == parts[-length:] for other in others)
            ),
            "/".join(parts[-least:]),
        )
        name, number = base, 1
        while name in names.values():
            number += 1
            name = f"{base} ({number})"
        names[path] = name
    return names


def _hash_model(path: Path) -> str:
    """The sha256 of a file, or of the graph in a SavedModel directory."""
    if path.is_dir():
        graphs = (path / "saved_model.pb", path / "saved_model.pbtxt")
        path = next((graph for graph in graphs if graph.exists()), graphs[0])
    return hashlib.sha256(path.read_bytes()).hexdigest()
