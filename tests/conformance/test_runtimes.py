"""build_configs/runtimes.py: the table, the lock files, and what it says of what is missing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import ROOT, runtimes

ALL = runtimes.runtimes()


def test_the_table_is_in_order() -> None:
    """One row per minor release, oldest first."""
    minors = [row.minor for row in ALL]
    assert minors == sorted(set(minors))


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.version)
def test_wheel_name(row: runtimes.Runtime) -> None:
    """The parts of a wheel's name."""
    assert row.package in ("tensorflow", "tensorflow-cpu")
    assert re.fullmatch(r"3\.\d+", row.python)
    assert f"-{row.version}-" in row.wheel


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.version)
def test_lock_file(row: runtimes.Runtime) -> None:
    """Every package is pinned by hash, the wheel of the table is among them, no host is named."""
    text = row.requirements.read_text(encoding="utf-8")
    assert f"{row.package}=={row.version}" in text
    assert row.sha256 in text
    assert "://" not in text
    assert not [line for line in text.splitlines() if line.startswith("-")]
    packages = re.findall(r"^[\w.-]+==.*(?:\n {4}--hash.*)*", text, re.MULTILINE)
    assert packages
    assert all("--hash=sha256:" in package for package in packages)


def test_minor_release_is_enough() -> None:
    """2.8 is 2.8.4."""
    assert runtimes.get("2.8").version == "2.8.4"


def test_unknown_release_is_named() -> None:
    """The message lists what there is."""
    with pytest.raises(runtimes.RuntimeUnavailable, match=r"3\.7\.0 is not in .*2\.21\.0"):
        runtimes.get("3.7.0")


def test_missing_interpreter_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line: the release, the Python, and how to get it."""
    monkeypatch.setenv("OPGRAFT_CACHE", str(tmp_path))  # where nothing is installed yet
    monkeypatch.setattr(runtimes, "find_interpreter", lambda version: None)
    with pytest.raises(runtimes.RuntimeUnavailable) as caught:
        runtimes.install("1.1.0")
    assert str(caught.value) == "TensorFlow 1.1.0 needs CPython 3.6: `pyenv install 3.6`"
    with pytest.raises(runtimes.RuntimeUnavailable, match="uv python install 3.11"):
        runtimes.install("2.21.0")


def test_tag() -> None:
    """Tags of interpreters."""
    assert runtimes.python_of_tag("cp36") == "3.6"
    assert runtimes.python_of_tag("cp313") == "3.13"
    with pytest.raises(ValueError, match="py3"):
        runtimes.python_of_tag("py3")


def test_interpreter_has_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shim that fails, as pyenv's do, is no interpreter."""
    shim = tmp_path / "python3.4"
    shim.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert runtimes.find_interpreter("3.4") is None


def test_cache_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """OPGRAFT_CACHE, else XDG_CACHE_HOME, else ~/.cache."""
    monkeypatch.setenv("OPGRAFT_CACHE", "/a")
    assert runtimes.cache_directory() == Path("/a")
    monkeypatch.delenv("OPGRAFT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/b")
    assert runtimes.cache_directory() == Path("/b/opgraft")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert runtimes.cache_directory() == Path.home() / ".cache" / "opgraft"


def test_command_line_reports_in_one_line() -> None:
    """An error is a line, not a traceback."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "build_configs" / "runtimes.py"), "install", "0.1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "0.1 is not in build_configs/runtimes.bzl" in done.stderr
