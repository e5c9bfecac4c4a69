"""missing(): the ops of a graph or model that the runtime does not have."""

import os
import re
from collections import OrderedDict
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from opgraft import _compat, _wire
from opgraft.errors import ModelError

# Numbers and names of the fields on the way to a node.
_SAVED_MODEL, _META_GRAPH, _GRAPH = "SavedModel", "MetaGraphDef", "GraphDef"
_TEXT_SUFFIXES = (".pbtxt", ".prototxt", ".textproto", ".txt")
_OP_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.>\\/-]*\Z")


def missing(graph_or_model: Any) -> List[str]:
    """Names of the ops that a graph uses and the TensorFlow of this process does not have.

    Call it before load() to see what a stock TensorFlow lacks, after it to see what opgraft cannot
    provide. Bodies of functions count; calls of functions of the graph itself do not. Imports
    TensorFlow.

    Args:
      graph_or_model: a tf.Graph (or anything with a `.graph`), a GraphDef, MetaGraphDef or
        SavedModel message, or a path: a SavedModel directory, or a .pb, .meta or .pbtxt file with
        one of those messages.

    Returns:
      A sorted list of op names; empty if the runtime has all of them.

    Raises:
      ModelError: the file is missing, damaged, or holds no graph.
      TypeError: the argument is none of the above.
    """
    used = used_ops(graph_or_model)
    _compat.import_tensorflow()
    return sorted(set(used) - _compat.registered_ops())


def used_ops(graph_or_model: Any) -> Dict[str, List[str]]:
    """The ops of a graph with the names of the nodes that use them. Needs no TensorFlow."""
    if isinstance(graph_or_model, (str, os.PathLike)):
        return _of_file(os.fspath(graph_or_model))
    graph = graph_or_model
    if not hasattr(graph, "as_graph_def") and hasattr(graph, "graph"):
        graph = graph.graph
    if hasattr(graph, "as_graph_def"):
        return _collect([graph.as_graph_def().SerializeToString()])
    kind = getattr(getattr(graph, "DESCRIPTOR", None), "name", None)
    if kind in (_SAVED_MODEL, _META_GRAPH, _GRAPH):
        return _collect(_graphs(graph.SerializeToString(), kind))
    raise TypeError(
        "missing() wants a tf.Graph, a GraphDef, MetaGraphDef or SavedModel, or the path of a "
        "model, not {}".format(type(graph_or_model).__name__)
    )


def _of_file(path: str) -> Dict[str, List[str]]:
    if os.path.isdir(path):
        names = ("saved_model.pb", "saved_model.pbtxt")
        found = [n for n in names if os.path.isfile(os.path.join(path, n))]
        if not found:
            raise ModelError(
                "{} is a directory without saved_model.pb, so it is no SavedModel. Name the "
                "directory that has that file, or a .pb file.".format(path)
            )
        path = os.path.join(path, found[0])
    try:
        with open(path, "rb") as f:
            data = f.read()
    except OSError as e:
        raise ModelError("{}: {}".format(path, e.strerror or e)) from e
    if not data:
        raise ModelError("{} is empty: it holds no graph.".format(path))
    try:
        if path.endswith(_TEXT_SUFFIXES):
            used = _of_text(data.decode("utf-8"))
        else:
            used = _of_bytes(data, os.path.basename(path))
    except (_wire.WireError, UnicodeDecodeError, AttributeError) as e:
        raise ModelError("{} is damaged or no TensorFlow graph: {}.".format(path, e)) from e
    if used is None:
        raise ModelError(
            "{} holds no graph: it reads neither as a SavedModel nor as a MetaGraphDef nor as a "
            "GraphDef.".format(path)
        )
    return used


def _of_bytes(data: bytes, name: str) -> Optional[Dict[str, List[str]]]:
    """Tries the kinds of message, the likely one first: the bytes do not name theirs."""
    kinds = [_GRAPH, _SAVED_MODEL, _META_GRAPH]
    likely = _SAVED_MODEL if name == "saved_model.pb" else _META_GRAPH
    if name == "saved_model.pb" or name.endswith(".meta"):
        kinds = [likely] + [k for k in kinds if k != likely]
    failure = None
    for kind in kinds:
        try:
            used = _collect(_graphs(data, kind))
        except _wire.WireError as e:
            failure = failure or e
            continue
        if used and all(_OP_NAME.match(op) for op in used):
            return used
    if failure:
        raise failure
    return None


def _graphs(data: bytes, kind: str) -> Iterator[Any]:
    path = {_SAVED_MODEL: (2, 2), _META_GRAPH: (2,), _GRAPH: ()}[kind]
    return _wire.messages(data, *path)


def _collect(graphs: Any) -> Dict[str, List[str]]:
    """Ops of the nodes and function bodies of GraphDefs, without calls of their functions."""
    used: Dict[str, List[str]] = OrderedDict()
    for graph in graphs:
        functions: Set[str] = set()
        nodes = [_node(n) for n in _wire.messages(graph, 1)]
        for function in _wire.messages(graph, 2, 1):
            functions.update(_wire.text(n) for n in _wire.messages(function, 1, 1))
            nodes += [_node(n) for n in _wire.messages(function, 3)]
        _add(used, nodes, functions)
    return used


def _node(view: Any) -> Tuple[str, str]:
    name, op = "", ""
    for number, value in _wire.fields(view):
        if number == 1 and not isinstance(value, int):
            name = _wire.text(value)
        elif number == 2 and not isinstance(value, int):
            op = _wire.text(value)
    return name, op


def _add(used: Dict[str, List[str]], nodes: List[Tuple[str, str]], functions: Any) -> None:
    for name, op in nodes:
        if op not in functions:
            used.setdefault(op, []).append(name)


def _of_text(source: str) -> Optional[Dict[str, List[str]]]:
    root = _wire.parse_text(source)
    metas = root.get("meta_graphs", [root])
    graphs = [g for meta in metas for g in meta.get("graph_def", [])] or [root]
    used: Dict[str, List[str]] = OrderedDict()
    for graph in graphs:
        bodies = [f for lib in graph.get("library", []) for f in lib.get("function", [])]
        functions = {s["name"][0] for f in bodies for s in f.get("signature", []) if "name" in s}
        nodes = graph.get("node", []) + [n for f in bodies for n in f.get("node_def", [])]
        _add(used, [(n.get("name", [""])[0], n.get("op", [""])[0]) for n in nodes], functions)
    return used if used and "" not in used else None
