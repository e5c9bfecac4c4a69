"""Regular expressions of RE2 that match one byte."""

from __future__ import annotations

_SPECIAL = frozenset(b".^$*+?()[]{}|\\")
_CONTROLS = {ord("t"): 9, ord("n"): 10, ord("v"): 11, ord("f"): 12, ord("r"): 13}
_CLASSES = {
    ord("d"): frozenset(b"0123456789"),
    ord("s"): frozenset(b"\t\n\f\r "),
    ord("w"): frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"),
}


def byte_set(pattern: bytes) -> frozenset[int] | None:
    """The ASCII characters that a pattern matches, if it is one character or a class of them.

    Returns None for every other pattern, and for classes that hold other characters than ASCII:
    a match would be more than a byte.
    """
    if any(value > 127 for value in pattern):
        return None
    if pattern.startswith(b"["):
        return _class(pattern)
    if len(pattern) == 1 and pattern[0] not in _SPECIAL:
        return frozenset(pattern)
    found = _escape(pattern, 0)
    return found[0] if found is not None and found[1] == len(pattern) else None


def _escape(pattern: bytes, at: int) -> tuple[frozenset[int], int] | None:
    """What an escape at a place stands for, and where it ends."""
    if pattern[at : at + 1] != b"\\" or at + 1 >= len(pattern):
        return None
    letter = pattern[at + 1]
    if letter in _CLASSES:
        return _CLASSES[letter], at + 2
    if letter in _CONTROLS:
        return frozenset((_CONTROLS[letter],)), at + 2
    if chr(letter).isalnum():
        return None
    return frozenset((letter,)), at + 2


def _class(pattern: bytes) -> frozenset[int] | None:
    """The members of "[...]"; None if it is no such class, is negated, or goes on after it."""
    found: set[int] = set()
    at, first = 1, True
    if pattern[1:2] == b"^":
        return None
    while at < len(pattern):
        if pattern[at] == ord("]") and not first:
            return frozenset(found) if at + 1 == len(pattern) else None
        first = False
        if pattern[at : at + 2] == b"[:":
            return None
        low, end = _escape(pattern, at) or (frozenset((pattern[at],)), at + 1)
        if pattern[at] == ord("\\") and end == at + 1:
            return None
        dash = pattern[end : end + 1] == b"-" and pattern[end + 1 : end + 2] not in (b"]", b"")
        if not dash:
            found |= low
            at = end
            continue
        high, after = _escape(pattern, end + 1) or (frozenset((pattern[end + 1],)), end + 2)
        if len(low) != 1 or len(high) != 1 or min(low) > min(high):
            return None
        found.update(range(min(low), min(high) + 1))
        at = after
    return None
