"""Texts, vectors, series and rows of tables: decoded from whatever a column holds."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit.kinds import series, table, text, vector
from mmaudit.kinds.base import Shape, Undecodable, one_by_one

ANY = Shape()
NAN = float("nan")


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("ü", "ü"),
        ("", ""),
        (None, None),
        ({"bytes": "ü".encode(), "path": "a.txt", "error": None}, "ü"),
        (["a", "b"], "a"),
        ([None, "b"], "b"),
        ([], None),
    ],
)
def test_texts(cell, found):
    assert text.decode(cell, ANY) == found


def test_all_texts_of_a_list_may_be_joined():
    assert text.decode(["a", None, "b"], Shape(many="join")) == "a b"


@pytest.mark.parametrize("cell", [3, 0.5, b"\xff", [1], {"bytes": b"\xff", "error": None}])
def test_what_is_no_text_is_refused(cell):
    with pytest.raises(Undecodable):
        text.decode(cell, ANY)


VECTOR = np.array([1, 2.5, -3], np.float32)


@pytest.mark.parametrize(
    "cell",
    [
        [1, 2.5, -3],
        "[1, 2.5, -3]",
        {"bytes": vector.encode(VECTOR), "path": "a.npy", "error": None},
        {"x": "1", "y": "2.5", "z": "-3"},
        {"x": 1.0, "y": 2.5, "z": -3.0},
    ],
)
def test_vectors(cell):
    found = vector.decode(cell, Shape(sizes=(3,)))
    assert found.dtype == np.float32
    assert np.array_equal(found, VECTOR)


@pytest.mark.parametrize("cell", [None, "", [NAN, NAN], {"x": None, "y": None}])
def test_absent_vectors(cell):
    assert vector.decode(cell, ANY) is None


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ([1.0, 2.0], "has 2 numbers, others have 3"),
        ([[1.0, 2.0, 3.0]], "has 2 axes"),
        ([1.0, NAN, 3.0], "number 1 is nan"),
        ([1.0, 2.0, float("inf")], "number 2 is inf"),
        ([1.0, 2.0, 1e300], "number 2 is inf"),
        ([1, "x", 3], "not numbers"),
        ([1, None, 3], "number 1 is nan"),
        ([[1], [2, 3]], "not numbers"),
        ("1, 2, 3", "not a list of numbers"),
        ('{"a": 1}', "not numbers"),
        ({"x": 1.0, "y": None, "z": 2.0}, "column 'y' is empty"),
        ({"bytes": b"\x93NUMPY", "path": "a.npy", "error": None}, "not a .npy"),
        ({"bytes": b"pickle", "path": "a.npy", "error": None}, "not a .npy"),
    ],
)
def test_what_is_no_such_vector_is_refused(cell, why):
    with pytest.raises(Undecodable, match=why):
        vector.decode(cell, Shape(sizes=(3,)))


def test_a_npy_header_that_promises_too_much_is_refused():
    whole = vector.encode(VECTOR)
    data = whole.replace(b"(3,), }" + b" " * 12, b"(3999999999999,), }")
    assert len(data) == len(whole)
    assert data != whole
    with pytest.raises(Undecodable, match=r"not a \.npy"):
        vector.decode({"bytes": data, "path": "a.npy", "error": None}, ANY)


def test_objects_in_npy_are_not_loaded():
    import io

    file = io.BytesIO()
    np.save(file, np.array([object()]), allow_pickle=True)
    with pytest.raises(Undecodable, match=r"not a \.npy"):
        vector.decode({"bytes": file.getvalue(), "path": "a.npy", "error": None}, ANY)


numbers = st.floats(width=32, allow_nan=True, allow_infinity=True)
CELLS = st.lists(st.none() | st.lists(numbers, max_size=4), max_size=12)
TYPES = [pa.list_(pa.float32()), pa.large_list(pa.float64()), pa.list_(pa.float32(), 3)]


@settings(derandomize=True, max_examples=200, deadline=None)
@given(CELLS, st.sampled_from(TYPES), st.integers(0, 3))
def test_whole_columns_are_decoded_as_one_by_one(cells, kind, offset):
    if pa.types.is_fixed_size_list(kind):
        cells = [c if c is None else (c + [0.0] * 3)[:3] for c in cells]
    column = pa.array(cells, kind).slice(offset)
    values, reasons = vector.column(column, Shape(sizes=(3,)))
    wanted, why = one_by_one(vector.decode, column, Shape(sizes=(3,)))
    assert reasons == why
    for one, other in zip(values, wanted, strict=True):
        assert (one is None and other is None) or np.array_equal(one, other)


def test_series():
    assert series.decode([1, 2], ANY).shape == (2, 1)
    assert np.array_equal(series.decode("[[1, 2], [3, 4]]", Shape(sizes=(2,))), [[1, 2], [3, 4]])
    assert series.decode([[NAN], [NAN]], ANY) is None
    assert series.decode(None, ANY) is None


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ([[1.0, 2.0, 3.0]], "has 3 channels, others have 2"),
        ([], "shape"),
        ([[[1.0]]], "shape"),
        ([[1.0, 2.0], [NAN, 2.0]], "step 1 of channel 0 is nan"),
        ([[1.0], [1.0, 2.0]], "not numbers"),
    ],
)
def test_what_is_no_such_series_is_refused(cell, why):
    with pytest.raises(Undecodable, match=why):
        series.decode(cell, Shape(sizes=(2,)))


def test_rows_of_tables():
    shape = Shape(categorical=frozenset({"sex"}))
    cell = {"age": "3", "sex": 1, "bmi": None, "ok": True, "x": NAN}
    assert table.decode(cell, shape).tolist() == [3.0, "1", None, 1.0, None]
    assert table.decode({"age": None, "sex": ""}, shape) is None
    assert json.loads(table.encode(table.decode(cell, shape))) == [3.0, "1", None, 1.0, None]


@pytest.mark.parametrize("value", ["abc", float("inf"), [1], "1e999"])
def test_what_is_no_number_in_a_table_is_refused(value):
    with pytest.raises(Undecodable, match="column 'age'"):
        table.decode({"age": value, "sex": "f"}, ANY)
