"""Runs cases in stock runtimes, each (runtime, mode) in a process of its own, and compares."""

from __future__ import annotations

import hashlib
import importlib
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "build_configs"))
runtimes = importlib.import_module("runtimes")

WORKER = HERE / "worker.py"
PATIENCE = 240  # seconds without a result, imports included, until a process counts as hung

# What errors look like when a runtime cannot run a graph at all, as opposed to refusing its input.
LACKING = (
    "No op named",
    "not registered",
    "No OpKernel was registered",
    "not in the list of allowed values",
    "not in Op<",
    "not match Op<",
    "inputs do not match",
    "More inputs specified",
)

Result = Any  # a list of steps, or {"error", "message", "stage"}, {"crash"} or {"unsupported"}


def cache_file(version: str, job: dict[str, Any], cases: list[dict[str, Any]]) -> Path:
    """Where the results of a stock runtime are kept: they depend on nothing of ours."""
    digest = hashlib.sha256(pickle.dumps((job["mode"], job["imports"], cases), protocol=2))
    digest.update(WORKER.read_bytes())
    digest.update(runtimes.get(version).requirements.read_bytes())
    directory: Path = runtimes.cache_directory() / "conformance"
    return directory / f"{version}-{digest.hexdigest()[:16]}.pickle"


def run(
    version: str,
    mode: str,
    cases: list[dict[str, Any]],
    rename: list[str],
    package: Path | None,
    libraries: list[Path] | None = None,
    imports: tuple[str, ...] = (),
) -> dict[str, Result]:
    """The result of each case by its id; "" holds what the worker says about the runtime."""
    job: dict[str, Any] = {"mode": mode, "rename": rename, "imports": list(imports)}
    job["libraries"] = [str(path) for path in libraries or ()]
    kept = cache_file(version, job, cases) if mode == "native" else None
    if kept is not None and kept.exists():
        cached: dict[str, Result] = pickle.loads(kept.read_bytes())
        return cached
    python = runtimes.install(version).environment_python
    results: dict[str, Result] = {}
    remaining = cases
    with tempfile.TemporaryDirectory(prefix="opgraft-") as scratch:
        while remaining:
            done, crash = _process(python, {**job, "cases": remaining}, package, Path(scratch))
            results.update(done)
            left = [case for case in remaining if case["id"] not in results]
            if crash is not None:
                if not done or not left:  # not even the library could be loaded
                    raise RuntimeError(f"TensorFlow {version}, {mode}: {crash}")
                results[left[0]["id"]] = {"crash": crash}
                left = left[1:]
            remaining = left
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        scratch_file = kept.with_suffix(f".{os.getpid()}")
        scratch_file.write_bytes(pickle.dumps(results))
        scratch_file.replace(kept)
    return results


def _process(
    python: Path, job: dict[str, Any], package: Path | None, scratch: Path
) -> tuple[dict[str, Result], str | None]:
    """Runs one worker; returns what it finished, and how it died if it did."""
    job_file, result_file, log = (scratch / name for name in ("job", "results", "log"))
    job_file.write_bytes(pickle.dumps(job, protocol=2))
    result_file.write_bytes(b"")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
    environment["TMPDIR"] = str(scratch)  # a case that crashes leaves its files there
    if package is not None:
        environment["PYTHONPATH"] = str(package)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(python), "-W", "ignore", str(WORKER), str(job_file), str(result_file)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # so that its children can be ended with it
        )
        hung = not _wait(process, result_file)
    results: dict[str, Result] = {}
    finished = False
    with result_file.open("rb") as records:
        while True:
            try:
                record = pickle.load(records)
            except (EOFError, pickle.UnpicklingError):
                break
            if isinstance(record, dict):
                results[""] = record
            elif record[0] == "end":
                results[record[1]] = record[2]
            finished = finished or record == ("done",)
    if finished:
        return results, None
    tail = log.read_text(encoding="utf-8", errors="replace")[-1500:]
    how = "hung" if hung else f"exit code {process.returncode}"
    return results, f"{how}\n{tail}"


def _wait(process: subprocess.Popen[bytes], result_file: Path) -> bool:
    """Waits for the end; kills a process that makes no progress and returns False."""
    size, since = -1, time.monotonic()
    while True:
        try:
            process.wait(timeout=5)
            return True
        except subprocess.TimeoutExpired:
            now = result_file.stat().st_size
            if now != size:
                size, since = now, time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return False


def lacks(result: Result) -> bool:
    """Whether the runtime could not run the case at all: no such op, type or kernel."""
    if isinstance(result, dict):
        if result.get("error") == "KeyError" and result.get("stage") == "graph":
            return True  # how 0.12 says that it has no such op
        message = result.get("message", "")
        return "unsupported" in result or any(text in message for text in LACKING)
    return any(any(text in step.get("message", "") for text in LACKING) for step in result)


def _rows(keys: Any, values: Any, drop: list[Any]) -> list[Any]:
    """An export in an order of its own."""
    columns = []
    for _, shape, data in (keys, values):
        n = shape[0] if shape else 0
        width = len(data) // n if n else 0
        columns.append([data[i * width : (i + 1) * width] for i in range(n)])
    kept = [(repr(k), repr(v)) for k, v in zip(*columns) if not any([x] == k for x in drop)]
    lengths = [] if drop else [len(column) for column in columns]
    return [keys[0], keys[1][1:], values[0], values[1][1:], lengths, sorted(kept)]


def _values(step: dict[str, Any], values: list[Any]) -> list[Any]:
    """The values of a step, without the order of an export."""
    names = [name for name in step["run"] if ":" in name]
    rows = [value for name, value in zip(names, values) if name in step["rows"]]
    rest = [
        (dtype, list(shape), repr(data))
        for name, (dtype, shape, data) in zip(names, values)
        if name not in step["rows"]
    ]
    return [*rest, _rows(rows[0], rows[1], step["drop"])] if rows else rest


def normal(case: dict[str, Any], result: Result) -> Any:
    """What of a result has to be equal: values, kinds of errors, and when they come."""
    if isinstance(result, dict):
        if "error" in result:
            return ("error", result["stage"], "" if result["stage"] == "graph" else result["error"])
        return result
    return [
        ("error", "run", outcome["error"]) if "error" in outcome
        else _values(step, outcome["values"])
        for step, outcome in zip(case["steps"], result)
    ]  # fmt: skip


def describe(case: dict[str, Any], result: Result, steps: set[int] | None = None) -> str:
    """A result, or some of its steps, for a message."""
    if isinstance(result, list):
        lines = [
            f"  step {n} {' '.join(step['run'])}: "
            + (f"{o['error']}: {o['message'][:300]}" if "error" in o else repr(o["values"])[:600])
            for n, (step, o) in enumerate(zip(case["steps"], result))
            if steps is None or n in steps
        ]
        return "\n".join(lines)
    return "  " + repr(result)[:900]
