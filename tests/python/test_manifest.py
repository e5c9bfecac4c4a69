# ruff: noqa: D101, D102, D103
"""Which set of libraries fits which TensorFlow."""

import opgraft
import pytest
from opgraft import _manifest


@pytest.mark.parametrize(
    "text, version",
    [
        ("2.14.1", (2, 14)),
        ("2.14", (2, 14)),
        ("0.12.1", (0, 12)),
        ("2.22.0rc0", (2, 22)),
        ("1.15.0-rc3", (1, 15)),
        ("1.15.5+nv23.3", (1, 15)),
        ("2.16.0-dev20240101", (2, 16)),
        ("2", None),
        ("nightly", None),
        ("", None),
        (None, None),
    ],
)
def test_parse_version(text, version):
    assert _manifest.parse_version(text) == version


@pytest.mark.parametrize(
    "version, abi, key",
    [
        ("1.1.0", 0, "1.1"),
        ("1.1.0", None, "1.1"),  # an ABI that cannot be told is not held against anybody
        ("1.15.0", 0, "1.15"),
        ("2.14.0", 1, "2.14"),
        ("2.14.0rc1", 1, "2.14"),
        ("2.14.0", 0, "c_api"),  # a build of somebody's own, with the old ABI
        ("2.14.0-dev20230701", 1, "c_api"),
        ("2.2.0", 0, "c_api"),
        ("2.99.0", 1, "c_api"),
        ("3.0.0", 1, "c_api"),
    ],
)
def test_choose(library_dir, version, abi, key):
    library_dir()
    choice = _manifest.choose(_manifest.read_manifest(), version, abi)
    assert choice.set.key == key
    assert version[:4].rstrip(".") in choice.reason or choice.set.built_for[:4] in choice.reason


def test_reason_of_the_c_api(library_dir):
    library_dir()
    manifest = _manifest.read_manifest()
    assert "no libraries of its own" in _manifest.choose(manifest, "2.99.0", 1).reason
    assert "development build" in _manifest.choose(manifest, "2.14.0-dev1", 1).reason
    assert "_GLIBCXX_USE_CXX11_ABI=0" in _manifest.choose(manifest, "2.14.0", 0).reason


@pytest.mark.parametrize("version", ["1.4.1", "0.12.1", "2.1.0", "2.0.0"])
def test_unsupported(library_dir, version):
    library_dir()
    with pytest.raises(opgraft.UnsupportedRuntimeError) as e:
        _manifest.choose(_manifest.read_manifest(), version)
    text = str(e.value)
    assert "TensorFlow " + version in text
    assert "TensorFlow 1.1, 1.15, 2.14 and TensorFlow 2.2 and newer through the C API" in text
    assert "pip install --no-binary opgraft opgraft" in text
    assert "nox -s wheel -- --runtimes " + version in text
    assert isinstance(e.value, ImportError)


def test_unsupported_without_the_c_api(library_dir):
    library_dir(["1.1"])
    with pytest.raises(opgraft.UnsupportedRuntimeError):
        _manifest.choose(_manifest.read_manifest(), "2.99.0")


def test_unreadable_version(library_dir):
    library_dir()
    with pytest.raises(opgraft.UnsupportedRuntimeError, match="'head'"):
        _manifest.choose(_manifest.read_manifest(), "head")


def test_abi_mismatch_names_both(library_dir):
    library_dir()
    with pytest.raises(opgraft.AbiMismatchError) as e:
        _manifest.choose(_manifest.read_manifest(), "1.15.5+nv23", 1)
    text = str(e.value)
    assert "1.15.5+nv23 here was built with _GLIBCXX_USE_CXX11_ABI=1" in text
    assert "libraries for 1.15.5 with 0. Use a TensorFlow 1.15 of that ABI" in text
    assert "nox -s wheel" in text


def test_releases_are_sorted_as_numbers(library_dir):
    library_dir()
    assert _manifest.read_manifest().releases == ["1.1", "1.15", "2.14"]


def test_no_manifest(tmp_path, monkeypatch):
    monkeypatch.setenv("OPGRAFT_LIBRARY_DIR", str(tmp_path))
    with pytest.raises(opgraft.LibraryNotFoundError, match="nox -s wheel") as e:
        _manifest.read_manifest()
    assert str(tmp_path / "manifest.json") in str(e.value)
    assert not str(e.value).startswith('"')  # as the text of a KeyError would


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"format": 1}',
        '{"format": 1, "version": "0", "sets": []}',
        '{"format": 1, "version": "0", "sets": {"2.14": {}}}',
        '{"format": 1, "version": "0", "sets": {"x": {"built_for": "", "directory": "",'
        ' "libraries": []}}}',
        "\x00\x01",
    ],
)
def test_damaged_manifest(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(opgraft.OpgraftError, match="damaged"):
        _manifest.read_manifest(str(tmp_path))


def test_manifest_of_the_future(library_dir):
    library_dir(format=2)
    with pytest.raises(opgraft.OpgraftError, match="format 2"):
        _manifest.read_manifest()


def test_manifest_is_a_directory(tmp_path):
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(opgraft.LibraryNotFoundError):
        _manifest.read_manifest(str(tmp_path))
