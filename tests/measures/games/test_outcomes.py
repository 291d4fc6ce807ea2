from itertools import product

import numpy as np

from mmaudit.measures.games.coalitions import members
from mmaudit.measures.games.outcomes import OUTCOMES, outcomes
from mmaudit.measures.games.shapley import shapley


def named(alone, together):
    return OUTCOMES[outcomes(np.array([alone]), np.array([together]))[0]]


def test_the_eight_outcomes_of_two_modalities():
    expected = {
        (True, True, True): "redundant",
        (True, False, True): "unique",
        (False, True, True): "unique",
        (False, False, True): "synergy",
        (True, True, False): "conflict",
        (True, False, False): "conflict",
        (False, True, False): "conflict",
        (False, False, False): "wrong",
    }
    assert {k: named(k[:2], k[2]) for k in expected} == expected


def test_shapley_values_of_the_eight_outcomes_are_those_of_the_paper():
    """Worth |C| if right: the table of Wei et al. 2024. It cannot tell synergy from redundancy."""
    told = {
        (0, 0, 0): (0, 0), (1, 0, 0): (0.5, -0.5), (0, 1, 0): (-0.5, 0.5), (1, 1, 0): (0, 0),
        (0, 0, 1): (1, 1), (1, 1, 1): (1, 1), (1, 0, 1): (1.5, 0.5), (0, 1, 1): (0.5, 1.5),
    }  # fmt: skip
    for a, v, both in product((0, 1), repeat=3):
        game = np.array([[0.0], [a], [v], [2.0 * both]])
        assert tuple(shapley(game)[0]) == told[a, v, both]
    assert members(2).tolist() == [[False, False], [True, False], [False, True], [True, True]]
