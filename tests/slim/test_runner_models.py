# ruff: noqa: D103
"""Models that are none, damaged or incomplete."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys

import opgraft_slim
import pytest
from opgraft_slim import LibraryError, ModelError, _signature

from tests.conftest import ROOT


@pytest.fixture
def copy(models, tmp_path):
    """A function that copies a model to where it may be spoilt."""
    return lambda name: shutil.copytree(models / name, tmp_path / name)


def test_paths_that_are_no_model(models, library, tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "saved_model.pbtxt").write_text("")
    for path, message in (
        (tmp_path / "nothing", "there is no such model"),
        ("a\0b", "there is no such model"),
        (models / "pick" / "saved_model.pb", "Name its directory"),
        (__file__, "is a file"),
        (models, "Its subdirectories calls, .* do: name one"),
        (tmp_path, "holds no saved_model.pb, so it is no SavedModel.$"),
        (tmp_path / "text", "saved_model.pbtxt, text"),
        (None, "the path of a directory"),
    ):
        with pytest.raises(ModelError, match=message):
            opgraft_slim.Model(path, library)


def test_tags_that_the_model_has_not(models, library):
    with pytest.raises(ModelError, match=r"it has: \('serve', 'v1'\)|it has: \('v1', 'serve'\)"):
        opgraft_slim.Model(models / "sparse", library)
    for tags in ("serve", ["a\0"], [1]):
        with pytest.raises(ModelError, match="tuple of strings"):
            opgraft_slim.Model(models / "pick", library, tags=tags)


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", (1, 0), (1, 2, 3), 10**9])
def test_numbers_of_threads_that_cannot_be(models, library, threads):
    with pytest.raises(ModelError, match="threads="):
        opgraft_slim.Model(models / "pick", library, threads=threads)


def test_missing_variables(copy, library):
    directory = copy("classifier")
    (directory / "variables" / "variables.index").unlink()
    with pytest.raises(ModelError, match="variables.index is missing: export or copy"):
        opgraft_slim.Model(directory, library)
    directory = copy("stateful")
    (directory / "variables" / "variables.data-00000-of-00001").unlink()
    with pytest.raises(ModelError, match="variables.data"):
        opgraft_slim.Model(directory, library)


def test_truncated_variables(copy, library):
    directory = copy("classifier")
    for name in ("variables.data-00000-of-00001", "variables.index"):
        path = directory / "variables" / name
        os.truncate(path, path.stat().st_size // 2)
        with pytest.raises(ModelError, match="cannot be loaded"):
            opgraft_slim.Model(directory, library)


def test_an_empty_file_and_one_without_a_graph(copy, library):
    directory = copy("pick")
    for data, message in ((b"", "is empty"), (b"\x08\x01", "no graph"), (b"\x0f", "no field")):
        (directory / "saved_model.pb").write_bytes(data)
        with pytest.raises(ModelError, match=message):
            opgraft_slim.Model(directory, library)


def test_every_truncation_is_recognized(copy):
    directory = copy("pick")
    path = directory / "saved_model.pb"
    data = path.read_bytes()
    for size in [*range(64), *range(64, len(data), 97), len(data) - 1]:
        path.write_bytes(data[:size])
        with pytest.raises(ModelError, match="saved_model.pb"):
            _signature.read(str(directory), ("serve",))


def test_signatures_that_do_not_fit_the_graph(copy, library):
    directory = copy("pick")
    path = directory / "saved_model.pb"
    data = path.read_bytes()
    assert b"PartitionedCall:0" in data
    for new in (b"PartitionedCall:1", b"PartitionedCall:9", b"PartitionedCal\0:0") + (
        b"PartitionedCall:x",
        b"NoSuchNodeName_:0",
    ):
        path.write_bytes(data.replace(b"PartitionedCall:0", new))
        with opgraft_slim.Model(directory, library) as model:
            with pytest.raises(ModelError, match="is damaged: its signature's text"):
                model.run_inputs({"index": 0, "values": [[1, 2]], "signature": ["a"]}, "pick")


def test_an_unknown_op_is_named_with_what_to_do(copy, library):
    directory = copy("pick")
    path = directory / "saved_model.pb"
    path.write_bytes(path.read_bytes().replace(b"\x12\x08GatherV2", b"\x12\x08GatherV7"))
    with pytest.raises(opgraft_slim.MissingOpError, match="nox -s build -- --model") as error:
        opgraft_slim.Model(directory, library)
    assert error.value.op == "GatherV7" and "load_op_library" in str(error.value)


SPOIL = """
import os, sys, opgraft_slim as o
directory, library, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
o.version(library)
for number in range(count):
    if os.fork() == 0:
        try:
            with o.Model(os.path.join(directory, str(number)), library, threads=1) as model:
                model.run_inputs({"index": 0, "values": [[1, 2]], "signature": ["a"]}, "pick")
        except o.SlimError:
            pass
        os._exit(0)
    status = os.wait()[1]
    if status:
        sys.exit("model %d: %d" % (number, status))
"""


def test_damaged_models_do_not_crash(models, library, tmp_path):
    """Bytes changed, cut out and cut off; each model in a process of its own."""
    rng, count = random.Random(1), 60
    data = (models / "pick" / "saved_model.pb").read_bytes()
    for number in range(count):
        spoilt = bytearray(data)
        for _ in range(rng.choice((1, 1, 3))):
            at, how = rng.randrange(len(spoilt)), rng.random()
            if how < 0.7:
                spoilt[at] = rng.randrange(256)
            elif how < 0.9:
                del spoilt[at : at + rng.randrange(1, 9)]
            else:
                del spoilt[at:]
        directory = shutil.copytree(models / "pick", tmp_path / str(number))
        (directory / "saved_model.pb").write_bytes(spoilt)
    command = [sys.executable, "-c", SPOIL, str(tmp_path), library, str(count)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    done = subprocess.run(
        command, env=environment, text=True, stderr=subprocess.PIPE, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_libraries_that_are_none(models, library, tmp_path):
    (tmp_path / "empty.so").write_bytes(b"")
    for path, message in (
        (tmp_path / "nothing.so", "there is no such library"),
        (tmp_path / "empty.so", "cannot be loaded"),
        ("/lib/x86_64-linux-gnu/libm.so.6", "has no TF_Version"),
    ):
        with pytest.raises(LibraryError, match=message):
            opgraft_slim.Model(models / "pick", path)
    for path, message in (
        (tmp_path / "no.so", "no such op library"),
        (tmp_path / "empty.so", "is"),
    ):
        with pytest.raises(LibraryError, match=message):
            opgraft_slim.load_op_library(path, library)


def test_the_source_without_a_library_says_how_to_get_one(models):
    with pytest.raises(LibraryError, match="nox -s build -- --model DIR, or give library="):
        opgraft_slim.Model(models / "pick")
