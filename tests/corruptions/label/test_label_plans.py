"""Wrong labels: exact counts, and each kind of noise is what it is called."""

import numpy as np
import pytest

from mmaudit.corruptions.base import Rows
from mmaudit.corruptions.label import asymmetric
from mmaudit.errors import UsageError
from mmaudit.injection.assignment import make_plan
from mmaudit.injection.record.rates import labels as realised

RNG = np.random.default_rng(0)
N, C = 5000, 5
LABELS = RNG.integers(0, C, N)


def rows(**more):
    given = {"labels": LABELS, "classes": C} | more
    return Rows(
        ids=[f"s{i}" for i in range(N)], modalities=("a",), present=np.ones((N, 1), bool), **given
    )


def plan(name, severity, seed=0, **more):
    return make_plan(rows(**more), plan=f"label/{name}", severity=severity, seed=seed)


def test_symmetric_is_exact_and_every_other_class_alike():
    new = plan("symmetric", 4)
    wrong = new != LABELS
    assert wrong.sum() == 3000
    step = (new - LABELS)[wrong] % C
    counts = np.bincount(step, minlength=C)[1:]
    assert np.abs(counts / 3000 - 0.25).max() < 6 * np.sqrt(0.25 * 0.75 / 3000)


def test_pairflip_goes_to_the_next_class():
    new = plan("pairflip", 5)
    wrong = new != LABELS
    assert ((new - LABELS)[wrong] % C == 1).all()
    for c in range(C):
        assert wrong[c == LABELS].sum() == int(0.45 * (c == LABELS).sum() + 0.5)


def test_asymmetric_goes_to_the_classes_beside():
    new = plan("asymmetric", 5)
    wrong = new != LABELS
    assert set((new - LABELS)[wrong]) == {-1, 1}
    up = (new - LABELS)[wrong & (LABELS == 2)] == 1
    assert abs(up.sum() - up.size / 2) <= 1


def test_asymmetric_follows_a_matrix_exactly():
    matrix = tuple(
        tuple(float(w) for w in r)
        for r in np.array(
            [[0, 3, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 9, 0, 1], [1, 1, 1, 0, 1], [0, 0, 0, 1, 0]]
        )
    )
    new = asymmetric.labels(rows(), asymmetric.Severity(0.4, matrix), 0)
    of = [np.bincount(new[c == LABELS], minlength=C) for c in range(C)]
    lost = int(0.4 * (LABELS == 0).sum() + 0.5)
    assert abs(of[0][1] - 0.75 * lost) < 1
    assert of[0][1] + of[0][2] == lost
    assert of[1][1] == (LABELS == 1).sum()  # a class that is never confused
    assert of[2][4] == int(0.4 * (LABELS == 2).sum() + 0.5)  # the diagonal is not looked at
    with pytest.raises(UsageError, match="5 classes"):
        asymmetric.labels(rows(), asymmetric.Severity(0.4, ((0.0, 1.0), (1.0, 0.0))), 0)


def test_instance_dependent_depends_on_the_instance():
    x = RNG.normal(size=(3, N))
    new = plan("instance_dependent", 2, scores=dict(zip("abc", x, strict=True)))
    wrong = new != LABELS
    assert wrong.sum() == 1000
    # whether a label is wrong can be told from the numbers: a linear probe of the new labels
    # on the wrong samples beats chance (0.25 among four others) by far
    ones = np.column_stack([x.T, np.ones(N)])[wrong]
    fit = np.linalg.lstsq(ones, np.eye(C)[new[wrong]], rcond=None)[0]
    assert ((ones @ fit).argmax(axis=1) == new[wrong]).mean() > 0.6
    with pytest.raises(UsageError, match="needs a number"):
        plan("instance_dependent", 2)


def test_without_classes_it_is_refused():
    with pytest.raises(UsageError, match="target with classes"):
        plan("symmetric", 1, labels=None, classes=0)


def test_realised_noise_is_told_by_class():
    told = realised(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), ("cat", "dog"))
    assert told == {"wrong": 0.25, "by_class": {"cat": 0.5, "dog": 0.0}}
