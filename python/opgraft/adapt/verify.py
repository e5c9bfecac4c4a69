"""Runs the model and its adapted copy, each under its own TensorFlow, and compares."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from opgraft.adapt.errors import VerifyError

RUNNER = Path(__file__).with_name("_verify_worker.py")
TIMEOUT = 1800  # seconds
RTOL, ATOL = 1e-3, 1e-5  # other runtimes sum in other orders


@dataclass(frozen=True)
class Difference:
    """How far one output is from what it should be.

    Attributes:
      signature: which signature.
      output: which of its outputs.
      largest: the largest |difference|; of strings and integers, how many elements differ.
      agrees: whether it is within 1e-3 of the value or 1e-5 of the largest value; strings and
        integers have to be equal.
    """

    signature: str
    output: str
    largest: float
    agrees: bool


def run(
    python: str, model: Path, signature: str, inputs: Path | None, load: bool
) -> dict[str, np.ndarray[Any, Any]]:
    """The outputs of a signature.

    Args:
      python: the interpreter of a TensorFlow.
      model: the directory of a SavedModel.
      signature: its name.
      inputs: an .npz with an array for each input; None makes them up.
      load: whether to call `opgraft.load()` first; it has to be installed there.

    Raises:
      VerifyError: it does not run.
    """
    with tempfile.TemporaryDirectory(prefix="opgraft-") as scratch:
        job, result = Path(scratch) / "job.json", Path(scratch) / "outputs.npz"
        job.write_text(
            json.dumps(
                {
                    "model": str(model.resolve()),
                    "signature": signature,
                    "inputs": str(inputs.resolve()) if inputs else "",
                    "outputs": str(result),
                    "load": load,
                }
            )
        )
        try:
            process = subprocess.run(
                [python, "-W", "ignore", str(RUNNER), str(job)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=TIMEOUT,
            )
        except OSError as e:
            raise VerifyError(f"cannot start {python}: {e.strerror}") from e
        except subprocess.TimeoutExpired as e:
            raise VerifyError(f"{model} ran for more than {TIMEOUT} s under {python}") from e
        if process.returncode != 0 or not result.exists():
            lines = process.stderr.decode(errors="replace").strip().splitlines()
            how = f"signal {-process.returncode}" if process.returncode < 0 else "an error"
            raise VerifyError(
                f"{model} does not run under {python} ({how}): {lines[-1] if lines else 'no text'}"
            )
        with np.load(result) as outputs:
            return dict(outputs)


def compare(
    signature: str, want: dict[str, np.ndarray[Any, Any]], got: dict[str, np.ndarray[Any, Any]]
) -> list[Difference]:
    """How the outputs of a signature differ."""
    found = []
    for name in sorted(want):
        if name not in got or want[name].shape != got[name].shape:
            found.append(Difference(signature, name, float("inf"), False))
            continue
        expected, actual = want[name], got[name]
        if expected.dtype.kind not in "fc":
            wrong = int(np.sum(expected.astype("S") != actual.astype("S")))
            found.append(Difference(signature, name, float(wrong), wrong == 0))
            continue
        same = (expected == actual) | (np.isnan(expected) & np.isnan(actual))
        largest = float(np.max(np.where(same, 0, np.abs(expected - actual)), initial=0))
        scale = max(1.0, float(np.max(np.abs(np.nan_to_num(expected)), initial=0)))
        agrees = np.allclose(expected, actual, rtol=RTOL, atol=ATOL * scale, equal_nan=True)
        found.append(Difference(signature, name, largest, bool(agrees)))
    return found


def verify(
    model: Path,
    adapted: Path,
    signatures: list[str],
    case: str,
    python: str,
    runtime_python: str,
    load: bool,
) -> list[Difference]:
    """Compares a model with its adapted copy.

    Args:
      model: the directory of a SavedModel.
      adapted: that of its adapted copy.
      signatures: names.
      case: an .npz of inputs; a directory with inputs.npz and, if there is one, expected.npz in
        place of running `model`; or "generated" for inputs made from the signature.
      python: an interpreter with a TensorFlow that runs `model`.
      runtime_python: one with the release that `adapted` is for.
      load: whether `adapted` needs `opgraft.load()`.

    Raises:
      VerifyError: there are no such inputs, or one of the two does not run.
    """
    inputs, expected = _case(case)
    found = []
    with tempfile.TemporaryDirectory(prefix="opgraft-") as scratch:
        for signature in signatures:
            fed = inputs
            if fed is None:
                fed = Path(scratch) / "inputs.npz"
                make_inputs(model, signature, fed)
            if expected is not None and signature == "serving_default":
                with np.load(expected) as arrays:
                    want = dict(arrays)
            else:
                want = run(python, model, signature, fed, False)
            got = run(runtime_python, adapted, signature, fed, load)
            found += compare(signature, want, got)
    return found


def _case(case: str) -> tuple[Path | None, Path | None]:
    if case == "generated":
        return None, None
    path = Path(case)
    inputs = path / "inputs.npz" if path.is_dir() else path
    if not inputs.is_file():
        raise VerifyError(f"{inputs} is no file: --verify takes an .npz, a case or 'generated'")
    expected = path / "expected.npz"
    return inputs, expected if path.is_dir() and expected.is_file() else None


def make_inputs(model: Path, signature: str, out: Path) -> None:
    """Writes an array for each input of a signature: unknown dimensions are 2, values fixed."""
    from opgraft import proto
    from opgraft.adapt.read import read

    rng = np.random.default_rng(17)
    arrays: dict[str, Any] = {}
    for name, info in read(model).meta.signature_def[signature].inputs.items():
        shape = [2 if dim.size < 0 else dim.size for dim in info.tensor_shape.dim]
        kind = proto.type_name(info.dtype)
        if kind == "string":
            arrays[name] = rng.choice(np.array([b"a", b"b c", b"zz"]), size=shape)
        elif kind == "bool":
            arrays[name] = rng.random(shape) > 0.5
        elif kind in ("float", "double", "half"):
            arrays[name] = rng.random(shape).astype(
                "float" + {"double": "64", "half": "16"}.get(kind, "32")
            )
        elif kind.startswith(("int", "uint")):
            arrays[name] = rng.integers(0, 4, shape).astype(kind)
        else:
            raise VerifyError(f"cannot make up a {kind} for the input {name}: give an .npz")
    np.savez(out, **arrays)


def as_json(differences: list[Difference]) -> list[dict[str, Any]]:
    """What goes into the report."""
    return [asdict(difference) for difference in differences]
