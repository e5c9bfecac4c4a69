# ruff: noqa: D101, D102, D103
"""The messages of opgraft.proto: TensorFlow's own numbers, and nothing lost."""

import json
import subprocess
from pathlib import Path

import protos
import pytest
import runtimes
from opgraft import proto
from opgraft.errors import ModelError

# Prints {message: {field: [number, wire kind, repeated]}} and {enum: {value: number}} of a release.
DUMP = """
import importlib, json, os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
names = {}
def message(m):
    names[m.full_name.split(".", 1)[1]] = {
        f.name: [f.number, f.type] for f in m.fields}
    for e in m.enum_types: enum(e)
    for n in m.nested_types:
        if not n.GetOptions().map_entry: message(n)
def enum(e):
    names[e.full_name.split(".", 1)[1]] = {v.name: [v.number, "value"] for v in e.values}
seen = set()
def walk(f):
    if f.name in seen or f.name.startswith("google"): return
    seen.add(f.name)
    for d in f.dependencies: walk(d)
    for m in f.message_types_by_name.values(): message(m)
    for e in f.enum_types_by_name.values(): enum(e)
for module in (
    "protobuf.saved_model", "protobuf.trackable_object_graph", "protobuf.tensor_bundle",
    "framework.kernel_def"
):
    try:
        walk(importlib.import_module("tensorflow.core.%s_pb2" % module).DESCRIPTOR)
    except ImportError:
        pass
print("\\n" + json.dumps(names))
"""
TENSORFLOW = [row for row in runtimes.runtimes() if runtimes.is_installed(row)]


def run(row: runtimes.Runtime, code: str) -> str:
    """What a program prints under the TensorFlow of a row."""
    command = [str(row.environment_python), "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


def ours() -> dict[str, dict[str, list[object]]]:
    """The same as DUMP, of opgraft.proto."""
    names = {}

    def enum(descriptor):
        key = descriptor.full_name.removeprefix("opgraft.proto.")
        names[key] = {v.name: [v.number, "value"] for v in descriptor.values}

    def message(descriptor):
        key = descriptor.full_name.removeprefix("opgraft.proto.")
        names[key] = {f.name: [f.number, f.type] for f in descriptor.fields}
        for inner in descriptor.enum_types:
            enum(inner)
        for inner in descriptor.nested_types:
            if not inner.GetOptions().map_entry:
                message(inner)

    file = proto.SavedModel.DESCRIPTOR.file
    for each in (file, *file.dependencies):
        if each.package == "opgraft.proto":
            for descriptor in each.message_types_by_name.values():
                message(descriptor)
            for descriptor in each.enum_types_by_name.values():
                enum(descriptor)
    return names


@pytest.mark.parametrize("row", TENSORFLOW, ids=lambda row: row.version)
def test_numbers_and_types_are_those_of_tensorflow(row):
    known = ours()
    theirs = json.loads(run(row, DUMP).splitlines()[-1])
    assert "NodeDef" in theirs and "SavedModel" in theirs
    for name, fields in theirs.items():
        if name not in known:
            # What was in the imported files then, and is not in those of 2.21.
            assert row.minor < (2, 21), name
            continue
        for field, fact in fields.items():
            if field in known[name]:
                assert known[name][field] == fact, (name, field)
            else:
                assert row.minor != (2, 21), (name, field)
                # The field is gone in 2.21, or has another name there (FunctionSpec's 6).
                renamed = [kind for number, kind in known[name].values() if number == fact[0]]
                assert renamed in ([], [fact[1]]), (name, field)
    if row.minor == (2, 21):
        assert theirs == known


def test_descriptors_are_those_of_the_proto_files(tmp_path):
    protos.compile_to(tmp_path / "descriptors.pb")
    assert (tmp_path / "descriptors.pb").read_bytes() == protos.DESCRIPTORS.read_bytes()


def test_unknown_fields_survive():
    unknown = bytes([0xCA, 0x3E, 3]) + b"new"  # field 1001, bytes
    node = proto.NodeDef(name="n", op="Add").SerializeToString() + unknown
    graph = proto.parse(proto.GraphDef, b"\x0a" + bytes([len(node)]) + node + unknown)
    graph.node[0].device = "/cpu:0"
    data = graph.SerializeToString()
    assert data.count(unknown) == 2
    assert proto.parse(proto.GraphDef, data) == graph


@pytest.mark.parametrize("row", TENSORFLOW[-1:], ids=lambda row: row.version)
def test_with_tensorflow_in_one_process(row):
    package = str(Path(proto.__file__).parents[2])
    code = f"""
import os, sys; sys.path.append({package!r})
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from opgraft import proto
import tensorflow as tf
graph = tf.compat.v1.GraphDef()
with tf.Graph().as_default() as g:
    tf.constant([1.0, 2.0], name="x")
data = g.as_graph_def().SerializeToString()
ours = proto.parse(proto.GraphDef, data)
assert type(ours) is not type(g.as_graph_def()) and ours.node[0].name == "x"
assert tf.compat.v1.GraphDef.FromString(ours.SerializeToString()) == g.as_graph_def()
print("both")
"""
    assert run(row, code).splitlines()[-1] == "both"


def test_damage_has_one_message():
    with pytest.raises(ModelError, match="a.pb: cut off, damaged, or no GraphDef"):
        proto.parse(proto.GraphDef, b"\x0a\xff", "a.pb")
    deep = b""
    for _ in range(200):  # AttrValue.list.func.attr... as deep as nobody writes it
        deep = proto.FullTypeDef().SerializeToString() + b"\x12" + _varint(len(deep)) + deep
    with pytest.raises(ModelError, match="FullTypeDef"):
        proto.parse(proto.FullTypeDef, deep)


def _varint(value: int) -> bytes:
    low = value & 0x7F
    return bytes([low]) if value < 128 else bytes([low | 128]) + _varint(value >> 7)


def test_dtypes():
    assert proto.type_name(1) == "float" and proto.type_name(1 + proto.REF) == "float_ref"
    assert proto.type_name(77) == "dtype 77"
    assert proto.type_number("int64") == 9
    assert "GraphDef" in dir(proto)
    with pytest.raises(AttributeError, match="NoSuch"):
        _ = proto.NoSuch
