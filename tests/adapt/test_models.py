"""Models that are adapted, loaded by stock releases, and compared."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from opgraft import proto
from opgraft.adapt import CannotAdaptError, OutputError, TensorFlowNeededError, adapt
from opgraft.adapt.verify import compare, run
from opgraft.cli import main
from opgraft.errors import ModelError, UnknownReleaseError
from opgraft.inspect import inspect

from tests.conftest import environment, runtime_python

MAKER = Path(__file__).with_name("models.py")
MODERN = "2.21.0"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What models.py writes."""
    out = tmp_path_factory.mktemp("models")
    command = [str(runtime_python(MODERN)), "-W", "ignore", str(MAKER), str(out)]
    subprocess.run(command, check=True, env=environment(None), stderr=subprocess.DEVNULL)
    return out


@pytest.fixture(scope="module")
def expected(models: Path) -> dict[str, Any]:
    """What each signature returns under the release that wrote it."""
    python = str(runtime_python(MODERN))
    return {
        name: run(python, models / "everything", name, models / f"{name}.npz", False)
        for name in ("embed", "sums")
    }


def read(path: Path) -> Any:
    """The MetaGraphDef of a SavedModel."""
    data = (path / "saved_model.pb").read_bytes()
    return proto.SavedModel.FromString(data).meta_graphs[0]


@pytest.mark.parametrize("version", ["1.4.1", "1.15.5", "2.3.4", "2.8.4", "2.14.1"])
def test_agrees(version: str, models: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    """Variables, tables from files, loops and both signatures come through, without a library."""
    out = tmp_path / "out"
    report = adapt(
        models / "everything", out, version, library=False, python=str(runtime_python(MODERN))
    )
    assert not report.json["needs_library"]
    assert json.loads((out / "adapt.json").read_text()) == report.json
    old, new = read(models / "everything"), read(out)
    for name in ("embed", "sums"):
        got = run(str(runtime_python(version)), out, name, models / f"{name}.npz", False)
        assert [d for d in compare(name, expected[name], got) if not d.agrees] == []
        for part in ("inputs", "outputs"):
            before = getattr(old.signature_def[name], part)
            after = getattr(new.signature_def[name], part)
            assert {k: (v.dtype, v.tensor_shape) for k, v in before.items()} == {
                k: (v.dtype, v.tensor_shape) for k, v in after.items()
            }
    variables = [node for node in new.graph_def.node if node.op == "VarHandleOp"]
    assert variables, "variables are kept as variables"


@pytest.mark.parametrize("version", ["2.3.4", "2.14.1"])
def test_opens_as_objects(version: str, models: Path, tmp_path: Path) -> None:
    """For 2.x the result has its functions, objects and variables."""
    out = tmp_path / "out"
    adapt(models / "everything", out, version)
    code = (
        "import sys, tensorflow as tf; m = tf.saved_model.load(sys.argv[1]);"
        "assert m.weight.shape == [3, 2] and float(m.unused) == 1;"
        "assert m.embed(tf.constant(['a']))['rows'].shape == [1, 2];"
        "assert sorted(m.signatures) == ['embed', 'sums']"
    )
    subprocess.run(
        [str(runtime_python(version)), "-W", "ignore", "-c", code, str(out)],
        check=True,
        env=environment(None),
    )


def test_freeze_and_signature(models: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    """Frozen, with one of the signatures, a model needs no checkpoint."""
    out = tmp_path / "out"
    adapt(
        *(models / "everything", out, "1.15"),
        signatures=["sums"],
        freeze=True,
        python=str(runtime_python(MODERN)),
    )
    assert not list((out / "variables").iterdir())
    assert [k for k in read(out).signature_def if not k.startswith("__")] == ["sums"]
    got = run(str(runtime_python("1.15.5")), out, "sums", models / "sums.npz", False)
    assert [d for d in compare("sums", expected["sums"], got) if not d.agrees] == []


def test_restored_variables_can_be_saved(models: Path, tmp_path: Path) -> None:
    """The saver of the result saves what it restores, as tf.train.Saver does."""
    out = tmp_path / "out"
    adapt(models / "everything", out, "1.4.1", python=str(runtime_python(MODERN)))
    code = (
        "import sys, tensorflow as tf; s = tf.Session();"
        "m = tf.saved_model.loader.load(s, ['serve'], sys.argv[1]);"
        "saver = tf.train.Saver(saver_def=m.saver_def); path = saver.save(s, sys.argv[2]);"
        "names = [n for n, _ in tf.contrib.framework.list_variables(path)];"
        "assert names == ['weight/.ATTRIBUTES/VARIABLE_VALUE'], names"
    )
    subprocess.run(
        [
            str(runtime_python("1.4.1")),
            "-W",
            "ignore",
            "-c",
            code,
            str(out),
            str(tmp_path / "ckpt"),
        ],
        check=True,
        env=environment(None),
    )


def test_command(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`opgraft adapt` says what it changed and verifies."""
    out = str(tmp_path / "out")
    arguments = ["adapt", str(models / "everything"), out, "--runtime", "1.15.5"]
    arguments += ["--signature", "embed", "--verify", "generated"]
    arguments += ["--python", str(runtime_python(MODERN))]
    arguments += ["--runtime-python", str(runtime_python("1.15.5")), "--no-library"]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "functions: " in printed
    assert "verify: embed/rows agrees" in printed


class TestRefusals:
    """One message, an exit status of its own, and nothing written."""

    @pytest.fixture(autouse=True)
    def _nothing_left(self, tmp_path: Path) -> Any:
        yield
        assert not (tmp_path / "out").exists()
        assert not [path for path in tmp_path.iterdir() if path.name.startswith(".out")]

    def copy(self, models: Path, tmp_path: Path) -> Path:
        """A model to damage."""
        return Path(shutil.copytree(models / "everything", tmp_path / "model"))

    def change(self, path: Path, change: Any) -> None:
        """Edits the first meta graph."""
        model = proto.SavedModel.FromString((path / "saved_model.pb").read_bytes())
        change(model.meta_graphs[0])
        (path / "saved_model.pb").write_bytes(model.SerializeToString())

    def test_unknown(self, models: Path, tmp_path: Path) -> None:
        with pytest.raises(UnknownReleaseError, match="9.9"):
            adapt(models / "everything", tmp_path / "out", "9.9")
        with pytest.raises(ModelError, match="no signature 'serve'; it has: embed, sums"):
            adapt(models / "everything", tmp_path / "out", "2.8", ["serve"])

    @pytest.mark.parametrize("name", ["../saved_model.pb", "/etc/passwd", "", "a\0b", "no.txt"])
    def test_assets(self, name: str, models: Path, tmp_path: Path) -> None:
        model = self.copy(models, tmp_path)
        self.change(model, lambda meta: setattr(meta.asset_file_def[0], "filename", name))
        with pytest.raises(ModelError, match="asset"):
            adapt(model, tmp_path / "out", "2.8")

    @pytest.mark.parametrize("file", ["assets/vocabulary.txt", "variables/variables.index"])
    def test_links(self, file: str, models: Path, tmp_path: Path) -> None:
        model = self.copy(models, tmp_path)
        (model / file).unlink()
        (model / file).symlink_to("/etc/passwd")
        with pytest.raises(ModelError, match="is a link"):
            adapt(model, tmp_path / "out", "2.8")

    def test_missing_variables(self, models: Path, tmp_path: Path) -> None:
        model = self.copy(models, tmp_path)
        next((model / "variables").glob("*.data-*")).unlink()
        with pytest.raises(ModelError, match="no variables/variables.data"):
            adapt(model, tmp_path / "out", "2.8")
        shutil.rmtree(model / "variables")
        with pytest.raises(ModelError, match="variables"):
            adapt(model, tmp_path / "out", "2.8")

    def test_circle(self, models: Path, tmp_path: Path) -> None:
        model = self.copy(models, tmp_path)

        def call_itself(meta: Any) -> None:
            function = meta.graph_def.library.function[0]
            node = function.node_def.add(name="again", op="PartitionedCall")
            node.attr["f"].func.name = function.signature.name

        self.change(model, call_itself)
        with pytest.raises(ModelError, match="calls itself"):
            adapt(model, tmp_path / "out", "1.15")

    @pytest.mark.parametrize(
        "data", [b"", b"\x00" * 40, b"\x08\x01\x12\xff\xff\xff\x7f", os.urandom(99)]
    )
    def test_damage(self, data: bytes, models: Path, tmp_path: Path) -> None:
        model = self.copy(models, tmp_path)
        (model / "saved_model.pb").write_bytes(data)
        with pytest.raises(ModelError):
            adapt(model, tmp_path / "out", "2.8")

    def test_what_v_cannot_run(self, models: Path, tmp_path: Path) -> None:
        model = self.copy(models, tmp_path)

        def add_unknown(meta: Any) -> None:
            for op in ("Nobodys\n\x1b[31mOp", "ApproxTopK"):
                meta.graph_def.library.function[0].node_def.add(name=op, op=op)

        self.change(model, add_unknown)
        with pytest.raises(CannotAdaptError) as caught:
            adapt(model, tmp_path / "out", "2.3")
        text = str(caught.value)
        assert "ApproxTopK" in text and "Nobodys\\n" in text
        assert "\x1b" not in text

    def test_what_nothing_calls_is_left_out(self, models: Path, tmp_path: Path) -> None:
        """A function that V cannot run goes, with its object, if no node of the graph calls it."""
        model = self.copy(models, tmp_path)

        def add_uncalled(meta: Any) -> None:
            library, objects = meta.graph_def.library, meta.object_graph_def
            kept = next(saved for saved in objects.nodes if saved.WhichOneof("kind") == "function")
            for name, op in (("unfit", "NobodysOp"), ("calls_it", "unfit")):
                function = library.function.add()
                function.signature.name = name
                function.node_def.add(name="n", op=op)
                objects.concrete_functions[name].SetInParent()
                saved = objects.nodes.add()
                saved.bare_concrete_function.concrete_function_name = name
                kept.function.concrete_functions.append(name)
            library.gradient.add(function_name="unfit", gradient_func="calls_it")

        self.change(model, add_uncalled)
        for release in ("2.3.4", "2.14.1"):
            assert inspect(model, release).status < 2
            out = tmp_path / release
            adapt(model, out, release)
            text = str(read(out))
            assert "unfit" not in text and "calls_it" not in text
        code = "import sys, tensorflow as tf; tf.saved_model.load(sys.argv[1])"
        python = str(runtime_python("2.14.1"))
        command = [python, "-W", "ignore", "-c", code, str(tmp_path / "2.14.1")]
        subprocess.run(command, check=True, env=environment(None))

    def test_versions_and_devices(self, models: Path, tmp_path: Path) -> None:
        model = self.copy(models, tmp_path)

        def ask_for_a_gpu(meta: Any) -> None:
            for function in meta.graph_def.library.function:
                for node in function.node_def:
                    node.device = "/device:GPU:0"

        self.change(model, ask_for_a_gpu)
        assert inspect(model, "2.8").needs_adapt
        adapt(model, tmp_path / "adapted", "2.8")
        functions = read(tmp_path / "adapted").graph_def.library.function
        assert {node.device for function in functions for node in function.node_def} == {""}
        self.change(model, lambda meta: meta.graph_def.versions.bad_consumers.append(987))
        assert inspect(model, "2.8").status == 2
        with pytest.raises(CannotAdaptError, match="excludes GraphDef version 987"):
            adapt(model, tmp_path / "other", "2.8")

    def test_no_tensorflow(self, models: Path, tmp_path: Path) -> None:
        bare = tmp_path / "python"
        bare.write_text("#!/bin/sh\necho \"No module named 'tensorflow'\" >&2\nexit 1\n")
        bare.chmod(0o755)
        with pytest.raises(TensorFlowNeededError, match="--python"):
            adapt(models / "everything", tmp_path / "out", "1.15", python=str(bare))

    def test_full_disk(self, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: Any, **__: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(shutil, "copyfile", full)
        with pytest.raises(OutputError, match="No space left"):
            adapt(models / "everything", tmp_path / "out", "2.8")

    def test_no_such_place(self, models: Path, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="is no directory"):
            adapt(models / "everything", tmp_path / "no" / "out", "2.8")
        model = self.copy(models, tmp_path)
        with pytest.raises(OutputError, match="inside the model"):
            adapt(model, model / "out", "2.8")
        with pytest.raises(OutputError, match="writes over nothing"):
            adapt(model, model, "2.8")
