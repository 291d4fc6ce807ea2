"""Games with closed forms, brute force over all orders, axioms, and two other implementations."""

from itertools import combinations, permutations
from math import comb, factorial

import numpy as np
import pytest

from mmaudit.measures.games.coalitions import members, pairs, players
from mmaudit.measures.games.interactions import solved
from mmaudit.measures.games.shapley import arrival_weights, shapley


def shapley_interaction(played):
    return solved(played).interaction


def shapley_taylor(played):
    return solved(played).taylor


def mobius(played):
    """What each coalition adds beyond all its parts, by the alternating sum."""
    inside = [[s for s in range(len(played)) if s & c == s] for c in range(len(played))]
    return np.stack(
        [
            sum((-1) ** (c ^ s).bit_count() * played[s] for s in some)
            for c, some in enumerate(inside)
        ]
    )


def game(m, worth):
    """A game of one sample from a function of the set of members."""
    return np.array([[worth({int(k) for k in np.flatnonzero(row)})] for row in members(m)], float)


def random_game(m, n=7, seed=0):
    return np.random.default_rng(seed).normal(size=(1 << m, n))


def by_orders(played):
    """Shapley values by definition: the mean marginal contribution over all orders."""
    m = players(played)
    out = np.zeros((played.shape[1], m))
    for order in permutations(range(m)):
        there = 0
        for k in order:
            out[:, k] += played[there | 1 << k] - played[there]
            there |= 1 << k
    return out / factorial(m)


def test_additive():
    gains = np.array([0.3, -1.2, 2.5, 0.0])
    played = game(4, lambda s: sum(gains[list(s)]) + 7)
    assert shapley(played)[0] == pytest.approx(gains, abs=1e-12)
    assert shapley_interaction(played)[0] == pytest.approx(np.zeros(6), abs=1e-12)
    assert shapley_taylor(played)[0] == pytest.approx(np.zeros(6), abs=1e-12)


def test_exclusive_or():
    """Worth .5 unless both are there: each .25, and they need each other."""
    played = game(2, lambda s: 1.0 if len(s) == 2 else 0.5)
    assert shapley(played)[0] == pytest.approx([0.25, 0.25], abs=1e-12)
    assert shapley_interaction(played)[0] == pytest.approx([0.5], abs=1e-12)
    assert shapley_taylor(played)[0] == pytest.approx([0.5], abs=1e-12)


def test_duplicate():
    played = game(2, lambda s: 1.0 if s else 0.5)
    assert shapley(played)[0] == pytest.approx([0.25, 0.25], abs=1e-12)
    assert shapley_interaction(played)[0] == pytest.approx([-0.5], abs=1e-12)


@pytest.mark.parametrize("m", [3, 5, 8])
def test_unanimity(m):
    """All of a set T or nothing: 1/|T| for each member, interaction of a pair of T by its size."""
    group = {0, 1, 2}
    played = game(m, lambda s: float(group <= s))
    expected = np.zeros(m)
    expected[:3] = 1 / 3
    assert shapley(played)[0] == pytest.approx(expected, abs=1e-12)
    inside = np.array([float(i in group and j in group) for i, j in pairs(m)])
    assert shapley_interaction(played)[0] == pytest.approx(inside / 2, abs=1e-12)
    assert shapley_taylor(played)[0] == pytest.approx(inside / 3, abs=1e-12)


@pytest.mark.parametrize("m", [3, 5, 7])
def test_majority(m):
    played = game(m, lambda s: float(len(s) > m / 2))
    assert shapley(played)[0] == pytest.approx(np.full(m, 1 / m), abs=1e-12)
    # of the others k must be there: (m - 1) / 2 of them makes one of the two decisive, which is
    # worth -1 or +1 by whether the majority is reached with one or only with both
    need = m // 2
    share = dict.fromkeys(range(m - 1), 1 / (m - 1))
    expected = share[need - 1] - share[need]
    assert shapley_interaction(played)[0] == pytest.approx(np.full(comb(m, 2), expected), abs=1e-12)


def test_airport():
    """Costs of a runway: the closed form shares each stretch among those who need it."""
    cost = np.cumsum(np.arange(1.0, 11.0))
    played = game(10, lambda s: cost[max(s)] if s else 0.0)
    stretch = np.diff(np.concatenate([[0.0], cost]))
    expected = np.cumsum(stretch / np.arange(10, 0, -1))
    assert shapley(played)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("m", [1, 2, 3, 4, 5, 6])
def test_equals_all_orders(m):
    played = random_game(m)
    assert np.abs(shapley(played) - by_orders(played)).max() < 1e-12


@pytest.mark.parametrize("m", [2, 3, 6, 10])
def test_adds_up(m):
    played = random_game(m)
    assert shapley(played).sum(axis=1) == pytest.approx(played[-1] - played[0], abs=1e-12)
    singles = np.stack([played[1 << k] - played[0] for k in range(m)], axis=1)
    told = singles.sum(axis=1) + shapley_taylor(played).sum(axis=1)
    assert told == pytest.approx(played[-1] - played[0], abs=1e-12)


def test_who_never_matters_gets_exactly_nothing():
    played = random_game(5)
    played[16:] = played[:16]  # modality 4 changes nothing
    assert (shapley(played)[:, 4] == 0).all()
    for index in (shapley_interaction, shapley_taylor):
        touched = [4 in pair for pair in pairs(5)]
        assert (index(played)[:, touched] == 0).all()


def test_who_never_matters_can_be_left_out_of_the_game():
    """So a sample that lacks a modality may be played with all of them."""
    small = random_game(3)
    large = np.concatenate([small, small])
    assert shapley(large)[:, :3] == pytest.approx(shapley(small), abs=1e-12)
    kept = [3 not in pair for pair in pairs(4)]
    for index in (shapley_interaction, shapley_taylor):
        assert index(large)[:, kept] == pytest.approx(index(small), abs=1e-12)


def test_names_do_not_matter():
    m, order = 4, [2, 0, 3, 1]
    played = random_game(m)
    renamed = np.empty_like(played)
    for c in range(1 << m):
        renamed[sum(1 << order[k] for k in range(m) if c >> k & 1)] = played[c]
    assert shapley(renamed)[:, order] == pytest.approx(shapley(played), abs=1e-12)


def test_a_sample_is_not_changed_by_its_neighbours():
    played = random_game(6, n=50)
    for function in (shapley, shapley_interaction, shapley_taylor):
        assert (function(played[:, 17:18]) == function(played)[17:18]).all()


@pytest.mark.parametrize("m", [2, 3, 5])
def test_interactions_equal_sums_over_mobius(m):
    """SII sums 1 / (|T| - 1) of what each larger set adds, Shapley-Taylor 1 / (|T| choose 2)."""
    played = random_game(m)
    added = mobius(played)
    for p, (i, j) in enumerate(pairs(m)):
        sii, stii = np.zeros(7), np.zeros(7)
        for size in range(2, m + 1):
            for t in combinations(range(m), size):
                if i in t and j in t:
                    worth = added[sum(1 << k for k in t)]
                    sii += worth / (size - 1)
                    stii += worth / comb(size, 2)
        assert shapley_interaction(played)[:, p] == pytest.approx(sii, abs=1e-12)
        assert shapley_taylor(played)[:, p] == pytest.approx(stii, abs=1e-12)


@pytest.mark.parametrize("m", [2, 3, 4, 5, 6])
def test_equals_shap_exact(m):
    import shap

    played = random_game(m, n=1)[:, 0]
    powers = 1 << np.arange(m)
    explainer = shap.explainers.Exact(
        lambda x: played[(x.astype(int) * powers).sum(axis=1)], np.zeros((1, m))
    )
    told = explainer(np.ones((1, m)), interactions=False).values[0]
    assert shapley(played[:, None])[0] == pytest.approx(told, abs=1e-6)


def test_arrival_weights_are_shares_of_orders():
    assert arrival_weights(3) == pytest.approx([1 / 3, 1 / 6, 1 / 3])


def test_a_game_has_a_power_of_two_of_coalitions():
    with pytest.raises(ValueError, match="coalitions"):
        shapley(np.zeros((6, 2)))
