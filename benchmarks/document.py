"""Writes the parts of docs/tables.md and contrib-speed.md that a run of the benchmark makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import report

BEGIN, END = "<!-- nox -s bench -- --docs -->", "<!-- end -->"


def join(parts: list[str], tables: list[report.Table]) -> str:
    """The parts, and the tables that have rows."""
    made = [f"### {table.title}\n\n{table.markdown()}".rstrip() for table in tables if table.rows]
    return "\n\n".join([*parts, *made])


def contrib(results: dict[str, Any]) -> str:
    """The Markdown between the markers of contrib-speed.md."""
    parts = [
        f"`{results['command']}` on {report.machine_line(results)}.",
        "Microseconds of one op, medians of interleaved rounds; a ratio above 1 means that opgraft "
        "is faster. A ~ marks ratios whose quartiles are far apart: the machine had other work.",
    ]
    bars = [bar for bar in results["bars"] if bar["group"].startswith("contrib")]
    return join(parts, [report.bars_table(bars), *report.contrib_tables(results["cases"])])


def tables(results: dict[str, Any], plot: str) -> str:
    """The Markdown between the markers of tables.md."""
    cases = results["cases"]
    made = [
        report.bars_table(
            [bar for bar in results["bars"] if not bar["group"].startswith("contrib")]
        ),
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
    return join(parts, made)


def replaced(text: str, new: str) -> str:
    """The document with the part between the markers replaced.

    Raises:
      ValueError: the markers are missing.
    """
    begin, end = text.find(BEGIN), text.find(END)
    if not 0 <= begin < end:
        raise ValueError(f"no {BEGIN} before {END}: put the markers where the figures shall go")
    return f"{text[: begin + len(BEGIN)]}\n{new}\n{text[end:]}"


def write(section: str, document: Path) -> None:
    """Writes the figures into the document."""
    text = document.read_text(encoding="utf-8")
    document.write_text(replaced(text, section), encoding="utf-8")
