"""Absence at random, by what is present, and by the label are told apart; few samples tell nothing."""

import numpy as np
import pytest

from absent_values import by_mechanism
from mmaudit.measures.data.absence import absence

SETS, N = 8, 600


MECHANISMS = {
    "random": "consistent with completely at random",
    "data": "depends on observed data",
    "square": "depends on observed data",
    "label": "depends on the label",
    "both": "depends on the label and on observed data",
}


def mechanisms(kind, n=N):
    every = range(SETS)
    return [
        absence(*by_mechanism(kind, seed, n), np.random.default_rng(seed)).mechanism
        for seed in every
    ]


def test_mechanisms_are_told_apart():
    """At most .05 of 400 sets of each were wrong; of 40 more than 7 are in 1 of 1,400 at that."""
    answers = {kind: mechanisms(kind) for kind in MECHANISMS}
    right = [answers[kind].count(mechanism) for kind, mechanism in MECHANISMS.items()]
    assert sum(right) >= len(right) * SETS - 7, answers
    assert min(right) >= SETS // 2, answers


def test_below_that_no_absence_is_called_random():
    answers = [*mechanisms("random", N - 1), *mechanisms("data", 200)]
    assert "consistent with completely at random" not in answers
    assert answers[:SETS].count("cannot be told") >= 5


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
