from itertools import pairwise

import numpy as np
import pytest

from drawn_games import estimate, keys, logistic
from mmaudit.measures.games.coalitions import members
from mmaudit.measures.games.paired import affordable, least, passes
from mmaudit.measures.games.shapley import shapley
from mmaudit.measures.games.strata import coalitions, strata


@pytest.mark.parametrize("modalities", [5, 6, 7, 10, 12])
def test_errors_hold_at_every_budget_that_is_accepted(modalities):
    """30 games drawn 8 times: at most 7 % further off than 1.96 errors, at least, more and most.

    No error is 0 beside a wrong value, by a smooth worth and by steps. The missed share of 3,000
    correlated cells has a standard error of about 1 %, which is allowed twice.
    """
    fewest, all_pairs = least(modalities), 2 ** (modalities - 1) - 1 - modalities
    game = np.repeat(logistic(modalities, 30, modalities), 8, axis=1)
    exact = np.stack([shapley(game[..., k]) for k in range(2)], axis=2)
    counts = {fewest, min(2 * fewest, all_pairs - 1), min(5 * fewest, all_pairs - 1)}
    errors = []
    for count in sorted(counts):
        of, _ = estimate(game, count)
        off, error = np.abs(of.phi - exact), of.error
        known = ~np.isnan(error)
        assert (error[known] > 0).all()
        for k in range(2):
            z = off[..., k][known[..., k]] / error[..., k][known[..., k]]
            assert np.mean(z > 1.96) < 0.09
        errors.append(np.sqrt((off**2).mean(axis=(0, 1))))
    assert all((b < a).all() for a, b in pairwise(errors))


def test_all_pairs_are_exact_and_say_so():
    game = logistic(6, 20, 1)
    exact = np.stack([shapley(game[..., k]) for k in range(2)], axis=2)
    of, _ = estimate(game, 25)
    assert of.phi == pytest.approx(exact, abs=1e-9)
    assert (of.error == 0).all()


def test_adds_up_costs_what_it_says_and_is_hardly_biased():
    """Least squares are off by a share of their error that becomes less with more coalitions."""
    game = np.repeat(logistic(7, 1, 2), 3000, axis=1)
    for count, share in ((9, 0.4), (36, 0.2)):
        of, calls = estimate(game, count)
        values = of.phi
        assert calls + 2 + 7 == passes(7, count)
        assert values.sum(axis=1) == pytest.approx(game[-1] - game[0], abs=1e-12)
        off = values[..., 0].mean(axis=0) - shapley(game[:, :1, 0])[0]
        assert np.abs(off).max() < share * values[..., 0].std(axis=0).max()
        assert affordable(7, passes(7, count)) == count


def test_those_who_are_absent_do_not_play():
    game, rng = logistic(7, 60, 3), np.random.default_rng(0)
    present = rng.random((60, 7)) < 0.5
    of, _ = estimate(game, 8, present)
    values, error = of.phi, of.error
    assert (values[~present] == 0).all()
    bits = 1 << np.arange(7)
    for i in range(60):
        players = np.flatnonzero(present[i])
        if 0 < players.size < 5:  # all their coalitions are among those asked
            inner = (members(players.size) @ bits[players]).astype(int)
            own = shapley(game[inner, i])
            assert np.abs(values[i, players] - own.T).max() < 1e-9
            assert (error[i, players] == 0).all()
    gain = game[present @ bits, np.arange(60)] - game[0]
    assert values.sum(axis=1) == pytest.approx(gain, abs=1e-12)


def test_coalitions_are_the_samples_own_and_none_is_there_twice():
    plan = strata(9, 40)
    drawn = coalitions(keys(50), 9, plan)
    again = coalitions(keys(50)[::-1].copy(), 9, plan)[::-1]
    assert (drawn == again).all()
    sizes = [s.size for s in plan[1:] for _ in range(s.drawn)]
    assert (drawn.sum(axis=2) == sizes).all()
    numbers = drawn @ (1 << np.arange(9))
    assert all(np.unique(row).size == 40 for row in numbers)
    often = drawn[:, [k for k, size in enumerate(sizes) if size == 2]].mean(axis=(0, 1))
    assert often == pytest.approx(np.full(9, 2 / 9), abs=0.05)
