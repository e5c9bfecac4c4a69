"""Proves a slim build: the model runs in it, and as it does in the full TensorFlow.

    python -m slim.prove MODEL --slim WHEEL_OR_LIBRARY [--inputs FILE.npz] [--signature S]
        [--tensorflow PYTHON]

Each signature is run on inputs made from its types and shapes, or on those of a file (an array per
input; strings of numpy's type S or U). Each side is a process of its own. A model that refuses what
was made gets other inputs; both sides have to refuse the same ones.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Column, Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

from opgraft_slim import Signature, _signature  # noqa: E402, found through the line above

from . import arrays, compare, example_inputs  # noqa: E402

PATIENCE = 900  # seconds for one side


class ProofError(Exception):
    """Inputs or arguments that cannot be used; the text says which and what to do."""


class Graph(NamedTuple):
    """A graph of a SavedModel: the model's directory, and the graph's tags."""

    model: Path
    tags: tuple[str, ...]


class Side:
    """How one side is run.

    Args:
      worker: prove_slim or prove_stock.
      python: the interpreter.
      package: a directory that holds what the worker imports.
      library: the library, or "".
    """

    def __init__(self, worker: str, python: Path, package: Path | None, library: str = "") -> None:
        self.command = [str(python), "-m", f"slim.{worker}"]
        self.library, paths = library, [str(ROOT / "build_configs")]
        if package is not None:
            paths.insert(0, str(package))
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        self.environment["TF_CPP_MIN_LOG_LEVEL"] = "3"

    def run(
        self, graph: Graph, tasks: list[dict[str, Any]], directory: Path
    ) -> list[dict[str, Any]]:
        """The answers to the tasks; the outputs are in files of this directory."""
        directory.mkdir()
        for number, task in enumerate(tasks):
            task["outputs"] = str(directory / f"{number}.npz")
        listed = directory / "tasks.json"
        listed.write_text(json.dumps({"tags": graph.tags, "tasks": tasks}), encoding="utf-8")
        try:
            done = subprocess.run(
                [*self.command, str(graph.model.resolve()), self.library, str(listed)],
                env=self.environment,
                cwd=directory,  # which python -m puts first on the path
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return [{"error": f"no answer in {PATIENCE} s", "missing": ""} for _ in tasks]
        answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if answers and answers[-1].get("model"):  # the model did not load: no task has an answer
            return [answers[-1] for _ in tasks]
        ended = {"error": f"ended with status {done.returncode}: {done.stderr[-2000:]}"}
        return answers + [{**ended, "missing": ""} for _ in tasks[len(answers) :]]


def slim_side(slim: Path, scratch: Path) -> Side:
    """The side of a wheel or a library.

    Raises:
      ProofError: it is neither.
    """
    if slim.suffix == ".whl":
        try:
            with zipfile.ZipFile(slim) as archive:
                archive.extractall(scratch / "package")
        except (OSError, zipfile.BadZipFile) as error:
            raise ProofError(f"{slim}: no wheel: {error}") from error
        return Side("prove_slim", Path(sys.executable), scratch / "package")
    if not slim.is_file():
        raise ProofError(f"{slim}: no such library or wheel")
    return Side("prove_slim", Path(sys.executable), ROOT / "python", str(slim.resolve()))


def prove(
    model: Path,
    slim: Path,
    inputs: Path | None = None,
    tensorflow: Path | None = None,
    signature: str | None = None,
) -> dict[str, Any]:
    """Runs a model's signatures in the slim build and in the full TensorFlow, and compares.

    Args:
      model: the directory of a SavedModel.
      slim: the wheel, or the library.
      inputs: an .npz with an array per input of one signature; that alone is run then.
      tensorflow: an interpreter that has the full TensorFlow of the same release.
      signature: the one to run; all of them otherwise.

    Returns:
      For slim.json. `signatures`: of each `name`, `inputs` ("given", "made" or "none fit"), `ran`
      (how many inputs), `problem` ("" if none) and `outputs` by name as `compare.output` has them.
      `passed`: whether nothing went wrong. `compared`: whether the full TensorFlow took part.

    Raises:
      ProofError: inputs or a signature that the model has not.
      opgraft_slim.ModelError: no model.
    """
    directory = _signature.directory(model)
    graph = Graph(model, _signature.serving_tags(directory))
    signatures = _signature.read(directory, graph.tags).signatures
    wanted = _wanted(signatures, signature, inputs)
    with tempfile.TemporaryDirectory(prefix="opgraft-prove-") as made:
        scratch = Path(made)
        tasks = []
        for number, found in enumerate(wanted):
            for attempt, values in enumerate(_inputs(found, inputs)):
                path = scratch / f"inputs-{number}-{attempt}.npz"
                arrays.save(path, values)
                tasks.append(_task(found, path))
        side = slim_side(slim, scratch)
        answers = side.run(graph, tasks, scratch / "slim")
        if tensorflow is not None:
            stock = Side("prove_stock", tensorflow, None)
            for answer, other in zip(answers, stock.run(graph, tasks, scratch / "stock")):
                answer["stock"] = other["error"]
        for number, (task, answer) in enumerate(zip(tasks, answers)):
            answer.update(signature=task["signature"], number=number)
        return _judge(wanted, answers, scratch, side, graph, tasks, inputs is not None)


def _task(signature: Signature, inputs: Path) -> dict[str, Any]:
    return {
        "signature": signature.name,
        "inputs": str(inputs),
        "input_tensors": {name: spec.tensor for name, spec in signature.inputs.items()},
        "output_tensors": {name: spec.tensor for name, spec in signature.outputs.items()},
    }


def _wanted(signatures: Any, name: str | None, inputs: Path | None) -> list[Signature]:
    existing = ", ".join(signatures) or "none"
    if name is None and inputs is not None:
        name = "serving_default" if len(signatures) != 1 else next(iter(signatures))
    if name is not None and name not in signatures:
        raise ProofError(f"the model has no signature {name!r}; it has: {existing}")
    return [signatures[name]] if name is not None else list(signatures.values())


def _inputs(signature: Signature, given: Path | None) -> list[dict[str, Any]]:
    if given is None:
        count = example_inputs.ATTEMPTS if signature.inputs else 1
        return [example_inputs.make(signature.inputs, attempt) for attempt in range(count)]
    try:
        with np.load(given) as file:  # no pickles
            values = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ProofError(f"{given}: no .npz of plain arrays: {error}") from error
    if set(values) != set(signature.inputs):
        wanted = ", ".join(signature.inputs) or "nothing"
        raise ProofError(f"{given} has {', '.join(values)}; {signature.name} wants {wanted}")
    return [values]


def _judge(
    wanted: list[Signature],
    answers: list[dict[str, Any]],
    scratch: Path,
    side: Side,
    graph: Graph,
    tasks: list[dict[str, Any]],
    given: bool,
) -> dict[str, Any]:
    compared = any("stock" in answer for answer in answers)
    results = []
    for signature in wanted:
        own = [answer for answer in answers if answer["signature"] == signature.name]
        ran = [answer["number"] for answer in own if not answer["error"]]
        result: dict[str, Any] = {"name": signature.name, "ran": len(ran), "outputs": {}}
        result["inputs"] = "given" if given else "made" if ran else "none fit"
        result["problem"] = _problem(own)
        if compared and not result["problem"]:
            for number in ran:
                _merge(result["outputs"], scratch, number)
            if not all(output["agrees"] for output in result["outputs"].values()):
                again = scratch / f"again-{ran[0]}"
                side.run(graph, [dict(tasks[number]) for number in ran], again)
                for name in _unrepeatable(scratch, ran, again):
                    result["outputs"][name].update(agrees=True, repeatable=False)
            wrong = [n for n, output in result["outputs"].items() if not output["agrees"]]
            result["problem"] = f"{', '.join(wrong)} differ" if wrong else ""
        results.append(result)
    passed = not any(result["problem"] for result in results)
    return {"signatures": results, "passed": passed, "compared": compared}


def _problem(answers: list[dict[str, Any]]) -> str:
    """What went wrong in running a signature's tasks, or ""."""
    for answer in answers:
        if answer["missing"]:
            return f"the library lacks {answer['missing']}: {answer['error']}"
        if "status" in answer["error"][:20]:
            return f"the slim library's process {answer['error']}"
        if "stock" in answer and bool(answer["error"]) != bool(answer["stock"]):
            if answer["error"]:
                return f"only the full TensorFlow runs it; the slim library: {answer['error']}"
            return f"only the slim library runs it; the full TensorFlow: {answer['stock']}"
    if all(answer["error"] for answer in answers) and answers:
        if "stock" in answers[0]:
            return ""  # neither runs what was made: no proof, but no fault either
        return f"no input that was made fits, give --inputs FILE.npz: {answers[0]['error']}"
    return ""


def _merge(outputs: dict[str, Any], scratch: Path, number: int) -> None:
    slim, stock = (arrays.load(scratch / side / f"{number}.npz") for side in ("slim", "stock"))
    for name in sorted(stock):
        compare.merge(outputs, name, compare.output(slim.get(name), stock[name]))


def _unrepeatable(scratch: Path, ran: list[int], again: Path) -> set[str]:
    """Outputs that differ between two processes of the slim library: random ones."""
    found = set()
    for index, number in enumerate(ran):
        path = again / f"{index}.npz"
        if path.exists():
            second = arrays.load(path)
            for name, value in arrays.load(scratch / "slim" / f"{number}.npz").items():
                if not compare.output(second.get(name), value)["agrees"]:
                    found.add(name)
    return found


def show(result: dict[str, Any], console: Console) -> None:
    """Prints the result as a table."""
    titles = ("signature", "inputs", "output", "type", "largest difference", "ULP", "")
    table = Table(*(Column(title, overflow="fold") for title in titles))
    for signature in result["signatures"]:
        inputs = f"{signature['inputs']}, {signature['ran']} ran"
        rows = signature["outputs"].items() or [("", None)]
        for name, output in rows:
            if output is None:
                verdict = signature["problem"] or ("runs" if signature["ran"] else "not tried")
                table.add_row(signature["name"], inputs, "", "", "", "", verdict)
                continue
            verdict = "agrees" if output["agrees"] else "differs"
            verdict = verdict if output.get("repeatable", True) else "random: not compared"
            exact = output["max_abs"] is None
            figures = ["", ""] if exact else [f"{output['max_abs']:.3g}", str(output["max_ulp"])]
            table.add_row(signature["name"], inputs, name, output["dtype"], *figures, verdict)
    console.print(table)


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 if the proof holds, 1 if not, 2 for arguments that cannot be used."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("model", type=Path, metavar="MODEL")
    parser.add_argument("--slim", type=Path, required=True, metavar="WHEEL_OR_LIBRARY")
    parser.add_argument("--inputs", type=Path, metavar="FILE.npz")
    parser.add_argument("--tensorflow", type=Path, metavar="PYTHON", help="has the full TensorFlow")
    parser.add_argument("--signature", metavar="S")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there as well")
    options = parser.parse_args(arguments)
    from opgraft_slim import ModelError

    try:
        result = prove(
            options.model, options.slim, options.inputs, options.tensorflow, options.signature
        )
    except (ProofError, ModelError) as error:
        print(error, file=sys.stderr)
        return 2
    show(result, Console())
    if options.json:
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
    return 0 if result["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
