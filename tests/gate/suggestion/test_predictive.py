"""Bounds that fresh samples of an equally good model clear in 95 % of the cases."""

import math
from functools import cache

import numpy as np
import pytest
from scipy import stats

import many_games
from mmaudit.bounds import drops, means, ranking, smooth
from mmaudit.gate.numbers.sampled import Sampled, Smooth
from mmaudit.gate.suggestion.predictive import bound
from mmaudit.gate.suggestion.widened import widened
from mmaudit.measures.games.interactions import solved
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.rows import Estimate
from roc import delong

ERROR = 0.05
PAIRS = 250  # of a reference and a fresh sample, where neither can be enumerated
LEAST = 1 - ERROR - 2 * math.sqrt(ERROR * (1 - ERROR) / PAIRS)


def share(count, n):
    return Sampled(means.counted({1.0: count, 0.0: n - count}, 0.0, 1.0))


@pytest.mark.parametrize("n", [100, 400, 2_000])
@pytest.mark.parametrize("p", [0.6, 0.9, 0.99])
def test_shares(p, n):
    """Enumerated. The edge of the reference's interval passes .51 to .65."""
    k = np.arange(n + 1)
    chance = stats.binom.pmf(k, n, p)
    some = np.flatnonzero(chance > 1e-7)
    ends = np.array([share(int(one), n).ends(0.95)[0] for one in k])
    passes = {
        kind: sum(chance[one] * chance[ends >= limit(int(one)) - 1e-12].sum() for one in some)
        for kind, limit in (
            ("edge", lambda one: ends[one]),
            ("alone", lambda one: bound(share(one, n), -1, ERROR)),
            ("of 32", lambda one: bound(share(one, n), -1, ERROR / 32)),
        )
    }
    assert passes["edge"] < 0.7
    assert 0.95 <= passes["alone"] < 0.98
    assert passes["of 32"] >= 1 - ERROR / 32


@pytest.mark.parametrize(("drop", "won"), [(0.0, 0.005), (0.02, 0.0), (0.05, 0.03)])
def test_drops(drop, won):
    """All pairs of 150 references and 2,000 fresh samples; the edge passes .50 to .61."""
    rng, n = np.random.default_rng(1), 100
    rates = [drop + won, won, 1 - drop - 2 * won]

    @cache
    def data(lost, won):
        return Sampled(drops.drop(lost, won, n))

    @cache
    def limit(lost, won):
        return bound(data(lost, won), 1, ERROR)

    fresh, times = np.unique(rng.multinomial(n, rates, 2_000)[:, :2], axis=0, return_counts=True)
    ends = np.array([data(*row).ends(0.95)[1] for row in fresh.tolist()])
    first = rng.multinomial(n, rates, 150)[:, :2].tolist()
    passes = [times[ends <= limit(*row) + 1e-12].sum() / 2_000 for row in first]
    assert np.mean(passes) >= 0.95 - 2 * np.std(passes) / math.sqrt(150)
    edges = [times[ends <= data(*row).ends(0.95)[1] + 1e-12].sum() / 2_000 for row in first]
    assert np.mean(edges) < 0.7


def brier(rng, n, apart):
    """Losses of a calibrated binary model."""
    right = rng.random(n) < 0.5
    x = rng.normal(np.where(right, apart / 2, -apart / 2))
    return means.bounded(2 * (right - 1 / (1 + np.exp(-apart * x))) ** 2, 0.0, 2.0)


@pytest.mark.parametrize(("n", "apart"), [(100, 2.56), (400, 0.5), (400, 4.65)])
def test_other_bounded_means(n, apart):
    rng, passed = np.random.default_rng(2), 0
    for _ in range(PAIRS):
        first, fresh = (Sampled(brier(rng, n, apart)) for _ in range(2))
        passed += fresh.ends(0.95)[1] <= bound(first, 1, ERROR)
    assert passed / PAIRS >= LEAST


def test_groups_vary_as_a_whole():
    rng, passed = np.random.default_rng(3), 0
    groups = np.repeat(np.arange(80), rng.choice([1, 10], 80))
    for _ in range(PAIRS):
        first, fresh = (
            Sampled(means.bounded((rng.random(80) < 0.9)[groups] * 1.0, 0.0, 1.0, groups))
            for _ in range(2)
        )
        passed += fresh.ends(0.95)[0] >= bound(first, -1, ERROR)
    assert passed / PAIRS >= LEAST


def test_unbounded_means_and_none_where_a_few_make_them():
    rng, passed = np.random.default_rng(4), 0
    for _ in range(PAIRS):
        first, fresh = (
            Smooth(smooth.moments(np.abs(rng.normal(size=200))), one_sided=True) for _ in range(2)
        )
        passed += fresh.ends(0.95)[1] <= bound(first, 1, ERROR)
    assert passed / PAIRS >= LEAST
    heavy = smooth.moments(np.abs(rng.standard_t(2, 60)))
    assert bound(Smooth(heavy, one_sided=True), 1, ERROR) is None


@pytest.mark.parametrize("area", [0.8, 0.95, 0.99])
def test_areas_by_their_interval_alone(area):
    rng, passed = np.random.default_rng(5), 0
    far, n = math.sqrt(2) * stats.norm.ppf(area), 100

    def estimate():
        value, variance = delong(rng.normal(far, 1, n), rng.normal(0, 1, n))
        low, high = ranking.ends(value, variance, n, n)
        return Estimate(value, min(low, value), max(high, value), n)

    for _ in range(PAIRS):
        passed += estimate().low >= widened(estimate(), -1, ERROR, (0.0, 1.0))
    assert passed / PAIRS >= LEAST


@pytest.mark.parametrize(("signal", "n"), [((1.5, 1.0), 100), ((2.0, 0.2), 400)])
def test_what_a_modality_brings_by_its_interval_alone(signal, n):
    """To the probability of the truth and to its logarithm; before, .85 of the worst passed."""
    rng, some = np.random.default_rng(7), {}
    weights = rng.poisson(1, (200, n)) / n
    for _ in range(PAIRS):
        labels, answers = many_games.answered(rng, n, signal)
        p = np.stack([a[np.arange(n), labels] for a in answers])
        for span, worth in ((1.0, p), (6.9, np.maximum(np.log(p), -6.9))):
            phi = solved(worth).phi
            for m, draws in enumerate((weights @ phi).T):
                made = Replicates(phi[:, m].mean(), draws, n, (-span, span)).estimate()
                some.setdefault((span, m), []).append(made)
    for estimates in some.values():
        lows = np.array([one.low for one in estimates])
        limits = [widened(one, -1, ERROR, (-math.inf, math.inf)) for one in estimates]
        assert np.mean([(lows >= limit).mean() for limit in limits]) >= 1 - ERROR - 0.01


def test_a_size_of_which_only_the_interval_is_there_has_no_bound():
    """The fresh interval of a root mean square is open where a few samples make it."""
    assert widened(Estimate(1.0, 0.9, 1.2, 100), 1, ERROR, (0.0, math.inf)) is None


def test_a_number_without_an_interval_has_no_bound():
    assert widened(Estimate(0.3, 0.3, 0.3, 100), 1, ERROR, (0.0, 1.0)) is None
    assert widened(Estimate(0.3, -math.inf, math.inf, 1), 1, ERROR, (0.0, 1.0)) is None


def test_signs_are_mirrors_and_smaller_errors_lie_farther_out():
    errors = (0.05, 0.01, 0.0005)
    for grounds in (share(90, 100), Sampled(drops.drop(6, 2, 100)), Sampled(_values())):
        data = grounds.data
        turned = Sampled(
            means.Bounded(-data.values, data.sizes, data.counts, -data.high, -data.low)
        )
        above = [bound(grounds, 1, error) for error in errors]
        assert [-bound(turned, -1, error) for error in errors] == pytest.approx(above)
        assert above == sorted(above)
        assert above[0] > grounds.ends(0.95)[1]
    limits = [widened(Estimate(0.95, 0.9, 0.98, 100), -1, error, (0.0, 1.0)) for error in errors]
    assert 0.9 > limits[0] > limits[1] > limits[2] > 0


def _values():
    return means.bounded(np.random.default_rng(6).beta(0.5, 4, 100), 0.0, 1.0)
