"""Nanoseconds per lookup by peer: small multiples by kind and number of keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from report import PEERS, ns

# Okabe and Ito's colours, which the colour-blind tell apart.
COLOURS = {"opgraft": "#D55E00", "tensorflow": "#0072B2", "absl": "#56B4E9", "boost": "#999999"}
COLOURS["line"] = "#000000"
HITS = (0, 50, 100)
EXPONENTS = {10**4: "10⁴", 10**6: "10⁶", 10**7: "10⁷"}


def _panel(axes: Any, cases: list[dict[str, Any]], ceiling: float | None) -> None:
    by_hits = {case["hits"]: case for case in cases}
    peers = [peer for peer in PEERS if any(peer in case["seconds"] for case in cases)]
    width = 0.8 / len(peers)
    for place, peer in enumerate(peers):
        heights = [ns(by_hits.get(hits), peer) or 0 for hits in HITS]
        at = [x + (place - (len(peers) - 1) / 2) * width for x in range(len(HITS))]
        drawn = axes.bar(at, heights, width * 0.92, color=COLOURS[peer], label=PEERS[peer])
        axes.bar_label(drawn, fmt="%.0f", fontsize=6.5, padding=1)
    if ceiling is not None:
        axes.axhline(
            ceiling,
            color="black",
            linewidth=0.9,
            linestyle="--",
            label="one random line of 512 MB",
            zorder=0,
        )
    axes.set_xticks(range(len(HITS)), [f"{hits} %" for hits in HITS])
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.12)


def draw(results: dict[str, Any], path: Path) -> None:
    """Writes the plot; its name says whether PNG or SVG."""
    import matplotlib

    matplotlib.use("svg" if path.suffix == ".svg" else "agg")
    matplotlib.rcParams["svg.hashsalt"] = "opgraft"  # the same figures give the same file
    matplotlib.rcParams["font.size"] = 9
    from matplotlib import pyplot

    wanted = {"suite": "find", "mode": "call", "threads": 1, "batch": 10**5, "queries": "uniform"}
    cases = [c for c in results["cases"] if all(c.get(k) == v for k, v in wanted.items())]
    kinds = [kind for kind in ("int64", "string") if any(c["kind"] == kind for c in cases)]
    sizes = sorted({case["size"] for case in cases})
    if not cases:
        raise SystemExit("nothing to plot: no find in batches of 10^5 with one thread was measured")
    lines = [r["best"] for r in results["ceiling"] if (r["pages"], r["threads"]) == ("huge", 1)]
    figure, grid = pyplot.subplots(
        *(len(kinds), len(sizes)),
        figsize=(1.2 + 2.9 * len(sizes), 0.9 + 2.4 * len(kinds)),
        squeeze=False,
        layout="constrained",
    )
    for row, kind in zip(grid, kinds):
        for axes, size in zip(row, sizes):
            found = [case for case in cases if (case["kind"], case["size"]) == (kind, size)]
            if found:
                fits_cache = size < 10**6
                _panel(axes, found, lines[0] if lines and not fits_cache else None)
            axes.set_title(f"{kind}, {EXPONENTS.get(size, size)} keys", fontsize=10)
        row[0].set_ylabel("ns per key")
    for axes in grid[-1]:
        axes.set_xlabel("hits")
    handles, labels = grid[-1][-1].get_legend_handles_labels()
    if lines:  # the dashed line last
        handles, labels = handles[1:] + handles[:1], labels[1:] + labels[:1]
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)
