"""Names from models on a terminal."""

from __future__ import annotations

LONGEST = 200


def printable(text: str) -> str:
    """Text with escapes in place of all that a terminal may act upon, cut at 200 characters."""
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
