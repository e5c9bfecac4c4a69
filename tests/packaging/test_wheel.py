"""The wheel: its tag, its size, and what its libraries need and export."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from elftools.elf.sections import SymbolTableSection

# manylinux_2_17, from PEP 599 and auditwheel's policy.
NEWEST = {"GLIBC": (2, 17), "GLIBCXX": (3, 4, 19), "CXXABI": (1, 3, 7), "GCC": (4, 8, 0)}
SYSTEM = {"libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0"}
SYSTEM |= {"libstdc++.so.6"}
# TensorFlow 2.2 to 2.4 compares the address of this one between libraries.
SHARED = "_ZZN10tensorflow9TypeIndex4Make"
LIMIT = 20_000_000  # bytes of a wheel for all releases
RELEASES = 39


def libraries() -> Iterator[Path]:
    """The libraries of the unpacked wheel."""
    package = os.environ.get("OPGRAFT_PACKAGE")
    yield from sorted(Path(package or "", "opgraft", "lib").rglob("*.so"))


@pytest.fixture(scope="session")
def wheel() -> Path:
    """The wheel itself."""
    given = os.environ.get("OPGRAFT_WHEEL")
    if not given:
        pytest.fail("OPGRAFT_WHEEL has to name the wheel: run nox -s tests")
    return Path(given)


def test_tag(wheel: Path) -> None:
    """Any Python 3, any system from manylinux_2_17 on, as auditwheel sees it."""
    assert "-py3-none-" in wheel.name
    assert "manylinux_2_17_x86_64" in wheel.name
    shown = subprocess.run(
        [sys.executable, "-m", "auditwheel", "show", str(wheel)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert 'platform tag to "manylinux_2_17_x86_64"' in shown.replace("\n", " ")


def test_size(wheel: Path, package: Path) -> None:
    """In proportion: a wheel for all releases stays below the limit."""
    sets = json.loads((package / "opgraft/lib/manifest.json").read_text(encoding="utf-8"))["sets"]
    assert wheel.stat().st_size / len(sets) * (RELEASES + 1) < LIMIT


def test_contents(wheel: Path) -> None:
    """Type hints, licence and manifest are in; nothing of the build is."""
    names = zipfile.ZipFile(wheel).namelist()
    assert "opgraft/py.typed" in names
    assert "opgraft/lib/manifest.json" in names
    assert any(name.endswith("/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]


@pytest.mark.parametrize("library", libraries(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_library(library: Path) -> None:
    """One export; no path of a build machine; nothing newer than manylinux_2_17."""
    with library.open("rb") as file:
        elf = ELFFile(file)
        needed = set()
        for section in elf.iter_sections():
            if isinstance(section, DynamicSection):
                tags = [tag.entry.d_tag for tag in section.iter_tags()]
                assert "DT_RPATH" not in tags
                assert "DT_RUNPATH" not in tags
                needed = {t.needed for t in section.iter_tags() if t.entry.d_tag == "DT_NEEDED"}
            elif isinstance(section, GNUVerNeedSection):
                for _, versions in section.iter_versions():
                    for version in versions:
                        check_version(version.name)
            elif isinstance(section, SymbolTableSection) and section.name == ".dynsym":
                exported = {
                    symbol.name
                    for symbol in section.iter_symbols()
                    if symbol["st_shndx"] != "SHN_UNDEF" and symbol.name
                }
    assert {name for name in exported if not name.startswith(SHARED)} == {"opgraft_library_info"}
    assert {
        name for name in needed - SYSTEM if not name.startswith("libtensorflow_framework")
    } == set()


def check_version(name: str) -> None:
    """A symbol version such as GLIBC_2.14."""
    family, _, number = name.partition("_")
    if re.fullmatch(r"[\d.]+", number) and family in NEWEST:
        assert tuple(map(int, number.split("."))) <= NEWEST[family], name
