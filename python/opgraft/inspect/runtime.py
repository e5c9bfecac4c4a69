"""The runtime that a user names: a release, "installed", or a library file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from opgraft import history, proto
from opgraft._load import installed_version
from opgraft.errors import LibraryLoadError, TensorFlowNotFoundError, UnknownReleaseError
from opgraft.history import Registry
from opgraft.inspect.escape import printable

INSTALLED = "installed"
TIMEOUT = 300  # seconds until a library has to have answered
WORKER = Path(__file__).with_name("_registry_worker.py")


def find(name: str) -> Registry:
    """The ops and kernels of a runtime.

    Args:
      name: a release such as "1.15" or "2.14.1"; "installed", the TensorFlow of this Python; or the
        path of a library with TensorFlow's C API.

    Raises:
      UnknownReleaseError: no such release, and no such file.
      TensorFlowNotFoundError: "installed", and there is none.
      LibraryLoadError: the library cannot be loaded or has no C API.
    """
    if name == INSTALLED:
        version = installed_version()
        return _ask(f"the installed TensorFlow {version}", INSTALLED)
    if os.path.isfile(name):
        return _ask(printable(name), os.path.abspath(name))
    if os.sep in name or name.endswith((".so", ".dylib")):
        raise UnknownReleaseError(
            f"{printable(name)} is no file, and no release of TensorFlow. Name a release such as "
            f'2.14, a library such as libtensorflow.so, or "{INSTALLED}".'
        )
    return history.Release(name)


def _ask(title: str, target: str) -> Registry:
    """What a library registers, read in a process of its own: it may crash or print."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, str(WORKER), target, scratch]
        path = [str(WORKER.parents[2]), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))}
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TIMEOUT,
                env=environment,
            )
        except subprocess.TimeoutExpired as e:
            raise LibraryLoadError(f"{title} did not answer within {TIMEOUT} s.") from e
        about = Path(scratch, "about.json")
        if done.returncode != 0 or not about.exists():
            reason = printable((done.stderr.strip().splitlines() or ["it crashed"])[-1])
            kind = TensorFlowNotFoundError if target == INSTALLED else LibraryLoadError
            raise kind(f"{title}: its ops cannot be read: {reason} (status {done.returncode}).")
        version = str(json.loads(about.read_text(encoding="utf-8"))["version"])
        ops = proto.parse(proto.OpList, Path(scratch, "ops.pb").read_bytes(), title)
        kernels = None
        if Path(scratch, "kernels.pb").exists():
            data = Path(scratch, "kernels.pb").read_bytes()
            kernels = history.group_kernels(proto.parse(proto.KernelList, data, title).kernel)
    registry = Registry(title, {op.name: history.strip_op(op) for op in ops.op}, kernels, version)
    try:
        about_release = history.Release(version).about
        registry.producer = about_release.producer
        registry.min_producer = about_release.min_producer
    except UnknownReleaseError:
        pass  # newer than the data: its versions are not known
    return registry
