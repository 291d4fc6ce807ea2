"""The probe against fits that really leave rows out, and on what is linear, curved and wide."""

import numpy as np
import pytest

from mmaudit.measures.balance.probe import LANDMARKS, _ridge, held_out_by, probe


def planted(n=90, d=4, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    return rng.normal(size=(n, d)) + rng.normal(size=(classes, d))[labels], labels


def fitted_without(rows, target, left_out, penalty):
    """Scores of the rows that are left out, by a ridge with an intercept that is not shrunk."""
    wide = np.hstack([rows, np.ones((len(rows), 1))])
    shrunk = np.diag([penalty] * rows.shape[1] + [0.0])
    there = wide[~left_out]
    slope = np.linalg.solve(there.T @ there + shrunk, there.T @ target[~left_out])
    return wide[left_out] @ slope


@pytest.mark.parametrize("d", [4, 200])
@pytest.mark.parametrize("members", [1, 5])
def test_held_out_answers_are_those_of_fits_without_the_rows(d, members):
    """But for the shares of the classes, which are those of all rows."""
    rows, labels = planted(60, d)
    target, groups = np.eye(3)[labels], np.arange(60) // members
    ridge = _ridge(rows, target, (1.0,))
    scores, answer = ridge.without(groups if members > 1 else None), ridge.answer()
    for group in np.unique(groups):
        left_out = groups == group
        really = fitted_without(rows, target, left_out, 1.0 * 60 / 10)
        shares = target.mean(axis=0) - target[~left_out].mean(axis=0)
        assert scores[left_out] == pytest.approx(really + shares, abs=1e-6)
    wide = np.hstack([rows, np.ones((60, 1))])
    shrunk = np.diag([6.0] * d + [0.0])
    whole = wide @ np.linalg.solve(wide.T @ wide + shrunk, wide.T @ target)
    assert answer(rows) == pytest.approx(whole, abs=1e-6)


def test_one_fit_serves_all_folds():
    """The answers are those of the linear fit that leaves out each fold."""
    rows, labels = planted(80)
    by_folds = held_out_by(rows, labels, 3)
    for size in (1, 4, 20):
        folds = np.arange(80) // size
        scores = by_folds(folds)
        assert scores.shape == (80, 3)
        assert scores.sum(axis=1) == pytest.approx(1.0)
        assert (scores.argmax(axis=1) == labels).mean() > 0.5


def test_a_curved_class_needs_the_kernel_and_a_linear_one_does_not():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(400, 2))
    ring = ((rows**2).sum(axis=1) > 1.4).astype(np.int64)
    curved = probe(rows, ring, 2)
    assert curved.kernel
    assert curved.accuracy > 0.9
    new = rng.normal(size=(500, 2))
    assert (curved.scores(new).argmax(axis=1) == ((new**2).sum(axis=1) > 1.4)).mean() > 0.9
    assert probe(rows, (rows[:, 0] > 0).astype(np.int64), 2).accuracy > 0.95


@pytest.mark.parametrize(("members", "classes"), [(1, 2), (1, 4), (5, 4)])
def test_noise_of_classes_that_are_as_frequent_is_right_by_chance(members, classes):
    """20 sets of 120; it read .15 of 4 classes. Up to .05 more is the choice of the best probe."""
    right = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        labels = rng.permutation(np.arange(120) % classes)
        groups = np.arange(120) // members if members > 1 else None
        right.append(probe(rng.normal(size=(120, 6)), labels, classes, groups).accuracy)
    assert -0.03 < np.mean(right) - 1 / classes < 0.06


def test_noise_tells_nothing_and_copies_in_a_group_do_not_leak():
    """Labels by chance: a row's twin in its group is not seen when the row is judged."""
    rng = np.random.default_rng(2)
    once = rng.normal(size=(150, 30))
    labels = np.repeat(rng.integers(0, 2, 150), 2)
    rows, groups = np.repeat(once, 2, axis=0), np.repeat(np.arange(150), 2)
    assert probe(rows, labels, 2).accuracy > 0.8  # the twin knows
    assert 0.35 < probe(rows, labels, 2, groups).accuracy < 0.65


def test_columns_that_do_not_vary_and_more_rows_than_landmarks():
    rows, labels = planted(LANDMARKS + 100, 3)
    plain = probe(rows, labels, 3)
    constant = np.hstack([rows, np.full((len(rows), 1), 1e6)])
    assert probe(constant, labels, 3).accuracy == pytest.approx(plain.accuracy, abs=0.01)
    assert plain.held_out.shape == (labels.size, 3)
