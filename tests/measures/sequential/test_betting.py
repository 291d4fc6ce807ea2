"""The betting test errs at most as often as stated under continuous looking, and stops early."""

import math

import numpy as np
import pytest

from mmaudit.measures.sequential import betting

LIMIT = 0.05


def differences(rng, drop, n, flips=0.03):
    """Per-sample drops in {-1, 0, 1}: samples are lost with flips + drop and won with flips."""
    u = rng.random(n)
    return (u < flips + drop).astype(np.float64) - (u > 1 - flips)


def test_the_capital_is_the_mean_of_the_gamblers():
    """Against a loop written from the formulas, and in any cut of the samples into blocks."""
    x = np.random.default_rng(4).random(50) ** 2
    m, horizons = 0.4, (500, 250)
    capital = {(side, t): 1.0 for side in (1, -1) for t in horizons}
    best = {1: 1.0, -1: 1.0}
    for i, value in enumerate(x):
        seen = [0.0, 1.0, *x[:i]]
        for side, t in capital:
            stake = math.sqrt(2 * math.log(50) / t / np.var(seen))
            most = 0.5 / m if side > 0 else 0.5 / (1 - m)
            capital[side, t] *= 1 + side * min(stake, most) * (value - m)
        now = {side: np.mean([capital[side, t] for t in horizons]) for side in (1, -1)}
        best = {side: max(best[side], now[side]) for side in (1, -1)}
    for cuts in ([50], [1] * 50, [7, 0, 43]):
        state, first = betting.start(samples=500), 0
        for size in cuts:
            state = betting.bet(state, x[None, first : first + size], m)
            first += size
        logs = [state.above, state.below, state.best_above, state.best_below]
        assert np.exp(np.concatenate(logs)) == pytest.approx([*now.values(), *best.values()])
        assert state.n == 50


@pytest.mark.parametrize(("samples", "gamblers"), [(0, 1), (1, 1), (255, 1), (256, 2), (10_000, 7)])
def test_one_gambler_for_each_halving_down_to_a_block(samples, gamblers):
    assert betting.start(samples=samples).boldness.shape == (gamblers,)


@pytest.mark.parametrize("m", [0.1, 0.5, 0.9])
def test_a_fair_game_leaves_the_capital_alone(m):
    """E of a capital is 1 where the mean is the limit: enumerated over all of 2^10 sequences."""
    x = np.array(np.meshgrid(*[[0.0, 1.0]] * 10)).reshape(10, -1).T
    chance = (m**x * (1 - m) ** (1 - x)).prod(1)
    state = betting.bet(betting.start(len(x), samples=1000), x, m)
    assert np.exp(state.above) @ chance == pytest.approx(1)
    assert np.exp(state.below) @ chance == pytest.approx(1)
    for best in (state.best_above, state.best_below):  # Ville: at most one in 2, in 1.2
        assert chance[np.exp(best) >= 1.2].sum() <= 1 / 1.2
        assert chance[np.exp(best) >= 2].sum() <= 1 / 2


def test_tests_side_by_side_are_those_alone():
    """Each test has its own samples and its own limit."""
    x = np.random.default_rng(6).random((3, 40))
    limits = np.array([0.3, 0.5, 0.7])
    together = betting.bet(betting.start(3, samples=600), x, limits)
    for i, m in enumerate(limits):
        alone = betting.bet(betting.start(samples=600), x[i : i + 1], float(m))
        assert together.above[i] == alone.above[0]
        assert together.best_below[i] == alone.best_below[0]
        told = [p[i] for p in betting.p_values(together, limits)]
        assert told == [p[0] for p in betting.p_values(alone, float(m))]


def test_nobody_is_ruined():
    """The worst sample for a gambler leaves at least half of the capital."""
    for m in (0.01, 0.5, 0.99):
        for value in (0.0, 1.0):
            state = betting.bet(betting.start(samples=30), np.full((1, 30), 1 - value), m)
            after = betting.bet(state, np.full((1, 1), value), m)
            assert after.above[0] >= state.above[0] + math.log(0.5) - 1e-12
            assert after.below[0] >= state.below[0] + math.log(0.5) - 1e-12


def test_the_end_is_the_normal_test_with_a_sample_at_each_bound():
    x = np.array([0.0, 0.5, 0.5, 1.0, 1.0])
    state = betting.bet(betting.start(samples=5), x[None], 0.4)
    seen = np.array([*x, 0.0, 1.0])
    z = (seen.mean() - 0.4) / math.sqrt(seen.var() / seen.size)
    above, below = betting.p_values(state, 0.4)
    assert above[0] == pytest.approx(math.erfc(z / math.sqrt(2)) / 2)
    assert above[0] + below[0] == pytest.approx(1)


@pytest.mark.parametrize("n", [40, 80, 200])
def test_few_samples_do_not_err_more_at_the_end(n):
    """Null: nothing was ever won and the drop is the limit. Allowed: 2.5 % a side and 5 SE."""
    rng = np.random.default_rng(n)
    gates = 20_000
    x = (1 + (rng.random((gates, n)) < LIMIT)) / 2
    state = betting.bet(betting.start(gates, samples=n), x, (1 + LIMIT) / 2)
    rich = math.log(2 / (betting.EARLY * 0.05))
    ends = betting.p_values(state, (1 + LIMIT) / 2)
    for best, p in zip((state.best_above, state.best_below), ends, strict=True):
        wrong = (best >= rich) | (p < (1 - betting.EARLY) * 0.025)
        assert wrong.mean() <= 0.025 + 5 * math.sqrt(0.025 * 0.975 / gates)


def test_decide_stops_and_says_how_many_it_used():
    rng = np.random.default_rng(5)
    bad = betting.decide(differences(rng, 0.2, 10_000), limit=LIMIT, low=-1, high=1)
    assert (bad.decision, bad.early) == ("above", True)
    assert bad.used <= 4 * betting.BLOCK
    good = betting.decide(differences(rng, 0.0, 10_000), limit=LIMIT, low=-1, high=1)
    assert (good.decision, good.early) == ("below", True)
    near = betting.decide(differences(rng, LIMIT, 500), limit=LIMIT, low=-1, high=1)
    assert (near.decision, near.used, near.early) == ("open", 500, False)
    late = betting.decide(differences(rng, 0.0, 110), limit=LIMIT, low=-1, high=1, alpha=0.4)
    assert (late.decision, late.used, late.early) == ("below", 110, False)
    assert betting.decide(np.zeros(0), limit=LIMIT, low=-1, high=1) == betting.Early(
        "open", 0, False
    )


def test_what_is_out_of_bounds_is_refused():
    start = betting.start(samples=1)
    with pytest.raises(ValueError, match="samples"):
        betting.bet(start, np.array([[1.5]]), 0.5)
    with pytest.raises(ValueError, match="samples"):
        betting.bet(start, np.array([[np.nan]]), 0.5)
    with pytest.raises(ValueError, match="limit"):
        betting.decide(np.zeros(3), limit=1.0, low=0.0, high=1.0)
