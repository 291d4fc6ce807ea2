"""Absence at random, by what is present, and by the label are told apart; few samples tell nothing."""

import numpy as np
import pytest

from mmaudit.measures.data.absence import absence

SETS, N = 8, 600


def planted(kind, seed, n=N):
    """Samples with absence of a known kind in about three in ten."""
    rng = np.random.default_rng(seed)
    present = rng.normal(size=(n, 6))
    labels = (present[:, 0] + rng.normal(size=n) > 0).astype(int) + (rng.random(n) < 0.3)
    drives = {
        "random": np.zeros(n),
        "data": present[:, 2],
        "square": present[:, 2] ** 2,
        "label": (labels == 1) * 1.0,
    }[kind]
    spread = drives.std() or 1.0
    odds = (drives - drives.mean()) / spread + np.log(0.3 / 0.7)
    return present, rng.random(n) < 1 / (1 + np.exp(-odds)), labels


@pytest.mark.parametrize(
    ("kind", "mechanism"),
    [
        ("random", "consistent with completely at random"),
        ("data", "depends on observed data"),
        ("square", "depends on observed data"),
        ("label", "depends on the label"),
    ],
)
def test_mechanisms_are_told_apart(kind, mechanism):
    """Right in .95 or more of 200 sets; fewer than 6 of 8 happens in 1 of 170 at that."""
    said = [
        absence(*planted(kind, seed), np.random.default_rng(seed)).mechanism for seed in range(SETS)
    ]
    assert said.count(mechanism) >= 6, said


def test_of_few_samples_nothing_is_told():
    present, absent, labels = planted("random", 0, 200)
    rng = np.random.default_rng(0)
    assert absence(present, absent, labels, rng).mechanism == "cannot be told"
    absent[:] = False
    absent[:5] = True
    assert absence(present, absent, None, rng).mechanism == "cannot be told"


def test_without_columns_and_labels_nothing_speaks_against_chance():
    _, absent, _ = planted("data", 1)
    answer = absence(np.zeros((N, 0)), absent, None, np.random.default_rng(0))
    assert answer.by_data is None
    assert answer.mechanism == "consistent with completely at random"


def test_the_area_is_that_of_the_ranks():
    present, absent, labels = planted("data", 2)
    answer = absence(present, absent, labels, np.random.default_rng(0))
    assert answer.by_data.low < answer.by_data.value < answer.by_data.high
    assert 0.6 < answer.by_data.value < 0.9
    assert answer.p_data == pytest.approx(1 / 200)
