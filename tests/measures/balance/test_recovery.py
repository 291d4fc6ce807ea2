"""What others tell of a modality has known answers where it is all, a known part, or nothing."""

import numpy as np
import pytest

from mmaudit.measures.balance.axes import axes, effective_rank
from mmaudit.measures.balance.recovery import recovery


def drawn(seed, n, shared):
    """Two tables of ten columns whose first column is the same number, with noise of variance 1."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, shared, (n, 1))
    return [np.concatenate([common + rng.normal(size=(n, 1)), rng.normal(size=(n, 9))], 1)
            for _ in "ab"]  # fmt: skip


def test_all_of_what_is_a_turn_of_the_other_is_told():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 6)) * [9, 5, 3, 2, 1, 1]
    turned = rows @ np.linalg.qr(rng.normal(size=(6, 6)))[0]
    one = recovery([rows], turned, rng)
    assert one.share.value > 0.95
    assert one.p_value == 1 / 200


def test_a_part_that_is_known_is_told():
    """The common number of variance 100 tells (100 / 101)² of 101, and nothing of nine more."""
    a, b = drawn(1, 1000, 10.0)
    share = recovery([a], b, np.random.default_rng(2)).share
    assert share.value == pytest.approx((100 / 101) ** 2 * 101 / 110, abs=0.03)
    assert share.low < share.value < share.high


def test_nothing_is_told_of_strangers():
    """p-values are uniform: of 40 more than 8 are .05 or less in 1 of 7,000 times."""
    p = [recovery([a], b, np.random.default_rng(s)).p_value
         for s in range(40) for a, b in [drawn(s, 100, 0.0)]]  # fmt: skip
    assert sum(one <= 0.05 for one in p) <= 8
    assert 0.25 < np.mean(p) < 0.75


def test_several_others_are_put_together():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 500, 1))
    both = np.concatenate([a, b], axis=1)
    one, two = recovery([a], both, rng).share.value, recovery([a, b], both, rng).share.value
    assert one == pytest.approx(0.5, abs=0.1)
    assert two > 0.95


def test_effective_rank_is_that_of_equal_axes():
    rng = np.random.default_rng(4)
    rows = np.linalg.qr(rng.normal(size=(50, 8)))[0]
    rows -= rows.mean(axis=0)
    assert effective_rank(np.linalg.qr(rows)[0][:, :5]) == pytest.approx(5, abs=0.3)
    assert effective_rank(np.ones((9, 4))) == 0.0
    assert effective_rank(np.outer(rng.normal(size=30), rng.normal(size=7))) == pytest.approx(1)


@pytest.mark.parametrize("shape", [(200, 30), (30, 200)])
def test_main_axes_keep_products_whichever_side_is_longer(shape):
    rows = np.random.default_rng(5).normal(size=shape)
    centred = rows - rows.mean(axis=0)
    along = axes(rows, 500)
    assert np.allclose(along @ along.T, centred @ centred.T)


def test_few_rows_and_rows_that_do_not_vary():
    rng = np.random.default_rng(6)
    a = rng.normal(size=(150, 3))
    assert recovery([a[:99]], a[:99], rng) is None
    assert recovery([], a, rng) is None
    still = recovery([np.ones((150, 2))], a, rng)
    assert still.share.value <= 0
    assert recovery([a], np.ones((150, 2)), rng).share.value == 0.0
