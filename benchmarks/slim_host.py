"""What slim_host.c needs: to be compiled, and inputs in a form that C reads in a few lines."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opgraft_slim import Signature, TensorSpec, _dtypes

SOURCE = Path(__file__).with_suffix(".c")


def compile_host(headers: Path, directory: Path) -> Path:
    """The program, built with the C API's headers of a slim build.

    Raises:
      SystemError: the compiler failed, or there is none.
    """
    program = directory / SOURCE.stem
    command = ["cc", "-O1", f"-I{headers}", str(SOURCE), "-o", str(program), "-ldl"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as e:
        raise SystemError(f"{SOURCE.name}: {getattr(e, 'stderr', e)}") from e
    return program


def _text(data: bytes) -> bytes:
    return struct.pack("<q", len(data)) + data


def _output(spec: TensorSpec) -> bytes:
    name, _, index = spec.tensor.partition(":")
    return _text(name.encode()) + struct.pack("<q", int(index or 0))


def _tensor(value: Any, number: int) -> bytes:
    array = _dtypes.convert(value, number)
    head = struct.pack(f"<{2 + array.ndim}q", number, array.ndim, *array.shape)
    if number == _dtypes.STRING:
        return head + b"".join(_text(text) for text in array.ravel().tolist())
    return head + array.tobytes()


def encode(signature: Signature, inputs: Mapping[str, Any]) -> bytes:
    """The inputs and the outputs of a run.

    Args:
      signature: that of the model.
      inputs: {name: array}, one for each input.
    """
    parts = (
        struct.pack("<2q", len(signature.inputs), len(signature.outputs)),
        *(
            _output(spec) + _tensor(inputs[spec.name], spec.dtype_number)
            for spec in signature.inputs.values()
        ),
        *(_output(spec) for spec in signature.outputs.values()),
    )
    return b"".join(parts)
