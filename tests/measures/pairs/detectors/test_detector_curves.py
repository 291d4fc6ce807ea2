"""What a pair's losses over the epochs say, by hand."""

import numpy as np

from mmaudit.measures.pairs.detectors import curves


def test_columns_of_curves_by_hand():
    losses = np.array([[1.0, 1.0, 1.0], [2.0, 4.0, 0.0], [3.0, 3.0, 3.0]], np.float32)
    told = curves.columns(losses)
    np.testing.assert_allclose(told["curve_mean"], [-1, -2, -3])
    spreads = losses.std(0)
    expected = ((np.array([2.0, 3.0, 1.0]) - losses) / spreads).mean(1)
    np.testing.assert_allclose(told["curve_margin"], expected, rtol=1e-6)
    assert told["curve_remembered"].tolist() == [0, -1, -1]  # good or not: 111, 101, 010
    assert told["curve_component"][0] > told["curve_component"][2]
    assert set(told) == set(curves.COLUMNS)
