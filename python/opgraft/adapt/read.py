"""Reads a SavedModel and checks that what it names is inside its own directory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from opgraft import proto
from opgraft.adapt import sound
from opgraft.adapt.meta import is_init_signature
from opgraft.errors import ModelError
from opgraft.inspect.model import below

PREFIX = "variables/variables"
_LINK = "{} is a link, which adapt does not follow: put a copy there"


@dataclass
class Model:
    """A SavedModel with the meta graph that is adapted.

    Attributes:
      path: its directory.
      message: the SavedModel, with that meta graph alone.
      left_out: tags of other meta graphs.
      files: what else has to be there, relative to the directory: assets, checkpoint.
    """

    path: Path
    message: Any
    left_out: list[str]
    files: list[Path]

    @property
    def meta(self) -> Any:
        """The MetaGraphDef."""
        return self.message.meta_graphs[0]

    @property
    def checkpoint(self) -> Path | None:
        """The prefix of the variables, if there are any."""
        prefix = self.path / PREFIX
        return prefix if prefix.with_name(prefix.name + ".index").is_file() else None


def read(path: Path) -> Model:
    """Reads a SavedModel.

    Raises:
      ModelError: it is none, it is damaged, or it names files that are missing or elsewhere.
    """
    if not path.is_dir():
        raise ModelError(f"{path} is no directory: adapt takes a SavedModel's directory")
    message = _parse(path)
    tagged = [m for m in message.meta_graphs if "serve" in m.meta_info_def.tags]
    chosen = (tagged or list(message.meta_graphs))[:1]
    if not chosen:
        raise ModelError(f"{path} has no graph in it")
    left_out = [",".join(m.meta_info_def.tags) for m in message.meta_graphs if m is not chosen[0]]
    kept = proto.SavedModel(saved_model_schema_version=message.saved_model_schema_version)
    kept.meta_graphs.append(chosen[0])
    sound.check(kept.meta_graphs[0].graph_def, path)
    return Model(path, kept, left_out, _files(path, kept.meta_graphs[0]))


def _parse(path: Path) -> Any:
    binary, text = path / "saved_model.pb", path / "saved_model.pbtxt"
    try:
        if binary.is_file():
            return proto.parse(proto.SavedModel, binary.read_bytes(), str(binary))
        if text.is_file():
            return text_format.Parse(text.read_text(), proto.SavedModel())
    except (text_format.ParseError, UnicodeDecodeError) as e:
        raise ModelError(f"{text}: damaged ({e})") from e
    except OSError as e:
        raise ModelError(f"{path}: {e.strerror}") from e
    inner = below(str(path))
    hint = f", but {inner} has" if inner else ": adapt takes a SavedModel's directory"
    raise ModelError(f"{path} has no saved_model.pb{hint}")


def _files(path: Path, meta: Any) -> list[Path]:
    """The files below assets/, assets.extra/ and variables/.

    Raises:
      ModelError: one is a link, or the model names one that is missing or outside.
    """
    found = []
    for folder in ("assets", "assets.extra", "variables"):
        for directory, names, files in os.walk(path / folder):
            for name in (*names, *files):
                if (Path(directory) / name).is_symlink():
                    raise ModelError(_LINK.format(Path(directory) / name))
            found += [(Path(directory) / name).relative_to(path) for name in files]
        if (path / folder).is_symlink():
            raise ModelError(_LINK.format(path / folder))
    for asset in meta.asset_file_def:
        name = asset.filename
        parts = Path(name).parts
        if not name or "\0" in name or Path(name).is_absolute() or ".." in parts:
            raise ModelError(f"{path} names the asset {name!r}, which is not inside its assets/")
        if Path("assets", name) not in found:
            raise ModelError(f"{path} names the asset {name!r}, but there is no assets/{name}")
    index, data = Path(PREFIX + ".index"), f"{PREFIX}.data-"
    if meta.saver_def.restore_op_name and not any(f.parts[0] == "variables" for f in found):
        raise ModelError(f"{path} has variables, but no {index}: copy the whole variables/")
    if index in found and not any(str(file).startswith(data) for file in found):
        raise ModelError(f"{path}: {index} is there, but no {data}…: copy the whole variables/")
    return found


def choose_signatures(meta: Any, names: list[str], path: Path) -> list[str]:
    """Drops the signatures that are not asked for; returns those that stay.

    Raises:
      ModelError: one does not exist.
    """
    there = [key for key in meta.signature_def if not is_init_signature(key)]
    for name in names:
        if name not in there:
            known = ", ".join(sorted(there)) or "none"
            raise ModelError(f"{path} has no signature {name!r}; it has: {known}")
    if names:
        for key in there:
            if key not in names:
                del meta.signature_def[key]
    return sorted(names or there)
