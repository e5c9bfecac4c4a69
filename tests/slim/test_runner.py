# ruff: noqa: D103
"""What opgraft_slim's Model answers, alone and from many threads."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import opgraft_slim
import pytest

from tests.conftest import ROOT, runtime_python
from tests.slim.conftest import VERSION

NUMERIC = """float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool
    complex64 complex128""".split()
SHAPES = [(), (0,), (3,), (2, 0, 4), (1, 2, 3, 4), (5000,), (1,) * 8]


@pytest.fixture(scope="module")
def identities(models, library):
    with opgraft_slim.Model(models / "identities", library) as model:
        yield model


@pytest.fixture
def stateful(models, library):
    with opgraft_slim.Model(str(models / "stateful"), library) as model:
        yield model


def test_the_release_and_its_ops(library):
    assert opgraft_slim.version(library) == VERSION
    ops = opgraft_slim.registered_ops(library)
    assert ops == sorted(ops) and {"HashTableV2", "MatMul"} <= set(ops)


def test_signatures_say_what_goes_in_and_out(models, library):
    with opgraft_slim.Model(models / "pick", library) as model:
        assert list(model.signatures) == ["pick"]
        found = model.signatures["pick"]
        assert {n: (s.dtype, s.shape) for n, s in found.inputs.items()} == {
            "index": ("int32", ()),
            "values": ("float32", (None, 2)),
            "signature": ("string", (None,)),
        }
        assert found.outputs["value"].shape == (2,)
        assert repr(model.signatures) == (
            "pick\n  index: int32 []\n  signature: string [?]\n  values: float32 [?, 2]\n"
            "  -> text: string [?]\n  -> value: float32 [2]"
        )


def test_a_table_and_a_dense_layer_agree_with_tensorflow(models, library):
    code = (
        "import sys, tensorflow as tf; m = tf.saved_model.load(sys.argv[1])\n"
        "f = m.signatures['serving_default']\n"
        "y = f(tokens=tf.constant(['a', 'zz', 'c']))['probabilities'].numpy()\n"
        "print(*['%.9g' % v for v in y.ravel()])"
    )
    command = [runtime_python(VERSION), "-c", code, str(models / "classifier")]
    wanted = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    with opgraft_slim.Model(models / "classifier", library) as model:
        got = model.run(tokens=["a", "zz", b"c"])["probabilities"]
        assert got.dtype == np.float32 and got.shape == (3, 3)
        np.testing.assert_allclose(got.ravel(), np.float32(wanted.split()), atol=1e-6)


def python(code, *arguments):
    """What a new process prints, or its errors."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return done.stdout or done.stderr


@pytest.mark.parametrize("before", ["", "numpy, "])
def test_numpy_may_be_imported_before_or_with_a_model(models, library, before):
    code = (
        f"import sys, {before}opgraft_slim; was = 'numpy' in sys.modules\n"
        "model = opgraft_slim.Model(*sys.argv[1:])\n"
        "print(was, 'numpy' in sys.modules, model.run(tokens=['a'])['probabilities'].shape)"
    )
    assert python(code, models / "classifier", library) == f"{bool(before)} True (1, 3)\n"


@pytest.mark.parametrize("before", ["", "numpy, "])
def test_a_model_that_fails_says_so_while_numpy_is_imported(models, library, before, tmp_path):
    shutil.copytree(models / "classifier", tmp_path / "model")
    index = tmp_path / "model/variables/variables.index"
    index.write_bytes(index.read_bytes()[:-7])
    code = f"import sys, {before}opgraft_slim; opgraft_slim.Model(*sys.argv[1:])"
    assert "ModelError: " in python(code, tmp_path / "model", library)


def test_without_numpy_it_is_named(models, library):
    code = (
        "import sys; sys.modules['numpy'] = None; import opgraft_slim as o; o.Model(*sys.argv[1:])"
    )
    assert "import of numpy halted" in python(code, models / "classifier", library)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", NUMERIC)
def test_numbers_come_back(identities, name, shape):
    rng = np.random.default_rng(len(shape))
    given = rng.integers(0, 100, shape).astype(name)
    if given.dtype.kind == "c":
        given = given + given.dtype.type(1j)
    for array in (given, np.asfortranarray(given), np.stack([given, given], -1)[..., 1]):
        got = identities.run(name, x=array)["y"]
        assert got.dtype == array.dtype and got.shape == array.shape
        np.testing.assert_array_equal(got, array)


def test_the_other_byte_order_comes_back_in_the_machines(identities):
    got = identities.run("int32", x=np.array([1, -2], ">i4"))["y"]
    assert got.dtype == np.int32 and got.tolist() == [1, -2]


@pytest.mark.parametrize("name", ["int8", "uint64", "float16", "complex64"])
def test_extremes_come_back(identities, name):
    limits = np.iinfo(name) if np.dtype(name).kind in "iu" else np.finfo(name)
    extremes = [limits.min, limits.max, 0]
    got = identities.run(name, x=np.array(extremes, name))["y"]
    np.testing.assert_array_equal(got, np.array(extremes, name))
    values = [float(x) if np.dtype(name).kind == "f" else int(x.real) for x in extremes]
    if np.dtype(name).kind != "c":  # and as Python's numbers
        np.testing.assert_array_equal(identities.run(name, x=values)["y"], got)


@pytest.mark.parametrize("size", [0, 1, 21, 22, 23, 24, 31, 32, 1000, 100_000])
def test_strings_of_every_kind_of_storage_come_back(identities, size):
    texts = [bytes(range(256)) * (size // 256) + b"x" * (size % 256), b"\0" * size, b""]
    got = identities.run("string", x=texts)["y"]
    assert got.dtype == object and got.tolist() == texts


def test_strings_given_in_every_way(identities):
    wanted = [["é".encode(), b"a"], [b"", b"b"]]
    nested = [["é", "a"], ["", b"b"]]
    for given in (nested, np.array(nested, object), np.array(wanted, "S")):
        assert identities.run("string", x=given)["y"].tolist() == wanted
    assert identities.run("string", x=np.array([["é"]]))["y"].tolist() == [["é".encode()]]
    assert identities.run("string", x="word")["y"][()] == b"word"
    assert identities.run("string", x=np.empty((2, 0), object))["y"].shape == (2, 0)


def test_bfloat16_needs_ml_dtypes(identities, models, library):
    code = (
        "import sys, numpy as np, ml_dtypes; import opgraft_slim\n"
        "m = opgraft_slim.Model(sys.argv[1], sys.argv[2])\n"
        "x = np.arange(5000).astype(ml_dtypes.bfloat16)\n"
        "y = m.run('bfloat16', x=x)['y']\n"
        "assert y.dtype == x.dtype and (y == x).all()\n"
        "assert m.run('bfloat16', x=[1.5, 2])['y'].tolist() == [1.5, 2]\n"
        "assert 'tensorflow' not in sys.modules"
    )
    command = [runtime_python(VERSION), "-c", code, str(models / "identities"), library]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT / "python")}, check=True)
    try:
        import ml_dtypes  # noqa: F401
    except ImportError:
        with pytest.raises(opgraft_slim.InputError, match="pip install ml_dtypes"):
            identities.run("bfloat16", x=1.0)


def test_a_sparse_tensor_is_three(models, library):
    with opgraft_slim.Model(models / "sparse", library, tags=["v1", "serve"]) as model:
        parts = {"x/indices": [[0, 1]], "x/values": [2.0], "x/dense_shape": [2, 3]}
        got = model.run_inputs(parts, "dense")["y"]
        assert got.tolist() == [[0, 4, 0], [0, 0, 0]]


def test_an_input_may_be_called_signature(models, library):
    with opgraft_slim.Model(models / "pick", library) as model:
        inputs = {"index": 1, "values": [[1, 2], [3, 4.5]], "signature": ["a"]}
        got = model.run_inputs(inputs, signature="pick")
        assert got["value"].tolist() == [3, 4.5] and got["text"].tolist() == [b"a!"]


def aligned(size: int) -> np.ndarray:
    memory = np.zeros(size + 16, np.float32)
    start = -memory.ctypes.data % 64 // 4
    return memory[start : start + size]


def test_outputs_belong_to_the_caller(stateful, identities):
    given = np.arange(4096, dtype=np.float32)
    kept = stateful.run("keep", x=given)["y"]
    kept[:] = -1  # neither the variable's memory nor the next answer's
    given[:] = -2
    again = stateful.run("read")["y"]
    np.testing.assert_array_equal(again, np.arange(4096))
    again[:] = -3
    np.testing.assert_array_equal(stateful.run("read")["y"], np.arange(4096))
    writable = aligned(4096)
    same = identities.run("float32", x=writable)["y"]
    writable[:] = 7
    assert not same.any()


def test_what_tensorflow_borrows_lives_as_long_as_tensorflow_has_it(models, library):
    from opgraft_slim import _tensor

    before = len(_tensor._kept)
    model = opgraft_slim.Model(models / "stateful", library)
    given = aligned(4096)
    given[:] = 5
    given.flags.writeable = False  # read-only and aligned: TensorFlow gets the memory itself
    model.run("keep", x=given)
    del given
    gc.collect()
    assert len(_tensor._kept) == before + 1  # the variable has it
    got = model.run("read")["y"]
    assert (got == 5).all() and got.flags.writeable
    model.run("keep", x=np.zeros(4096, np.float32))
    model.close()
    assert len(_tensor._kept) == before
    assert (got == 5).all()


def test_outputs_outlive_the_model(models, library):
    model = opgraft_slim.Model(models / "identities", library)
    given = np.random.default_rng(0).random(100_000)
    got = model.run("float64", x=given)["y"]
    model.close()
    del model
    gc.collect()
    np.testing.assert_array_equal(got, given)


def test_many_threads_run_one_model(models, library):
    with opgraft_slim.Model(models / "stateful", library) as model:
        barrier = threading.Barrier(16)

        def work(number: int) -> None:
            barrier.wait()
            for _ in range(50):
                model.run("add", n=number)

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(work, range(16)))
        assert model.run("add", n=0)["total"] == 50 * sum(range(16))


def test_answers_of_many_threads_do_not_mix(identities):
    def work(number: int) -> bool:
        rng = np.random.default_rng(number)
        for _ in range(30):
            size = int(rng.integers(1, 5000))
            given = rng.random(size)
            texts = [b"%d" % number * int(rng.integers(1, 30)) for _ in range(20)]
            same = np.array_equal(identities.run("float64", x=given)["y"], given)
            if not same or identities.run("string", x=texts)["y"].tolist() != texts:
                return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, range(16)))


def test_many_models_have_their_own_state(models, library):
    held = [opgraft_slim.Model(models / "stateful", library) for _ in range(30)]
    for number, model in enumerate(held):
        model.run("add", n=number)
    assert [int(model.run("add", n=0)["total"]) for model in held] == list(range(30))
    for model in held:
        model.close()


def test_close_waits_for_the_runs_of_other_threads(models, library):
    for _ in range(5):
        model = opgraft_slim.Model(models / "stateful", library)
        done, failures = [], []

        def work(model=model, done=done, failures=failures):
            try:
                while True:
                    model.run("add", n=1)
                    done.append(1)
            except opgraft_slim.SlimError as error:
                failures.append(str(error))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        while len(done) < 20:
            pass
        model.close()
        model.close()
        for thread in threads:
            thread.join()
        assert len(failures) == 4 and all("is closed" in text for text in failures)


@pytest.mark.parametrize("threads", [1, 2, (1, 3), None])
def test_thread_counts(models, library, threads):
    with opgraft_slim.Model(models / "classifier", library, threads=threads) as model:
        assert model.run(tokens=["a"])["probabilities"].shape == (1, 3)


def test_a_forked_process_is_told_to_load_again(models, library):
    code = (
        "import os, sys, opgraft_slim as o\n"
        "m = o.Model(sys.argv[1], sys.argv[2])\n"
        "m.run(tokens=['a'])\n"
        "if os.fork() == 0:\n"
        "    try:\n"
        "        m.run(tokens=['a'])\n"
        "    except o.SlimError as e:\n"
        "        print(e, flush=True)\n"
        "    os._exit(0)\n"
        "os.wait(); m.run(tokens=['a'])"
    )
    command = [sys.executable, "-c", code, str(models / "classifier"), library]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, timeout=60, check=True
    )
    assert "Load it here" in done.stdout


def test_runs_at_the_end_of_the_process_do_not_crash_it(models, library):
    code = (
        "import sys, threading, time, numpy as np, opgraft_slim as o\n"
        "m = o.Model(sys.argv[1], sys.argv[2])\n"
        "x = np.zeros(1 << 20); x.flags.writeable = False\n"
        "def work():\n"
        "    while True: m.run('float64', x=x)\n"
        "for _ in range(3): threading.Thread(target=work, daemon=True).start()\n"
        "y = m.run('float64', x=x)\n"
        "time.sleep(0.2)"
    )
    command = [sys.executable, "-c", code, str(models / "identities"), library]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    for _ in range(3):
        subprocess.run(command, env=environment, timeout=60, check=True)
