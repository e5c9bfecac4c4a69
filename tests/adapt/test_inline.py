"""What is done to functions before they are inlined."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from opgraft import proto
from opgraft.adapt import inline


def test_shapes_of_arguments_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind an argument is an Identity that says its shape; control flow is lowered."""
    graph = proto.GraphDef()
    function = graph.library.function.add()
    function.signature.name = "f"
    for name, dtype in (("x", 1), ("handle", 20), ("any", 1)):
        function.signature.input_arg.add(name=name, type=dtype)
    for number in (0, 1):
        shape = function.arg_attr[number].attr["_output_shapes"].list.shape.add()
        shape.dim.add(size=-1)
    function.node_def.add(name="x/shaped", op="Neg", input=["x"])
    function.node_def.add(name="loop", op="While", input=["any", "x", "handle", "^x/shaped"])
    seen: list[Any] = []

    def run(command: list[str]) -> None:
        before = Path(command[-1]).with_name("before.pb").read_bytes()
        seen.append(proto.GraphDef.FromString(before).library.function[0])
        Path(command[-1]).with_name("after.pb").write_bytes(before)

    monkeypatch.setattr(inline, "_run", run)
    inline.flatten(graph, [])
    nodes = {node.name: node for node in seen[0].node_def}
    shaped = nodes["x/shaped_"]
    assert (shaped.op, list(shaped.input)) == ("Identity", ["x"])
    assert len(shaped.attr["_output_shapes"].list.shape[0].dim) == 1
    loop = ["any", "x/shaped_:output:0", "handle", "^x/shaped"]
    assert list(nodes["loop"].input) == loop
    assert nodes["loop"].attr["_lower_using_switch_merge"].b
    assert len(nodes) == 3 and not graph.library.function[0].node_def[1].attr
