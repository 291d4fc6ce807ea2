import numpy as np
import pytest

from mmaudit.measures.games.permutations import affordable, orders, passes, sampled
from mmaudit.measures.games.shapley import shapley


def keys(n, seed=0):
    return np.random.default_rng(seed).integers(0, 2**63, n, dtype=np.uint64)


def evaluator(game):
    """Looks worths up, and counts how often it was asked."""
    asked = []

    def evaluate(there):
        asked.append(there)
        number = (there * (1 << np.arange(there.shape[1]))).sum(axis=1)
        worth = game[number, np.arange(len(there))]
        return np.stack([worth, 2 * worth], axis=1)

    return evaluate, asked


def estimate(game, evaluate, drawn):
    ends = [np.stack([worth, 2 * worth], axis=1) for worth in (game[0], game[-1])]
    return sampled(evaluate, drawn, *ends)


def test_unbiased_with_honest_error_bars():
    """4,000 equal games: the mean must be within 5 standard errors of exact, and the spread of
    the estimates must be what each says of itself (the mean variance to 10 %)."""
    game = np.repeat(np.random.default_rng(1).normal(size=(64, 1)), 4000, axis=1)
    evaluate, _ = evaluator(game)
    told, error = estimate(game, evaluate, orders(keys(4000), 6, 6))
    assert (told[..., 1] == 2 * told[..., 0]).all()
    assert error[..., 1] == pytest.approx(2 * error[..., 0])
    told, error = told[..., 0], error[..., 0]
    exact = shapley(game[:, :1])[0]
    off = told.mean(axis=0) - exact
    assert (np.abs(off) < 5 * told.std(axis=0) / np.sqrt(4000)).all()
    assert (error**2).mean(axis=0) == pytest.approx(told.var(axis=0), rel=0.1)


def test_adds_up_and_costs_what_it_says():
    game = np.random.default_rng(2).normal(size=(32, 50))
    evaluate, asked = evaluator(game)
    told, _ = estimate(game, evaluate, orders(keys(50), 5, 3))
    assert told[..., 0].sum(axis=1) == pytest.approx(game[-1] - game[0], abs=1e-12)
    assert len(asked) == passes(5, 3)


def test_two_modalities_are_exact():
    game = np.random.default_rng(3).normal(size=(4, 30))
    told, error = estimate(game, evaluator(game)[0], orders(keys(30), 2, 2))
    assert told[..., 0] == pytest.approx(shapley(game), abs=1e-12)
    assert error == pytest.approx(np.zeros((30, 2, 2)), abs=1e-7)


def test_orders_are_uniform_and_belong_to_the_sample():
    drawn = orders(keys(6000), 3, 1)[:, 0]
    counts = np.unique(drawn @ [9, 3, 1], return_counts=True)[1]
    assert len(counts) == 6
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(1000 * 5 / 6)
    again = orders(keys(6000)[::-1].copy(), 3, 1)[::-1, 0]
    assert (again == drawn).all()


def test_a_budget_pays_for_whole_orders():
    for budget in (50, 51, 70):
        count = affordable(12, budget)
        assert passes(12, count) <= budget < passes(12, count + 1)
