"""Which values are one content, and which pairs are a stratum."""

import numpy as np

from clip_like import unit
from mmaudit.measures.pairs import neighbours, shuffles
from mmaudit.measures.pairs.contents import BINS, near_copies, strata
from mmaudit.measures.pairs.shuffles import Pairing
from mmaudit.measures.pairs.stratified import null_of_strata, stratum_of
from mmaudit.seeds import words

N = 200


def content(values):
    near = neighbours.nearest(values, np.arange(len(values)))
    return near_copies(values, shuffles.copies(values), near)


def vectors(seed=0, d=64):
    return unit(np.random.default_rng(seed).normal(size=(N, d)))


def test_near_copies_are_one_content_and_strangers_are_not():
    values = vectors()
    values[50:90] = unit(values[50] + 0.02 * np.random.default_rng(1).normal(size=(40, 64)))
    number = content(values)
    assert len(np.unique(number[50:90])) == 1
    assert len(np.unique(number)) == N - 39


def test_more_exact_copies_than_neighbours_are_one_content():
    values = vectors()
    values[:120] = values[0]
    assert len(np.unique(content(values)[:120])) == 1


def test_a_cone_that_all_values_share_makes_no_copies():
    """Cosines of strangers are .96 here, which is near for a sphere and far for this cone."""
    assert len(np.unique(content(unit(vectors() + 5 * vectors(1)[:1])))) == N


def test_a_film_that_drifts_is_not_one_content():
    turn = np.linspace(0, np.pi, N)
    values = unit(np.stack([np.cos(turn), np.sin(turn), *np.zeros((6, N))], axis=1))
    number = content(values)
    assert np.bincount(number).max() < N / 2


def test_a_value_in_many_rows_is_a_stratum_of_its_own():
    left, right = np.arange(N), np.arange(N)
    right[:30], right[30:34] = N, N + 1
    left[100:125] = N
    numbers = np.unique(left, return_inverse=True)[1], np.unique(right, return_inverse=True)[1]
    found = strata(*numbers)
    assert set(found.number[:30]) <= {BINS, BINS + 1}
    assert len(set(found.number[100:125])) == 1
    assert found.of_left_value().sum() == 25
    assert found.number[30:34].tolist() == [1] * 4
    assert found.number[34] == 0


def test_the_shuffled_pairs_of_a_value_hold_it_and_have_strangers():
    right = np.arange(N)
    right[:30] = 0
    right = np.unique(right, return_inverse=True)[1]
    by, fold, keys = strata(np.arange(N), right), np.arange(N) % 5, (np.arange(N), right)
    plain = shuffles.shuffled(fold, keys, words(0, "test/plain"))
    pairs, number = null_of_strata(
        by, (np.arange(N), right), fold, keys, plain, words(0, "test/more")
    )
    here = number == by.number[0]
    assert here.sum() >= 400
    assert (right[pairs.right[here]] == right[0]).all()
    assert (right[pairs.left[here]] != right[0]).sum() == here.sum()
    assert (fold[pairs.left] == fold[pairs.right]).all()
    np.testing.assert_array_equal(pairs.left[: len(plain.left)], plain.left)


def test_a_pair_of_a_left_value_and_a_single_right_one_is_of_the_left_value():
    left = np.arange(N)
    left[:30] = 0
    by = strata(np.unique(left, return_inverse=True)[1], np.arange(N))
    numbers = stratum_of(by, Pairing(np.array([0, 100, 100]), np.array([100, 150, 0])))
    assert numbers.tolist() == [by.number[0], 0, -1]
