# ruff: noqa: D103
"""A slim build that decodes and encodes images: libjpeg-turbo, libpng and giflib are inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import opgraft_slim
import pytest
from slim import prove

from tests.conftest import runtime_python
from tests.slim.conftest import VERSION, build

FRAME = bytes.fromhex("2c 00000000 0300 0200 00 02 05 0443710453 00")
# Two frames of 3 x 2, a global palette of four colours; LZW codes of three bits.
GIF = (
    b"GIF89a"
    + bytes.fromhex("0300 0200 91 00 00 000000 ff0000 00ff00 0000ff")
    + 2 * FRAME
    + b"\x3b"
)


@pytest.fixture(scope="module")
def library(compiled: None, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library for the model with all decoders."""
    target = tmp_path_factory.mktemp("slim") / "out"
    done = build("--model", str(models / "images"), "--out", str(target))
    assert done.returncode == 0, done.stdout + done.stderr
    names = {path.name for path in (target / "licenses").iterdir()}
    assert {"jpeg.txt", "png.txt", "gif.txt"} <= names
    return target / "lib" / "libtensorflow_slim.so"


def picture(rows: int, columns: int) -> np.ndarray[Any, Any]:
    """Smooth colours with some noise."""
    y, x = np.mgrid[:rows, :columns]
    waves = np.stack([np.sin(x / 9 + y / 7), np.cos(x / 5), np.sin(y / 11)], -1) * 100 + 128
    noise = np.random.RandomState(rows).randint(-20, 20, waves.shape)
    return np.clip(waves + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def contents(models: Path, library: Path) -> dict[str, bytes]:
    """Encoded images."""
    with opgraft_slim.Model(models / "images", library=library) as model:
        image = picture(61, 83)
        jpeg, png = (model.run(f"encode_{kind}", image=image)["y"] for kind in ("jpeg", "png"))
        decoded = model.run("png", contents=png)["y"]
    np.testing.assert_array_equal(decoded, image.astype(np.uint16) * 257)
    return {"jpeg": jpeg.item(), "png": png.item(), "gif": GIF}


@pytest.mark.parametrize(
    ("signature", "kind"),
    [
        ("jpeg", "jpeg"),
        ("accurate_jpeg", "jpeg"),
        ("crop", "jpeg"),
        ("shape", "jpeg"),
        ("png", "png"),
        ("image", "jpeg"),
        ("image", "png"),
        ("image", "gif"),
    ],
)
def test_images_are_decoded_as_in_the_full_tensorflow(
    signature: str,
    kind: str,
    models: Path,
    library: Path,
    contents: dict[str, bytes],
    tmp_path: Path,
) -> None:
    given = tmp_path / "inputs.npz"
    np.savez(given, contents=np.array(contents[kind]))
    stock = Path(runtime_python(VERSION))
    result = prove.prove(models / "images", library, given, stock, signature)
    [found] = result["signatures"]
    assert result["compared"] and found["ran"] == 1 and not found["problem"], found
    assert found["outputs"]["y"]["agrees"]  # integers: each is equal


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif"])
def test_damaged_images_are_errors_if_anything(
    kind: str, models: Path, library: Path, contents: dict[str, bytes]
) -> None:
    good, rng = contents[kind], np.random.RandomState(3)
    cut = [good[:size] for size in range(0, len(good), max(1, len(good) // 40))]
    changed = []
    for _ in range(100):
        damaged = bytearray(good)
        for at in rng.randint(0, len(good), 3):
            damaged[at] = rng.randint(256)
        changed.append(bytes(damaged))
    refused = 0
    with opgraft_slim.Model(models / "images", library=library) as model:
        for damaged in cut + changed:
            try:
                model.run("image", contents=damaged)
            except opgraft_slim.RunError:
                refused += 1
    assert refused > len(cut) // 2
