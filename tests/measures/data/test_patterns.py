"""Categories that a part has as the others have are seldom called different, in groups too."""

import numpy as np
import pytest

from mmaudit.measures.data.patterns import DRAWS, exchanged

SETS = 60
SHARES = (0.7, 0.2, 0.07, 0.03)


def drawn(seed, n, size, more=0.0):
    """Categories of samples of a part and of others, by groups; the second more often in the part."""
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, n // size, n) if size else np.arange(n)
    inside = (rng.random(n) < 0.3)[groups]
    categories = rng.choice(4, n, p=SHARES)[groups]
    categories[inside & (rng.random(n) < more)] = 1
    return categories, inside, groups if size else None, rng


@pytest.mark.parametrize("size", [0, 10])
def test_what_is_drawn_alike_seldom_differs(size):
    """At .05, of 60 sets more than 9 are in 1 of 900; of 400 it were .045 to .058."""
    p = [exchanged(*drawn(seed, 200, size)) for seed in range(SETS)]
    assert sum(one <= 0.05 for one in p) <= 9
    assert np.mean(p) > 0.35


def test_what_is_planted_is_seen():
    p = [exchanged(*drawn(seed, 300, 0, more=0.25)) for seed in range(20)]
    assert sum(one <= 0.05 for one in p) >= 16
    assert min(p) == 1 / (1 + DRAWS)


def test_a_part_that_is_all_or_nothing_does_not_differ():
    rng, some = np.random.default_rng(0), np.arange(20) % 3
    assert exchanged(some, np.ones(20, bool), None, rng) == 1.0
    assert exchanged(some, np.zeros(20, bool), None, rng) == 1.0
    assert exchanged(np.zeros(20, int), np.arange(20) < 5, None, rng) == 1.0
