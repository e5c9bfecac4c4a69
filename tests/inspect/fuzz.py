"""Feeds damaged models to inspect: it has to answer or to raise a ModelError, whatever they are.

    nox -s fuzz_models -- [--binary | --text] [libFuzzer's options, such as -runs=N]

Coverage-guided, with atheris; the seeds are the small models of tests/models.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

with atheris.instrument_imports(include=["opgraft"]):
    from google.protobuf import text_format
    from opgraft import history, proto
    from opgraft.errors import ModelError
    from opgraft.inspect import model, render, report

RUNTIMES = [history.Release("1.4"), history.Release("1.15"), history.Release("2.21")]
NAMES = ("x.pb", "saved_model.pb", "x.meta")
report._later = lambda target: ()  # the same checks once more for every later release


def examine(data: bytes, name: str) -> None:
    """One input: read, checked against three releases, written as JSON and as a table."""
    try:
        kind, graphs = model.parse(memoryview(data), name)
    except ModelError as e:
        assert str(e).isprintable(), ascii(str(e))
        return
    read = model.Model(name, kind, graphs)
    for runtime in RUNTIMES:
        result = report.examine(read, runtime)
        result.as_dict()
    render.render(result)


def binary(data: bytes) -> None:
    """An input in wire format; its size chooses the name, which says what it may be."""
    examine(data, NAMES[len(data) % len(NAMES)])


def text(data: bytes) -> None:
    """An input in text format."""
    examine(data, "x.pbtxt")


def seeds(directory: Path, as_text: bool) -> None:
    """Writes the models to begin with."""
    for path in sorted((ROOT / "tests" / "models").glob("**/saved_model.pb")):
        saved = proto.SavedModel.FromString(path.read_bytes())
        for meta in saved.meta_graphs:
            for name in ("object_graph_def", "collection_def"):
                meta.ClearField(name)
            del meta.graph_def.node[4:], meta.meta_info_def.stripped_op_list.op[2:]
            for function in meta.graph_def.library.function:
                del function.node_def[3:]
            del meta.graph_def.library.function[2:]
        messages = {"saved": saved, "meta": saved.meta_graphs[0]}
        messages["graph"] = saved.meta_graphs[0].graph_def
        for kind, message in messages.items():
            data = message.SerializeToString()
            if as_text:
                data = text_format.MessageToString(message).encode()
            (directory / f"{path.parents[1].name}-{kind}").write_bytes(data)


def main() -> None:
    """Runs libFuzzer."""
    options = [argument for argument in sys.argv[1:] if argument not in ("--binary", "--text")]
    as_text = "--text" in sys.argv
    with tempfile.TemporaryDirectory() as corpus:
        seeds(Path(corpus), as_text)
        arguments = [sys.argv[0], "-max_len=2048", "-timeout=120", "-rss_limit_mb=4096", *options]
        atheris.Setup([*arguments, corpus], text if as_text else binary)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
