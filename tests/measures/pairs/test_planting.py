"""Planted mismatches exchange the partners of strangers."""

import numpy as np
import pytest

from clip_like import sides
from mmaudit.measures.pairs import (
    planting,
)
from mmaudit.seeds import words

DRAW = words(0, "test/detectors")


@pytest.mark.parametrize("kind", planting.KINDS)
def test_planting_exchanges_partners_of_strangers(kind):
    made, _ = sides(400)
    both = np.concatenate([made.left, made.right], axis=1)
    group = np.arange(400) // 2
    within = planting.strata(kind, both, np.arange(400)[::-1], DRAW)
    partner = planting.plant(within, (group,), 0.1, DRAW)
    moved = partner != np.arange(400)
    assert (group[moved] != group[partner[moved]]).all()
    assert (within[moved] == within[partner[moved]]).all()
    np.testing.assert_array_equal(partner[partner], np.arange(400))
    if kind == "random":
        assert moved.sum() == 40
