"""What a slim build hands over: library, headers, licences, wheel, slim.json, report.html."""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any, Optional

import bazel
import opgraft_slim
from opgraft.slim import Selection
from rich.console import Console

from . import compose, document, objects, prove, report, sizes, sources, wheel, workspace

# Sizes of tensorflow-cpu 2.14.1 for CPython 3.11: libtensorflow_cc.so.2, and all that is installed.
STOCK = document.Stock(package="tensorflow-cpu", library=549_000_000, installed=867_000_000)
PLACES = {
    "any": wheel.LIBRARY,
    "base": wheel.LIBRARY,
    "v3": wheel.VARIANTS[0],
    "v4": wheel.VARIANTS[1],
}
MARK = ".identity"
HERE = Path(__file__).resolve().parent
HEADERS = ("tensorflow/c/c_api.h", "tensorflow/c/kernels.h", "tensorflow/c/ops.h")
_INCLUDE = re.compile(r'^\s*#\s*include\s+"(tensorflow/[^"]+\.h)"', re.MULTILINE)


@dataclass(frozen=True)
class Order:
    """What is asked for, besides models and ops.

    Attributes:
      release: of TensorFlow.
      profile: "size" or "speed".
      op_libraries: whether op libraries built for the stock release can be loaded.
      inputs: an .npz to prove each model with, in their order; or none.
      full: an interpreter that has the full TensorFlow.
    """

    release: str
    profile: str = "size"
    op_libraries: bool = False
    inputs: tuple[Path, ...] = ()
    full: Optional[Path] = None


@dataclass
class Product:
    """A build on its way into a folder.

    Attributes:
      order, selection, tree: what was asked for, selected, and compiled.
      lists: the sources of the framework, as workspace.write has them.
      libraries: by level of processors; the linker's map is beside each.
      directory: what becomes OUT.
    """

    order: Order
    selection: Selection
    tree: sources.Tree
    lists: dict[str, list[str]]
    libraries: dict[str, Path]
    directory: Path
    proofs: list[document.Proof] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)

    def pack(self) -> None:
        """Writes the libraries, the headers and the licences."""
        for level, path in self.libraries.items():
            place = self.directory / "lib" / PLACES[level]
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            place.chmod(0o755)
        _copy_headers(self.tree.path / "tensorflow", self.directory / "include")
        licences = self.directory / "licenses"
        licences.mkdir()
        unused = workspace.unused_libraries(self.selection)
        for name, path in self.tree.licences.items():
            if path.parent.name not in unused:
                shutil.copyfile(path, licences / name)
        shutil.copy(HERE / "gcc_runtime.txt", licences)

    def prove(self) -> None:
        """Runs every model in the new library.

        Raises:
          bazel.BuildError: one does not run, or not as in the full TensorFlow.
        """
        library = self.directory / "lib" / wheel.LIBRARY
        wrong = []
        for model, inputs in zip_longest(self.selection.models, self.order.inputs):
            if not Path(model).is_dir():
                self.proofs.append(_proof(model, "", "skipped", "no SavedModel", "", None))
                continue
            try:
                result = prove.prove(Path(model), library, inputs, self.order.full)
            except (prove.ProofError, opgraft_slim.ModelError) as error:
                raise bazel.BuildError(str(error)) from None
            self.results[model] = result
            self.proofs += _proofs(model, result, self.order)
            for signature in result["signatures"]:
                if signature["problem"]:
                    wrong.append(f"{model}, {signature['name']}: {signature['problem']}")
        if wrong:
            raise bazel.BuildError(
                "the library was built, but a model does not run in it as it should:\n"
                + "\n".join(wrong)
            )

    def report(self) -> None:
        """Writes slim.json, report.html and the wheel."""
        library = next(iter(self.libraries.values()))
        measured = sizes.measure(
            self.directory / "lib" / wheel.LIBRARY,
            library.with_suffix(".map"),
            objects.ObjectSources(self.lists),
        )
        written = compose.compose(
            self.selection,
            platform=f"linux-{platform.machine()}",
            profile=self.order.profile + ("+op-libraries" if self.order.op_libraries else ""),
            sources=dict(self._hashes()),
            archives={a["file"]: a["sha256"] for a in self.tree.archives.values()},
            flags=workspace.flags(self.order.profile),
            tools=_tools(),
            stock=STOCK,
            sizes=measured,
            proofs=self.proofs,
        )
        document.write(self.directory / "slim.json", written)
        report.write_report(self.directory / "report.html", written)
        wheel.write_wheel(
            self.directory,
            {PLACES[level]: path for level, path in self.libraries.items()},
            sorted((self.directory / "licenses").iterdir()),
            wheel.wheel_version(self.order.release, bazel.package_version()),
            written,
        )

    def _hashes(self) -> Iterator[tuple[str, str]]:
        """The SHA-256 of each source that was compiled."""
        root = self.tree.path / "tensorflow"
        paths = {path for paths in self.lists.values() for path in paths}
        for path in sorted(paths | set(self.selection.sources)):
            yield path, hashlib.sha256((root / path).read_bytes()).hexdigest()

    def show(self, console: Console, out: Path) -> None:
        """Prints what was made."""
        for model, result in self.results.items():
            console.print(model, markup=False, soft_wrap=True)
            prove.show(result, console)
        for path in sorted(out.rglob("*.so")) + sorted(out.glob("[!.]*.*")):
            console.print(
                f"{path.stat().st_size / 1e6:8.2f} MB  {path}", markup=False, soft_wrap=True
            )
        [made] = out.glob("*.whl")
        console.print(f"next: pip install {made}", markup=False, soft_wrap=True)


def identity(order: Order, selection: Selection, libraries: dict[str, Path]) -> str:
    """What a product is made of: the libraries, the models, the order and these programs."""
    digest = hashlib.sha256(repr((order, selection.as_json())).encode())
    for path in [
        *libraries.values(),
        *sorted(path for path in HERE.glob("*.*") if path.is_file()),
        *sorted(wheel.RUNNER.glob("*.py")),
    ]:
        digest.update(path.read_bytes())
    files = [file for model in selection.models for file in sorted(Path(model).rglob("*"))]
    for path in files + [path for path in order.inputs if path.exists()]:
        found = path.stat()
        digest.update(f"{path} {found.st_size} {found.st_mtime_ns}".encode())
    return digest.hexdigest()


def is_current(out: Path, identity: str) -> bool:
    """Whether a folder holds a product of this identity."""
    mark = out / MARK
    return mark.exists() and mark.read_text() == identity


def mark(directory: Path, identity: str) -> None:
    """Makes is_current true."""
    (directory / MARK).write_text(identity)


def _copy_headers(tree: Path, target: Path) -> None:
    """Copies the C API's headers, and what they include, to the same paths below `target`."""
    waiting, copied = list(HEADERS), set()
    while waiting:
        path = waiting.pop()
        if path in copied or not (tree / path).exists():
            continue
        copied.add(path)
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tree / path, target / path)
        waiting += _INCLUDE.findall((tree / path).read_text())


def _proof(
    model: str, signature: str, status: Any, inputs: str, against: str, difference: Any
) -> document.Proof:
    return document.Proof(
        model=model,
        signature=signature,
        status=status,
        inputs=inputs,
        compared_with=against,
        largest_difference=difference,
        detail="",
    )


def _proofs(model: str, result: dict[str, Any], order: Order) -> Iterator[document.Proof]:
    """What prove() found, as slim.json has it."""
    for signature in result["signatures"]:
        status, against, difference = "runs", "", None
        if signature["problem"]:
            status = "fails"
        elif not signature["ran"]:
            status = "skipped"
        elif result["compared"]:
            status, against = "agrees", f"tensorflow {order.release}"
            found = [output["max_abs"] or 0.0 for output in signature["outputs"].values()]
            difference = max(found, default=0.0)
        kind = "file" if order.inputs else "generated"
        made = _proof(model, signature["name"], status, kind, against, difference)
        made["detail"] = signature["problem"]
        yield made


def _tools() -> dict[str, str]:
    """The compiler and the linker, as they name themselves."""
    found = {}
    for name, command in {"compiler": "g++", "linker": "ld.lld"}.items():
        shown = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
        found[name] = shown.stdout.partition("\n")[0]
    return found
