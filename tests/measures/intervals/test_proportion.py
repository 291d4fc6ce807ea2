import pytest
from scipy import stats

from mmaudit.measures.intervals.proportion import proportion


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (3, 10), (50, 100), (999, 1000)])
def test_a_proportion_equals_scipy(k, n):
    told = proportion(k, n)
    exact = stats.binomtest(k, n).proportion_ci(0.95, method="exact")
    assert told.value == k / n
    assert told.n == n
    assert (told.low, told.high) == pytest.approx((exact.low, exact.high), abs=1e-12)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (-1, 3), (4, 3)])
def test_a_proportion_refuses_what_is_no_rate(k, n):
    with pytest.raises(ValueError, match="not a rate"):
        proportion(k, n)
