"""What the tables are held to, as data, and whether a run of the benchmark met it.

A bar takes all cases that match it, so its figure is that of the worst one.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

PAR = 0.95  # not slower: within 5 %


@dataclass(frozen=True)
class Bar:
    """A limit on a figure of some cases.

    Attributes:
      group: what the report puts together.
      name: what is measured, in a few words.
      figure: "ratio" (TensorFlow's time over ours), "mean" (the geometric one of the ratios),
        "scaling" (our time with one thread over that with two) or "bytes" (per entry of our table;
        the only one that may not exceed its limit).
      limit: the least, or most, that will do.
      where: which cases: {field: value, or a tuple of values}.
    """

    group: str
    name: str
    figure: str
    limit: float
    where: dict[str, Any]

    def matches(self, case: dict[str, Any]) -> bool:
        """Whether the bar is about this case."""
        return all(
            case.get(field) in (value if isinstance(value, tuple) else (value,))
            for field, value in self.where.items()
        )


def _find_bars(group: str, more: dict[str, Any]) -> list[Bar]:
    least = {"int64": {0: 2.0, 50: 3.0, 100: 3.0}, "string": {0: 1.3, 50: 3.0, 100: 3.0}}
    bars = []
    base = {"suite": "find", "batch": 10**5, **more}
    for kind, limits in least.items():
        for size in (10**6, 10**7):
            for hits in (100, 50, 0):
                where = {**base, "kind": kind, "size": size, "hits": hits}
                name = f"{kind}, 10^{len(str(size)) - 1} keys, {hits} % hits"
                bars.append(Bar(group, name, "ratio", limits[hits], where))
        where = {**base, "kind": kind, "size": 10**4}
        bars.append(Bar(group, f"{kind}, 10^4 keys", "ratio", PAR, where))
    return bars


def _all_bars() -> list[Bar]:
    one, two = "find, one thread", "find, two threads"
    bars = _find_bars(one, {"mode": "call", "threads": 1})
    single = {"suite": "find", "batch": 1, "mode": "graph", "threads": 1}
    bars += [
        Bar(one, f"{kind}, batches of 1", "ratio", PAR, {**single, "kind": kind})
        for kind in ("int64", "string")
    ]
    bars += _find_bars(two, {"mode": "throughput", "threads": 2})
    for kind in ("int64", "string"):
        where = {"suite": "find", "threads": 2, "kind": kind, "size": (10**6, 10**7)}
        for callers, mode, batch in (
            ("one caller, batches of 10^5", "call", 10**5),
            ("one caller, batches of 10^6", "call", 10**6),
            ("two callers", "throughput", 10**5),
        ):
            name = f"{kind}, {callers}, beside one thread"
            bars.append(Bar(two, name, "scaling", 1.6, {**where, "mode": mode, "batch": batch}))
    for kind, what, most in (
        ("int64 wide", "int64 to int64", 18.5),
        ("int64", "int64 to values of 4 bytes", 14.0),
        ("string", "strings of mean length 14", 27.5),
    ):
        where = {"suite": "memory", "kind": kind}
        bars.append(Bar("memory, bytes per entry", what, "bytes", most, where))
    build = "build, one thread"
    for size, least in ((10**6, 2.0), (10**7, 1.5)):
        where = {"suite": "build", "source": "text file", "size": size, "threads": 1}
        bars.append(Bar(build, f"text file, 10^{len(str(size)) - 1} lines", "ratio", least, where))
    for source in ("int64 tensors", "string tensors"):
        where = {"suite": "build", "source": source, "threads": 1}
        bars.append(Bar(build, source, "ratio", 1.0, where))
    for tables in ("MutableHashTable", "MutableHashTableOfTensors", "MutableDenseHashTable"):
        dense = ("snapshot",) if tables == "MutableDenseHashTable" else ()
        for op in ("find", "insert", "overwrite", "remove", "export", *dense, "fill"):
            where = {"suite": "mutable", "family": tables, "op": op}
            bars.append(Bar(f"mutable, {op}", tables, "ratio", PAR, where))
    for threads, words in ((1, "one thread"), (2, "two threads")):
        where = {"suite": "contrib", "threads": threads}
        if threads == 1:
            bars.append(Bar(f"contrib ops, {words}", "geometric mean", "mean", 2.0, where))
        bars.append(Bar(f"contrib ops, {words}", "every one", "ratio", 1.0, where))
    return bars


BARS = tuple(_all_bars())


def _figure(bar: Bar, case: dict[str, Any], cases: list[dict[str, Any]]) -> float | None:
    if bar.figure == "bytes":
        return float(case["bytes"]["opgraft"])
    if bar.figure in ("ratio", "mean"):
        return float(case["ratio"]["tensorflow"])
    alone = case["name"].replace("throughput", "call")
    for other in cases:
        if other["name"] == alone and other["threads"] == 1:
            seconds = [of["seconds"]["opgraft"] / of["items"] for of in (other, case)]
            return float(seconds[0] / seconds[1])
    return None


def evaluate(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each bar with what was measured.

    Returns:
      [{"group", "name", "figure", "limit", "measured": of the worst case or None, "best": the same
      from the best rounds, which other work disturbs least, "median": of all its cases, "ceiling":
      what the worst case would be with one access to memory per key and no table, "case": the name
      of the worst, "met": True, False, or None if not measured}].
    """
    rows = []
    for bar in BARS:
        found = [(_figure(bar, case, cases), case["name"]) for case in cases if bar.matches(case)]
        figures = sorted((figure, name) for figure, name in found if figure is not None)
        row = {"group": bar.group, "name": bar.name, "figure": bar.figure, "limit": bar.limit}
        row.update(measured=None, best=None, median=None, ceiling=None, case="", met=None)
        if figures:
            measured, name = figures[-1] if bar.figure == "bytes" else figures[0]
            if bar.figure == "mean":
                measured = statistics.geometric_mean(figure for figure, _ in figures)
            met = measured <= bar.limit if bar.figure == "bytes" else measured >= bar.limit
            median = statistics.median(figure for figure, _ in figures)
            row.update(measured=measured, median=median, case=name, met=met)
            [worst] = [case for case in cases if bar.matches(case) and case["name"] == name]
            if bar.figure == "ratio":
                row["best"] = worst["best"]["tensorflow"] / worst["best"]["opgraft"]
                if "line" in worst["seconds"]:
                    row["ceiling"] = worst["seconds"]["tensorflow"] / worst["seconds"]["line"]
        rows.append(row)
    return rows
