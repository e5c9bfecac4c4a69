# ruff: noqa: D103
"""Which build of the library a processor gets."""

from __future__ import annotations

import opgraft_slim
import pytest
from opgraft_slim import _cpu, _library

V3 = set().union(_cpu._FLAGS["x86-64-v3"])
V4 = V3 | _cpu._FLAGS["x86-64-v4"]


@pytest.fixture
def processor(monkeypatch, tmp_path):
    """A function that sets the processor's flags, the builds there are, and the variable."""

    def make(flags, builds, wanted=None):
        monkeypatch.setattr(_cpu, "_processor_flags", lambda: set(flags))
        monkeypatch.setattr(_library, "DIRECTORY", str(tmp_path))
        monkeypatch.delenv(_cpu.VARIABLE, raising=False)
        if wanted is not None:
            monkeypatch.setenv(_cpu.VARIABLE, wanted)
        for build in builds:
            place = tmp_path if build == "baseline" else tmp_path / "glibc-hwcaps" / build
            place.mkdir(parents=True, exist_ok=True)
            (place / _library.NAME).write_bytes(b"")
        found = _library._find()[len(str(tmp_path)) + 1 :].split("/")
        return found[1] if len(found) > 1 else "baseline"

    return make


ALL = ["baseline", "x86-64-v3", "x86-64-v4"]


@pytest.mark.parametrize(
    ("flags", "builds", "wanted", "picked"),
    [
        ((), ALL, None, "baseline"),
        (V3, ALL, None, "x86-64-v3"),
        (V4, ALL, None, "x86-64-v4"),
        (V4 - {"fma"}, ALL, None, "baseline"),
        (V4, ["baseline"], None, "baseline"),
        (V4, ["baseline", "x86-64-v3"], None, "x86-64-v3"),
        (V4, ALL, "baseline", "baseline"),
        (V4, ALL, "x86-64-v3", "x86-64-v3"),
        (V3, ALL, "x86-64-v4", "x86-64-v3"),  # the processor lacks what was asked for
        ((), ALL, "x86-64-v4", "baseline"),
        (V4, ALL, "", "x86-64-v4"),
    ],
)
def test_picks_the_best_that_runs(processor, flags, builds, wanted, picked):
    assert processor(flags, builds, wanted) == picked


def test_an_unknown_level_and_no_build_at_all(processor):
    with pytest.raises(opgraft_slim.LibraryError, match="it is one of baseline, x86-64-v3"):
        processor(V4, ALL, "avx2")


def test_reads_this_processors_flags():
    assert {"fpu", "sse2"} <= _cpu._processor_flags()
