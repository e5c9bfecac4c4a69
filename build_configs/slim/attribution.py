"""Which op pulls in what: the ops that need a source file, and what leaving ops out would save."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from .document import Document

# Leaving out more ops than this at once is not advice that anybody can follow.
MOST_OPS = 6


@dataclass(frozen=True)
class OpSize:
    """What an op brought into the library.

    Attributes:
      files: the sources it needs beyond the framework, sorted.
      exclusive: bytes of those that no other op needs.
      shared: bytes of the others.
    """

    files: tuple[str, ...]
    exclusive: int
    shared: int


@dataclass(frozen=True)
class Saving:
    """Ops that could go together, the sources that would go with them, and their bytes."""

    ops: tuple[str, ...]
    files: tuple[str, ...]
    bytes: int


def users(document: Document) -> dict[str, frozenset[str]]:
    """The ops that need each source, itself or through another: {path: ops}.

    Sources of the framework, which no op asked for, are not in it.
    """
    roots: dict[str, set[str]] = defaultdict(set)
    needs: dict[str, list[str]] = defaultdict(list)
    for source in document["sources"]:
        roots[source["path"]].update(source["ops"])
        for path in source["needed_by"]:
            needs[path].append(source["path"])
    for kernel in document["kernels"]:
        roots[kernel["file"]].add(kernel["op"])

    found: dict[str, set[str]] = defaultdict(set)
    for root, ops in roots.items():
        reached, todo = {root}, [root]
        while ops and todo:
            for path in needs[todo.pop()]:
                if path not in reached:
                    reached.add(path)
                    todo.append(path)
        for path in reached:
            found[path] |= ops
    return {path: frozenset(ops) for path, ops in found.items() if ops}


def op_sizes(document: Document) -> dict[str, OpSize]:
    """What each op brought in: {op: OpSize}, every op of the document."""
    measured = {file["path"]: file["bytes"] for file in document["sizes"]["files"]}
    files: dict[str, list[str]] = {op["name"]: [] for op in document["ops"]}
    exclusive, shared = dict.fromkeys(files, 0), dict.fromkeys(files, 0)
    for path, ops in sorted(users(document).items()):
        for op in ops:
            files[op].append(path)
            (exclusive if len(ops) == 1 else shared)[op] += measured.get(path, 0)
    return {op: OpSize(tuple(files[op]), exclusive[op], shared[op]) for op in files}


def savings(document: Document, count: int = 10) -> list[Saving]:
    """The ops, or few ops together, whose absence would make the library smallest.

    A set of ops saves the sources that it alone needs. It is listed if a fifth of that is in
    sources of kernels that all of its ops need: else its parts say the same. Bytes are a lower
    bound: code of the framework that nothing else calls goes too.
    """
    measured = {file["path"]: file["bytes"] for file in document["sizes"]["files"]}
    kernel_files = {kernel["file"] for kernel in document["kernels"]}
    kernel_files |= {source["path"] for source in document["sources"] if source["needed_by"]}
    by_users: dict[frozenset[str], list[str]] = defaultdict(list)
    for path, ops in users(document).items():
        if len(ops) <= MOST_OPS and measured.get(path):
            by_users[ops].append(path)
    found = []
    for ops, own in by_users.items():
        files = sorted(path for few in by_users if few <= ops for path in by_users[few])
        saved = sum(measured[path] for path in files)
        if 5 * sum(measured[path] for path in own if path in kernel_files) >= saved:
            found.append(Saving(tuple(sorted(ops)), tuple(files), saved))
    return sorted(found, key=lambda saving: (-saving.bytes, len(saving.ops), saving.ops))[:count]
