"""Ridge against closed forms: the conditional mean of normal vectors, and errors left out."""

import numpy as np
import pytest

from gaussian_pairs import NOISE, OF_A, OF_C, WIDTHS, drawn, lacking, off, training
from mmaudit.errors import InputError, UsageError
from mmaudit.imputers import ridge
from mmaudit.imputers.base import Incomplete, TrainingSet

N = 1500
TEST = drawn(400, 2)


def test_it_reaches_the_conditional_mean():
    """The error of least squares is noise * sqrt(p / n) a number; 1.5 times it is 10 s.e. away."""
    (filled,) = ridge.fit(training(N), 0).fill(lacking(TEST, "b"), "b")
    p = WIDTHS["a"] + WIDTHS["c"] + 1
    assert off(filled, TEST["a"] @ OF_A + TEST["c"] @ OF_C) < 1.5 * NOISE * np.sqrt(p / N)


def test_with_less_present_it_reaches_what_that_says():
    fitted = ridge.fit(training(N), 0)
    (filled,) = fitted.fill(lacking(TEST, "b", "c"), "b")
    noise = np.sqrt(NOISE**2 + (OF_C**2).sum(0))  # what of b a does not say
    assert off(filled, TEST["a"] @ OF_A) < 1.5 * np.sqrt((noise**2).mean() * 6 / N)


def test_with_nothing_present_it_is_the_mean():
    train = training(N)
    (filled,) = ridge.fit(train, 0).fill(lacking(TEST, "a", "b", "c"), "b")
    np.testing.assert_allclose(filled, np.tile(np.mean(train.values["b"], 0), (400, 1)), atol=1e-5)


def test_training_samples_that_lack_something_are_used_where_they_can_be():
    rng = np.random.default_rng(3)
    absent = {m: rng.random(N) < 0.4 for m in "abc"}
    (filled,) = ridge.fit(training(N, absent=absent), 0).fill(lacking(TEST, "b"), "b")
    complete = N * 0.6**3
    bound = 1.5 * NOISE * np.sqrt(10 / complete)
    assert off(filled, TEST["a"] @ OF_A + TEST["c"] @ OF_C) < bound


def test_a_pattern_that_too_few_have_is_left_for_its_largest_part():
    absent = {"a": np.arange(N) >= N // 2, "c": np.arange(N) < N // 2}  # never a and c together
    (filled,) = ridge.fit(training(N, absent=absent), 0).fill(lacking(TEST, "b"), "b")
    (alone,) = ridge.fit(training(N, absent=absent), 0).fill(lacking(TEST, "b", "c"), "b")
    np.testing.assert_array_equal(filled, alone)


def test_the_penalty_has_the_least_error_when_each_sample_is_left_out():
    """The closed form is what refitting without each sample gives, at every penalty."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(20, 6)), rng.normal(size=(20, 2))
    x, y = x - x.mean(0), y - y.mean(0)
    y[:, 0] += 2 * x[:, 0]
    squares = np.linalg.svd(x, compute_uv=False) ** 2
    fit = ridge.regression(x, y)
    for j in range(2):
        errors = [left_out(x, y[:, j], one) for one in ridge.PENALTIES * squares.mean()]
        best = ridge.PENALTIES[int(np.argmin(errors))] * squares.mean()
        slope = np.linalg.solve(x.T @ x + best * np.eye(6), x.T @ y[:, j])
        np.testing.assert_allclose((fit.directions @ fit.loadings)[:, j], slope, rtol=1e-6)


def left_out(x, y, penalty):
    total = 0.0
    for i in range(len(x)):
        rest = np.arange(len(x)) != i
        # centred with all samples but for the mean, which is of the others: its leverage is 1 / n
        wide = np.column_stack([np.ones(19), x[rest]])
        gram = wide.T @ wide + np.diag([0.0, *[penalty] * x.shape[1]])
        slope = np.linalg.solve(gram, wide.T @ y[rest])
        total += (y[i] - slope @ np.array([1.0, *x[i]])) ** 2
    return total


def test_more_numbers_than_samples_are_no_matter():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(30, 200))
    y = x[:, :1] * 3
    wide = ridge.regression(x, y)
    assert wide.directions.shape[1] <= 30
    assert np.corrcoef([wide.predict(row)[0] for row in x], y[:, 0])[0, 1] > 0.9


def test_noise_alone_is_predicted_by_its_mean():
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=(300, 40)), rng.normal(size=(300, 1))
    fit = ridge.regression(x, y)
    new = np.array([fit.predict(row)[0] for row in rng.normal(size=(200, 40))])
    assert new.std() < 0.15  # least squares would spread by sqrt(40 / 300), .37


def test_rows_of_a_table_get_numbers_and_categories():
    rng = np.random.default_rng(7)
    a = rng.normal(size=(400, 2)).astype(np.float32)
    rows = []
    for x in a:
        row = np.empty(3, object)
        row[:] = [float(x[0] * 2 + 1), "high" if x[1] > 0 else "low", None]
        rows.append(row)
    train = TrainingSet(
        {"v": "vector", "t": "table"},
        {"v": list(a[:300]), "t": rows[:300]},
        {m: np.ones(300, bool) for m in "vt"},
    )
    samples = Incomplete(
        {"v": a[300:], "t": [None] * 100},
        {"v": np.ones(100, bool), "t": np.zeros(100, bool)},
        np.zeros(100, np.uint64),
    )
    (filled,) = ridge.fit(train, 0).fill(samples, "t")
    assert off([row[0] for row in filled], [row[0] for row in rows[300:]]) < 0.05
    assert np.mean([f[1] == r[1] for f, r in zip(filled, rows[300:], strict=True)]) > 0.9


def test_what_has_no_conditional_mean_is_refused():
    train = training(40)
    texts = TrainingSet(
        {**train.kinds, "t": "text"},
        {**train.values, "t": ["a b"] * 40},
        {**train.present, "t": np.ones(40, bool)},
    )
    with pytest.raises(UsageError, match="cannot fill in 't' of the kind text") as refusal:
        ridge.fit(texts, 0)
    assert "conditional:16" in refusal.value.fix
    with pytest.raises(InputError, match="0 of 40 have it"):
        ridge.fit(training(40, absent={"b": np.ones(40, bool)}), 0)
