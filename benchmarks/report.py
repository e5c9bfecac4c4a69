"""The tables of a run: as text for the terminal (rich) and for docs/ (Markdown)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable

import timing
from cases import power

PEERS = {"opgraft": "opgraft", "tensorflow": "TensorFlow", "absl": "absl", "boost": "boost"}
PEERS["line"] = "one line"  # benchmarks/line_peer.cc
OTHERS = {"tensorflow": "TF / ours", "absl": "absl / ours", "boost": "boost / ours"}
Case = dict[str, Any]


@dataclass
class Table:
    """A title, the names of the columns, and rows of text."""

    title: str
    columns: list[str]
    rows: list[list[str]]

    def markdown(self) -> str:
        """The table as GitHub renders it; no title."""
        lines = [self.columns, ["---"] + ["---:"] * (len(self.columns) - 1), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def number(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 99.5 else f"{value:.1f}" if value >= 9.95 else f"{value:.2f}"


def ns(case: Case | None, peer: str) -> float | None:
    """Nanoseconds per item."""
    if case is None or peer not in case["seconds"]:
        return None
    return float(case["seconds"][peer] / case["items"] * 1e9)


def times(case: Case | None, peer: str = "tensorflow") -> str:
    """How many times as long as ours a peer takes; ~ if the machine had other work meanwhile."""
    if case is None or peer not in case["ratio"]:
        return ""
    noisy = any(case["high"][one] > timing.NOISY * case["low"][one] for one in ("opgraft", peer))
    return f"{'~' if noisy else ''}{number(case['ratio'][peer])}x"


def _where(cases: list[Case], **fields: Any) -> list[Case]:
    return [case for case in cases if all(case.get(k) == v for k, v in fields.items())]


def merged(runs: list[Case]) -> Case:
    """Several runs as one: of cases that are in more than one of them, the last one's."""
    cases = {(case["name"], case.get("threads")): case for run in runs for case in run["cases"]}
    ceiling = {(row["pages"], row["threads"]): row for run in runs for row in run["ceiling"]}
    return {
        **runs[0],
        "command": "; ".join(dict.fromkeys(run["command"] for run in runs)),
        "commit": ", then ".join(dict.fromkeys(run["commit"] for run in runs)),
        "left_out": list(dict.fromkeys(what for run in runs for what in run["left_out"])),
        "tensorflow": next((run["tensorflow"] for run in runs if run["tensorflow"]), ""),
        "cases": list(cases.values()),
        "ceiling": list(ceiling.values()),
    }


def bars_table(bars: list[Case]) -> Table:
    """A verdict per bar."""
    verdict = {True: "met", False: "MISSED", None: "not measured"}
    rows = []
    for bar in bars:
        sign, unit = ("<=", "") if bar["figure"] == "bytes" else (">=", "x")
        measured = number(bar["measured"]) + unit if bar["measured"] is not None else ""
        median = number(bar["median"]) + unit if bar["median"] is not None else ""
        best = number(bar["best"]) + unit if bar["best"] is not None else ""
        ceiling = number(bar["ceiling"]) + unit if bar["ceiling"] is not None else ""
        limit = f"{sign} {bar['limit']:g}{unit}"
        name = f"{bar['group']}: {bar['name']}"
        worst = re.sub("^find |^memory, |, batch 10\\^5, (call|throughput)$", "", bar["case"])
        rows.append([name, limit, measured, best, median, ceiling, verdict[bar["met"]], worst])
    columns = [
        "bar",
        "limit",
        "worst case",
        "its best rounds",
        "median",
        "worst case with no table",
        "verdict",
        "the worst case",
    ]
    return Table("Bars", columns, rows)


def times_line(case: Case) -> str:
    """TensorFlow's time over that of one access to memory per key: what a ratio can be here."""
    line, stock = ns(case, "line"), ns(case, "tensorflow")
    return number(stock / line) + "x" if line and stock else ""


def find_table(cases: list[Case]) -> Table:
    """Batches of 10^5: all peers with one thread; ours and TensorFlow's with two."""
    rows = []
    for case in _where(cases, suite="find", mode="call", threads=1, batch=10**5):
        same = {k: case[k] for k in ("kind", "size", "queries", "hits", "batch")}
        two = next(iter(_where(cases, mode="call", threads=2, **same)), None)
        both = next(iter(_where(cases, mode="throughput", threads=2, **same)), None)
        label = f"{case['kind']}, {power(case['size'])}, {case['hits']} %, {case['queries']}"
        row = [label, *(number(ns(case, peer)) for peer in PEERS)]
        row += [times(case, peer) for peer in OTHERS]
        row.append(times_line(case))
        row += [number(ns(two, "opgraft")), number(ns(both, "opgraft")), times(both)]
        rows.append(row)
    columns = ["keys, number, hits, queries", *PEERS.values(), *OTHERS.values()]
    columns += ["TF / one line", "ours, 2 threads", "ours, 2 callers", "TF / ours"]
    return Table("Find in batches of 10^5, ns per key", columns, rows)


def small_table(cases: list[Case]) -> Table:
    """Batches of 1 and 100: the op among others in one graph, and called from Python."""
    rows = []
    for case in _where(cases, suite="find", mode="graph"):
        same = {k: case[k] for k in ("kind", "size", "queries", "hits", "batch", "threads")}
        call = next(iter(_where(cases, mode="call", **same)), None)
        label = f"{case['kind']}, {power(case['size'])}, {case['hits']} %, {case['queries']}"
        row = [f"{label}, {case['batch']}"]
        for one in (case, call):
            figures = [ns(one, peer) for peer in ("opgraft", "tensorflow")]
            row += [number(f * case["batch"] / 1000 if f else None) for f in figures]
            row.append(times(one))
        rows.append(row)
    columns = ["keys, number, hits, queries, batch", "opgraft", "TensorFlow", "ratio"]
    columns += ["opgraft, from Python", "TensorFlow, from Python", "ratio"]
    return Table("Find in small batches, us per op", columns, rows)


def _simple(title: str, cases: list[Case], label: Callable[[Case], str], first: str) -> Table:
    present = [peer for peer in PEERS if any(peer in case["seconds"] for case in cases)]
    rows = [
        [label(case), *(number(ns(case, peer)) for peer in present), times(case)] for case in cases
    ]
    columns = [first, *(PEERS[peer] for peer in present), "TF / ours"]
    return Table(title, columns, rows)


def build_table(cases: list[Case]) -> Table:
    """Build, per source, size and number of threads."""
    return _simple(
        "Build, ns per entry",
        _where(cases, suite="build"),
        lambda case: f"{case['source']}, {power(case['size'])}, {case['threads']}",
        "from, entries, threads",
    )


def mutable_table(cases: list[Case]) -> Table:
    """Mutable tables."""
    return _simple(
        "Mutable tables, ns per key",
        _where(cases, suite="mutable"),
        lambda case: case["name"],
        "op, table",
    )


def ops_table(cases: list[Case]) -> Table:
    """Plain ops."""
    found = _where(cases, suite="ops")
    return _simple("Plain ops, ns per element", found, lambda case: case["name"], "op")


def contrib_tables(cases: list[Case]) -> list[Table]:
    """tf.contrib's ops, a table for small inputs and one for large ones."""
    made = []
    for size in ("large", "small"):
        rows = []
        for case in _where(cases, suite="contrib", size=size, threads=1):
            two = next(iter(_where(cases, suite="contrib", name=case["name"], threads=2)), None)
            label = case["name"][len("contrib ") :].rsplit(" ", 1)[0].rstrip(",")
            row = [label]
            for one in (case, two):
                figures = [ns(one, peer) for peer in ("opgraft", "tensorflow")]
                row += [number(f / 1000 if f else None) for f in figures] + [times(one)]
            rows.append(row)
        columns = ["op", "opgraft", "TensorFlow", "ratio"]
        columns += ["opgraft, 2 threads", "TensorFlow, 2 threads", "ratio"]
        made.append(Table(f"Contrib ops, {size} inputs, us per op", columns, rows))
    return made


def memory_table(cases: list[Case]) -> Table:
    """Bytes per entry."""
    rows = [
        [case["name"], *(f"{case['bytes'][peer]:.1f}" for peer in ("opgraft", "tensorflow"))]
        for case in _where(cases, suite="memory")
    ]
    return Table("Memory, bytes per entry", ["table", "opgraft", "TensorFlow"], rows)


def ceiling_table(ceiling: list[Case]) -> Table:
    """What memory allows."""
    rows = [
        [f"{row['pages']} pages, {row['threads']}", number(row["ns"]), number(row["best"])]
        for row in ceiling
    ]
    title = "Memory itself: ns per random line of 512 MB, prefetched 32 ahead"
    return Table(title, ["pages, threads", "median", "best"], rows)


def tables(results: Case) -> list[Table]:
    """All tables that have rows, the bars last."""
    cases = results["cases"]
    made = [make(cases) for make in (ops_table, mutable_table, small_table, find_table)]
    made += [build_table(cases), memory_table(cases), ceiling_table(results["ceiling"])]
    made += contrib_tables(cases)
    return [table for table in (*made, bars_table(results["bars"])) if table.rows]


def machine_line(results: Case) -> str:
    """The machine in a sentence."""
    machine = results["machine"]
    caches = ", ".join(f"{name} {size}" for name, size in machine["caches"].items())
    return (
        f"{machine['cpu']}, {machine['cores']} cores ({caches}), {machine['memory_gb']} GB, "
        f"transparent huge pages: {machine['huge_pages']}, load {machine['load']} at the start; "
        f"TensorFlow {results['tensorflow']}, commit {results['commit']}"
    )


def show(results: Case) -> None:
    """Prints everything."""
    from rich.console import Console
    from rich.table import Table as Grid

    console = Console()
    if not console.is_terminal:
        console = Console(width=165)
    colour = {"met": "green", "MISSED": "bold red"}
    for table in tables(results):
        grid = Grid(title=table.title, title_justify="left", title_style="bold")
        for place, column in enumerate(table.columns):
            text = place == 0 or column in ("verdict", "the worst case")
            grid.add_column(column, justify="left" if text else "right", no_wrap=place == 0)
        for row in table.rows:
            grid.add_row(*row, style=next((colour[c] for c in row if c in colour), None))
        console.print(grid)
    console.print(machine_line(results))
    for what in results["left_out"]:
        console.print(f"left out: {what}")
    console.print("~ before a ratio: the machine had other work, the quartiles are far apart")
    met = [bar["met"] for bar in results["bars"]]
    console.print(
        f"[bold]{met.count(True)} bars met, {met.count(False)} missed, "
        f"{met.count(None)} not measured[/bold]"
    )
