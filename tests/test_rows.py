"""A number with its interval, as a person reads it."""

import math

import pytest

from mmaudit.rows import Estimate


@pytest.mark.parametrize(
    ("value", "low", "high", "told"),
    [
        (0.9875, 0.975, 0.9974, "0.988 [0.975, 0.997]"),
        (0.0, 0.0, 0.071, "0.000 [0.000, 0.071]"),
        (0.0, 0.0, 0.0, "0.000 [0.000, 0.000]"),
        (0.5, -math.inf, math.inf, "0.500 [-inf, inf]"),
        (1.71543e-05, 8.716e-06, 2.684e-05, "1.715e-05 [8.716e-06, 2.684e-05]"),
        (2.75e28, 1e28, 3.1e28, "2.75e+28 [1e+28, 3.1e+28]"),
        (math.nan, math.nan, math.nan, "nan [nan, nan]"),
    ],
)
def test_numbers_of_any_size_are_told_with_digits(value, low, high, told):
    assert str(Estimate(value, low, high, 10)) == told
