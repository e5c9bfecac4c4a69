# ruff: noqa: D103
"""Bad inputs: each gives a message with the thing, the limit and what to do, and never a crash."""

from __future__ import annotations

import numpy as np
import opgraft_slim
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from opgraft_slim import InputError

GOOD = {"index": 1, "values": [[1.0, 2.0], [3.0, 4.5]], "signature": ["a"]}


@pytest.fixture(scope="module")
def pick(models, library):
    with opgraft_slim.Model(models / "pick", library) as model:
        yield model


@pytest.fixture(scope="module")
def identities(models, library):
    with opgraft_slim.Model(models / "identities", library) as model:
        yield model


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"index": None}, "misses the input index"),
        ({"more": 1, "other": 2}, "has no input more, other"),
        ({"index": 1.0}, "float 1.0, but int32"),
        ({"index": True}, "bool True, but int32"),
        ({"index": "1"}, "str '1', but int32"),
        ({"index": 2**31}, "out of the range of int32"),
        ({"index": 2**100}, "out of the range of int32"),
        ({"index": object()}, "array of object, but int32"),
        ({"index": np.int64(1)}, "is int64, but int32"),
        ({"index": np.float64(1)}, "is float64, but int32"),
        ({"index": [1]}, r"shape \[1\].*index: int32 \[\]"),
        ({"values": np.zeros((2, 2))}, "is float64, but float32.*astype"),
        ({"values": np.zeros((2, 2), ">f8")}, "is >f8|is float64"),
        ({"values": np.zeros((2, 2), "M8[s]")}, "is datetime64"),
        ({"values": [[1, 1e39]]}, "out of the range of float32"),
        ({"values": [[1, 2], [3]]}, "no rectangular array"),
        ({"values": [[1, 2j]]}, "but float32"),
        ({"values": [[1, "2"]]}, "but float32"),
        ({"values": {"a": 1}}, "array of dict, but float32"),
        ({"values": []}, r"shape \[0\].*values: float32 \[\?, 2\]"),
        ({"values": [[1, 2, 3]]}, r"shape \[1, 3\]"),
        ({"values": [1, 2]}, r"shape \[2\]"),
        ({"signature": [1]}, r"has the type int at \(0,\)"),
        ({"signature": [["a"], ["b", "c"]]}, r"has the type list at \(0,\)"),
        ({"signature": np.zeros(2)}, "is float64, but string"),
        ({"signature": np.array([None])}, "has the type NoneType"),
        ({"signature": ["\ud800"]}, "UTF-8 cannot encode"),
    ],
    ids=str,
)
def test_wrong_inputs_are_named(pick, changes, message):
    inputs = {k: v for k, v in {**GOOD, **changes}.items() if k not in changes or v is not None}
    with pytest.raises(InputError, match=message):
        pick.run_inputs(inputs, "pick")
    assert pick.run_inputs(GOOD, "pick")["value"].tolist() == [3, 4.5]


@pytest.mark.parametrize("signature", ["", "nope", "pick\0", None, 3, "\ud800"])
def test_an_unknown_signature_names_those_there_are(pick, signature):
    with pytest.raises(InputError, match="has no signature .*; it has: pick"):
        pick.run_inputs(GOOD, signature)


@pytest.mark.parametrize("index", [2, -1, 2**31 - 1])
def test_an_index_out_of_range_names_it_and_the_shapes(pick, index):
    with pytest.raises(opgraft_slim.RunError, match=rf"{index} is not in \[0, 2\)") as error:
        pick.run_inputs({**GOOD, "index": index}, "pick")
    assert error.value.code == 3 and "values float64 [2, 2]" in str(error.value)


def test_shapes_that_overflow_do_not_reach_tensorflow(identities):
    huge = np.broadcast_to(np.int8(0), (1 << 31, 1 << 31))
    with pytest.raises(InputError, match="too big"):
        identities.run("int8", x=huge)
    with pytest.raises(MemoryError):
        identities.run("int8", x=np.broadcast_to(np.int8(0), (1 << 55,)))
    empty = np.empty((1 << 30, 0, 1 << 30), np.int8)
    assert identities.run("int8", x=empty)["y"].shape == empty.shape


def test_a_closed_model_says_so(models, library):
    model = opgraft_slim.Model(models / "pick", library)
    model.close()
    with pytest.raises(opgraft_slim.SlimError, match="is closed"):
        model.run_inputs(GOOD, "pick")


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.binary()
)
NESTED = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4), max_leaves=12)
ARRAYS = npst.arrays(
    st.one_of(npst.scalar_dtypes(), npst.array_dtypes()),
    npst.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4),
)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(NESTED, ARRAYS), st.sampled_from("float16 int8 uint64 bool complex64 string".split())
)
def test_any_value_is_run_as_it_is_or_refused(identities, value, name):
    try:
        got = identities.run(name, x=value)["y"]
    except InputError:
        return
    if name == "string":
        flat = np.asarray(value, None if isinstance(value, np.ndarray) else object).astype(object)
        wanted = [x.encode() if isinstance(x, str) else x for x in flat.ravel().tolist()]
        assert got.ravel().tolist() == wanted and got.shape == flat.shape
        return
    wanted = np.asarray(value)
    assert got.dtype == np.dtype(name) and got.shape == wanted.shape
    if isinstance(value, np.ndarray):
        assert wanted.dtype.newbyteorder("=") == got.dtype
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(got, wanted.astype(name))
    if name in ("int8", "uint64"):
        assert got.tolist() == wanted.tolist()
