import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit.measures.pairs import shuffles
from mmaudit.seeds import words

DRAW = words(0, "test/repairing")


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(0, 99))
def test_kin_are_never_paired_and_strata_are_kept(groups, seed):
    group = np.array(groups)
    within = np.arange(len(group)) % 2
    pairs = shuffles.shuffled(within, (group,), words(seed, "test"), 2)
    assert (group[pairs.left] != group[pairs.right]).all()
    assert (within[pairs.left] == within[pairs.right]).all()


def test_every_sample_finds_a_stranger_where_there_are_enough():
    group = np.arange(600) // 5
    pairs = shuffles.shuffled(np.zeros(600, int), (group,), DRAW, 3)
    assert np.bincount(pairs.left, minlength=600).tolist() == [3] * 600
    assert np.bincount(pairs.right, minlength=600).tolist() == [3] * 600


def test_partners_are_uniform():
    """Chi-squared of 5 standard deviations: 12 strangers, 6000 draws each."""
    counts = np.zeros((13, 13))
    for seed in range(6000):
        pairs = shuffles.shuffled(np.zeros(13, int), (np.arange(13),), words(seed, "uniform"))
        counts[pairs.left, pairs.right] += 1
    assert (np.diag(counts) == 0).all()
    off = counts[~np.eye(13, dtype=bool)]
    chi, freedom = ((off - 500) ** 2 / 500).sum(), 13 * 11
    assert chi < freedom + 5 * np.sqrt(2 * freedom)


def test_copies_are_found():
    values = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [2.0, 1.0]], np.float32)
    numbers = shuffles.copies(values)
    assert numbers[0] == numbers[2]
    assert len(set(numbers.tolist())) == 3


def test_many_random_rows_are_told_apart():
    values = DRAW.normals(200_000).astype(np.float32).reshape(-1, 4)
    assert len(np.unique(shuffles.copies(values))) == len(values)


def test_units_are_joined_through_any_key():
    unit = shuffles.joined(np.array([0, 0, 1, 2, 3]), np.array([5, 6, 6, 7, 8]))
    assert unit[0] == unit[1] == unit[2]
    assert len(set(unit.tolist())) == 3


def test_a_unit_is_in_one_fold_and_folds_are_even():
    unit = np.arange(1000) // 4
    fold = shuffles.folds(unit, 5, DRAW)
    assert all(len(set(fold[unit == u])) == 1 for u in range(250))
    assert np.bincount(fold).tolist() == [200] * 5


def test_clusters_find_what_is_apart():
    centres = np.eye(4, dtype=np.float32)
    rows = np.repeat(centres, 50, axis=0) + 0.05 * DRAW.normals(800).reshape(200, 4)
    label = shuffles.clusters(rows.astype(np.float32), 8, DRAW)
    truth = np.repeat(np.arange(4), 50)
    assert all(len(set(truth[label == k])) == 1 for k in np.unique(label))


@pytest.mark.parametrize("repeats", [1, 2])
def test_the_same_words_give_the_same_pairs(repeats):
    group = np.arange(50) // 3
    first, second = (
        shuffles.shuffled(np.zeros(50, int), (group,), DRAW, repeats) for _ in range(2)
    )
    np.testing.assert_array_equal(first.right, second.right)


def test_the_next_ones_on_the_circle_are_strangers_of_the_stratum_each_once():
    within, group = np.arange(90) % 4, np.arange(90) // 3
    pairs = shuffles.neighbouring(within, (group,), words(0, "circle"), 7)
    assert (within[pairs.left] == within[pairs.right]).all()
    assert (group[pairs.left] != group[pairs.right]).all()
    assert len(np.unique(pairs.left * 90 + pairs.right)) == len(pairs.left)
    assert (np.bincount(pairs.left) <= 7).all()
    alone = shuffles.neighbouring(np.array([0, 1, 1]), (np.arange(3),), words(0, "circle"), 7)
    assert sorted(zip(alone.left.tolist(), alone.right.tolist(), strict=True)) == [(1, 2), (2, 1)]
