"""Feeds damaged SavedModels to adapt: it has to write OUT or to raise an OpgraftError.

    nox -s fuzz_models -- [libFuzzer's options, such as -runs=N]

Where it says that the release cannot run the model, inspect has to say so, too.

Half of the inputs are the bytes of a saved_model.pb; the others say how to damage a seed, field by
field, which gets deeper. Nothing but OUT may be touched. A modern TensorFlow, which inlines
functions for old releases, is left out: what has functions is adapted for 2.x.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import atheris

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "python"), str(ROOT)]

with atheris.instrument_imports(include=["opgraft"]):
    from opgraft import proto
    from opgraft.adapt import adapt, inline
    from opgraft.adapt.errors import CannotAdaptError
    from opgraft.errors import OpgraftError
    from opgraft.inspect import DOES_NOT_RUN, inspect

from tests.adapt.damage import damage  # noqa: E402
from tests.adapt.seeds import seeds  # noqa: E402

RELEASES = ("1.4", "1.15", "2.3", "2.8", "0.12", "1.12")


NOT_INLINED = "functions are not inlined here"


def _no_tensorflow(*_: Any) -> Any:
    raise CannotAdaptError(NOT_INLINED)


inline.flatten = _no_tensorflow


def foreseen(model: Path, release: str) -> bool:
    """Whether inspect says that the release does not run a model, or cannot read it."""
    try:
        return inspect(model, release).status == DOES_NOT_RUN
    except OpgraftError:
        return True


def examine(data: bytes, release: str, freeze: bool, scratch: Path) -> None:
    """One input: adapted for a release."""
    model, out = scratch / "model", scratch / "out"
    library = len(data) % 2 == 0
    (model / "saved_model.pb").write_bytes(data)
    try:
        adapt(model, out, release, freeze=freeze, library=library)
    except OpgraftError as e:
        assert "\x1b" not in str(e)
        assert not out.exists()
        if type(e) is CannotAdaptError and not freeze and library and NOT_INLINED not in str(e):
            assert foreseen(model, release), str(e)
    else:
        assert (out / "adapt.json").is_file()
        proto.SavedModel.FromString((out / "saved_model.pb").read_bytes())
        shutil.rmtree(out)
    assert sorted(os.listdir(scratch)) == ["model"], os.listdir(scratch)
    assert sorted(os.listdir(model)) == ["assets", "saved_model.pb", "variables"]


def main() -> None:
    """Runs libFuzzer."""
    models = [model.SerializeToString() for model in seeds()]
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", _memory())) as directory:
        root = Path(directory)
        scratch, corpus = root / "scratch", root / "corpus"
        (scratch / "model" / "assets").mkdir(parents=True)
        (scratch / "model" / "assets" / "words.txt").write_text("a\n")
        (scratch / "model" / "variables").mkdir()
        for name in ("variables.index", "variables.data-00000-of-00001"):
            (scratch / "model" / "variables" / name).write_bytes(b"")
        corpus.mkdir()
        for number, model in enumerate(models):
            (corpus / f"{number}").write_bytes(b"\0" * 4 + model)
            (corpus / f"{number}d").write_bytes(bytes([1, number % 256]) + b"\1\2\3\4" * 8)

        def one(data: bytes) -> None:
            if len(data) < 4:
                return
            release, freeze = RELEASES[data[3] % len(RELEASES)], data[2] % 8 == 7
            body = data[4:]
            if data[0] % 2:
                body = damage(models[data[1] % len(models)], body)
            examine(body, release, freeze, scratch)

        options = ["-max_len=2048", "-timeout=120", "-rss_limit_mb=4096", *sys.argv[1:]]
        atheris.Setup([sys.argv[0], *options, str(corpus)], one)
        atheris.Fuzz()


def _memory() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


if __name__ == "__main__":
    main()
