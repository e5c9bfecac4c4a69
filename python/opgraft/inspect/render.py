"""A report for people."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opgraft.inspect import checks
from opgraft.inspect.escape import printable
from opgraft.inspect.report import DOES_NOT_RUN, RUNS, RUNS_WITH_OPGRAFT, Problem, Report

NODES = 2  # that a row names

_KINDS = {
    checks.OP_UNKNOWN: "op unknown",
    checks.CONTROL_FLOW: "functions and control flow",
    checks.CONTRIB_OP: "op of tf.contrib or Addons",
    checks.CUSTOM_OP: "custom op of unknown origin",
    checks.NO_KERNEL: "no kernel",
    checks.DEVICE: "device",
    checks.ATTR_UNKNOWN: "attr unknown",
    checks.ATTR_VALUE: "attr value not allowed",
    checks.SIGNATURE: "signature changed",
    checks.CONSTANT: "compressed constant",
    checks.VERSION: "version",
    checks.RESULT: "computes something else",
}
_STYLES = {RUNS: "bold green", RUNS_WITH_OPGRAFT: "bold yellow", DOES_NOT_RUN: "bold red"}


def render(report: Report) -> RenderableType:
    """The verdict, and a table of the problems that matter and one of those that do not."""
    parts: list[RenderableType] = [_head(report), Text(verdict(report), _STYLES[report.status])]
    tables: dict[str, list[Problem]] = {}
    for problem in report.problems:
        other = "Other results" if problem.used else "In functions that nothing calls"
        tables.setdefault("Problems" if problem.counts else other, []).append(problem)
    parts += [_table(problems, title) for title, problems in tables.items()]
    return Group(*parts)


def verdict(report: Report) -> str:
    """The answer as a sentence."""
    name = report.runtime.name
    if report.status == RUNS:
        return f"{name} runs it as it is."
    libraries = ", ".join(report.libraries)
    if report.needs_adapt:
        also = f" and opgraft.load() ({libraries})" if libraries else ""
        return f"{name} runs it after opgraft adapt --runtime {report.runtime.version}{also}."
    if report.status == RUNS_WITH_OPGRAFT:
        return f"{name} runs it after opgraft.load() ({libraries})."
    newer = f" TensorFlow {report.upgrade} is the next that does." if report.upgrade else ""
    return f"{name} does not run it.{newer}"


def _head(report: Report) -> Text:
    model = report.model
    nodes = sum(len(graph.nodes) for graph in model.graphs)
    functions = sum(len(graph.functions) for graph in model.graphs)
    wrote = (
        f", written by TensorFlow {model.tensorflow_version}" if model.tensorflow_version else ""
    )
    counts = f"{nodes} nodes, {functions} functions"
    return Text(printable(f"{model.path}: {model.kind}{wrote}, {counts}"))


def _table(problems: list[Problem], title: str) -> Table:
    table = Table(title=title, title_justify="left", show_lines=True)
    for column in ("problem", "op", "nodes", "what helps"):
        table.add_column(column, overflow="fold")
    for problem in problems:
        finding = problem.finding
        what = Text(_KINDS[finding.kind], "red" if problem.used else "dim")
        if finding.detail:
            what.append(f"\n{printable(finding.detail)}", "default")
        if finding.kind == checks.ATTR_UNKNOWN:
            effect = "changes nothing" if finding.droppable else "it changes the result"
            what.append(f" ({effect})", "default")
        helps = "\n".join(remedy["text"] for remedy in problem.remedies) or "nothing known"
        if problem.refusal:
            helps += f"\n(not opgraft adapt: {problem.refusal})"
        table.add_row(what, printable(finding.op) or "-", _nodes(problem), printable_lines(helps))
    return table


def printable_lines(text: str) -> str:
    """Escaped, line by line."""
    return "\n".join(printable(line) for line in text.split("\n"))


def _nodes(problem: Problem) -> Text:
    """The first nodes and how many more there are."""
    names = [printable(name) for _, name in problem.nodes[:NODES]]
    more = problem.count - len(names)
    if more > 0:
        names.append(f"and {more} more")
    functions = dict.fromkeys(printable(function) for function, _ in problem.nodes if function)
    if functions:
        rest = f" and {len(functions) - 1} more" if len(functions) > 1 else ""
        names.append(f"in function {next(iter(functions))}{rest}")
    return Text("\n".join(names) or "the graph")
