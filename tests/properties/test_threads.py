"""Tables that several threads use at the same time, in the newest runtime."""

from __future__ import annotations

import pytest

from .client import Client, Refused
from .conftest import VERSIONS

pytestmark = pytest.mark.parametrize("version", VERSIONS[-1:], scope="session")


@pytest.mark.parametrize("key", ["int64", "string"])
@pytest.mark.parametrize("kind", ["MutableHashTable", "DenseHashTable"])
def test_changing(client: Client, kind: str, key: str) -> None:
    """Lookups of keys that stay see their values, whatever happens to others."""
    result = client.ask("race", "changing", {"kind": kind, "key": key, "rounds": 200})
    assert not isinstance(result, Refused), f"{client}: {result}"
    counts, wrong = result
    assert not wrong, f"{client}: (wrong, a key, got, should be): {wrong} after {counts} lookups"
    assert counts[2] == 200, f"{client}: {counts}"


@pytest.mark.parametrize("key", ["int64", "string"])
@pytest.mark.parametrize(("n", "rounds"), [(2000, 30), (200_000, 3)])
def test_initializing(client: Client, key: str, n: int, rounds: int) -> None:
    """A lookup either fails or gives all the values."""
    result = client.ask("race", "initializing", {"key": key, "n": n, "rounds": rounds})
    assert not isinstance(result, Refused), f"{client}: {result}"
    (before, after), wrong = result
    assert not wrong, f"{client}: {wrong} after {before} and {after} lookups"
    assert before > 0, f"{client}: no lookup came before the end of an initialization"
