"""What adapt did, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any


class Changes:
    """Counts of changes by kind, in the order in which they came."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def add(self, kind: str, what: str, count: int = 1) -> None:
        """One more change: kind is one word or two, what says which."""
        self._counts.setdefault(kind, Counter())[what] += count

    def update(self, others: Changes) -> None:
        """More changes."""
        for kind, counts in others._counts.items():
            self._counts.setdefault(kind, Counter()).update(counts)

    def lines(self) -> list[str]:
        """One line per kind."""
        return [
            f"{kind}: " + "; ".join(w if n == 1 else f"{w} ({n} times)" for w, n in counts.items())
            for kind, counts in self._counts.items()
        ]

    def as_dict(self) -> dict[str, Any]:
        """{kind: {what: count}}."""
        return {kind: dict(counts) for kind, counts in self._counts.items()}
