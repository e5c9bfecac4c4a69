# ruff: noqa: D101, D102, D103
"""load() and library_path() with a TensorFlow that is not real."""

import os
import subprocess
import sys
import threading
import time

import opgraft
import pytest
from opgraft import _load

PYTHON_DIR = os.path.join(os.path.dirname(__file__), "..", "..", "python")


def names(tf):
    return [os.path.basename(p) for p in tf.loads]


def test_importing_opgraft_does_not_import_tensorflow():
    code = "import sys, opgraft, opgraft.doctor; assert 'tensorflow' not in sys.modules"
    subprocess.check_call([sys.executable, "-c", code], env=dict(os.environ, PYTHONPATH=PYTHON_DIR))


def test_loads_what_the_set_has(library_dir, tensorflow, reports):
    root, tf = library_dir(), tensorflow("1.1.0", 0)
    loaded = opgraft.load()
    assert tf.loads == [
        str(root / "tf1.1" / "libopgraft_{}.so".format(n)) for n in ("lookup", "core", "contrib")
    ]
    assert list(loaded.libraries) == ["lookup", "core", "contrib"]
    assert loaded.ops == ["OpgraftAddV2", "OpgraftGatherTree", "OpgraftHashTableV2"]
    assert loaded.runtime.version == "1.1.0"
    assert "TensorFlow 1.1.0: lookup (1 ops), core (1 ops), contrib (1 ops)" in repr(loaded)
    lookup = loaded.library("lookup")
    assert lookup.registered == ["OpgraftHashTableV2"]
    assert lookup.present == ["HashTableV2"]
    assert lookup.left_out == {"AnonymousHashTableV2": "needs 2.7"}
    assert lookup.kernels == 3
    assert "1 ops registered, 1 already there, 3 kernels" in repr(lookup)
    assert lookup.wrapper("OpgraftHashTableV2")(a=1) == ("HashTableV2", {"a": 1})
    assert lookup.wrapper("Addons>GatherTree")(a=1) == ("GatherTree", {"a": 1})
    assert loaded.module("lookup").opgraft_hash_table_v2


def test_twice_and_piecemeal(library_dir, tensorflow, reports):
    library_dir()
    tf = tensorflow("2.14.1", 1)
    first = opgraft.load(["core"])
    assert opgraft.load(["core"]) is first
    assert names(tf) == ["libopgraft_core.so"]
    assert opgraft.load() is first
    assert names(tf) == ["libopgraft_core.so", "libopgraft_lookup.so", "libopgraft_contrib.so"]
    assert opgraft.load(iter(["lookup"])) is first
    assert len(tf.loads) == 3


def test_several_threads(library_dir, tensorflow, reports):
    library_dir()

    def slow(path):
        time.sleep(0.02)
        return sys

    tf = tensorflow("2.14.1", 1, slow)
    results, barrier = [], threading.Barrier(8)

    def run():
        barrier.wait()
        results.append(opgraft.load())

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8 and len({id(r) for r in results}) == 1
    assert len(tf.loads) == 3


def test_c_api_has_no_lookup(library_dir, tensorflow, reports):
    library_dir()
    tf = tensorflow("2.99.0", 1)
    assert list(opgraft.load().libraries) == ["core", "contrib"]
    with pytest.raises(opgraft.LibraryNotFoundError) as e:
        opgraft.load(["lookup"])
    assert "cannot make lookup tables" in str(e.value) and "2.99.0" in str(e.value)
    assert "nox -s wheel -- --runtimes 2.99.0" in str(e.value)
    assert len(tf.loads) == 2


@pytest.mark.parametrize("version, calls", [("2.19.0", 2), ("2.20.0", 0), ("2.99.0", 0)])
def test_c_api_is_promoted_below_2_20(
    library_dir, tensorflow, reports, monkeypatch, version, calls
):
    promoted = []
    monkeypatch.setattr(_load._compat, "promote_c_api", promoted.append)
    library_dir()
    tensorflow(version, 1)
    opgraft.load()
    assert len(promoted) == calls


def test_bad_names(library_dir, tensorflow, reports):
    library_dir()
    tensorflow("1.1.0")
    with pytest.raises(opgraft.LibraryNotFoundError, match="'lokup'.*lookup, core, contrib"):
        opgraft.load(["lokup"])
    for bad in ("lookup", b"lookup", [1]):
        with pytest.raises(TypeError, match="list of names"):
            opgraft.load(bad)
    with pytest.raises(opgraft.LibraryNotFoundError, match=r"Call opgraft.load\(\['core'\]\)"):
        opgraft.load(["lookup"]).module("core")


def test_no_tensorflow(library_dir, monkeypatch):
    library_dir()
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(opgraft.TensorFlowNotFoundError, match="tensorflow"):
        opgraft.load()


def test_tensorflow_that_does_not_import(library_dir, tmp_path, monkeypatch):
    library_dir()
    (tmp_path / "tensorflow.py").write_text("import a_module_that_is_missing")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(opgraft.TensorFlowNotFoundError, match="a_module_that_is_missing"):
        opgraft.load()


def test_something_else_called_tensorflow(library_dir, tmp_path, monkeypatch):
    library_dir()
    (tmp_path / "tensorflow").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(opgraft.TensorFlowNotFoundError, match="no __version__"):
        opgraft.load()


def test_unsupported_then_nothing_is_kept(library_dir, tensorflow, reports):
    library_dir(["1.1"])
    tensorflow("1.4.1")
    for _ in range(2):
        with pytest.raises(opgraft.UnsupportedRuntimeError, match="1.4.1"):
            opgraft.load()
    library_dir()
    tensorflow("1.15.5", 0)
    assert opgraft.load().choice.set.key == "1.15"


def test_missing_and_damaged_files(library_dir, tensorflow, reports):
    root = library_dir()
    tensorflow("1.1.0")
    file = root / "tf1.1" / "libopgraft_core.so"
    file.unlink()
    with pytest.raises(opgraft.LibraryNotFoundError, match="manifest.json.*No such file"):
        opgraft.load(["core"])
    for content in (b"", b"\x7fEL", b"not a library"):
        file.write_bytes(content)
        with pytest.raises(opgraft.LibraryLoadError, match="not a shared library"):
            opgraft.load(["core"])
    assert list(opgraft.load(["lookup"]).libraries) == ["lookup"]


@pytest.mark.parametrize(
    "message, parts",
    [
        (
            "undefined symbol: _ZN10tensorflow6StatusC1E",
            [
                "built for TensorFlow 2.14.1",
                "this one is 2.14.0 (v2.14.0-0-gabcdef)",
                "nox -s wheel",
            ],
        ),
        ("/lib/libc.so.6: version `GLIBC_2.34' not found", ["system is older", "nox -s wheel"]),
        ("libfoo.so: cannot open shared object file: No such file", ["file it needs is missing"]),
        ("file too short", ["damaged", "Reinstall opgraft"]),
        ("AlreadyExists: op AddV2", ["TensorFlow 2.14.0 refused it", "AddV2"]),
    ],
)
def test_failures_of_tensorflow(library_dir, tensorflow, reports, message, parts):
    root = library_dir()

    def fail(path):
        raise RuntimeError(message)

    tensorflow("2.14.0", 1, fail)
    with pytest.raises(opgraft.LibraryLoadError) as e:
        opgraft.load(["core"])
    for part in [message, str(root / "tf2.14" / "libopgraft_core.so")] + parts:
        assert part in str(e.value)
    assert isinstance(e.value, RuntimeError)


def test_a_library_that_registered_nothing(library_dir, tensorflow, reports):
    library_dir()
    reports["core"]["problem"] = "this is TensorFlow 2.13.0, I need 2.14"
    tensorflow("2.14.0", 1)
    with pytest.raises(opgraft.LibraryLoadError, match="registered nothing: this is TensorFlow"):
        opgraft.load(["core"])


def test_a_library_that_is_not_ours(library_dir, tensorflow):
    root = library_dir()
    tensorflow("2.14.0", 1)
    file = root / "tf2.14" / "libopgraft_core.so"
    file.write_bytes(open(sys.modules["_ctypes"].__file__, "rb").read())
    with pytest.raises(opgraft.LibraryLoadError, match="does not report"):
        opgraft.load(["core"])


def test_an_op_that_was_left_out(library_dir, tensorflow, reports, monkeypatch):
    library_dir()
    tensorflow("1.1.0")
    monkeypatch.setattr(_load._compat, "registered_ops", set)
    library = opgraft.load(["lookup"]).library("lookup")
    with pytest.raises(opgraft.LibraryNotFoundError, match="AnonymousHashTableV2. needs 2.7"):
        library.wrapper("AnonymousHashTableV2")


def test_library_path(library_dir, tensorflow):
    root = library_dir()
    expected = str(root / "tf2.14" / "libopgraft_lookup.so")
    assert opgraft.library_path("lookup", "2.14") == expected
    assert opgraft.library_path("lookup", "2.14.9") == expected
    assert opgraft.library_path("core", "c_api") == str(root / "c_api" / "libopgraft_core.so")
    assert opgraft.library_path("core", "2.50.0") == str(root / "c_api" / "libopgraft_core.so")
    tensorflow("1.15.0", 0)
    assert opgraft.library_path("core") == str(root / "tf1.15" / "libopgraft_core.so")


def test_library_path_errors(library_dir):
    root = library_dir()
    with pytest.raises(opgraft.UnsupportedRuntimeError, match="1.1, 1.15, 2.14"):
        opgraft.library_path("lookup", "1.4.1")
    with pytest.raises(opgraft.LibraryNotFoundError, match="there is: core, contrib"):
        opgraft.library_path("lookup", "c_api")
    with pytest.raises(opgraft.LibraryNotFoundError, match="lookup, core, contrib"):
        opgraft.library_path("tables", "1.1")
    (root / "tf1.1" / "libopgraft_lookup.so").unlink()
    with pytest.raises(opgraft.LibraryNotFoundError, match="Reinstall"):
        opgraft.library_path("lookup", "1.1")


@pytest.mark.parametrize("package", ["tensorflow", "tensorflow_core"])
def test_library_path_reads_the_version_from_the_headers(
    library_dir, tmp_path, monkeypatch, package
):
    root = library_dir()
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text("raise RuntimeError('imported')")
    public = tmp_path / package / "include" / "tensorflow" / "core" / "public"
    public.mkdir(parents=True)
    (public / "version.h").write_text(
        "#define TF_MAJOR_VERSION 1\n#define TF_MINOR_VERSION 15\n#define TF_PATCH_VERSION 5\n"
        '// a comment\n#define TF_VERSION_SUFFIX "-rc1"\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert _load.installed_version() == "1.15.5-rc1"
    assert opgraft.library_path("core") == str(root / "tf1.15" / "libopgraft_core.so")
    assert "tensorflow" not in sys.modules


def test_library_path_reads_the_version_of_the_distribution(library_dir, tmp_path, monkeypatch):
    root = library_dir()
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text("raise RuntimeError('imported')")
    for name, record in (
        ("tensorflow_estimator-9.9.dist-info", "tensorflow_estimator/__init__.py,,\n"),
        ("tensorflow_cpu-2.14.1.dist-info", "a.py,,\ntensorflow/__init__.py,sha256=x,5\n"),
        ("without_record-1.0.dist-info", None),
    ):
        (tmp_path / name).mkdir()
        if record:
            (tmp_path / name / "RECORD").write_text(record)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert _load.installed_version() == "2.14.1"
    assert opgraft.library_path("core") == str(root / "tf2.14" / "libopgraft_core.so")
    assert "tensorflow" not in sys.modules


def test_library_path_without_tensorflow(library_dir, monkeypatch):
    library_dir()
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(opgraft.TensorFlowNotFoundError, match="runtime='2.14'"):
        opgraft.library_path("lookup")


def test_the_libraries_of_tf_contrib_come_first(library_dir, tensorflow, reports, tmp_path):
    """Loaded later, when tf.contrib is imported, they would register kernels a second time."""
    root, tf = library_dir(), tensorflow("1.15.5", 0)
    tf.__file__ = str(tmp_path / "site" / "tensorflow" / "__init__.py")
    ops = tmp_path / "site" / "tensorflow_core" / "contrib" / "resampler" / "python" / "ops"
    ops.mkdir(parents=True)
    (ops / "_resampler_ops.so").write_bytes(b"")
    opgraft.load(["core"])
    assert names(tf) == ["libopgraft_core.so"]
    opgraft.load()
    ours = str(root / "tf1.15" / "libopgraft_contrib.so")
    assert tf.loads[2:] == [str(ops / "_resampler_ops.so"), ours]


def test_a_library_of_tf_contrib_that_fails_is_left_to_it(
    library_dir, tensorflow, reports, tmp_path
):
    def load_op_library(path):
        if "opgraft" not in os.path.basename(path):
            raise RuntimeError("undefined symbol")

    library_dir()
    tf = tensorflow("1.15.5", 0, load_op_library)
    tf.__file__ = str(tmp_path / "site" / "tensorflow" / "__init__.py")
    ops = tmp_path / "site" / "tensorflow_core" / "contrib" / "seq2seq" / "python" / "ops"
    ops.mkdir(parents=True)
    (ops / "_beam_search_ops.so").write_bytes(b"")
    assert list(opgraft.load().libraries) == ["lookup", "core", "contrib"]
    assert names(tf)[2:] == ["_beam_search_ops.so", "libopgraft_contrib.so"]
