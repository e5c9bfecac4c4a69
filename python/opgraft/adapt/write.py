"""Writes the result whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from opgraft.adapt.errors import CannotAdaptError, OutputError

LIMIT = 2**31 - 1  # bytes of a protobuf


def check_out(model: Path, out: Path) -> None:
    """Raises OutputError if `out` exists, or is the model or inside it."""
    if os.path.lexists(out):
        raise OutputError(f"{out} exists: adapt writes over nothing; name another directory")
    if out.resolve() == model.resolve() or model.resolve() in out.resolve().parents:
        raise OutputError(f"{out} is inside the model: name a directory outside it")
    if not out.resolve().parent.is_dir():
        raise OutputError(f"{out.parent} is no directory: make it first")


def serialize(message: Any, what: str) -> bytes:
    """The bytes of a SavedModel.

    Raises:
      CannotAdaptError: they are more than a protobuf can have.
    """
    size = message.ByteSize()
    if size > LIMIT:
        raise CannotAdaptError(
            f"{what} would be {size / 1e9:.1f} GB, and a protobuf ends at 2 GB: keep the variables "
            "in their checkpoint (leave --freeze out)"
        )
    data: bytes = message.SerializeToString()
    return data


def write(out: Path, data: bytes, report: dict[str, Any], source: Path, files: list[Path]) -> None:
    """Writes saved_model.pb, adapt.json and copies of some files of the model.

    Everything goes to a directory beside `out` which then gets its name.

    Raises:
      OutputError: it cannot be written; nothing is left behind.
    """
    scratch = None
    try:
        scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.resolve().parent))
        (scratch / "saved_model.pb").write_bytes(data)
        (scratch / "variables").mkdir()
        for file in files:
            (scratch / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, scratch / file, follow_symlinks=False)
        text = json.dumps(report, indent=1, sort_keys=True) + "\n"
        (scratch / "adapt.json").write_text(text)
        scratch.chmod(0o777 & ~_umask())
        if os.path.lexists(out):
            raise OutputError(f"{out} exists now: adapt writes over nothing")
        scratch.rename(out)
    except OSError as e:
        raise OutputError(f"cannot write {out}: {e.strerror or e}") from e
    finally:
        if scratch is not None and scratch.exists():
            shutil.rmtree(scratch, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
