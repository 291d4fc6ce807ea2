"""Donors that are nearest: values as they are, and answers nearer to those of the whole sample."""

import numpy as np
import pytest

from gaussian_pairs import OF_A, OF_C, drawn, lacking, off, training
from mmaudit.errors import InputError
from mmaudit.imputers import conditional
from mmaudit.imputers.base import Incomplete, TrainingSet

TEST = drawn(200, 2)


def test_donors_are_training_samples_as_they_are_nearest_first():
    train = training(300)
    filled = conditional.fit(train, 4).fill(lacking(TEST, "b"), "b")
    assert len(filled) == 4
    rows = {v.tobytes(): i for i, v in enumerate(train.values["b"])}
    donors = np.array([[rows[v.tobytes()] for v in column] for column in filled])
    spread = [np.std(train.values[m], axis=0) for m in "ac"]
    x = np.hstack([train.values["a"] / spread[0] / np.sqrt(5), train.values["c"] / spread[1] / 2])
    y = np.hstack([TEST["a"] / spread[0] / np.sqrt(5), TEST["c"] / spread[1] / 2])
    near = np.argsort(((x - y[:, None]) ** 2).sum(-1), axis=1)[:, :4]
    np.testing.assert_array_equal(donors.T, near)


def test_modalities_that_are_both_absent_come_from_one_donor():
    train = training(300)
    fitted = conditional.fit(train, 3)
    samples = lacking(TEST, "b", "c")
    b, c = (fitted.fill(samples, m) for m in "bc")
    at = {v.tobytes(): i for i, v in enumerate(train.values["b"])}
    for i in range(3):
        for one, other in zip(b[i], c[i], strict=True):
            assert np.array_equal(train.values["c"][at[one.tobytes()]], other)


def test_they_tell_more_of_the_value_than_any_donors():
    """What 16 near ones say lies nearer to the conditional mean than what 16 of all say."""
    train, wanted = training(1500), TEST["a"] @ OF_A + TEST["c"] @ OF_C
    near = conditional.fit(train, 16).fill(lacking(TEST, "b"), "b")
    anyone = conditional.fit(train, 16).fill(lacking(TEST, "a", "b", "c"), "b")
    one, other = (off(np.mean(filled, axis=0), wanted) for filled in (near, anyone))
    assert one < 0.7 * other


def test_with_nothing_present_each_sample_has_donors_of_its_own():
    filled = conditional.fit(training(300), 2).fill(lacking(TEST, "a", "b", "c"), "b")
    assert len({v.tobytes() for v in filled[0]}) == 200


def test_any_kind_is_filled_in():
    texts = ["one", "two", "three"]
    train = TrainingSet(
        {"t": "text", "v": "vector"},
        {"t": texts, "v": [np.full(2, i, np.float32) for i in range(3)]},
        {m: np.ones(3, bool) for m in "tv"},
    )
    samples = Incomplete(
        {"t": [""], "v": np.full((1, 2), 1.9, np.float32)},
        {"t": np.zeros(1, bool), "v": np.ones(1, bool)},
        np.zeros(1, np.uint64),
    )
    assert conditional.fit(train, 2).fill(samples, "t") == [["three"], ["two"]]


def test_too_few_samples_are_refused():
    with pytest.raises(InputError, match="conditional:16 needs 16 training samples"):
        conditional.fit(training(10), 16)
