import math

import numpy as np
import pytest
from scipy import stats

from mmaudit.measures.intervals import bootstrap, replicates
from mmaudit.measures.intervals.bootstrap import replicate, replicated_mean, unit_keys, weights
from mmaudit.measures.intervals.replicates import Replicates


def ids(n):
    return [f"sample-{i}" for i in range(n)]


def test_weights_are_poisson_of_mean_and_variance_one():
    drawn = weights(unit_keys(0, ids(2000)), 0, 500)
    counts = np.bincount(drawn.ravel(), minlength=9)[:9].astype(float)
    expected = stats.poisson.pmf(np.arange(9), 1) * drawn.size
    # 1,000,000 draws; 5 standard errors in every cell of the pmf
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected) + 1).all()
    assert abs(drawn.mean() - 1) < 5e-3
    assert abs(drawn.var() - 1) < 5 * math.sqrt(3) * 1e-3  # Var of (X-1)^2 is 3


def test_thresholds_are_the_distribution_function():
    told = bootstrap.THRESHOLDS / 2**32
    assert np.allclose(told, stats.poisson.cdf(np.arange(12), 1), atol=2**-32)


def test_weights_are_independent_between_samples_and_between_replicates():
    drawn = weights(unit_keys(1, ids(300)), 0, 400).astype(float) - 1
    cells = drawn.size
    between_samples = (drawn[:, :-1] * drawn[:, 1:]).mean()
    between_replicates = [(drawn[:-k] * drawn[k:]).mean() for k in (1, 2, 3, 4, 8)]
    assert max(map(abs, [between_samples, *between_replicates])) < 5 / math.sqrt(cells - 4000)


def test_weights_depend_on_seed_and_id_alone():
    keys = unit_keys(3, ids(64))
    whole = weights(keys, 0, 37)
    order = np.random.default_rng(0).permutation(64)
    assert (weights(keys[order], 0, 37) == whole[:, order]).all()
    assert (weights(keys[5:6], 0, 37) == whole[:, 5:6]).all()
    for first, count in ((0, 5), (5, 1), (6, 31), (3, 9)):
        assert (weights(keys, first, count) == whole[first : first + count]).all()
    assert not (weights(unit_keys(4, ids(64)), 0, 37) == whole).all()


def test_rows_of_one_group_weigh_the_same():
    drawn = weights(unit_keys(0, ["a", "b", "a"]), 0, 50)
    assert (drawn[:, 0] == drawn[:, 2]).all()
    assert (drawn[:, 0] != drawn[:, 1]).any()


def test_fixed_point_sums_are_exact_and_close():
    values = np.random.default_rng(0).normal(size=999) * 1e-3
    whole, unit = bootstrap.fixed(values)
    assert np.abs(whole * unit - values).max() <= unit / 2
    assert unit < 1e-3 * 2**-45
    twice = np.repeat(whole, 2)
    assert int(twice.sum()) == 2 * sum(map(int, whole))


@pytest.mark.parametrize("value", [0.0, 1e-300, 5e-324, 1e300])
def test_fixed_point_of_extreme_magnitudes(value):
    whole, unit = bootstrap.fixed(np.array([value, -value]))
    assert whole[0] == -whole[1]
    assert np.isclose(whole[0] * unit, value, rtol=1e-12, atol=1e-290)


def test_fixed_point_refuses_nan():
    with pytest.raises(ValueError, match="finite"):
        bootstrap.fixed(np.array([1.0, math.nan]))


def test_mean_equals_numpy_with_the_same_weights():
    values = np.random.default_rng(2).normal(size=200)
    keys = unit_keys(0, ids(200))
    told = replicated_mean(values, keys, 300)
    drawn = weights(keys, 0, 300)
    assert told.point == pytest.approx(values.mean(), abs=1e-14)
    expected = [np.average(values, weights=w) for w in drawn]
    assert np.allclose(told.draws, expected, atol=1e-13)
    assert told.n == 200


def test_chunks_do_not_matter():
    values, keys = np.random.default_rng(2).normal(size=100), unit_keys(0, ids(100))
    whole = replicated_mean(values, keys, 101)
    assert (replicated_mean(values, keys, 101, cells=900).draws == whole.draws).all()


def test_statistics_of_the_same_units_share_their_weights():
    """Two thirds of a sweep's time were weights that it had drawn already; few units are kept."""
    first, other = (unit_keys(seed, [str(i) for i in range(500)]) for seed in (1, 2))
    seen = []

    def statistics(drawn):
        seen.append(drawn)
        return drawn.mean(axis=1)[:, None]

    draws = [replicate(statistics, keys, 40)[1] for keys in (first, other, first)]
    assert seen[1] is seen[5]
    assert seen[1] is not seen[3]
    assert np.array_equal(draws[0], draws[2])
    assert not np.array_equal(draws[0], draws[1])


def test_order_does_not_matter_to_the_bit():
    rng = np.random.default_rng(5)
    values, keys = (
        rng.normal(size=1000) * 10.0 ** rng.integers(-8, 8, 1000),
        unit_keys(0, ids(1000)),
    )
    order = rng.permutation(1000)
    a, b = replicated_mean(values, keys, 50), replicated_mean(values[order], keys[order], 50)
    assert a.point == b.point
    assert (a.draws == b.draws).all()


@pytest.mark.parametrize(
    ("n", "spread"), [(10, "normal"), (30, "exponential"), (200, "exponential")]
)
def test_interval_of_a_mean_covers_as_often_as_it_says(n, spread):
    """95 % intervals; 1,000 datasets, so 5 standard errors are 3.5 points. Skewed means of 30 are
    known to be covered a little less often than 95 % by any percentile interval."""
    rng = np.random.default_rng(n)
    covered = 0
    for seed in range(1000):
        values = rng.normal(size=n) if spread == "normal" else rng.exponential(size=n) - 1
        told = replicated_mean(values, unit_keys(seed, ids(n)), 400).estimate()
        covered += told.low <= 0 <= told.high
    floor = {10: 0.915, 30: 0.885, 200: 0.915}[n]
    assert floor < covered / 1000 < 0.985


def test_group_bootstrap_covers_where_the_sample_bootstrap_does_not():
    """40 groups of 10 equal samples: keyed by sample the interval is far too narrow."""
    rng = np.random.default_rng(0)
    names = [f"g{i // 10}" for i in range(400)]
    by_group = by_sample = 0
    for seed in range(300):
        values = np.repeat(rng.normal(size=40), 10)
        told = replicated_mean(values, unit_keys(seed, names), 300).estimate()
        wrong = replicated_mean(values, unit_keys(seed, ids(400)), 300).estimate()
        by_group += told.low <= 0 <= told.high
        by_sample += wrong.low <= 0 <= wrong.high
        assert told.n == 40
    assert by_group / 300 > 0.95 - 5 * math.sqrt(0.95 * 0.05 / 300)
    assert by_sample / 300 < 0.7


def test_difference_is_paired():
    rng = np.random.default_rng(1)
    keys = unit_keys(0, ids(500))
    clean = rng.normal(size=500) * 10
    worse = clean - 1 + rng.normal(size=500) * 0.01
    a, b = replicated_mean(clean, keys, 200), replicated_mean(worse, keys, 200)
    told = (a - b).estimate()
    assert told.high - told.low < 0.01
    assert told.low < 1.001
    assert told.high > 0.999
    assert ((a - b).draws == a.draws - b.draws).all()
    assert np.allclose((b / a).draws, b.draws / a.draws)


def test_nothing_wrong_in_n_is_not_certainty():
    """All right: the interval reaches to Clopper and Pearson's bound, not only to 1."""
    told = replicated_mean(np.ones(50), unit_keys(0, ids(50)), 200, (0, 1)).estimate()
    exact = stats.binomtest(50, 50).proportion_ci(0.95, method="exact")
    assert told.value == told.high == 1
    assert told.low == pytest.approx(exact.low, abs=1e-12)


def test_one_unit_says_nothing():
    told = replicated_mean(np.array([3.0, 4.0]), unit_keys(0, ["g", "g"]), 200).estimate()
    assert (told.value, told.n) == (3.5, 1)
    assert told.low == -math.inf
    assert told.high == math.inf


def test_interval_contains_the_point_and_keeps_bounds():
    shifted = Replicates(0.01, np.linspace(0.05, 0.09, 100), 100, (0.0, 1.0))
    told = shifted.estimate()
    assert told.low <= told.value == 0.01 <= told.high


def test_draws_of_fewer_than_20_units_say_nothing_of_a_bounded_statistic():
    few = Replicates(0.5, np.linspace(0.4, 0.6, 100), 19, (0.0, 1.0)).estimate()
    assert (few.low, few.high) == (0.0, 1.0)
    assert Replicates(0.5, np.linspace(0.4, 0.6, 100), 20, (0.0, 1.0)).estimate().low > 0.35


def test_draws_that_lean_to_one_side_widen_that_side():
    lean = np.random.default_rng(0).exponential(1.0, 4000)
    found = Replicates(1.0, lean, 1000).estimate()
    low, high = np.quantile(lean, [0.025, 0.975])
    assert found.low <= low
    assert found.high > high + 1


def test_undefined_draws_are_left_out_but_not_most_of_them():
    draws = np.full(100, math.nan)
    draws[:60] = np.linspace(0.3, 0.7, 60)
    assert Replicates(0.5, draws, 100, (0.0, 1.0)).estimate().high < 0.8
    draws[40:] = math.nan
    told = Replicates(0.5, draws, 100, (0.0, 1.0)).estimate()
    assert told.high - told.low == pytest.approx(1 - 0.025**0.01)


def test_families_inside_each_replicate():
    a = Replicates(1.0, np.array([1.0, 4.0]), 9, (0.0, 4.0))
    b = Replicates(2.0, np.array([3.0, 2.0]), 8, (0.0, 4.0))
    assert replicates.extreme([a, b]).draws.tolist() == [1.0, 2.0]
    assert replicates.extreme([a, b], largest=True).draws.tolist() == [3.0, 4.0]
    assert replicates.mean([a, b]).draws.tolist() == [2.0, 3.0]
    assert replicates.mean([a, b]).point == 1.5
    with pytest.raises(ValueError, match="different replicates"):
        replicates.mean([a, Replicates(1.0, np.zeros(3), 9)])
