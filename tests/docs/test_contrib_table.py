"""docs/contrib.md says what the sources do."""

from __future__ import annotations

import csv

from . import contrib_table


def test_up_to_date() -> None:
    """The file is what the script writes."""
    hint = "run `python tests/docs/contrib_table.py`"
    assert contrib_table.OUTPUT.read_text() == contrib_table.document(), hint


def test_every_registration_is_found() -> None:
    """The table misses no op that a source registers."""
    sources = (contrib_table.ROOT / "ops" / "contrib").glob("*.cc")
    count = sum(path.read_text().count("OPGRAFT_REGISTER_OP(") for path in sources)
    assert len(contrib_table.registered()) == count


def test_data() -> None:
    """112 ops; those that are not plain have a reason; what is registered is one of them."""
    with contrib_table.OPS.open(encoding="utf-8", newline="") as f:
        ops = list(csv.DictReader(f))
    assert len({op["op"] for op in ops}) == len(ops) == 112
    assert all(op["reason"] for op in ops if op["state"] != "plain")
    assert set(contrib_table.registered()) <= {op["op"] for op in ops}
