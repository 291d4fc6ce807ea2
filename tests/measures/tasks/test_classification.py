import warnings

import numpy as np
import pytest
from sklearn import metrics

from mmaudit.measures.intervals.bootstrap import unit_keys, weights
from mmaudit.measures.tasks.base import CHARGE, from_predictions, from_probabilities
from mmaudit.measures.tasks.classification import measure


def made(n, classes, seed=0, *, ties=False):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes)) + 1.5 * np.eye(classes)[labels]
    p = np.exp(logits)
    p = p / p.sum(axis=1, keepdims=True)
    if ties:
        p = np.round(p, 1) + 1e-3
        p /= p.sum(axis=1, keepdims=True)
    return labels, p.astype(np.float32)


def keys(n, seed=0):
    return unit_keys(seed, [str(i) for i in range(n)])


def oracle(labels, p, w):
    """scikit-learn's weighted metrics, and the calibration error written out."""
    answered, p = p.argmax(axis=1), p.astype(np.float64)
    seen = np.unique(labels[w > 0])
    out = {
        "accuracy": metrics.accuracy_score(labels, answered, sample_weight=w),
        "macro_f1": metrics.f1_score(
            labels, answered, labels=seen, average="macro", sample_weight=w, zero_division=0
        ),
        "nll": np.average(-np.log(p[np.arange(len(labels)), labels]), weights=w),
        "brier": np.average(((p - np.eye(p.shape[1])[labels]) ** 2).sum(axis=1), weights=w),
    }
    judged = [1] if p.shape[1] == 2 else seen
    out["auroc"] = np.mean(
        [metrics.roc_auc_score(labels == k, p[:, k], sample_weight=w) for k in judged]
    )
    confidence, gap = p.max(axis=1), 0.0
    for low in np.arange(15) / 15:
        inside = (confidence > low) & (confidence <= low + 1 / 15)
        gap += abs(np.sum(w[inside] * ((answered == labels)[inside] - confidence[inside])))
    out["ece"] = gap / w.sum()
    return out


@pytest.mark.parametrize(("classes", "ties"), [(2, False), (2, True), (3, True), (7, False)])
def test_every_draw_equals_scikit_learn_with_the_same_weights(classes, ties):
    labels, p = made(150, classes, ties=ties)
    told = measure(from_probabilities(labels, p), keys(150), 40)
    assert set(told) == {"accuracy", "macro_f1", "auroc", "nll", "brier", "ece"}
    points = oracle(labels, p, np.ones(150))
    for name, value in points.items():
        assert told[name].point == pytest.approx(value, abs=1e-9), name
    for b, w in enumerate(weights(keys(150), 0, 40)):
        for name, value in oracle(labels, p, w.astype(float)).items():
            assert told[name].draws[b] == pytest.approx(value, abs=1e-9), name


def test_a_class_that_a_replicate_lacks_is_left_out_of_it():
    labels, p = made(40, 3)
    labels[:] = np.where(labels == 2, 0, labels)
    labels[7] = 2  # one sample of class 2: absent from about 37 % of replicates
    told = measure(from_probabilities(labels, p), keys(40), 60)
    drawn = weights(keys(40), 0, 60)
    lacking = drawn[:, 7] == 0
    assert 10 < lacking.sum() < 35
    for b in range(60):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = oracle(labels, p, drawn[b].astype(float))
        assert told["macro_f1"].draws[b] == pytest.approx(value["macro_f1"], abs=1e-9)
        assert told["auroc"].draws[b] == pytest.approx(value["auroc"], abs=1e-9)


def test_order_of_rows_does_not_change_a_bit():
    labels, p = made(300, 4, ties=True)
    order = np.random.default_rng(1).permutation(300)
    a = measure(from_probabilities(labels, p), keys(300), 64)
    b = measure(from_probabilities(labels[order], p[order]), keys(300)[order], 64)
    for name in a:
        assert a[name].point == b[name].point, name
        assert (a[name].draws == b[name].draws).all(), name


def test_perfect_and_hopeless():
    labels = np.arange(30) % 3
    right = measure(from_probabilities(labels, np.eye(3)[labels]), keys(30), 50)
    assert {n: r.point for n, r in right.items()} == {
        "accuracy": 1, "macro_f1": 1, "auroc": 1, "nll": 0, "brier": 0, "ece": 0,
    }  # fmt: skip
    assert right["accuracy"].estimate().low < 0.9
    wrong = measure(from_probabilities(labels, np.eye(3)[(labels + 1) % 3]), keys(30), 50)
    assert wrong["accuracy"].point == wrong["macro_f1"].point == 0
    assert wrong["nll"].point == pytest.approx(CHARGE)  # the column loss goes up to 27.6
    assert wrong["brier"].point == 2
    assert wrong["ece"].point == 1


def test_answers_without_probabilities():
    labels = np.array([0, 1, 1, 2])
    told = measure(from_predictions(labels, np.array([0, 1, -1, 1]), 3), keys(4), 20)
    assert set(told) == {"accuracy", "macro_f1"}
    assert told["accuracy"].point == 0.5
    # class 0: 1; class 1: 2·1 / (2 + 2) = .5; class 2: 0
    assert told["macro_f1"].point == pytest.approx(0.5)


def test_one_class_has_no_ranking():
    told = measure(from_probabilities(np.zeros(5, int), np.full((5, 2), 0.5)), keys(5), 10)
    assert "auroc" not in told


@pytest.mark.parametrize(
    ("labels", "p"),
    [
        (np.array([0, 3]), np.full((2, 2), 0.5)),
        (np.array([0]), np.full((2, 2), 0.5)),
        (np.array([0, -1]), np.full((2, 2), 0.5)),
        (np.array([0, 1]), np.array([[0.5, 0.5], [np.nan, 1]])),
    ],
)
def test_answers_that_make_no_sense_are_refused(labels, p):
    with pytest.raises(ValueError):
        from_probabilities(labels, p)


def test_keys_must_be_one_a_sample():
    with pytest.raises(ValueError, match="keys"):
        measure(from_probabilities(np.array([0, 1]), np.eye(2)), keys(3), 5)


def test_accuracy_and_auroc_are_covered():
    """95 % intervals over 400 datasets of 200: 5 standard errors are 5.4 points.

    Scores are N(1, 1) for class 1 and N(0, 1) for class 0: the AUROC is Phi(1 / sqrt 2), and
    the accuracy at threshold .5 is Phi(.5).
    """
    truth = {"auroc": 0.7602499389, "accuracy": 0.6914624613}
    rng, covered = np.random.default_rng(0), dict.fromkeys(truth, 0)
    for seed in range(400):
        labels = rng.integers(0, 2, 200)
        score = rng.normal(size=200) + labels
        p1 = 1 / (1 + np.exp(0.5 - score))
        told = measure(
            from_probabilities(labels, np.stack([1 - p1, p1], axis=1)), keys(200, seed), 300
        )
        for name, value in truth.items():
            one = told[name].estimate()
            covered[name] += one.low <= value <= one.high
    assert all(c / 400 > 0.896 for c in covered.values()), covered
