"""Suggested bounds hold for numbers of any size."""

from decimal import ROUND_CEILING, ROUND_FLOOR

import pytest

from mmaudit.gate.suggest import _outward


@pytest.mark.parametrize(
    ("edge", "below", "above"),
    [
        (0.97543, "0.975", "0.976"),
        (0.0, "0.000", "0.000"),
        (0.0042, "0.004", "0.005"),
        (-0.00236, "-0.003", "-0.002"),
        (1.7154e-05, "0.0000171", "0.0000172"),
        (1234567.8912, "1234567.891", "1234567.892"),
        (2.75e28, "27500000000000000000000000000.000", "27500000000000000000000000000.000"),
    ],
)
def test_outward_and_few_digits(edge, below, above):
    assert str(_outward(edge, ROUND_FLOOR)) == below
    assert str(_outward(edge, ROUND_CEILING)) == above
    assert float(below) <= edge <= float(above)


@pytest.mark.parametrize("edge", [5e-324, 1e300, -1e-9, 0.00099999, 0.99999])
def test_extremes_are_not_cut_inward(edge):
    assert float(_outward(edge, ROUND_FLOOR)) <= edge <= float(_outward(edge, ROUND_CEILING))
