"""Mutable and dense tables: sequences of operations against a dict."""

from __future__ import annotations

import random
from typing import Any

import hypothesis.stateful as stateful
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from .client import Client, Tensor, tensor
from .data import (
    KEY_TYPES,
    VALUE_TYPES,
    Bulk,
    Query,
    bulks,
    flatten,
    keys,
    queries,
    rows,
    same,
)

# (empty_key, deleted_key)
RESERVED: dict[str, list[tuple[Any, Any]]] = {
    "int32": [(0, -1), (-(2**31), 2**31 - 1)],
    "int64": [(0, -1), (-(2**63), 2**63 - 1)],
    "string": [(b"", b"\0"), (b"e" * 100, b"e" * 101)],
}
SEEDS = st.integers(0, 99)
PICKS = st.lists(st.integers(0, 19), max_size=30)


class TableMachine(stateful.RuleBasedStateMachine):
    """A table and the dict that it has to be equal to."""

    client: Client

    @initialize(
        key=st.sampled_from(KEY_TYPES),
        value=st.sampled_from(VALUE_TYPES),
        width=st.sampled_from((0, 0, 3)),
        anonymous=st.booleans(),
        data=st.data(),
    )
    def open(self, key: str, value: str, width: int, anonymous: bool, data: Any) -> None:
        """Makes the table, and draws the keys that the rules pick from."""
        self.key, self.value, self.width = key, value, width
        self.model: dict[Any, Any] = {}
        pool = st.lists(keys(key), min_size=1, max_size=20, unique=True)
        self.pool = data.draw(pool, "the keys picked from")
        [default] = rows(value, 7, 1, width)
        self.default = same(default)
        # In a graph an anonymous table lives for one step.
        more: dict[str, Any] = {"experimental_is_anonymous": anonymous and self.client.eager}
        self.reserved: tuple[Any, ...] = ()
        self.dense = data.draw(st.booleans(), "dense")
        if self.dense:
            self.reserved = data.draw(st.sampled_from(RESERVED[key]), "reserved keys")
            more["initial_num_buckets"] = data.draw(st.sampled_from((4, 8, 256)), "buckets")
            for name, reserved in zip(("empty_key", "deleted_key"), self.reserved):
                more[name] = tensor(key, [reserved], ())
        kind = "DenseHashTable" if self.dense else "MutableHashTable"
        self.client.open(kind, key, value, self.values([default], ()), **more)

    def values(self, given: list[Any], shape: tuple[int, ...] | None = None) -> Tensor:
        """A tensor of values, which may be vectors."""
        shape = (len(given),) if shape is None else shape
        inner = (self.width,) if self.width else ()
        return tensor(self.value, flatten(given, self.width), shape + inner)

    def allowed(self, wanted: list[Any]) -> list[Any]:
        """The keys that a dense table takes."""
        return [key for key in wanted if key not in self.reserved]

    def put(self, op: str, wanted: list[Any], seed: int) -> None:
        """Inserts or imports; the last of equal keys wins."""
        chosen = self.allowed(wanted)
        given = rows(self.value, seed, len(chosen), self.width)
        columns = tensor(self.key, chosen), self.values(given)
        if op == "import" and self.dense:  # which takes what it exports: matrices
            inner = max(self.width, 1)
            columns = (
                tensor(self.key, chosen, (len(chosen), 1)),
                Tensor(self.value, (len(chosen), inner), columns[1].flat),
            )
        self.client.done(op, *columns)
        self.model.update(zip(chosen, map(same, given)))

    def take(self, wanted: list[Any]) -> None:
        """Removes."""
        chosen = self.allowed(wanted)
        self.client.done("remove", tensor(self.key, chosen))
        for key in chosen:
            self.model.pop(key, None)

    def picked(self, picks: list[int]) -> list[Any]:
        """Keys of the pool."""
        return [self.pool[i % len(self.pool)] for i in picks]

    @rule(picks=PICKS, seed=SEEDS)
    def insert(self, picks: list[int], seed: int) -> None:
        self.put("insert", self.picked(picks), seed)

    @rule(picks=PICKS)
    def remove(self, picks: list[int]) -> None:
        self.take(self.picked(picks))

    @rule(bulk=bulks(3000), seed=SEEDS)
    def insert_many(self, bulk: Bulk, seed: int) -> None:
        self.put("insert", bulk.keys(self.key), seed)

    @rule(seed=SEEDS, part=st.sampled_from((0.1, 0.9, 1.0)))
    def remove_part(self, seed: int, part: float) -> None:
        rng = random.Random(seed)
        self.take([key for key in self.model if rng.random() < part])

    @rule(picks=PICKS, seed=SEEDS)
    def import_(self, picks: list[int], seed: int) -> None:
        """An import replaces the contents."""
        self.model.clear()
        self.put("import", list(dict.fromkeys(self.picked(picks))), seed)

    @rule()
    def import_what_was_exported(self) -> None:
        """The free buckets of a dense table go out and come in again."""
        exported, given = self.client.done("export")
        same_values = Tensor(self.value, given.shape, given.flat)  # bfloat16 came as float
        self.client.done("import", exported, same_values)

    @rule(query=queries())
    def find(self, query: Query) -> None:
        batch = self.batch(query)
        want = [self.model.get(key, self.default) for key in batch.flat]
        self.client.finds(batch, want, width=self.width)

    @precondition(lambda self: not self.dense)
    @rule(query=queries(), seed=SEEDS)
    def find_with_defaults(self, query: Query, seed: int) -> None:
        """A default per key."""
        batch = self.batch(query)
        defaults = rows(self.value, seed, query.n, self.width)
        want = [self.model.get(key, same(x)) for key, x in zip(batch.flat, defaults)]
        self.client.finds(batch, want, self.values(defaults, batch.shape), width=self.width)

    def batch(self, query: Query) -> Tensor:
        """The keys of a query; a dense table takes vectors, without reserved keys."""
        asked = query.keys(self.key, [*self.model, *self.allowed(self.pool)])
        asked = [next(iter(self.model), b"k" if self.key == "string" else 1)
                 if key in self.reserved else key for key in asked]  # fmt: skip
        return tensor(self.key, asked, None if self.dense else query.dims())

    @precondition(lambda self: self.dense)
    @rule(which=st.integers(0, 1), op=st.sampled_from(("insert", "remove", "lookup")))
    def reserved_keys(self, which: int, op: str) -> None:
        """A reserved key is refused, and the table is as before."""
        bad = tensor(self.key, [self.reserved[which]])
        more = [self.values(rows(self.value, 1, 1, self.width))] if op == "insert" else []
        self.client.refuses("InvalidArgumentError", op, bad, *more)

    @rule()
    def export(self) -> None:
        self.client.holds(self.model, self.width, self.reserved)

    def teardown(self) -> None:
        """A sequence ends with a look at everything, unless it failed."""
        if hasattr(self, "dense"):
            self.export()


def test_sequences(client: Client) -> None:
    """The table does what the dict does."""
    machine = type("TableMachine", (TableMachine,), {"client": client})
    stateful.run_state_machine_as_test(machine)
