"""Rows of tables are decoded from whatever columns hold."""

import json

import pytest

from mmaudit.kinds import table
from mmaudit.kinds.base import Shape, Undecodable

ANY = Shape()


NAN = float("nan")


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
