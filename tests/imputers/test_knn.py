"""The k nearest: by hand, and against a search of every pair."""

import numpy as np
import pytest

from gaussian_pairs import drawn, lacking, training
from mmaudit.errors import InputError, UsageError
from mmaudit.imputers import knn
from mmaudit.imputers.base import Incomplete, TrainingSet

TEST = drawn(30, 2)


def standardised(train, m):
    x = np.array(train.values[m], np.float64)
    return x.mean(0), x.std(0)


def distances(train, row, modalities):
    total = 0
    for m in modalities:
        _, spread = standardised(train, m)
        apart = (np.array(train.values[m]) - TEST[m][row]) / spread
        total = total + (apart**2).mean(1)
    return total


@pytest.mark.parametrize("shown", ["ac", "a"])
def test_it_is_the_mean_of_the_nearest(shown):
    train = training(200)
    absent = [m for m in "abc" if m not in shown]
    (filled,) = knn.fit(train, 5).fill(lacking(TEST, *absent), "b")
    for row in range(30):
        near = np.argsort(distances(train, row, shown))[:5]
        wanted = np.mean([train.values["b"][i] for i in near], axis=0)
        np.testing.assert_allclose(filled[row], wanted, atol=1e-5)


def test_training_samples_that_lack_a_modality_are_compared_by_the_others():
    one = {"a": [[0.0], [1.0], [9.0]], "b": [[5.0], [6.0], [7.0]], "c": [[0.0], None, [9.0]]}
    train = TrainingSet(
        dict.fromkeys("abc", "vector"),
        {m: [None if v is None else np.array(v, "f4") for v in x] for m, x in one.items()},
        {m: np.array([v is not None for v in x]) for m, x in one.items()},
    )
    shown = {m: np.array([[1.0]], "f4") for m in "abc"}
    samples = Incomplete(
        shown,
        {"a": np.ones(1, bool), "b": np.zeros(1, bool), "c": np.ones(1, bool)},
        np.zeros(1, np.uint64),
    )
    (filled,) = knn.fit(train, 1).fill(samples, "b")
    np.testing.assert_allclose(filled[0], [6.0], atol=1e-6)  # at a it is the same, c is not known


def test_with_nothing_present_it_is_the_mean():
    train = training(50)
    (filled,) = knn.fit(train, 5).fill(lacking(TEST, "a", "b", "c"), "b")
    np.testing.assert_allclose(filled, np.tile(np.mean(train.values["b"], 0), (30, 1)), atol=1e-5)


def test_of_categories_it_is_the_most_frequent_of_the_nearest():
    def row(number, category):
        cells = np.empty(2, object)
        cells[:] = [number, category]
        return cells

    a = np.array([[0.0], [0.1], [0.2], [9.0]], "f4")
    rows = [row(1.0, "x"), row(2.0, "y"), row(3.0, "x"), row(50.0, "y")]
    train = TrainingSet(
        {"a": "vector", "t": "table"},
        {"a": list(a), "t": rows},
        {m: np.ones(4, bool) for m in "at"},
    )
    present = {"a": np.ones(1, bool), "t": np.zeros(1, bool)}
    samples = Incomplete({"a": a[:1], "t": [None]}, present, np.zeros(1, np.uint64))
    ((filled,),) = knn.fit(train, 3).fill(samples, "t")
    assert filled[0] == pytest.approx(2.0)
    assert filled[1] == "x"


def test_series_of_other_lengths_are_looked_at_and_not_filled_in():
    rng = np.random.default_rng(1)
    series = [rng.normal(size=(6 + i % 2, 1)).astype("f4") for i in range(20)]
    vectors = [np.array([s.mean()], "f4") for s in series]
    train = TrainingSet(
        {"s": "series", "v": "vector"},
        {"s": series, "v": vectors},
        {m: np.ones(20, bool) for m in "sv"},
    )
    with pytest.raises(UsageError, match="lengths differ"):
        knn.fit(train, 3)


def test_too_few_samples_are_refused():
    with pytest.raises(InputError, match="knn:5 needs 5 training samples with 'a'"):
        knn.fit(training(4), 5)
