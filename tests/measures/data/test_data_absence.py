"""Absence at random, by what is present, and by the label are told apart; few samples tell nothing."""

import numpy as np
import pytest

from absent_values import by_mechanism
from mmaudit.measures.data.absence import absence

SETS, N = 8, 600


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
        absence(*by_mechanism(kind, seed, N), np.random.default_rng(seed)).mechanism
        for seed in range(SETS)
    ]
    assert said.count(mechanism) >= 6, said


def test_among_many_modalities_enough_is_drawn_for_each():
    """The level is split over 12 tests: of 199 draws no p-value would be below it."""
    rng = np.random.default_rng(0)
    answer = absence(*by_mechanism("data", 1, N), rng, tests=12)
    assert answer.p_data == pytest.approx(1 / 721)
    assert answer.mechanism == "depends on observed data"


def test_of_few_samples_nothing_is_told():
    present, absent, labels = by_mechanism("random", 0, 200)
    rng = np.random.default_rng(0)
    assert absence(present, absent, labels, rng).mechanism == "cannot be told"
    absent[:] = False
    absent[:5] = True
    assert absence(present, absent, None, rng).mechanism == "cannot be told"


def test_without_columns_and_labels_nothing_speaks_against_chance():
    _, absent, _ = by_mechanism("data", 1, N)
    answer = absence(np.zeros((N, 0)), absent, None, np.random.default_rng(0))
    assert answer.by_data is None
    assert answer.mechanism == "consistent with completely at random"


def test_the_area_is_that_of_the_ranks():
    present, absent, labels = by_mechanism("data", 2, N)
    answer = absence(present, absent, labels, np.random.default_rng(0))
    assert answer.by_data.low < answer.by_data.value < answer.by_data.high
    assert 0.6 < answer.by_data.value < 0.9
    assert answer.p_data == pytest.approx(1 / 200)
