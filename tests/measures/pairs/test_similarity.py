import numpy as np
import pytest

from clip_like import clip_like
from mmaudit.measures.pairs import similarity


@pytest.mark.parametrize("d", [3, 64, 160])
def test_moments_are_those_of_all_repairings(d):
    left, right, _ = clip_like(300, d)
    every = left.astype(np.float64) @ right.astype(np.float64).T
    found = similarity.null(left, right)
    np.testing.assert_allclose(found.left_mean, every.mean(1), atol=1e-6)
    np.testing.assert_allclose(found.left_sd, every.std(1), atol=1e-6)
    np.testing.assert_allclose(found.right_mean, every.mean(0), atol=1e-6)
    np.testing.assert_allclose(found.right_sd, every.std(0), atol=1e-6)


def test_moments_do_not_depend_on_blocks():
    left, right, _ = clip_like(300, 20)
    whole = similarity.null(left, right)
    cut = similarity.null(left, right, block=7)
    np.testing.assert_allclose(whole.left_sd, cut.left_sd, atol=1e-6)


def test_shuffled_pairs_are_standard():
    left, right, _ = clip_like(3000)
    n = len(left)
    i, j = np.arange(n), np.roll(np.arange(n), 1)
    cosines = similarity.cosine(left, right, i, j)
    z = similarity.standardised(cosines, similarity.null(left, right), i, j)
    assert abs(z.mean()) < 5 / np.sqrt(n)  # 5 standard errors
    assert z.std() == pytest.approx(1, abs=0.1)


def test_unit_keeps_a_row_of_zeros():
    rows = similarity.unit(np.array([[3.0, 4.0], [0.0, 0.0]]))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]])


def test_paired_cosine_is_cosine_of_equal_rows():
    left, right, _ = clip_like(100, 8)
    rows = np.arange(100)
    paired = similarity.paired_cosine(left, right)
    np.testing.assert_array_equal(paired, similarity.cosine(left, right, rows, rows))
