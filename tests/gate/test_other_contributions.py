"""Numbers of contributions that no game gives: features, fillers, training, pieces, earlier states.

Each is measured by what the audit measures it with, over many sets whose truth is known, and is held
to the error that a gate states; `study_gates.py` prints them over more sets.
"""

import math

import numpy as np
import pytest
from test_every_metric import check

import other_games
from mmaudit.measures.balance.alignment import alignment

pytestmark = pytest.mark.slow
SETS = 120


@pytest.mark.parametrize("cell", sorted(other_games.CELLS))
def test_each_side_errs_as_stated(cell):
    estimates, truth = other_games.CELLS[cell](SETS)
    for name, some in estimates.items():
        check(name, some, truth[name])


def test_a_p_value_is_small_as_often_as_it_says():
    rng = np.random.default_rng(5)
    sides = rng.normal(size=(SETS, 2, 60, 2))
    p = np.array([alignment(*both, 0, shuffles=39).p_value for both in sides])
    for level in (0.025, 0.1, 0.3):
        assert (p <= level).mean() <= level + 3 * math.sqrt(level * (1 - level) / SETS)
