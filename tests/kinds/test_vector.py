"""Vectors are decoded from whatever a column holds."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit.kinds import vector
from mmaudit.kinds.base import Shape, Undecodable, one_by_one

ANY = Shape()


NAN = float("nan")


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
