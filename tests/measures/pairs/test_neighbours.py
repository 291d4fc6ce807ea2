"""Nearest rows, in blocks and by faiss, and how far the partners of neighbours disagree."""

import numpy as np
import pytest

from clip_like import sides
from mmaudit.measures.pairs import (
    neighbours,
)


@pytest.fixture(params=[False, True], ids=["blocks", "faiss"])
def by_faiss(request):
    if request.param and not neighbours.installed():
        pytest.skip("faiss is not installed: pip install 'mmaudit[faiss]'")
    return request.param


def test_nearest_are_those_of_a_full_sort(by_faiss):
    made, _ = sides(120)
    found = neighbours.nearest(made.left, np.arange(120), 7, faiss=by_faiss)
    every = made.left @ made.left.T
    order = np.argsort(-every, axis=1, kind="stable")[:, :7]
    np.testing.assert_array_equal(found.rows, order)


def test_nearest_among_a_reference_set_are_its_rows(by_faiss):
    made, _ = sides(3000)
    reference = np.arange(0, 3000, 7)
    found = neighbours.nearest(made.left, reference, 36, faiss=by_faiss)
    every = made.left @ made.left[reference].T
    # rounding may exchange neighbours whose cosines are this close
    np.testing.assert_allclose(found.cosine, -np.sort(-every, axis=1)[:, :36], atol=1e-6)
    here = np.take_along_axis(every, np.searchsorted(reference, found.rows), 1)
    np.testing.assert_allclose(here, found.cosine, atol=1e-6)
    assert (np.diff(found.cosine, axis=1) <= 0).all()


def test_ties_are_in_the_order_of_the_rows(by_faiss):
    signs = np.random.default_rng(0).choice(np.float32([-0.125, 0.125]), (50, 64))
    twice = np.concatenate([signs, signs])  # every cosine is exact
    found = neighbours.nearest(twice, np.arange(100), 4, faiss=by_faiss)
    np.testing.assert_array_equal(found.rows[:50, 0], np.arange(50))
    np.testing.assert_array_equal(found.rows[:50, 1], np.arange(50, 100))


def test_lemons_term_by_hand():
    right = np.eye(4, dtype=np.float32)[[0, 1, 1, 2]]
    near = neighbours.Nearest(np.array([[0, 1, 2]] * 4), np.array([[1, 1, 0]] * 4, np.float32))
    found = neighbours.disagreement(
        near, np.array([0]), np.array([0]), right, np.arange(4), np.array([1, 0, 1, 1], np.float32)
    )
    # row 0 is the pair itself; row 1: far 1, near 0, trust exp(-5); row 2: far 1, exp(-.1), trust 1
    assert found[0] == pytest.approx((np.exp(-5) + np.exp(-0.1)) / 2, rel=1e-5)


def test_a_copy_of_a_pair_does_not_vouch_for_it():
    made, _ = sides(60)
    left, right = np.repeat(made.left, 2, 0), np.repeat(made.right, 2, 0)
    near = neighbours.nearest(left, np.arange(120), 5)
    rows = np.arange(120)
    alone = neighbours.disagreement(near, rows, rows, right, rows, None)
    joined = neighbours.disagreement(near, rows, rows, right, rows // 2, None)
    assert (joined > alone).all()
