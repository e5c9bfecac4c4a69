"""`opgraft adapt`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from opgraft.adapt.adapt import adapt
from opgraft.adapt.errors import VerifyError
from opgraft.adapt.verify import Difference, as_json, verify


@click.command("adapt")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--runtime", required=True, metavar="V", help="The release to write for: 1.15.5.")
@click.option("--signature", "signatures", multiple=True, help="Keep this one (all by default).")
@click.option("--no-library", is_flag=True, help="Use only what V has, without opgraft.load().")
@click.option("--freeze", is_flag=True, help="Make constants of the variables.")
@click.option(
    "--python",
    metavar="INTERPRETER",
    help="A Python with TensorFlow 2.14 or newer, to inline and freeze; this one by default.",
)
@click.option(
    "--verify",
    "case",
    metavar="CASE",
    help="Run both: CASE is an .npz of inputs, a directory with inputs.npz, or 'generated'.",
)
@click.option("--runtime-python", metavar="INTERPRETER", help="A Python with V, for --verify.")
@click.option("--json", "as_json_", is_flag=True, help="Print adapt.json and what --verify found.")
def command(
    model: Path,
    out: Path,
    runtime: str,
    signatures: tuple[str, ...],
    no_library: bool,
    freeze: bool,
    python: str | None,
    case: str | None,
    runtime_python: str | None,
    as_json_: bool,
) -> None:
    """Write OUT: the SavedModel MODEL so that TensorFlow V runs it.

    Exit status: 0 written (and, with --verify, the same results); 2 V cannot run it, each reason
    is named; 3 the model or V cannot be read; 4 a modern TensorFlow is needed; 5 OUT cannot be
    written; 6 --verify failed. Nothing is written unless the status is 0 or 6.
    """
    if case and not runtime_python:
        raise click.UsageError("--verify needs --runtime-python, an interpreter that has V")
    report = adapt(model, out, runtime, signatures, not no_library, freeze, python)
    found: list[Difference] = []
    if case:
        found = _verify(model, out, report.json, case, python, runtime_python or "")
    if as_json_:
        verified = {"verify": as_json(found)} if case else {}
        click.echo(json.dumps({**report.json, **verified}, indent=1, sort_keys=True))
    else:
        for line in (*report.lines, *map(_line, found)):
            click.echo(line)
        load = " after opgraft.load()" if report.json["needs_library"] else ""
        click.echo(f"{out} runs on TensorFlow {report.json['runtime']}{load}")
    wrong = [difference for difference in found if not difference.agrees]
    if wrong:
        names = ", ".join(f"{d.signature}/{d.output}" for d in wrong)
        raise VerifyError(f"{out} does not agree with {model} in {names}")


def _verify(
    model: Path, out: Path, report: dict[str, Any], case: str, python: str | None, other: str
) -> list[Difference]:
    return verify(
        model,
        out,
        report["signatures"],
        case,
        python or sys.executable,
        other,
        report["needs_library"],
    )


def _line(difference: Difference) -> str:
    verdict = "agrees" if difference.agrees else "DIFFERS"
    return (
        f"verify: {difference.signature}/{difference.output} {verdict}, "
        f"largest difference {difference.largest:g}"
    )
