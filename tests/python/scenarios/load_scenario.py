# ruff: noqa: D103
"""opgraft.load() and its neighbours under a real TensorFlow.

Run by the conformance tests in each runtime, with opgraft on PYTHONPATH. Python 3.6, no pytest.
Cases that need a process of their own are run again with their name as argument.
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import opgraft  # noqa: E402
from opgraft import _compat, _manifest  # noqa: E402

DIRECTORY = tempfile.mkdtemp(prefix="opgraft_")


def import_tensorflow():
    import tensorflow as tf

    return tf, getattr(getattr(tf, "compat", None), "v1", None) or tf


def node(graph_def, name, op, inputs=(), **types):
    new = graph_def.node.add()
    new.name, new.op = name, op
    new.input.extend(inputs)
    for key, dtype in types.items():
        new.attr[key].type = dtype.as_datatype_enum
    return new


def lookup_graph(tf, v1):
    """A graph as TensorFlow 1.4 makes it: a table, its initializer and a lookup."""
    graph_def = v1.GraphDef()
    node(graph_def, "keys", "Placeholder", dtype=tf.string)
    node(graph_def, "values", "Placeholder", dtype=tf.int64)
    node(graph_def, "default", "Placeholder", dtype=tf.int64)
    node(graph_def, "query", "Placeholder", dtype=tf.string)
    node(graph_def, "table", "HashTableV2", key_dtype=tf.string, value_dtype=tf.int64)
    node(
        graph_def,
        "init",
        "InitializeTableV2",
        ["table", "keys", "values"],
        Tkey=tf.string,
        Tval=tf.int64,
    )
    node(
        graph_def,
        "found",
        "LookupTableFindV2",
        ["table", "query", "default"],
        Tin=tf.string,
        Tout=tf.int64,
    )
    return graph_def


def run_lookup_graph(tf, v1, graph_def):
    with tf.Graph().as_default(), v1.Session() as session:
        v1.import_graph_def(graph_def, name="")
        session.run("init", {"keys:0": ["a", "b"], "values:0": [1, 2]})
        found = session.run("found:0", {"query:0": ["b", "z"], "default:0": -1})
        assert found.tolist() == [2, -1], found


def library_names():
    tf, _ = import_tensorflow()
    runtime, manifest = _compat.describe(tf), _manifest.read_manifest()
    return _manifest.choose(manifest, runtime.version, runtime.cxx11_abi).set.libraries


def threads_and_twice():
    assert "tensorflow" not in sys.modules, "importing opgraft imported TensorFlow"
    results, failures = [], []
    barrier = threading.Barrier(6)

    def run(names):
        try:
            barrier.wait()
            results.append(opgraft.load(names))
        except Exception as e:
            failures.append(e)

    threads = [threading.Thread(target=run, args=(n,)) for n in [None, ["core"], ["core"]] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    assert len({id(r) for r in results}) == 1, results
    loaded = opgraft.load()
    assert loaded is results[0]
    assert tuple(loaded.libraries) and set(loaded.libraries) == set(library_names())
    for lib in loaded.libraries.values():
        assert any(n.startswith("Opgraft") for n in lib.registered), lib
        assert lib.kernels > 0, lib
    assert set(loaded.ops) <= _compat.registered_ops()
    assert loaded.runtime.version in repr(loaded)


def tensorflow_first():
    tf, v1 = import_tensorflow()
    with tf.Graph().as_default() as graph, v1.Session() as session:
        x = v1.placeholder(tf.float32, [2])
        y = x * 2.0
        assert session.run(y, {x: [1, 2]}).tolist() == [2, 4]
        opgraft.load()  # a graph and a session that exist stay as they are
        assert session.run(y + 1.0, {x: [1, 2]}).tolist() == [3, 5]
        assert graph.get_operations()
    values()


def values():
    """Ops that every library set has, by their wrappers, against values worked out by hand."""
    tf, v1 = import_tensorflow()
    loaded = opgraft.load()
    add = loaded.library("core").wrapper("OpgraftAddV2")
    has_lower = "OpgraftStringLower" not in loaded.library("core").left_out
    tree = loaded.library("contrib").wrapper("OpgraftGatherTree")
    assert loaded.module("core").opgraft_add_v2 is add
    with tf.Graph().as_default(), v1.Session() as session:
        x, y = tf.constant([[1.5], [2.0]]), tf.constant([1.0, 2.0, 3.0])
        z = add(x=x, y=y)
        assert session.run(z).tolist() == [[2.5, 3.5, 4.5], [3.0, 4.0, 5.0]]
        assert z.get_shape().is_compatible_with([2, 3]), z
        if loaded.choice.set.key != "c_api":  # it has shape functions in newer releases only
            assert z.get_shape().as_list() == [2, 3], z
        if has_lower:  # the C API of some releases cannot read its attr
            lower = loaded.library("core").wrapper("OpgraftStringLower")
            text = lower(input=tf.constant(["AbC", "Z" * 50]))
            assert session.run(text).tolist() == [b"abc", b"z" * 50]
        beams = tree(
            step_ids=[[[1, 2, 3]], [[4, 5, 6]], [[7, 8, 9]], [[-1, -1, -1]]],
            parent_ids=[[[0, 0, 0]], [[0, 1, 1]], [[2, 1, 2]], [[-1, -1, -1]]],
            max_sequence_lengths=[3],
            end_token=10,
        )
        want = [[[2, 2, 2]], [[6, 5, 6]], [[7, 8, 9]], [[10, 10, 10]]]
        assert session.run(beams).tolist() == want, session.run(beams)
        if "OpgraftAddV2" in loaded.ops:
            gradient = v1.gradients(z, [x, y])
            assert session.run(gradient[0]).tolist() == [[3.0], [3.0]]
            assert session.run(gradient[1]).tolist() == [2.0, 2.0, 2.0]


def missing_ops():
    from tensorflow.core.protobuf import meta_graph_pb2

    tf, v1 = import_tensorflow()
    graph_def = lookup_graph(tf, v1)
    node(graph_def, "nowhere", "AnOpThatNoReleaseHas")
    path = os.path.join(DIRECTORY, "graph.pb")
    with open(path, "wb") as f:
        f.write(graph_def.SerializeToString())
    release = _manifest.parse_version(tf.__version__)
    tables = ["HashTableV2", "InitializeTableV2", "LookupTableFindV2"]
    want = ["AnOpThatNoReleaseHas"] + (tables if release < (1, 2) else [])
    assert opgraft.missing(graph_def) == want, opgraft.missing(graph_def)
    assert opgraft.missing(path) == want
    meta = meta_graph_pb2.MetaGraphDef()
    meta.graph_def.CopyFrom(graph_def)
    assert opgraft.missing(meta) == want
    with tf.Graph().as_default() as graph:
        tf.constant(1)
    assert opgraft.missing(graph) == []
    if release < (1, 2):
        refused(tf, v1, lookup_graph(tf, v1))
    opgraft.load()
    if release >= (1, 2) or "lookup" in library_names():
        assert opgraft.missing(path) == ["AnOpThatNoReleaseHas"], opgraft.missing(path)
        run_lookup_graph(tf, v1, lookup_graph(tf, v1))


def refused(tf, v1, graph_def):
    """The error from the field."""
    try:
        run_lookup_graph(tf, v1, graph_def)
    except ValueError as e:
        assert "No op named" in str(e), e
    else:
        raise AssertionError("a graph with missing ops was imported")


def another_copy():
    """A library that was loaded before, from elsewhere: its ops are used, nothing is broken."""
    tf, _ = import_tensorflow()
    copy = os.path.join(DIRECTORY, "a_copy.so")
    shutil.copy(opgraft.library_path("core"), copy)
    manifest = _manifest.read_manifest()
    runtime = _compat.describe(tf)
    if _manifest.choose(manifest, runtime.version, runtime.cxx11_abi).set.key == "c_api":
        _compat.promote_c_api(tf)
    tf.load_op_library(copy)
    tf.load_op_library(opgraft.library_path("core"))  # by hand, before load()
    opgraft.load()
    v1 = import_tensorflow()[1]
    with tf.Graph().as_default(), v1.Session() as session:
        add = opgraft.load().library("core").wrapper("OpgraftAddV2")
        assert session.run(add(x=[1, 2], y=[3, 4])).tolist() == [4, 6]


def _number(release):
    major, minor = _manifest.parse_version(release)
    return 100 * major + minor


def library_of_another_release():
    """Every other set in the place of the right one: a message, never a crash or a wrong op."""
    tf, _ = import_tensorflow()
    manifest, runtime = _manifest.read_manifest(), _compat.describe(tf)
    right = _manifest.choose(manifest, runtime.version, runtime.cxx11_abi).set
    others = [k for k in manifest.releases if k != right.key]
    others.sort(key=lambda k: abs(_number(k) - _number(right.key)))
    for key in others[:2]:  # the nearest ones are the likeliest to load
        wrong = manifest.sets[key]
        root = os.path.join(DIRECTORY, "wrong_" + key)
        os.makedirs(os.path.join(root, "wrong"))
        shutil.copy(manifest.path(wrong, "core"), os.path.join(root, "wrong"))
        name = "{}.{}".format(*_manifest.parse_version(tf.__version__))
        sets = {
            name: {
                "built_for": tf.__version__,
                "cxx11_abi": runtime.cxx11_abi,
                "directory": "wrong",
                "libraries": ["core"],
            }
        }
        with open(os.path.join(root, "manifest.json"), "w") as f:
            json.dump({"format": 1, "version": "0", "sets": sets}, f)
        code = (
            "import opgraft\n"
            "try: opgraft.load()\n"
            "except opgraft.LibraryLoadError as e: print('REFUSED', e)\n"
            "import tensorflow as tf; print(tf.constant([1.0]) + 1.0, 'STILL WORKS')"
        )
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(os.environ, OPGRAFT_LIBRARY_DIR=root),
        )
        out = process.communicate()[0].decode("utf-8", "replace")
        what = "core of {} in TensorFlow {}: {}".format(key, tf.__version__, out[-1500:])
        assert process.returncode == 0, what
        assert "REFUSED" in out and "STILL WORKS" in out, what
        assert os.path.join("wrong", "libopgraft_core.so") in out, what


def command_line():
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "opgraft", "doctor", "--json"],
        stdout=subprocess.PIPE,
    )
    report = json.loads(process.communicate()[0].decode("utf-8"))
    assert process.returncode == 0 and report["problems"] == [], report
    assert report["tensorflow"]["cxx11_abi"] in (0, 1), report["tensorflow"]
    assert os.path.exists(report["tensorflow"]["framework"]), report["tensorflow"]

    def run(*arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = main(list(arguments))
            except SystemExit as e:
                status = e.code
        return status, out.getvalue(), err.getvalue()

    from opgraft.__main__ import main

    status, path, err = run("path", "core")
    assert status == 0 and "tensorflow" not in sys.modules, err
    tf, v1 = import_tensorflow()
    assert path.strip() == opgraft.library_path("core"), (path, err)
    assert {lib["name"] for lib in report["libraries"]} == set(library_names())
    status, out, err = run("doctor")
    assert status == 0, (out, err)
    assert "TensorFlow  " + tf.__version__ in out and "No problems found." in out, out
    model = os.path.join(DIRECTORY, "model.pb")
    graph_def = lookup_graph(tf, v1)
    node(graph_def, "nowhere", "AnOpThatNoReleaseHas")
    with open(model, "wb") as f:
        f.write(graph_def.SerializeToString())
    status, out, err = run("missing", "--load", model)
    if "lookup" in library_names() or tf.__version__ >= "1.2":
        assert status == 1 and out == "AnOpThatNoReleaseHas\tnowhere\n", (out, err)
    status, out, err = run("missing", model + ".absent")
    assert status == 1 and err.startswith("opgraft: ") and "No such file" in err, err
    status, out, err = run("--version")
    assert status == 0 and out == "opgraft {}\n".format(opgraft.__version__), out


def no_lookup():
    """opgraft.lookup on a set without it says so."""
    from opgraft import lookup

    tf, _ = import_tensorflow()
    try:
        lookup.MutableHashTable(tf.string, tf.int64, -1)
    except opgraft.LibraryNotFoundError as e:
        assert "cannot make lookup tables" in str(e) and tf.__version__ in str(e), e
    else:
        raise AssertionError("a table was made")


CASES = [threads_and_twice, tensorflow_first, missing_ops, another_copy, command_line]


def main():
    everything = CASES + [library_of_another_release, no_lookup]
    if len(sys.argv) > 1:
        {c.__name__: c for c in everything}[sys.argv[1]]()
        return
    # The C API set is one for all releases: there is no wrong one, and it has no tables.
    last = library_of_another_release if "lookup" in library_names() else no_lookup
    failed = []
    for name in [c.__name__ for c in CASES + [last]]:
        status = subprocess.call([sys.executable, "-W", "ignore", os.path.abspath(__file__), name])
        print("OK" if status == 0 else "FAILED", name)
        sys.stdout.flush()
        if status:
            failed.append(name)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    if failed:
        sys.exit("failed under {}: {}".format(sys.executable, ", ".join(failed)))


if __name__ == "__main__":
    main()
