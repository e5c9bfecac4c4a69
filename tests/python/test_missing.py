# ruff: noqa: D101, D102, D103
"""Reading graphs without TensorFlow, on messages made by hand."""

import os
import random

import opgraft
import pytest
from opgraft import _compat, _missing, _wire


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, payload):
    if isinstance(payload, str):
        payload = payload.encode("utf-8")
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def node(name, op):
    # An attr and an input, as real nodes have them.
    return field(1, name) + field(2, op) + field(3, "x:0") + field(5, field(1, "T") + field(2, b""))


def graph_def(*nodes, functions=()):
    out = b"".join(field(1, node(n, op)) for n, op in nodes)
    out += field(4, b"\x08\x0a\x18\x02")  # versions, with numbers in them
    library = b""
    for name, body in functions:
        signature = field(1, field(1, name) + field(2, field(1, "arg") + b"\x18\x01"))
        library += field(1, signature + b"".join(field(3, node(n, op)) for n, op in body))
    return out + (field(2, library) if library else b"")


def meta_graph(graph):
    info = field(1, "1") + field(4, "serve") + field(5, "2.14.1")
    return field(1, info) + field(2, graph)


def saved_model(*metas):
    return b"\x08\x01" + b"".join(field(2, m) for m in metas)


GRAPH = graph_def(
    ("x", "Placeholder"),
    ("h", "HashTableV2"),
    ("h_1", "HashTableV2"),
    ("call", "my_function"),
    functions=[("my_function", [("inner", "StringLower"), ("again", "my_function")])],
)
USED = {
    "Placeholder": ["x"],
    "HashTableV2": ["h", "h_1"],
    "StringLower": ["inner"],
}


@pytest.mark.parametrize(
    "name, data",
    [
        ("graph.pb", GRAPH),
        ("frozen", GRAPH),
        ("saved_model.pb", saved_model(meta_graph(GRAPH))),
        ("renamed.pb", saved_model(meta_graph(GRAPH))),
        ("model.meta", meta_graph(GRAPH)),
        ("meta.pb", meta_graph(GRAPH)),
        ("saved_model.pb", GRAPH),
    ],
)
def test_binary(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    assert _missing.used_ops(str(tmp_path / name)) == USED
    assert _missing.used_ops(tmp_path / name) == USED


def test_directory_and_several_graphs(tmp_path):
    other = meta_graph(graph_def(("t", "GatherTree"), ("x", "Placeholder")))
    (tmp_path / "saved_model.pb").write_bytes(saved_model(meta_graph(GRAPH), other))
    assert set(_missing.used_ops(tmp_path)) == set(USED) | {"GatherTree"}


TEXT_GRAPH = """
# a comment
node { name: "x" op: "Placeholder"
  attr { key: "shape" value { shape { dim { size: -1 } dim <size: 3> } } } }
node: { name: 'h' op: 'HashTableV2', attr { key: "v" value { s: "\\"quoted\\" }{" } } }
node { name: "h" "_1"; op: "HashTableV2" attr { key: "l" value { list { i: [1, 2, 3] } } } }
node { name: "call" op: "my_function" }
library { function {
  signature { name: "my_function" input_arg { name: "a" type: DT_FLOAT } }
  node_def { name: "inner" op: "StringLower" attr { key: "f" value { f: 1.5e-3 } } }
  a_field_of_the_future: 7
} }
versions { producer: 1087 }
"""


@pytest.mark.parametrize(
    "name, text",
    [
        ("graph.pbtxt", TEXT_GRAPH),
        ("meta.pbtxt", "meta_info_def { tags: 'serve' } graph_def {%s}" % TEXT_GRAPH),
        (
            "saved_model.pbtxt",
            "saved_model_schema_version: 1 meta_graphs { graph_def {%s} }" % TEXT_GRAPH,
        ),
    ],
)
def test_text(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert _missing.used_ops(str(tmp_path / name)) == USED
    if name == "saved_model.pbtxt":
        assert _missing.used_ops(str(tmp_path)) == USED


@pytest.mark.parametrize(
    "name, data, says",
    [
        ("a.pb", b"", "is empty"),
        ("a.pb", b"\x00\x01\x02", "damaged"),
        ("a.pb", b"PK\x03\x04 a zip file", "damaged"),
        ("a.pb", b"\xff" * 100, "damaged"),
        ("a.pb", GRAPH[:-5], "damaged"),
        ("saved_model.pb", saved_model(meta_graph(GRAPH))[:-1], "damaged"),
        ("a.pb", b"#!/bin/sh\necho hello\n", "damaged"),
        ("a.pb", field(1, "just a string"), "damaged"),
        ("a.pb", field(9, "another message"), "no graph"),
        ("a.pbtxt", b"node { name: ", "damaged"),
        ("a.pbtxt", b"node { name: 'x' op: 'Y' ", "end of file"),
        ("a.pbtxt", b"}", "'}'"),
        ("a.pbtxt", b"\xff\xfe", "damaged"),
        ("a.pbtxt", b"hello: 'world'", "no graph"),
        ("a.pbtxt", b"node: 5", "damaged"),
        ("a.pbtxt", b"<html><body>", "'<'"),
        ("a.pbtxt", b"x: [1, 2", "does not end"),
        ("a.pbtxt", b"line\n\n$", "line 3"),
    ],
)
def test_bad_files(tmp_path, name, data, says):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(opgraft.ModelError) as e:
        _missing.used_ops(str(tmp_path / name))
    assert says in str(e.value) and str(tmp_path / name) in str(e.value)
    assert isinstance(e.value, ValueError)


def test_absent(tmp_path):
    with pytest.raises(opgraft.ModelError, match="No such file"):
        _missing.used_ops(str(tmp_path / "absent.pb"))
    with pytest.raises(opgraft.ModelError, match="without saved_model.pb"):
        _missing.used_ops(str(tmp_path))


def test_wrong_type():
    for value in (5, None, ["a"], b"bytes", object()):
        with pytest.raises(TypeError, match=type(value).__name__):
            _missing.used_ops(value)


def test_damaged_bytes_never_do_worse_than_a_message(tmp_path):
    rng = random.Random(1)
    good = saved_model(meta_graph(GRAPH))
    path = tmp_path / "saved_model.pb"
    for _ in range(500):
        data = bytearray(good)
        for _ in range(rng.randrange(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(bytes(data))
        try:
            _missing.used_ops(str(path))
        except opgraft.ModelError:
            pass
        text = bytearray(TEXT_GRAPH.encode())
        text[rng.randrange(len(text))] = rng.randrange(128)
        (tmp_path / "x.pbtxt").write_bytes(bytes(text))
        try:
            _missing.used_ops(str(tmp_path / "x.pbtxt"))
        except opgraft.ModelError:
            pass


class Message(object):
    """Stands in for a protobuf message."""

    def __init__(self, kind, data):
        self.DESCRIPTOR = type("Descriptor", (), {"name": kind})
        self.data = data

    def SerializeToString(self):
        return self.data


class Graph(object):
    def as_graph_def(self):
        return Message("GraphDef", GRAPH)


def test_objects():
    assert _missing.used_ops(Message("GraphDef", GRAPH)) == USED
    assert _missing.used_ops(Message("MetaGraphDef", meta_graph(GRAPH))) == USED
    assert _missing.used_ops(Message("SavedModel", saved_model(meta_graph(GRAPH)))) == USED
    assert _missing.used_ops(Graph()) == USED
    assert _missing.used_ops(type("Function", (), {"graph": Graph()})()) == USED
    assert _missing.used_ops(Message("GraphDef", b"")) == {}
    with pytest.raises(TypeError):
        _missing.used_ops(Message("NodeDef", b""))


def test_missing(tensorflow, monkeypatch):
    tensorflow("1.1.0")
    monkeypatch.setattr(_compat, "registered_ops", lambda: {"Placeholder", "Add"})
    assert opgraft.missing(Graph()) == ["HashTableV2", "StringLower"]


def test_missing_needs_tensorflow(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", [])
    with pytest.raises(opgraft.TensorFlowNotFoundError):
        opgraft.missing(Graph())
    with pytest.raises(opgraft.ModelError):  # before TensorFlow is looked for
        opgraft.missing(os.path.join(str(tmp_path), "absent"))


def test_registered_ops_of_a_runtime(tensorflow, monkeypatch):
    op_list = field(1, field(1, "Add") + field(2, b"")) + field(1, field(1, "Mul"))
    monkeypatch.setattr(_compat, "_op_list", lambda: op_list)
    assert _compat.registered_ops() == {"Add", "Mul"}


def test_wire_fields():
    data = b"\x08\x96\x01" + field(2, "hi") + b"\x19" + b"\0" * 8 + b"\x25" + b"\1\0\0\0"
    got = [(n, v if isinstance(v, int) else bytes(v)) for n, v in _wire.fields(data)]
    assert got == [(1, 150), (2, b"hi"), (3, b"\0" * 8), (4, b"\1\0\0\0")]
