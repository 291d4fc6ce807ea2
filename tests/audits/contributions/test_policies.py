"""Do absence policies agree? Ties count as agreement, and so does what rounding alone moves."""

import numpy as np
import pyarrow as pa
import pytest

from mmaudit.audits.contributions.columns import leading, top
from mmaudit.audits.contributions.policies import policy_columns

NAN = float("nan")


def table(phi):
    a, b = zip(*phi, strict=True)
    return pa.table({"phi_a": pa.array(a, pa.float64()), "phi_b": pa.array(b, pa.float64())})


@pytest.mark.parametrize(
    ("first", "second", "same", "order"),
    [
        ((0.5, 0.2), (0.3, 0.1), 1, 1),
        ((0.5, 0.2), (0.1, 0.3), 0, 0),
        ((0.5, 0.5), (0.5, 0.2), 1, 0),  # a leads both, though b leads one with it
        ((0.3, 0.1 + 0.2), (0.1 + 0.2, 0.3), 1, 1),
        ((0.0, 0.0), (0.0, 0.0), 1, 1),
        ((0.4, NAN), (0.2, NAN), 1, 1),
    ],
)
def test_who_leads_under_both(first, second, same, order):
    assert 0.3 != 0.1 + 0.2
    told = policy_columns([table([first]), table([second])], "ab")
    assert (told["same_top"][0], told["same_order"][0]) == (same, order)


def test_a_tie_is_shared_and_rounding_breaks_none():
    values = np.array([[0.3, 0.1 + 0.2], [0.4, 0.1], [NAN, -0.2]])
    assert leading(values).tolist() == [[True, True], [True, False], [False, True]]
    assert top(values)[0].tolist() == [0.5, 0.5]
    assert top(values)[1:].tolist()[0] == [1.0, 0.0]
    assert np.isnan(top(values)[2, 0])
