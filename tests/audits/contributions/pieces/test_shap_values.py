"""Pieces share a worth as the theory says: Shapley values by orders, Owen values by a tree."""

from itertools import permutations

import numpy as np
import pytest

from mmaudit.audits.contributions.pieces.shap_values import MOST, explained, passes, tree


def groups(links, count):
    """The pieces of every group of a tree."""
    members = {k: {k} for k in range(count)}
    for k, (left, right, _, size) in enumerate(links):
        members[count + k] = members[int(left)] | members[int(right)]
        assert len(members[count + k]) == size
    return [members[count + k] for k in range(len(links))]


def brute_force(game, count, together=()):
    """Mean gain of each player over all orders in which every group arrives in one piece."""
    total, orders = np.zeros(count), 0
    for order in permutations(range(count)):
        spots = {player: k for k, player in enumerate(order)}
        if any(max(spots[p] for p in g) - min(spots[p] for p in g) >= len(g) for g in together):
            continue
        orders += 1
        there = np.zeros((1, count))
        for player in order:
            before = game(there)[0]
            there[0, player] = 1
            total[player] += game(there)[0] - before
    return total / orders


def game_of(seed, count):
    """A game with a random worth for every coalition."""
    worths = np.random.default_rng(seed).normal(size=1 << count)

    def game(masks):
        return worths[((np.asarray(masks) > 0) * (1 << np.arange(count))).sum(axis=1)]

    return game


@pytest.mark.parametrize("sides", [[(3,), (3,)], [(2, 2), (1,), (2,)], [(7,)], [(1,), (0,), (2,)]])
def test_partition_is_the_mean_over_orders_that_keep_groups_together(sides):
    count = sum(int(np.prod(s)) for s in sides)
    game = game_of(count, count)
    expected = brute_force(game, count, groups(tree(sides), count))
    assert explained(game, sides, "partition", 0) == pytest.approx(expected, abs=1e-9)


def test_between_two_modalities_the_sums_are_their_shapley_values():
    game = game_of(3, 7)
    told = explained(game, [(4,), (3,)], "partition", 0)
    a, b = (np.array([[1.0] * 4 + [0.0] * 3]), np.array([[0.0] * 4 + [1.0] * 3]))
    none, every = np.zeros((1, 7)), np.ones((1, 7))
    phi = (game(a) - game(none) + game(every) - game(b))[0] / 2
    assert told[:4].sum() == pytest.approx(phi, abs=1e-9)


def test_permutation_is_near_the_mean_over_all_orders_and_exact_without_interactions():
    """Ten orders both ways of a game whose gains lie within about ±6: 5 standard errors."""
    game = game_of(5, 5)
    found = np.stack([explained(game, [(5,)], "permutation", seed) for seed in range(40)])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - brute_force(game, 5)) < 5 * error).all()
    weights = np.array([0.5, -1.0, 2.0, 0.0])
    for explainer in ("permutation", "partition"):
        told = explained(lambda masks: masks @ weights, [(4,)], explainer, 0)
        assert told == pytest.approx(weights, abs=1e-9)


@pytest.mark.parametrize("explainer", ["permutation", "partition"])
def test_asked_no_more_often_than_said_and_the_same_again(explainer):
    sides = [(4, 4), (11,), (1,)]
    count, asked = 28, []
    game = game_of(0, 10)

    def counted(masks):
        asked.append(len(masks))
        return game(np.asarray(masks)[:, :10])

    first = explained(counted, sides, explainer, 7)
    assert sum(asked) <= passes(explainer, sides)
    assert first.sum() == pytest.approx(game(np.ones((1, 10)))[0] - game(np.zeros((1, 10)))[0])
    state = np.random.get_state()[1].copy()
    np.random.seed(1)
    assert (explained(counted, sides, explainer, 7) == first).all()
    np.random.set_state(("MT19937", state, 624, 0, 0.0))
    assert len(first) == count


def test_what_the_passes_do_not_pay_for_is_shared_by_size():
    """300 pieces: more than can be asked apart, and still every piece's share adds up."""
    weights = np.zeros(300)
    weights[17] = 1.0
    assert passes("partition", [(300,)]) == MOST
    told = explained(lambda masks: masks @ weights, [(300,)], "partition", 0)
    assert told.sum() == pytest.approx(1)
    assert told[17] == told.max() > 0.1


def test_one_piece_has_it_all_and_none_has_nothing():
    for explainer in ("permutation", "partition"):
        assert explained(lambda m: 3.0 * m.sum(axis=1) + 1, [(1,)], explainer, 0) == [3.0]
        assert explained(lambda m: np.ones(len(m)), [(0,)], explainer, 0).size == 0


def test_a_tree_halves_the_longest_side():
    assert groups(tree([(2, 2), (2,)]), 6) == [{0, 1}, {2, 3}, {0, 1, 2, 3}, {4, 5}, set(range(6))]
