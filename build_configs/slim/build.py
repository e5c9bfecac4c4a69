"""Builds a slim TensorFlow: nox -s build -- --model DIR.

Select, fetch, compile, link, prove, report. The folder OUT appears, or is replaced, when all of it
is done.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Optional

import bazel
import click
from opgraft.errors import OpgraftError
from opgraft.slim import select
from rich.console import Console

from . import product, sources, workspace

HERE = Path(__file__).resolve().parent
RELEASES = sorted(path.parent.name for path in HERE.glob("*/sources.json"))
CURATED = HERE / "ops"
DEBIAN_PACKAGES = {"ld.lld": "lld", "patch": "patch", "xz": "xz-utils"}
# Bytes: a first build writes some 5 GB into the cache, another one its own kernels.
SPACE, MORE_SPACE = 6_000_000_000, 1_000_000_000

console = Console(highlight=False)


def _ops_file(name: str) -> Path:
    """The file that --ops names: a path, or a curated set."""
    curated = CURATED / f"{name}.txt"
    if curated.exists():
        return curated
    if Path(name).is_file():
        return Path(name)
    known = ", ".join(sorted(path.stem for path in CURATED.glob("*.txt")))
    raise bazel.BuildError(f"--ops {name}: no such file, and the curated sets are {known}")


def _check_machine(release: str) -> None:
    """Installs what compiling needs besides Bazel and g++, and looks for room on the disk."""
    missing = [package for tool, package in DEBIAN_PACKAGES.items() if not shutil.which(tool)]
    if missing and not shutil.which("apt-get"):
        raise bazel.BuildError(f"a slim build needs {', '.join(missing)}: install them")
    if missing:
        bazel.install_debian_packages(missing)
    cache = Path(bazel.cache_directory("slim"))
    cache.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(cache).free
    space = MORE_SPACE if workspace.is_compiled(release) else SPACE
    if free < space:
        raise bazel.BuildError(
            f"{cache} has {free / 1e9:.1f} GB free and a slim build needs {space / 1e9:.0f}: make "
            "room, or set OPGRAFT_CACHE to a folder on a larger disk"
        )


def _full(release: str) -> Optional[Path]:
    """The interpreter that the project keeps for this release of TensorFlow, if there is one."""
    python = Path(bazel.cache_directory("runtimes", release, "bin", "python"))
    return python if python.exists() else None


class _Steps:
    """Says what is being done, and how long it took."""

    def __init__(self) -> None:
        self.start = time.monotonic()

    def __call__(self, text: str) -> None:
        console.print(f"[bold]{time.monotonic() - self.start:6.1f} s[/]  {text}", soft_wrap=True)


def run(
    models: tuple[str, ...],
    ops: tuple[str, ...],
    order: product.Order,
    tensorflow_source: Optional[Path],
    out: Path,
) -> None:
    """See main.

    Raises:
      bazel.BuildError, OpgraftError: with what to do about it.
    """
    step = _Steps()
    step("selecting ops, kernels and sources")
    selection = select(
        models,
        data=HERE / order.release,
        ops_files=[_ops_file(name) for name in ops],
        libraries=workspace.LIBRARIES,
        fuse=order.profile == "speed",
    )
    step(
        f"{len(selection.ops)} ops, {len(selection.kernels)} kernels of "
        f"{len(selection.sources)} files"
    )
    _check_machine(order.release)
    tree = sources.prepare(order.release, tensorflow_source)
    out.parent.mkdir(parents=True, exist_ok=True)
    with workspace.locked(tree.path):
        step(f"compiling TensorFlow {order.release}, profile {order.profile}")
        lists = workspace.write(tree.path, order.release, selection)
        libraries = workspace.build(tree.path, order.release, order.profile, order.op_libraries)
        identity = product.identity(order, selection, libraries)
        if product.is_current(out, identity):
            step(f"nothing has changed since {out} was made")
            return
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".slim-") as directory:
            new = Path(directory, "new")
            made = product.Product(order, selection, tree, lists, libraries, new)
            step("packing")
            made.pack()
            step("proving: the models run in the new library")
            made.prove()
            step("measuring")
            made.report()
            product.mark(new, identity)
            _replace(new, out)
    made.show(console, out)
    step("done")


def _replace(new: Path, out: Path) -> None:
    """Puts a finished folder in the place of an older one."""
    old = new.with_name("old")
    if out.exists():
        out.rename(old)
    new.rename(out)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--model", "models", multiple=True, metavar="DIR", help="a SavedModel; repeatable")
@click.option("--ops", multiple=True, metavar="FILE", help="a list of ops, or a curated set")
@click.option("--profile", type=click.Choice(sorted(workspace.LEVELS)), default="size")
@click.option("--op-libraries", is_flag=True, help="op libraries of stock TensorFlow can be loaded")
@click.option(
    "--inputs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=".npz to prove the model with; for several models as many, in their order",
)
@click.option(
    "--full",
    type=click.Path(path_type=Path),
    metavar="PYTHON",
    help="an interpreter that has the full TensorFlow, to compare with",
)
@click.option("--tensorflow-source", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--release", type=click.Choice(RELEASES), default=RELEASES[-1])
@click.option("--out", type=click.Path(path_type=Path), default=Path("dist/slim"))
def main(
    models: tuple[str, ...],
    ops: tuple[str, ...],
    profile: str,
    op_libraries: bool,
    inputs: tuple[Path, ...],
    full: Optional[Path],
    tensorflow_source: Optional[Path],
    release: str,
    out: Path,
) -> None:
    """Builds a TensorFlow with the ops that models need, and nothing else."""
    order = product.Order(release, profile, op_libraries, inputs, full or _full(release))
    try:
        if inputs and len(inputs) != len(models):
            raise bazel.BuildError(
                f"{len(models)} --model and {len(inputs)} --inputs: give each model its .npz, in "
                "the same order, or none"
            )
        run(models, ops, order, tensorflow_source, out.resolve())
    except (bazel.BuildError, OpgraftError) as error:
        console.print("error:", style="bold red", end=" ")
        console.print(str(error), markup=False, soft_wrap=True)
        sys.exit(getattr(error, "exit_code", 1) or 1)


if __name__ == "__main__":
    main(prog_name="nox -s build --")
