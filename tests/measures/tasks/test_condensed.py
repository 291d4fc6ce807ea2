"""Very many classes: what is kept of each sample does not grow, and every metric is there."""

import numpy as np
import pyarrow as pa
import pytest

from mmaudit.audits.robustness.answers import Classes
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.tasks.base import from_condensed, from_probabilities
from mmaudit.measures.tasks.classification import measure
from mmaudit.measures.tasks.ranks.condensed import (
    DRAWN,
    Condensed,
    drawn_classes,
    first_drawn,
)

K, N = 100, 1200


def simulated(seed, n=N, k=K, better=2.0):
    """Labels and probabilities of a model that is right now and then."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k))
    logits[np.arange(n), labels] += better
    p = np.exp(logits)
    return labels, (p / p.sum(axis=1, keepdims=True)).astype(np.float32)


def condensed(labels, p, ids):
    drawn = drawn_classes(first_drawn(ids, p.shape[1]), p.shape[1])
    wide = p.astype(np.float64)
    p_true = wide[np.arange(len(p)), labels]
    some = Condensed(
        p_true=p_true,
        brier=(wide**2).sum(1) - 2 * p_true + 1,
        confidence=wide.max(1),
        drawn=drawn,
        scores=np.take_along_axis(p, drawn, axis=1),
    )
    return from_condensed(labels, p.argmax(1), p.shape[1], some)


def names(n, seed=0):
    return [f"s{seed}-{i}" for i in range(n)]


def test_all_but_the_area_is_as_from_whole_rows_and_the_area_is_close():
    labels, p = simulated(1)
    keys = unit_keys(0, names(N))
    whole = {m: r.estimate() for m, r in measure(from_probabilities(labels, p), keys, 40).items()}
    some = {m: r.estimate() for m, r in measure(condensed(labels, p, names(N)), keys, 40).items()}
    assert whole.keys() == some.keys()
    for metric in whole.keys() - {"auroc"}:
        for end in ("value", "low", "high"):
            a, b = getattr(whole[metric], end), getattr(some[metric], end)
            assert a == pytest.approx(b, abs=1e-6), metric
    assert some["auroc"].value == pytest.approx(whole["auroc"].value, abs=0.01)
    assert some["auroc"].low <= whole["auroc"].value <= some["auroc"].high


def test_which_classes_are_drawn_depends_on_the_id_alone_and_all_are_drawn_alike():
    ids = names(4000)
    first = first_drawn(ids, K)
    np.testing.assert_array_equal(first_drawn(ids[::-1], K)[::-1], first)
    drawn = drawn_classes(first, K)
    assert all(len(set(row)) == DRAWN for row in drawn[:50].tolist())
    counts = np.bincount(drawn.ravel(), minlength=K)
    wanted = 4000 * DRAWN / K
    assert np.abs(counts - wanted).max() < 6 * np.sqrt(wanted)


def test_the_area_has_the_expectation_of_the_whole_and_its_interval_holds_it():
    """Over 40 sets the mean error is within three standard errors of nothing."""
    errors, missed = [], 0
    truth = np.mean([_area(*simulated(1000 + s, 3000)) for s in range(3)])
    for s in range(40):
        labels, p = simulated(s, 300, K)
        part = measure(condensed(labels, p, names(300, s)), unit_keys(0, names(300, s)), 2)["auroc"]
        errors.append(part.point - _area(labels, p))
        missed += not part.estimate().low <= truth <= part.estimate().high
    errors = np.array(errors)
    assert abs(errors.mean()) < 3 * errors.std() / np.sqrt(errors.size)
    assert missed <= 5  # of 40, where 2 are allowed on average


def _area(labels, p):
    """The mean over the classes that occur, by the ranks of the whole columns."""
    from scipy.stats import rankdata

    areas = []
    for k in np.unique(labels):
        inside = labels == k
        ranks, m = rankdata(p[:, k]), int(inside.sum())
        areas.append((ranks[inside].sum() - m * (m + 1) / 2) / (m * (len(labels) - m)))
    return np.mean(areas)


@pytest.mark.parametrize("k", [64, 65, 1000])
def test_columns_stay_as_few_whatever_the_classes(k):
    labels, p = simulated(0, 20, k)
    task = Classes(tuple(f"c{i}" for i in range(k)), tuple(range(k)))
    columns = task.columns(p, labels, names(20))
    assert tuple(columns) == task.fields
    assert pa.table(columns).nbytes / 20 < 450
