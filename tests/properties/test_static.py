"""Tables that are initialized once, from tensors and from text files, against a dict.

OPGRAFT_PROPERTIES=long gives every property of this directory many more examples, random ones.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from .client import Client, tensor
from .data import (
    KEY_TYPES,
    VALUE_TYPES,
    Bulk,
    Query,
    bulks,
    key_lists,
    queries,
    rows,
    same,
)

WHOLE_LINE, LINE_NUMBER = -2, -1


@dataclass(frozen=True)
class Entries:
    """What a table is to hold: keys, how many of them come twice, and the seed of the values."""

    key: str
    value: str
    keys: list[Any] | Bulk
    twice: int
    seed: int

    def columns(self) -> tuple[list[Any], list[Any]]:
        """Keys and values; equal keys have equal values, and NaN does not equal NaN."""
        given = self.keys.keys(self.key) if isinstance(self.keys, Bulk) else self.keys
        listed = given + given[: self.twice]
        model = dict(zip(given, rows(self.value, self.seed, len(given))))
        for key, n in Counter(listed).items():
            if n > 1 and same(model[key]) == "nan":
                model[key] = 0.5
        return listed, [model[key] for key in listed]


def entries(key: str) -> st.SearchStrategy[Entries]:
    """Contents of a table with keys of a type."""
    listed = st.one_of(key_lists(key, 1), bulks())
    values, seeds = st.sampled_from(VALUE_TYPES), st.integers(0, 99)
    return st.builds(Entries, st.just(key), values, listed, st.integers(0, 3), seeds)


ANY = st.sampled_from(KEY_TYPES).flatmap(entries)
SMALL = st.lists(queries(), min_size=1, max_size=3)


def open_table(client: Client, key: str, value: str, anonymous: bool) -> Any:
    """Makes a table; returns its default."""
    [default] = rows(value, 7, 1)
    # In a graph an anonymous table lives for one step, so there it cannot be initialized first.
    options = {"experimental_is_anonymous": anonymous and client.eager}
    client.open("StaticHashTable", key, value, tensor(value, [default], ()), **options)
    return default


def check(client: Client, key: str, model: dict[Any, Any], default: Any, asked: Any) -> None:
    """Looks up batches, and exports."""
    known = {k: same(v) for k, v in model.items()}
    present, default = list(known), same(default)
    for query in asked:
        batch = query.keys(key, present)
        want = [known.get(k, default) for k in batch]
        client.finds(tensor(key, batch, query.dims()), want)
    client.holds(known)


@given(ANY, SMALL, st.booleans())
def test_tensors(client: Client, made: Entries, asked: list[Query], anonymous: bool) -> None:
    """Not initialized yet, then initialized from tensors."""
    default = open_table(client, made.key, made.value, anonymous)
    keys, values = made.columns()
    columns = tensor(made.key, keys), tensor(made.value, values)
    client.refuses("FailedPreconditionError", "lookup", columns[0])
    client.done("init", *columns)
    check(client, made.key, dict(zip(keys, values)), default, asked)


@given(ANY, st.integers(0, 10**6), st.integers(0, 10**6))
def test_conflict(client: Client, made: Entries, which: int, where: int) -> None:
    """A key with two values is refused; the table can be initialized after that."""
    default = open_table(client, made.key, made.value, False)
    keys, values = made.columns()
    i, at = which % len(keys), where % (len(keys) + 1)
    bad_keys, bad_values = list(keys), list(values)
    bad_keys.insert(at, keys[i])
    bad_values.insert(at, another(made.value, values[i]))
    bad = tensor(made.key, bad_keys), tensor(made.value, bad_values)
    client.refuses("FailedPreconditionError", "init", *bad)
    client.refuses("FailedPreconditionError", "lookup", tensor(made.key, keys[:1]))
    [size] = client.done("size")
    assert size.flat == [0], f"{client}: {size} after a conflict"
    client.done("init", tensor(made.key, keys), tensor(made.value, values))
    check(client, made.key, dict(zip(keys, values)), default, [Query(0, 17, 0.5, "vector")])


def another(dtype: str, value: Any) -> Any:
    """Another value of the type."""
    if dtype == "string":
        return value + b"\0"
    if dtype == "bool":
        return not value
    if isinstance(value, float):
        return 1.0 if value == 0.5 else 0.5
    return value ^ 1


LARGE = [
    ("int64", "int64", "random", 70_000),
    ("int64", "int32", "multiples", 70_000),
    ("int64", "half", "high bits", 70_000),
    ("int32", "bool", "low bits", 70_000),
    ("string", "int64", "random", 70_000),
    ("string", "string", "low bits", 70_000),
    ("int64", "int64", "high bits", 200_000),
    ("string", "int64", "sequence", 200_000),
]


@pytest.mark.parametrize(("key", "value", "pattern", "n"), LARGE)
def test_large(client: Client, key: str, value: str, pattern: str, n: int) -> None:
    """Tables beyond the sizes that hypothesis draws, which several threads may build."""
    default = open_table(client, key, value, False)
    keys, values = Entries(key, value, Bulk(pattern, 1, n), 0, 2).columns()
    client.done("init", tensor(key, keys), tensor(value, values))
    asked = [Query(3, 1000, 1.0, "vector"), Query(4, 50_000, 0.5, "matrix")]
    check(client, key, dict(zip(keys, values)), default, asked)


@pytest.mark.parametrize("key", KEY_TYPES)
def test_nothing(client: Client, key: str) -> None:
    """No keys at all are refused, and leave the table uninitialized."""
    open_table(client, key, "int64", False)
    client.refuses("InvalidArgumentError", "init", tensor(key, []), tensor("int64", []))
    client.refuses("FailedPreconditionError", "lookup", tensor(key, []))


@dataclass(frozen=True)
class Text:
    """A text file: its keys, the type of its second column (or "": none), the ends of lines."""

    key: str
    value: str
    keys: list[Any] | Bulk
    seed: int
    end: bytes
    conflict: bool

    def columns(self) -> tuple[list[Any], list[Any]]:
        """What the file holds; no key twice, unless there is to be a conflict."""
        given = self.keys.keys(self.key) if isinstance(self.keys, Bulk) else self.keys
        if self.key == "string":  # an empty line is an error if it is all there is
            given = [plain(key) or (b"" if self.value else b"(empty)") for key in given]
        listed = list(dict.fromkeys(given))
        values = rows(self.value or "int64", self.seed, len(listed))
        if self.value == "string":
            values = [plain(value) for value in values]
        if self.value in ("float", "double"):
            values = [x if abs(x) < 1e9 else 0.5 for x in values]  # false of NaN
        if not self.value:
            values = list(range(len(listed)))
        if self.conflict:
            listed, values = [*listed, listed[0]], [*values, another(self.value, values[0])]
        return listed, values

    def content(self) -> bytes:
        """The bytes of the file."""
        columns = self.columns() if self.value else self.columns()[:1]
        lines = [b"\t".join(map(written, line)) for line in zip(*columns)]
        return self.end.join([*lines, b""])


def plain(text: bytes) -> bytes:
    """The bytes without what ends a column or a line."""
    return text.translate(bytes(63 if i in b"\t\r\n" else i for i in range(256)))


def written(value: Any) -> bytes:
    """A value as text."""
    return value if isinstance(value, bytes) else repr(value).encode()


def texts(key: str) -> st.SearchStrategy[Text]:
    """Files with keys of a type."""
    listed = st.one_of(key_lists(key, 1), bulks())
    values = st.sampled_from(("", "", "int32", "int64", "float", "double", "string"))
    ends, conflicts = st.sampled_from((b"\n", b"\r\n")), st.integers(0, 9).map(lambda n: n == 9)
    return st.builds(Text, st.just(key), values, listed, st.integers(0, 99), ends, conflicts)


@given(st.sampled_from(KEY_TYPES).flatmap(texts), SMALL, st.booleans())
@example(Text("string", "", Bulk("low bits", 1, 70_000), 0, b"\n", False), [], False)
@example(Text("int64", "string", Bulk("random", 1, 70_000), 0, b"\r\n", False), [], False)
def test_file(client: Client, text: Text, asked: list[Query], anonymous: bool) -> None:
    """Whole lines to their numbers, or the first column to the second."""
    value = text.value or "int64"
    default = open_table(client, text.key, value, anonymous)
    path = Path(client.directory) / "file.txt"
    path.write_bytes(text.content())
    where = (0, 1) if text.value else (WHOLE_LINE, LINE_NUMBER)
    name = tensor("string", [str(path).encode()], ())
    options = {"key_index": where[0], "value_index": where[1]}
    keys, values = text.columns()
    if text.conflict:
        client.refuses("FailedPreconditionError", "init_file", name, **options)
        client.refuses("FailedPreconditionError", "lookup", tensor(text.key, keys[:1]))
        return
    client.done("init_file", name, **options)
    check(
        client, text.key, dict(zip(keys, values)), default, [*asked, Query(5, 300, 0.5, "vector")]
    )
