"""Rows of tables are decoded from whatever columns hold."""

import json
from datetime import UTC, date, datetime

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


def test_truth_values_times_and_large_whole_numbers_stay_what_they_are():
    day, moment = date(2024, 2, 29), datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
    cell = {"ok": True, "n": 2**53 + 1, "day": day, "at": moment, "x": 3}
    row = table.decode(cell, ANY)
    assert row.tolist() == [True, 2**53 + 1, day, moment, 3.0]
    assert [type(v) for v in row] == [bool, int, date, datetime, float]
    assert [table.number(v) for v in row] == [False, True, False, False, True]
    assert json.loads(table.encode(row))[:3] == [True, 2**53 + 1, "2024-02-29"]
