"""Writes the part of docs/tables.md that a run of the benchmark makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import report

BEGIN, END = "<!-- nox -s bench -- --docs -->", "<!-- end -->"


def section(results: dict[str, Any], plot: str) -> str:
    """The Markdown between the markers."""
    cases = results["cases"]
    made = [
        report.bars_table(results["bars"]),
        report.ceiling_table(results["ceiling"]),
        report.find_table(cases),
        report.build_table(cases),
        report.memory_table(cases),
    ]
    parts = [
        f"`{results['command']}` on {report.machine_line(results)}.",
        "Medians of interleaved rounds in one process, one thread unless said otherwise; a ratio "
        "above 1 means that opgraft is faster. Hits are the keys asked for that are in the table. "
        "Of two callers at once, each with its own batches, the table has ns of wall time per key. "
        "A ~ marks ratios whose quartiles are far apart: the machine had other work.",
        f"![ns per key by peer, hit rate and number of keys]({plot})",
    ]
    for left_out in results["left_out"]:
        parts.append(f"Left out: {left_out}.")
    for table in made:
        if table.rows:
            parts.append(f"### {table.title}\n\n{table.markdown()}".rstrip())
    return "\n\n".join(parts)


def replaced(text: str, new: str) -> str:
    """The document with the part between the markers replaced.

    Raises:
      ValueError: the markers are missing.
    """
    begin, end = text.find(BEGIN), text.find(END)
    if not 0 <= begin < end:
        raise ValueError(f"no {BEGIN} before {END}: put the markers where the figures shall go")
    return f"{text[: begin + len(BEGIN)]}\n{new}\n{text[end:]}"


def write(results: dict[str, Any], document: Path, plot: Path) -> None:
    """Writes the figures into the document."""
    text = document.read_text(encoding="utf-8")
    document.write_text(replaced(text, section(results, plot.name)), encoding="utf-8")
