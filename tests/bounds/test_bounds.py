"""Each construction against a closed form, an enumeration or a simulation of its worst cases."""

import math

import numpy as np
import pytest
from scipy import stats

from mmaudit.bounds import calibration, drops, f1, means, medians, ranking, ratios, shares, smooth
from roc import delong

TAIL = 0.025


@pytest.mark.parametrize("n", [1, 10, 300, 5000])
@pytest.mark.parametrize("share", [0.001, 0.2, 0.5, 0.99])
def test_tails_are_those_of_the_binomial(n, share):
    for k in {0, 1, n // 3, n - 1, n}:
        assert shares.at_least(k, n, share) == pytest.approx(stats.binom.sf(k - 1, n, share), 1e-9)
        assert shares.at_most(k, n, share) == pytest.approx(stats.binom.cdf(k, n, share), 1e-9)


def test_a_share_of_0_or_1_is_sure():
    assert shares.at_least(1, 5, 0.0) == 0.0
    assert shares.at_least(5, 5, 1.0) == 1.0
    assert shares.at_most(0, 5, 0.0) == 1.0


@pytest.mark.parametrize(("k", "n"), [(0, 20), (1, 20), (10, 20), (20, 20), (3, 1000)])
def test_ends_are_where_the_tails_are_the_level(k, n):
    low, high = shares.ends(k, n)
    if k:
        assert shares.at_least(k, n, low) == pytest.approx(TAIL)
    if k < n:
        assert shares.at_most(k, n, high) == pytest.approx(TAIL)


@pytest.mark.parametrize("n", [10, 50, 300, 5000])
def test_gaffke_is_exact_for_zeros_and_ones(n):
    """Within 3 % of the level where a single success is seen, within 1 % from three."""
    for k, within in ((0, 0.03), (1, 0.03), (3, 0.01), (n // 2, 0.01)):
        data = means.counted({1.0: k, 0.0: n - k}, 0.0, 1.0)
        _, high = shares.ends(k, n)
        assert means.p_below(data, high) == pytest.approx(TAIL, rel=within)


def test_the_tail_of_a_weighted_sum_of_two_values_is_a_beta():
    """P(a E1 - b E2 >= 0) for gamma weights is a beta tail, at any level."""
    for count, other, ratio in ((5, 7, 0.3), (30, 50, 0.5), (300, 100, 4.0)):
        exact = stats.beta.sf(1 / (1 + ratio), count, other)
        normal = means.star(np.array([ratio, -1.0]), np.array([count, other], float))
        told = stats.norm.sf(normal)
        assert told == pytest.approx(exact, rel=0.02)


def test_a_group_that_is_alike_counts_once():
    """Five equal answers a group: the interval is that of the groups alone."""
    rng = np.random.default_rng(0)
    per_group = (rng.random(80) < 0.8).astype(float)
    repeated = means.bounded(np.repeat(per_group, 5), 0.0, 1.0, np.repeat(np.arange(80), 5))
    alone = means.bounded(per_group, 0.0, 1.0)
    assert means.ends(repeated) == pytest.approx(means.ends(alone), abs=1e-9)
    assert repeated.units == 80


def test_many_values_are_gathered_without_loss():
    rng = np.random.default_rng(1)
    values = rng.beta(20, 2, 20_000)
    gathered = means.bounded(values, 0.0, 1.0)
    assert gathered.values.size <= 1024
    whole = means.Bounded(values, np.ones(20_000), np.ones(20_000), 0.0, 1.0)
    assert means.p_below(gathered, 0.9102) == pytest.approx(means.p_below(whole, 0.9102), rel=1e-3)
    assert gathered.mean == pytest.approx(values.mean(), rel=1e-12)


def test_neither_order_nor_scale_changes_an_end():
    rng = np.random.default_rng(2)
    values = rng.random(500)
    low, high = means.ends(means.bounded(values, 0.0, 1.0))
    assert means.ends(means.bounded(values[::-1].copy(), 0.0, 1.0)) == pytest.approx((low, high))
    scaled = means.ends(means.bounded(values * 4 - 2, -2.0, 2.0))
    assert scaled == pytest.approx((low * 4 - 2, high * 4 - 2), rel=1e-6)


def test_values_beyond_the_bounds_are_refused():
    with pytest.raises(ValueError, match="within the bounds"):
        means.bounded(np.array([0.5, 1.5]), 0.0, 1.0)
    with pytest.raises(ValueError, match="at least one"):
        means.bounded(np.array([]), 0.0, 1.0)


def enumerated(n, lost_rate, won_rate):
    """Every likely pair of counts and its probability."""
    lost = np.arange(int(stats.binom.isf(1e-9, n, lost_rate)) + 1 if lost_rate else 1)
    won = np.arange(int(stats.binom.isf(1e-9, n, won_rate)) + 1 if won_rate else 1)
    b, c = (v.ravel() for v in np.meshgrid(lost, won))
    b, c = b[b + c <= n], c[b + c <= n]
    rest = stats.multinomial(n, [lost_rate, won_rate, 1 - lost_rate - won_rate])
    return b, c, rest.pmf(np.stack([b, c, n - b - c], 1))


@pytest.mark.parametrize(("drop", "won"), [(0.0, 0.02), (0.01, 0.0), (0.02, 0.005), (0.1, 0.02)])
@pytest.mark.parametrize("n", [30, 76, 300])
def test_both_sides_of_a_drop_keep_their_level(drop, won, n):
    """Enumerated, not simulated: the chance that the truth is called passed or failed."""
    lost, gained, chance = enumerated(n, drop + won, won)
    wrong_pass = wrong_fail = outside = 0.0
    for b, c, p in zip(lost.tolist(), gained.tolist(), chance, strict=True):
        if p < 1e-7:
            continue
        data = drops.drop(b, c, n)
        wrong_pass += p * (means.p_below(data, drop) <= TAIL)
        wrong_fail += p * (means.p_above(data, drop) <= TAIL)
        low, high = drops.ends(b, c, n)
        outside += p * (low > drop or high < drop)
    assert wrong_pass <= TAIL
    assert wrong_fail <= TAIL
    assert outside <= 0.05


def test_a_relative_drop_of_nothing_lost_is_a_share():
    """No loss in 100 of which 80 were right: as sure as of a share of 80 and 20 that say nothing."""
    data = drops.relative_drop(0, 0, 80, 100, 0.05)
    assert 0.01 < means.p_below(data, 0.0) < 0.05
    assert means.p_below(drops.relative_drop(40, 0, 40, 100, 0.05), 0.0) > 0.99
    assert means.p_above(drops.relative_drop(40, 0, 40, 100, 0.05), 0.0) < 1e-6


def test_hall_is_t_without_skewness():
    values = np.array([-2.0, -1.0, 0.0, 1.0, 2.0] * 10)
    half = stats.t.ppf(0.975, 49) * values.std(ddof=1) / math.sqrt(50)
    assert smooth.ends(values) == pytest.approx((-half, half), rel=1e-4)


def test_hall_takes_the_skewness_out():
    """Exponential values, n = 100: each side misses 2.5 % of 4,000 runs within 5 s.e. (.0123)."""
    rng = np.random.default_rng(3)
    ends = np.array([smooth.ends(rng.exponential(size=100)) for _ in range(4000)])
    assert (ends[:, 1] < 1).mean() < TAIL + 0.0123
    assert (ends[:, 0] > 1).mean() < TAIL + 0.0123
    t = stats.t.ppf(0.975, 99) / 10
    rng = np.random.default_rng(3)
    runs = rng.exponential(size=(4000, 100))
    assert (runs.mean(1) + t * runs.std(1, ddof=1) < 1).mean() > 0.04  # plain t errs here


def test_values_that_a_few_samples_make_need_more_of_them():
    rng = np.random.default_rng(4)
    assert smooth.moments(rng.normal(size=1000)).enough == smooth.FEWEST
    assert smooth.moments(rng.standard_t(3, 1000) ** 2).enough > 1000
    assert smooth.moments(np.ones(50)).enough == smooth.FEWEST


@pytest.mark.parametrize("n", [6, 20, 101])
def test_the_median_lies_between_its_order_statistics(n):
    """Wrong on each side in at most 2.5 % of 4,000 runs and 5 s.e."""
    rng = np.random.default_rng(n)
    ends = np.array([medians.ends(rng.random(n)) for _ in range(4000)])
    assert (ends[:, 0] > 0.5).mean() < TAIL + 0.0123
    assert (ends[:, 1] < 0.5).mean() < TAIL + 0.0123


def test_five_values_have_no_interval_of_the_median():
    assert medians.ends(np.arange(5.0)) is None


@pytest.mark.parametrize("shift", [0.0, 0.1])
@pytest.mark.parametrize("n", [300, 1000])
def test_the_bracket_holds_the_calibration_error(shift, n):
    """500 runs; the truth is outside on each side in at most 2.5 % and 5 s.e. (.035)."""
    rng = np.random.default_rng(5)

    def draw(size):
        confidence = 0.4 + 0.6 * rng.beta(5, 1.2, size)
        right = rng.random(size) < np.clip(confidence - shift, 0, 1)
        return right - confidence, np.minimum((confidence * 15).astype(int), 14)

    gaps, bins = draw(2_000_000)
    truth = np.abs(np.bincount(bins, gaps, 15)).sum() / gaps.size
    brackets = np.array([calibration.bracket(*draw(n), 15) for _ in range(500)])
    assert (brackets[:, 1] > truth).mean() <= TAIL + 0.035
    assert (brackets[:, 2] < truth).mean() <= TAIL + 0.035
    assert (brackets[:, 1] <= brackets[:, 0]).all()
    assert (brackets[:, 0] <= brackets[:, 2]).all()


@pytest.mark.parametrize(("off", "n"), [(0.0, 100), (0.0, 300), (-0.03, 300)])
def test_the_bracket_knows_rare_errors(off, n):
    """All confidences in one bin, .97 to .99: 300 runs, each side .025 and 2 s.e. (.018).

    With normal ends .11 of the runs at n = 100 were above the truth, and .05 below at n = 300.
    """
    rng, truth = np.random.default_rng(6), abs(off)
    confidence = 0.97 + 0.02 * rng.random((300, n))
    gaps = (rng.random((300, n)) < confidence + off) - confidence
    bins = np.full(n, 14)
    made = np.array([calibration.bracket(gap, bins, 15)[:3] for gap in gaps])
    assert (made[:, 1] > truth).mean() <= TAIL + 0.018
    assert (made[:, 2] < truth).mean() <= TAIL + 0.018


def test_area_and_variance_are_those_of_delong():
    rng = np.random.default_rng(6)
    for decimals in (12, 1):  # without ties and with many
        positive, negative = (
            rng.normal(1, 1, 40).round(decimals),
            rng.normal(0, 1, 60).round(decimals),
        )
        scores = np.stack([np.zeros(100), np.concatenate([positive, negative])], axis=1)
        labels = np.repeat([1, 0], [40, 60])
        one = ranking.areas(scores, labels, np.array([1]))
        assert (one.value, one.variance) == pytest.approx(delong(positive, negative))


@pytest.mark.parametrize(("positives", "negatives"), [(20, 180), (100, 100)])
def test_a_rare_class_does_not_make_the_area_too_sure(positives, negatives):
    """Binormal, area .95, 1,000 runs: each side errs at most .025 + 5 s.e. (.0247)."""
    rng = np.random.default_rng(7)
    apart = math.sqrt(2) * stats.norm.ppf(0.95)
    ends = []
    for _ in range(1000):
        scores = rng.normal(apart, 1, positives), rng.normal(0, 1, negatives)
        value, variance = delong(*scores)
        ends.append(ranking.ends(value, variance, positives, negatives))
    low, high = np.array(ends).T
    assert (low > 0.95).mean() < TAIL + 0.0247
    assert (high < 0.95).mean() < TAIL + 0.0247


def test_an_area_of_1_is_as_sure_as_a_share():
    low, high = ranking.ends(1.0, 0.0, 60, 60)
    assert (low, high) == (shares.ends(60, 60)[0], 1.0)


@pytest.mark.parametrize("grouped", [False, True])
def test_no_end_depends_on_the_order_of_samples(grouped):
    """Bit for bit: tables of the same samples have the same bytes."""
    rng = np.random.default_rng(8)
    n, order = 400, rng.permutation(400)
    values, labels = rng.random(n), rng.integers(0, 3, n)
    answers = np.where(rng.random(n) < 0.8, labels, rng.integers(0, 3, n))
    scores, groups = rng.random((n, 3)), rng.integers(0, 90, n) if grouped else None
    bins = (values * 15).astype(int)

    def every(at):
        some = None if groups is None else groups[at]
        v, y, a = values[at], labels[at], answers[at]
        yield means.ends(means.bounded(v, 0.0, 1.0, some))
        yield smooth.moments(v**2, some).ends()
        yield calibration.bracket((y == a) - v, bins[at], 15, groups=some)
        yield ranking.areas(scores[at], y, np.arange(3), some).ends()
        yield f1.ends(y, a, 3, some)
        yield medians.ends(v, groups=some)
        yield ratios.ends(ratios.pairs(v, v**2, 0.0, 1.0, some))

    assert list(every(np.arange(n))) == list(every(order))


@pytest.mark.parametrize("near", [1e-7, 1e-9, 2.4e-10])
def test_values_next_to_a_bound_have_ends(near):
    """The search for an end went on for ever where the mean was a few floats from its bound."""
    values = np.array([2.0] * 29 + [2.0 - near])
    low, high = means.ends(means.bounded(values, 0.0, 2.0))
    assert 1.7 < low < 2.0
    assert values.mean() <= high <= 2.0


def test_ends_of_a_ratio_of_very_many_samples_are_those_of_all_of_them():
    rng = np.random.default_rng(2)
    first, second = rng.beta(2, 1, 5000), rng.beta(1, 1, 5000)
    whole = ratios.Paired(first, second, None, 0.0, 1.0, None, 1)
    made = ratios.pairs(first, second, 0.0, 1.0)
    assert made.first.size < 5000
    assert made.value == pytest.approx(whole.value, rel=1e-9)
    width = np.ptp(ratios.ends(whole))
    assert ratios.ends(made) == pytest.approx(ratios.ends(whole), abs=2e-3 * width)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("ascending", [False, True])
def test_units_are_the_same_whatever_their_order(ascending, grouped):
    """Also where the first of very many say nothing of how many values there are."""
    rng = np.random.default_rng(3)
    values = np.concatenate([np.zeros(6000), rng.random(6000)])
    groups = rng.integers(0, 9000, values.size) if grouped else None
    order = np.argsort(values) if ascending else rng.permutation(values.size)
    moved = None if groups is None else groups[order]
    at = means.bounded(values, 0, 1, groups)
    other = means.bounded(values[order], 0, 1, moved)
    assert at.values.size > 1000
    for name in ("values", "sizes", "counts"):
        np.testing.assert_array_equal(getattr(at, name), getattr(other, name))
