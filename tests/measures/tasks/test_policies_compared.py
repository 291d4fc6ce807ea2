"""Absence policies compared: how often one is called better where none is, and where one is."""

from itertools import combinations

import numpy as np
import pytest

from mmaudit.measures.intervals.evidence import Mean
from mmaudit.measures.tasks.absence.policies import LEVEL, shown

SETS = 160


def family(rng, n, better=0.0, size=1):
    """Three policies under seven subsets; the first is better under the first subset alone."""
    groups = np.repeat(np.arange(n // size), size) if size > 1 else None
    out = []
    for k in range(7):
        # each policy changes a few answers of its own, by groups as whole
        changed = [rng.random(n // size).repeat(size) < 0.1 for _ in range(3)]
        right = [np.where(c, rng.random(n) < 0.5, True) for c in changed]
        if not k:
            right[0] = right[0] | (rng.random(n) < better * 20)
        means = [Mean(r, groups, 0.0, 1.0) for r in right]
        out += [a.minus(b) for a, b in combinations(means, 2)]
    return out


@pytest.mark.parametrize(("n", "size"), [(120, 1), (200, 4)])
def test_where_none_is_better_none_is_called_so(n, size):
    """In .02 of 600 families (21 comparisons, 120 samples); here 3 s.e. of the level are allowed."""
    rng, sets = np.random.default_rng(7), SETS if size == 1 else SETS // 4
    wrong = np.mean([any(shown(family(rng, n, size=size))) for _ in range(sets)])
    assert wrong <= LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / sets)


def test_one_that_is_better_under_one_subset_is_found_there():
    rng = np.random.default_rng(8)
    found = np.array([shown(family(rng, 800, better=0.05)) for _ in range(20)])
    assert (found[:, :2] == 1).mean() > 0.9
    assert (found[:, 3:] != 0).any(axis=1).mean() <= 0.3  # beside true ones, a twentieth of all


def test_the_procedure_is_that_of_p_values():
    """Benjamini and Hochberg's step-up, counted by hand on shares with known tails."""
    lost = Mean(np.repeat([1.0, 0.0], [6, 14]), None, -1.0, 1.0)
    none = Mean(np.zeros(20), None, -1.0, 1.0)
    assert shown([lost]) == [1]
    assert shown([lost, none, none]) == [int(lost.sign(LEVEL / 6) > 0), 0, 0]
    assert shown([lost, lost, lost]) == [1, 1, 1]
    assert shown([none, none]) == [0, 0]
    assert shown([]) == []
