"""Graphs that no rewrite may see, and the damage that the fuzzer does."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from opgraft import proto
from opgraft.adapt import CannotAdaptError, adapt, inline, sound
from opgraft.adapt.read import read
from opgraft.errors import ModelError, OpgraftError
from opgraft.inspect import inspect

from tests.adapt.damage import damage
from tests.adapt.seeds import seeds


def graph(*nodes: tuple[str, str, list[str]]) -> Any:
    """A GraphDef of (name, op, inputs)."""
    message = proto.GraphDef()
    for name, op, inputs in nodes:
        message.node.add(name=name, op=op, input=inputs)
    return message


@pytest.mark.parametrize(
    ("nodes", "text"),
    [
        ([("a", "NoOp", []), ("a", "NoOp", [])], "two nodes 'a'"),
        ([("", "NoOp", [])], "without a name"),
        ([("a", "Identity", ["b:0"])], "'b', which is not there"),
        ([("a", "Identity", ["^\x1b[31m"])], "not there"),
        ([("a", "Identity", ["a:x"])], "name of no tensor"),
        ([("a", "Const", [])], "without a value"),
        ([("a", "Identity", ["b"]), ("b", "Identity", ["a"])], "needs itself"),
    ],
)
def test_refused(nodes: Any, text: str) -> None:
    """One message that names the node, and no control character of it."""
    with pytest.raises(ModelError, match=text) as caught:
        sound.check(graph(*nodes), "m")
    assert str(caught.value).isprintable()


def test_loops_are_sound() -> None:
    """NextIteration closes a circle."""
    loop = [("m", "Merge", ["e", "n"]), ("e", "Enter", ["c"]), ("n", "NextIteration", ["m"])]
    sound.check(graph(*loop, ("c", "NoOp", [])), "m")


def test_the_directory_above(tmp_path: Path) -> None:
    """Of a directory with versions in it, the error names one."""
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").write_bytes(b"")
    with pytest.raises(ModelError, match=str(tmp_path / "1")):
        read(tmp_path)
    with pytest.raises(ModelError, match=str(tmp_path / "1")):
        inspect(str(tmp_path), "2.8")


def test_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short form of nox -s fuzz_models: OUT is written, or there is an error of opgraft's.

    Where adapt says that the release cannot run the model, inspect says so, too.
    """

    def left_out(*_: Any) -> Any:
        raise CannotAdaptError("functions are not inlined here")

    monkeypatch.setattr(inline, "flatten", left_out)
    models = [model.SerializeToString() for model in seeds()]
    rng, written = random.Random(17), 0
    model = tmp_path / "model"
    model.mkdir()
    for number in range(300):
        recipe, release = rng.randbytes(12), rng.choice(["1.4", "1.15", "2.3", "2.8"])
        (model / "saved_model.pb").write_bytes(damage(rng.choice(models), recipe))
        out = tmp_path / f"out{number}"
        try:
            adapt(model, out, release)
            written += 1
        except OpgraftError as e:
            assert not out.exists()
            if type(e) is CannotAdaptError and "inlined here" not in str(e):
                assert inspect(model, release).status == 2, str(e)
    assert 0 < written < 300
