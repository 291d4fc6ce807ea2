"""Interactions from some coalitions: against all of them, and where they are known."""

from itertools import pairwise

import numpy as np
import pytest

from drawn_games import ask, estimate, logistic
from mmaudit.measures.games.coalitions import pairs
from mmaudit.measures.games.interactions import solved
from mmaudit.measures.games.paired_interactions import needed, solvable


def exact(game):
    return np.stack([solved(game[..., k]).interaction for k in range(game.shape[2])], axis=2)


@pytest.mark.parametrize("modalities", [2, 3, 4, 7])
def test_all_pairs_of_coalitions_are_exact_whatever_the_game(modalities):
    game = np.random.default_rng(modalities).normal(size=(1 << modalities, 20, 2))
    of, _ = estimate(game, 2 ** (modalities - 1) - 1 - (modalities if modalities > 2 else 1))
    assert of.interaction == pytest.approx(exact(game), abs=1e-9)
    assert (of.interaction_error == 0).all()


@pytest.mark.parametrize("modalities", [12, 16])
def test_games_of_single_modalities_and_of_pairs_are_exact_from_the_fewest(modalities):
    """What is needed together is known to be the coefficient of the product."""
    rng = np.random.default_rng(0)
    first, second = np.array(pairs(modalities)).T
    own, both = rng.normal(size=modalities), rng.normal(size=first.size)

    def worth(there):
        products = there[:, first] & there[:, second]
        return np.stack([there @ own, there @ own + products @ both], axis=1)

    of, _ = ask(worth, 5, modalities, needed(modalities))
    assert of.interaction[..., 0] == pytest.approx(np.zeros((5, first.size)), abs=1e-9)
    assert of.interaction[..., 1] == pytest.approx(np.tile(both, (5, 1)), abs=1e-9)
    assert np.isnan(of.interaction_error).all()  # coalitions are missing, and none differs


@pytest.mark.parametrize("modalities", [8, 10, 12])
def test_errors_hold_and_more_coalitions_are_nearer(modalities):
    """At most 7 % further off than 1.96 errors, with what chance may add to 1,680 cells and more;
    no error is 0 beside a wrong value."""
    game = np.repeat(logistic(modalities, 15, modalities), 4, axis=1)
    errors = []
    for times in (1, 1.6, 2.5):
        of, _ = estimate(game, round(times * needed(modalities)))
        off, error = np.abs(of.interaction - exact(game)), of.interaction_error
        known = ~np.isnan(error)
        assert (error[known] > 0).all()
        assert known.mean() > 0.8
        for k in range(2):
            z = off[..., k][known[..., k]] / error[..., k][known[..., k]]
            assert np.mean(z > 1.96) < 0.09
        errors.append(np.sqrt((off**2).mean(axis=(0, 1))))
    assert all((b < a).all() for a, b in pairwise(errors))


def test_the_interactions_of_one_add_up_to_what_it_and_all_others_lack():
    game = logistic(9, 30, 0)
    of, _ = estimate(game, needed(9))
    both, ones = np.array(pairs(9)), 1 << np.arange(9)
    for m in range(9):
        lacks = game[-1] + game[0] - game[ones[m]] - game[511 - ones[m]]
        assert of.interaction[:, (both == m).any(axis=1)].sum(axis=1) == pytest.approx(lacks)


def test_those_who_are_absent_have_none():
    game, rng = logistic(7, 60, 3), np.random.default_rng(0)
    present = rng.random((60, 7)) < 0.6
    of, _ = estimate(game, needed(7), present)
    first, second = np.array(pairs(7)).T
    there = present[:, first] & present[:, second]
    assert (np.isnan(of.interaction).all(axis=2) == ~there).all()
    bits = 1 << np.arange(7)
    for i in np.flatnonzero((present.sum(axis=1) > 1) & (present.sum(axis=1) < 6)):
        players = np.flatnonzero(present[i])  # all their coalitions are among those asked
        inner = [sum(bits[players[k]] for k in range(players.size) if c >> k & 1)
                 for c in range(1 << players.size)]  # fmt: skip
        own = exact(game[np.array(inner, int), i : i + 1])[0]
        assert of.interaction[i, there[i]] == pytest.approx(own, abs=1e-9)


def test_too_few_coalitions_give_none():
    assert not solvable(12, needed(12) - 1)
    of, _ = estimate(logistic(8, 3, 0), needed(8) - 1)
    assert of.interaction is None
    assert of.interaction_error is None
