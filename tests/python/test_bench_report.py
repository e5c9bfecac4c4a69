# ruff: noqa: D101, D102, D103
"""The benchmark's arithmetic: bars, keys, interleaving and documents. It times nothing."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import bars  # noqa: E402
import document  # noqa: E402
import keys  # noqa: E402
import native  # noqa: E402
import report  # noqa: E402
import timing  # noqa: E402

RUN = json.loads(Path(__file__).with_name("bench_run.json").read_text(encoding="utf-8"))


def bar(group, name, cases=None):
    """The verdict on one bar."""
    rows = bars.evaluate(RUN["cases"] if cases is None else cases)
    [row] = [row for row in rows if (row["group"], row["name"]) == (group, name)]
    return row


def test_the_worst_case_decides():
    row = bar("find, one thread", "int64, 10^6 keys, 100 % hits")
    assert row["measured"] == 2.5
    assert row["best"] == pytest.approx(2.5)
    assert row["median"] == 3.0
    assert "zipf" in row["case"]
    assert row["met"] is False


def test_a_bar_is_met_at_its_limit():
    assert bar("find, one thread", "int64, 10^6 keys, 0 % hits")["met"] is True


def test_bytes_may_not_exceed_their_limit():
    assert bar("memory, bytes per entry", "int64 to int64")["met"] is True
    assert bar("memory, bytes per entry", "strings of mean length 14")["met"] is False


def test_two_threads_are_held_against_one():
    row = bar("find, two threads", "int64, one caller, batches of 10^5, beside one thread")
    assert row["measured"] == pytest.approx(1.8)
    assert row["met"] is True


def test_parts_of_a_run_are_one_run():
    again = {**RUN["cases"][0], "seconds": {"opgraft": 1.0}}
    last = {**RUN, "command": "nox -s bench -- --only build", "cases": [again], "left_out": ["x"]}
    whole = report.merged([RUN, last])
    assert len(whole["cases"]) == len(RUN["cases"])
    assert whole["cases"][0]["seconds"] == {"opgraft": 1.0}
    assert whole["command"] == RUN["command"] + "; " + last["command"]
    assert whole["left_out"] == [*RUN["left_out"], "x"]
    assert whole["ceiling"] == RUN["ceiling"]
    other = report.merged([RUN, {**RUN, "commit": "other"}])
    assert other["commit"] == RUN["commit"] + ", then other"


def test_what_was_not_measured_is_neither_met_nor_missed():
    row = bar("build, one thread", "text file, 10^7 lines")
    assert (row["measured"], row["met"]) == (None, None)
    assert {row["met"] for row in bars.evaluate([])} == {None}


def test_every_bar_has_a_name_of_its_own():
    names = [(one.group, one.name) for one in bars.BARS]
    assert len(set(names)) == len(names)


def test_the_document_keeps_what_is_around_the_figures():
    results = dict(RUN, bars=bars.evaluate(RUN["cases"]))
    text = f"before\n{document.BEGIN}\nold figures\n{document.END}\nafter\n"
    made = document.replaced(text, document.tables(results, "tables.svg"))
    assert made.startswith("before\n") and made.endswith("after\n")
    assert "old figures" not in made
    assert "| int64, 10^6, 100 %, zipf | 10.0 | 25.0 |" in made
    assert "MISSED" in made and "(tables.svg)" in made
    assert document.replaced(made, document.tables(results, "tables.svg")) == made
    with pytest.raises(ValueError, match="no <!--"):
        document.replaced("no markers", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (0.456, "0.46"), (9.96, "10.0"), (99.6, "100"), (1234.5, "1234")],
)
def test_numbers_have_three_digits(value, text):
    assert report.number(value) == text


def test_noisy_ratios_are_marked():
    quiet, noisy = RUN["cases"][:2]
    assert (report.times(quiet), report.times(noisy)) == ("3.50x", "~2.50x")
    assert report.times(quiet, "absl") == ""


def test_rows_have_a_cell_per_column():
    for table in report.tables(dict(RUN, bars=bars.evaluate(RUN["cases"]))):
        assert {len(row) for row in table.rows} == {len(table.columns)}


@pytest.mark.parametrize("kind", ["int64", "string"])
def test_keys_are_distinct_and_misses_look_like_hits(kind):
    hits = keys.make_keys(kind, np.arange(20000))
    misses = keys.make_keys(kind, np.arange(20000) + keys.FIRST_MISS)
    assert len(np.unique(np.concatenate([hits, misses]))) == 40000
    if kind == "string":
        for array in (hits, misses):
            lengths = np.char.str_len(array)
            assert (lengths.min(), lengths.max()) == (8, 20)
            assert lengths.mean() == pytest.approx(14, abs=0.1)


@pytest.mark.parametrize("distribution", ["uniform", "zipf"])
def test_queries_hit_as_often_as_asked(distribution):
    random = np.random.default_rng(0)
    for percent in (0, 50, 100):
        index = keys.query_indices(random, 1000, 20000, percent, distribution)
        hits = index < keys.FIRST_MISS
        assert hits.mean() == pytest.approx(percent / 100, abs=0.02)
        assert index[hits].max(initial=0) < 1000
        assert (index[~hits] - keys.FIRST_MISS).max(initial=0) < 1000


def test_zipf_is_skewed():
    index = keys.query_indices(np.random.default_rng(0), 1000, 20000, 100, "zipf")
    counts = np.sort(np.bincount(index, minlength=1000))
    assert counts[-1] > 20 * np.median(counts)


def test_interleave_calls_all_peers_in_every_round():
    calls = []
    peers = {name: lambda i, name=name: calls.append((i, name)) for name in "ab"}
    figures = timing.interleave(peers, rounds=39, warm_up=1)
    assert sorted(calls) == [(i, name) for i in range(40) for name in "ab"]
    firsts = "".join(name for _, name in calls[::2])
    assert 10 < firsts.count("a") < 30
    assert figures["ratio"]["a"] == 1


def test_the_summary_is_of_blocks():
    figures = timing.summary({"ours": [1, 1, 2, 2], "theirs": [3, 3, 2, 2]}, block=2)
    assert figures["ratio"]["theirs"] == 2  # of 3 and 1
    assert figures["seconds"] == {"ours": 1.5, "theirs": 2.5}


def test_noisy_figures_are_measured_again_and_the_quietest_kept():
    runs = [{"low": {"a": 1, "b": 1}, "high": {"a": 1, "b": high}} for high in (9, 2, 3, 1)]
    given = iter(runs)
    assert timing.quietest(lambda: next(given)) is runs[1]
    assert timing.quietest(lambda: next(given)) is runs[3]


@pytest.mark.parametrize("name", native.MAPS)
@pytest.mark.parametrize("kind", ["int64", "string"])
def test_the_flat_maps_find_what_a_dict_finds(name, kind):
    library = native.maps(str(ROOT / "bazel-bin" / "benchmarks")).get(name)
    if library is None:
        pytest.skip("only nox -s bench builds the flat maps")
    entries, values = keys.make_keys(kind, np.arange(1000)), keys.make_values(True, 1000)
    index = keys.query_indices(np.random.default_rng(0), 1000, 5000, 50, "uniform")
    asked = keys.make_keys(kind, index)
    expected = dict(zip(entries.tolist(), values.tolist()))
    found = native.Map(library, native.Keys(entries), values).finder(native.Keys(asked), -7)()
    assert found.tolist() == [expected.get(key, -7) for key in asked.tolist()]


def contrib_case(name, ratio, threads=1):
    """A case of contrib.py whose op takes 1 us here."""
    seconds = {"opgraft": 1e-6, "tensorflow": ratio * 1e-6}
    case = {"suite": "contrib", "name": f"contrib {name}", "size": name.split()[-1], "items": 1}
    figures = {"seconds": seconds, "best": seconds, "low": seconds, "high": seconds}
    ratios = {"opgraft": 1.0, "tensorflow": ratio}
    return {**case, **figures, "ratio": ratios, "threads": threads}


def test_contrib_ops_have_a_mean_and_a_slowest():
    cases = [contrib_case("A large", 18.0), contrib_case("B small", 0.5)]
    mean = bar("contrib ops, one thread", "geometric mean", cases)
    assert mean["measured"] == pytest.approx(3.0)
    assert mean["met"] is True
    slowest = bar("contrib ops, one thread", "every one", cases)
    assert (slowest["measured"], slowest["case"]) == (0.5, "contrib B small")
    assert slowest["met"] is False


def test_contrib_tables_put_threads_side_by_side():
    cases = [contrib_case("A 1 channel, large", 8.0), contrib_case("A 1 channel, large", 3.0, 2)]
    large, small = report.contrib_tables(cases)
    assert large.rows == [["A 1 channel", "1.00", "8.00", "8.00x", "1.00", "3.00", "3.00x"]]
    assert small.rows == []
