"""Writes the wheel opgraft_slim: the runner from python/opgraft_slim and a built library.

The version is TensorFlow's with the project's as local label, 2.14.1+opgraft.0.1.0: pip compares it
as 2.14.1, and a custom build can never be taken for a release from an index.

The same files give the same wheel, bit for bit: entries are sorted and have no times of their own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RUNNER = ROOT / "python" / "opgraft_slim"
NAME, LIBRARY = "opgraft_slim", "libtensorflow_slim.so"
VARIANTS = tuple(f"glibc-hwcaps/x86-64-{level}/{LIBRARY}" for level in ("v3", "v4"))

_METADATA = """\
Metadata-Version: 2.1
Name: opgraft-slim
Version: {version}
Summary: A slim TensorFlow with the ops of a model, and a runner for numpy arrays
License: Apache-2.0
{licences}Requires-Python: >=3.8
Requires-Dist: numpy>=1.21
Description-Content-Type: text/markdown

    import opgraft_slim

    with opgraft_slim.Model("export/1") as model:
        print(model.signatures)
        outputs = model.run(x=[[1.0, 2.0]])

Built by `nox -s build`. opgraft_slim/slim.json says which ops, kernels and sources are in it.
"""
_VERSION = '''\
"""The version: TensorFlow's, and opgraft's as local label."""

__version__ = "{}"
'''


def wheel_version(tensorflow: str, opgraft: str) -> str:
    """The version of a wheel with that release of TensorFlow, built by that opgraft."""
    return f"{tensorflow}+opgraft.{opgraft}"


def write_wheel(
    out_dir: Path,
    libraries: Mapping[str, Path],
    licences: Iterable[Path],
    version: str,
    extra: Mapping[str, Any],
) -> Path:
    """Writes opgraft_slim-<version>-py3-none-<platform>.whl.

    Args:
      out_dir: where to; made if need be. A wheel of the same name is replaced at once, at the end.
      libraries: {path below opgraft_slim/lib: file}: libtensorflow_slim.so, and VARIANTS or none.
      licences: files, each with a name of its own.
      version: as `wheel_version` makes it.
      extra: what slim.json holds.

    Raises:
      ValueError: no libtensorflow_slim.so among the libraries, a place where the runner does not
        look, or two licences of one name.
      subprocess.CalledProcessError: auditwheel cannot read a library.
    """
    if LIBRARY not in libraries or not set(libraries) <= {LIBRARY, *VARIANTS}:
        places = ", ".join(libraries) or "none"
        raise ValueError(f"libraries are {LIBRARY} and may be {', '.join(VARIANTS)}, not: {places}")
    files = _package(version, extra)
    files.update({f"{NAME}/lib/{path}": file.read_bytes() for path, file in libraries.items()})
    info = f"{NAME}-{version}.dist-info"
    notices: dict[str, bytes] = {}
    for path in licences:
        if path.name in notices:
            raise ValueError(f"{path}: there is a licence of this name already")
        notices[path.name] = path.read_bytes()
    files.update({f"{info}/licenses/{name}": text for name, text in notices.items()})
    lines = "".join(f"License-File: {name}\n" for name in sorted(notices))
    files[f"{info}/METADATA"] = _METADATA.format(version=version, licences=lines).encode()
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out_dir, prefix=".wheel-") as scratch:
        untagged = _pack(Path(scratch), files, info, f"linux_{platform.machine()}")
        made = _pack(Path(scratch), files, info, _platform(untagged))
        return made.replace(out_dir / made.name)


def _package(version: str, extra: Mapping[str, Any]) -> dict[str, bytes]:
    """The runner's sources, with the version and slim.json."""
    files = {f"{NAME}/{path.name}": path.read_bytes() for path in RUNNER.glob("*.py")}
    files[f"{NAME}/py.typed"] = b""
    files[f"{NAME}/_version.py"] = _VERSION.format(version).encode()
    files[f"{NAME}/slim.json"] = (json.dumps(extra, indent=1, sort_keys=True) + "\n").encode()
    return files


def _pack(directory: Path, files: Mapping[str, bytes], info: str, tag: str) -> Path:
    """A wheel of these files, with WHEEL and RECORD."""
    text = f"Wheel-Version: 1.0\nGenerator: opgraft\nRoot-Is-Purelib: false\nTag: py3-none-{tag}\n"
    entries = {**files, f"{info}/WHEEL": text.encode()}
    record = [f"{name},{_digest(data)},{len(data)}" for name, data in sorted(entries.items())]
    record.append(f"{info}/RECORD,,")
    entries[f"{info}/RECORD"] = ("\n".join(record) + "\n").encode()
    path = directory / f"{info[: -len('.dist-info')]}-py3-none-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(entries.items()):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.compress_type = 3, zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if name.endswith(".so") else 0o100644) << 16
            archive.writestr(entry, data)
    return path


def _digest(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


def _platform(wheel: Path) -> str:
    """The oldest manylinux platform that has what the libraries need, as auditwheel sees it."""
    # The variants for newer processors are picked at run time, so what they demand is no demand.
    command = [sys.executable, "-m", "auditwheel", "show", "--json", "--disable-isa-ext-check"]
    shown = subprocess.run(
        [*command, wheel], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True
    ).stdout
    tag: str = json.loads(shown)["overall_tag"]
    return tag
