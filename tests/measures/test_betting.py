"""The betting test errs at most as often as stated under continuous looking, and stops early."""

import math

import numpy as np
import pytest

from mmaudit.measures import betting

N, GATES, FLIPS, ALPHA = 10_000, 2_000, 0.03, 0.05
LIMIT = 0.05


def differences(rng, drop, gates, n):
    """Per-sample drops in {-1, 0, 1}: samples are lost with FLIPS + drop and won with FLIPS."""
    u = rng.random((gates, n), np.float32)
    return (u < FLIPS + drop).astype(np.float64) - (u > 1 - FLIPS)


def simulate(drop, limit=LIMIT, *, seed=0):
    """Decisions, samples used, and what a fixed-sample test of all samples says."""
    rng = np.random.default_rng(seed)
    m = (limit + 1) / 2
    told, used = np.zeros(GATES, np.int8), np.full(GATES, N)
    total, squares = np.zeros(GATES), np.zeros(GATES)
    state = betting.start(GATES)
    for first in range(0, N, betting.BLOCK):
        d = differences(rng, drop, GATES, min(betting.BLOCK, N - first))
        total += d.sum(1)
        squares += (d**2).sum(1)
        state = betting.bet(state, (d + 1) / 2, m)
        now = betting.decided(state, betting.EARLY * ALPHA)
        fresh = (told == 0) & (now != 0)
        told[fresh], used[fresh] = now[fresh], state.n
    end = betting.at_the_end(state, m, (1 - betting.EARLY) * ALPHA)
    early = told.copy()
    told = np.where(told == 0, end, told)
    mean = total / N
    half = 1.959964 * np.sqrt((squares / N - mean**2) / N)
    full = (mean - half > limit).astype(int) - (mean + half < limit)
    return told, early, used, full


def above(rate):
    return rate + 5 * math.sqrt(rate * (1 - rate) / GATES)


@pytest.mark.slow
def test_errors_at_the_limit_under_continuous_looking():
    """Null: the drop is the limit; either answer is wrong. Allowed: alpha / 2 a side + 5 SE."""
    told, early, _, _ = simulate(LIMIT, seed=1)
    for side in (1, -1):
        assert (early == side).mean() <= above(betting.EARLY * ALPHA / 2)
        assert (told == side).mean() <= above(ALPHA / 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("drop", "limit", "side"), [(0.0, 0.05, -1), (0.02, 0.05, -1), (0.08, 0.05, 1), (0.2, 0.05, 1)]
)
def test_three_points_off_it_is_right_and_five_times_cheaper(drop, limit, side):
    told, _, used, full = simulate(drop, limit, seed=2)
    assert (told == side).mean() >= 0.999
    assert (told * full < 0).mean() <= 0.005
    assert N / used.mean() >= 5


@pytest.mark.slow
@pytest.mark.parametrize("drop", [0.04, 0.06])
def test_near_the_limit_it_does_not_contradict_the_full_run(drop):
    told, _, _, full = simulate(drop, seed=3)
    assert (told * full < 0).mean() <= 0.005
    # measured 0.75 and 0.65, where all samples at the full level give 0.89 and 0.83
    assert (told == np.sign(drop - LIMIT)).mean() >= 0.6


def test_the_capital_is_the_product_of_the_bets():
    """Against a loop written from the formulas, and in any cut of the samples into blocks."""
    x = np.random.default_rng(4).random(50) ** 2
    m, up, down, best = 0.4, 1.0, 1.0, [1.0, 1.0]
    total, squares = 0.5, 0.25
    for i, value in enumerate(x):
        mean, variance = total / (i + 1), squares / (i + 1)
        stake = (mean - m) / (variance + (mean - m) ** 2)
        up *= 1 + min(max(stake, 0), 0.5 / m) * (value - m)
        down *= 1 - min(max(-stake, 0), 0.5 / (1 - m)) * (value - m)
        best = [max(best[0], up), max(best[1], down)]
        total += value
        squares += (value - total / (i + 2)) ** 2
    for cuts in ([50], [1] * 50, [7, 0, 43]):
        state, first = betting.start(), 0
        for size in cuts:
            state = betting.bet(state, x[None, first : first + size], m)
            first += size
        logs = [state.above, state.below, state.best_above, state.best_below]
        assert np.exp(np.concatenate(logs)) == pytest.approx([up, down, *best])
        assert state.n == 50


def test_tests_side_by_side_are_those_alone():
    """Each test has its own samples and its own limit."""
    x = np.random.default_rng(6).random((3, 40))
    limits = np.array([0.3, 0.5, 0.7])
    together = betting.bet(betting.start(3), x, limits)
    for i, m in enumerate(limits):
        alone = betting.bet(betting.start(), x[i : i + 1], float(m))
        assert together.above[i] == alone.above[0]
        assert together.best_below[i] == alone.best_below[0]
        told = betting.at_the_end(together, limits, 0.05)[i]
        assert told == betting.at_the_end(alone, float(m), 0.05)[0]


def test_nobody_is_ruined():
    """The worst sample for a gambler leaves at least half of the capital."""
    for m in (0.01, 0.5, 0.99):
        for value in (0.0, 1.0):
            state = betting.bet(betting.start(), np.full((1, 30), 1 - value), m)
            after = betting.bet(state, np.full((1, 1), value), m)
            assert after.above[0] >= state.above[0] + math.log(0.5) - 1e-12
            assert after.below[0] >= state.below[0] + math.log(0.5) - 1e-12


def test_decide_stops_and_says_how_many_it_used():
    rng = np.random.default_rng(5)
    bad = betting.decide(differences(rng, 0.2, 1, N)[0], limit=LIMIT, low=-1, high=1)
    assert (bad.decision, bad.early) == ("above", True)
    assert bad.used <= 4 * betting.BLOCK
    good = betting.decide(differences(rng, 0.0, 1, N)[0], limit=LIMIT, low=-1, high=1)
    assert (good.decision, good.early) == ("below", True)
    near = betting.decide(differences(rng, LIMIT, 1, 500)[0], limit=LIMIT, low=-1, high=1)
    assert (near.decision, near.used, near.early) == ("open", 500, False)
    assert betting.decide(np.zeros(0), limit=LIMIT, low=-1, high=1) == betting.Early(
        "open", 0, False
    )


def test_what_is_out_of_bounds_is_refused():
    with pytest.raises(ValueError, match="samples"):
        betting.bet(betting.start(), np.array([[1.5]]), 0.5)
    with pytest.raises(ValueError, match="samples"):
        betting.bet(betting.start(), np.array([[np.nan]]), 0.5)
    with pytest.raises(ValueError, match="limit"):
        betting.decide(np.zeros(3), limit=1.0, low=0.0, high=1.0)
