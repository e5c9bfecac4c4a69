"""A short form of the corpus: nox -s corpus runs all of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "corpus"))

import sweep  # noqa: E402, found through the line above

NAMES = ["string_lookup_classifier", "scan_tensor_list", "where_clip_div"]
RUNTIMES = ("1.4.1", "1.15.5", "2.3.4")


def test_short_corpus(tmp_path: Path, package: Path) -> None:
    """A table with a network, a loop that collects, and ops that are composed."""
    cases = tmp_path / "cases"
    assert sweep.export(cases, NAMES) == NAMES
    for version in RUNTIMES:
        assert sweep.adapt_all(version, cases, tmp_path / version, NAMES) == {}
        ran = sweep.run(version, cases, tmp_path / version, NAMES, package)
        assert ran == {name: "ok" for name in NAMES}, version


@pytest.mark.parametrize("name", ["dense_bn"])
def test_writer_runs_it_as_it_is(name: str, tmp_path: Path) -> None:
    """For the release that wrote it, nothing has to change."""
    cases = tmp_path / "cases"
    sweep.export(cases, [name])
    assert sweep.adapt_all(sweep.WRITER, cases, tmp_path / "out", [name]) == {}
    text = (tmp_path / "out" / name / "adapt.json").read_text()
    assert '"changes": {}' in text
