"""Indexes the CPU kernels and ops of a TensorFlow source tree.

    python build_configs/slim/kernel_index.py --tensorflow-source DIR --release 2.14.1

writes build_configs/slim/<release>/kernels.json.xz: which file registers which kernel and defines
which op, and which other files the code in a file needs. `opgraft.slim` reads it.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import closure
import registrations
from preprocess import Preprocessor, Text

HERE = Path(__file__).resolve().parent
# Where ops and CPU kernels are. Left out: other devices, what is experimental and not in
# TensorFlow's library (risc), and test kernels.
PLACES = ("tensorflow/core/", "tensorflow/c/kernels/", "tensorflow/c/ops/")
SKIPPED = re.compile(
    r"test|benchmark|gpu|\.cu\.cc$|/mkl/|/mkl_|/zen|/tpu/|/tfrt/|/risc|/distributed_runtime/|/debug/"
    r"|/grappler/|fact_op\.cc$|/user_ops/"
)


def main() -> None:
    """Writes the index."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tensorflow-source", type=Path, required=True)
    parser.add_argument("--release", required=True)
    arguments = parser.parse_args()
    tree = arguments.tensorflow_source.resolve()
    folder = HERE / arguments.release
    framework = set((folder / "framework.txt").read_text("utf-8").split())
    with tempfile.TemporaryDirectory() as scratch:
        found = index(tree, Path(scratch), framework)
    write(folder / "kernels.json.xz", {"release": arguments.release, **found})
    print(f"{len(found['kernels'])} kernels, {len(found['ops'])} ops")


def index(tree: Path, scratch: Path, framework: set[str]) -> dict[str, Any]:
    """What `write` writes.

    Args:
      tree: TensorFlow's sources.
      scratch: an empty directory.
      framework: the files that are compiled anyhow.

    Raises:
      RuntimeError, NotUnderstood: a file cannot be preprocessed or read; the message names it.
    """
    preprocessor = Preprocessor(tree, scratch)
    names = sorted(n for n in preprocessor.files if _registers(n) or closure.is_source(n))
    found: dict[str, registrations.Registrations] = {}
    own: dict[str, str] = {}
    with ThreadPoolExecutor(2) as pool:
        for name, text in zip(names, pool.map(preprocessor.run, names)):
            if _registers(name):
                found[name] = read(name, tree, text)
            if closure.is_source(name) and name not in framework:
                own[name] = text.own
    kernels = [
        {
            "op": kernel.op,
            "class": kernel.kernel_class,
            "file": name,
            "device": kernel.device,
            **({"label": kernel.label} if kernel.label else {}),
            **({"priority": kernel.priority} if kernel.priority else {}),
            **({"system": True} if kernel.is_system else {}),
            **({"types": kernel.types} if kernel.types else {}),
            **({"values": kernel.values} if kernel.values else {}),
        }
        for name, file in found.items()
        for kernel in file.kernels
    ]
    kernels.sort(key=lambda kernel: json.dumps(kernel, sort_keys=True))
    return {
        "kernels": sorted(kernels, key=lambda kernel: str(kernel["op"])),
        "ops": {op: name for name, file in found.items() for op in file.ops},
        "gradients": {op: name for name, file in found.items() for op in file.gradients},
        "needs": closure.needs(preprocessor, own),
        "serves": {
            name: [registrations.dtype(text) for text in types]
            for name, types in closure.instantiated(own).items()
        },
        "libraries": closure.libraries(preprocessor, framework),
    }


def _registers(name: str) -> bool:
    return name.endswith(".cc") and name.startswith(PLACES) and not SKIPPED.search(name)


def read(name: str, tree: Path, text: Text) -> registrations.Registrations:
    """The registrations of one file."""
    try:
        if name.startswith("tensorflow/c/"):
            return registrations.read_c_api((tree / name).read_text("utf-8"))
        return registrations.read(text.whole)
    except registrations.NotUnderstood as e:
        raise registrations.NotUnderstood(f"{name}: {e}") from e


def write(path: Path, data: dict[str, Any]) -> None:
    """Writes JSON, xz-compressed; equal data gives equal bytes."""
    text = json.dumps(data, indent=0, sort_keys=True)
    path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
