import math

import numpy as np
import pytest
from scipy import stats

from mmaudit.measures.intervals.bootstrap import replicated_mean, unit_keys
from mmaudit.measures.intervals.replicates import SHARE, Replicates
from mmaudit.measures.tasks.severity import curves


def flat(point, *draws):
    return Replicates(point, np.array(draws, float), 100, (0.0, 1.0))


CLEAN = flat(0.9, 0.8, 1.0)
CURVE = {5: flat(0.1, 0.2, 0.0), 1: flat(0.8, 0.8, 0.6), 3: flat(0.5, 0.4, 0.8)}


def test_area_is_the_trapezoid_over_what_was_measured():
    told = curves.area_under_curve(CLEAN, CURVE)
    assert told.point == pytest.approx(np.trapezoid([0.9, 0.8, 0.5, 0.1], [0, 1, 3, 5]) / 5)
    assert told.draws[1] == pytest.approx(np.trapezoid([1.0, 0.6, 0.8, 0.0], [0, 1, 3, 5]) / 5)


def test_area_of_one_severity_and_of_a_flat_curve():
    assert curves.area_under_curve(CLEAN, {2: CURVE[5]}).point == pytest.approx(0.5)
    assert curves.area_under_curve(CLEAN, dict.fromkeys((1, 4), CLEAN)).point == pytest.approx(0.9)


def test_relative_drop():
    told = curves.relative_drop(CLEAN, CURVE)
    assert told.point == pytest.approx((0.9 - 1.4 / 3) / 0.9)
    assert told.draws == pytest.approx([(0.8 - 1.4 / 3) / 0.8, (1 - 1.4 / 3) / 1])
    assert curves.relative_drop(flat(0.0, 0.1, 0.1), CURVE) is None
    assert math.isnan(curves.relative_drop(flat(0.5, 0.0, 0.5), CURVE).draws[0])


def test_drop_points_the_way_of_worse():
    assert curves.drop(CLEAN, CURVE[5]).point == pytest.approx(0.8)
    assert curves.drop(CLEAN, CURVE[5], better="lower").point == pytest.approx(-0.8)
    assert curves.drop(CLEAN, CURVE[5]).bounds == (-1.0, 1.0)


def test_worst_is_chosen_in_each_replicate():
    assert curves.worst_case(list(CURVE.values())).draws.tolist() == [0.2, 0.0]
    worst = curves.worst_case(list(CURVE.values()), better="lower")
    assert worst.draws.tolist() == [0.8, 0.8]
    assert worst.point == 0.8


def test_violations():
    told = curves.violations(CLEAN, CURVE)
    assert told.point == 0
    assert told.draws == pytest.approx([0, 1 / 3])  # .8 .8 .4 .2 ; 1 .6 .8 0
    assert curves.violations(CLEAN, CURVE, slack=0.3).draws.tolist() == [0, 0]
    assert curves.violations(CLEAN, CURVE, better="lower").point == 1


def test_kendall_equals_scipy():
    told = curves.kendall_tau(CLEAN, CURVE)
    assert told.point == pytest.approx(-1)
    for b in range(2):
        heights = [p.draws[b] for p in (CLEAN, CURVE[1], CURVE[3], CURVE[5])]
        assert told.draws[b] == pytest.approx(stats.kendalltau([0, 1, 3, 5], heights).statistic)
    assert curves.kendall_tau(CLEAN, dict.fromkeys((1, 2), CLEAN)).point == 0


def test_what_surely_falls_leaves_more_of_the_error_to_the_rest():
    """Holm: of 200 samples one step loses 60, and the next 6: p = .0156, above half of 2.5 %."""
    n = 200
    keys = unit_keys(0, [str(i) for i in range(n)])
    line = {
        s: replicated_mean(np.arange(n) >= lost, keys, 20, SHARE)
        for s, lost in enumerate((0, 60, 66))
    }
    clean = line.pop(0)
    assert curves.violations(clean, line).estimate().high == 0.0
