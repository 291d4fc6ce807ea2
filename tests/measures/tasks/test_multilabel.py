"""Several labels: each by itself and their means, by closed form and beside scikit-learn."""

import numpy as np
import pytest
from scipy.stats import beta
from sklearn import metrics

from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.tasks.base import LabelAnswers
from mmaudit.measures.tasks.multilabel import measure

NAMES = ("cat", "dog", "sky")


def keys(n, of=str):
    return unit_keys(0, [of(i) for i in range(n)])


def simulated(n, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 3)) < (0.3, 0.5, 0.7)
    p = np.clip(0.25 + 0.5 * truth + rng.normal(0, 0.3, (n, 3)), 0, 1)
    return LabelAnswers(truth, p, NAMES)


def test_points_are_those_of_scikit_learn():
    some = simulated(400)
    truth, p, said = some.truth, some.probabilities, some.probabilities > 0.5
    point = {name: r.point for name, r in measure(some, keys(400), 20).items()}
    assert point["label_accuracy"] == pytest.approx(1 - metrics.hamming_loss(truth, said))
    assert point["exact_match"] == pytest.approx(metrics.accuracy_score(truth, said))
    assert point["f1"] == pytest.approx(metrics.f1_score(truth, said, average="macro"))
    assert point["auroc"] == pytest.approx(metrics.roc_auc_score(truth, p, average="macro"))
    assert point["brier"] == pytest.approx(((truth - p) ** 2).mean())
    for i, name in enumerate(NAMES):
        one = truth[:, i], said[:, i]
        assert point[f"label_accuracy:{name}"] == pytest.approx((one[0] == one[1]).mean())
        assert point[f"f1:{name}"] == pytest.approx(metrics.f1_score(*one))
        assert point[f"auroc:{name}"] == pytest.approx(metrics.roc_auc_score(one[0], p[:, i]))


def test_shares_have_the_ends_of_clopper_and_pearson():
    """Of 40 samples 30 have the label; 24 of them are answered, and 2 of the others."""
    truth = (np.arange(40) < 30)[:, None]
    said = (np.arange(40) < 24)[:, None] | (np.arange(40) >= 38)[:, None]
    got = measure(LabelAnswers(truth, np.where(said, 0.9, 0.2), ("cat",)), keys(40), 20)
    accuracy = got["label_accuracy:cat"].estimate()
    low, high = beta.ppf([0.025, 0.975], [32, 33], [9, 8])
    assert (accuracy.low, accuracy.high) == pytest.approx((low, high), abs=1e-6)
    f1, hit = got["f1:cat"].estimate(), beta.ppf([0.025, 0.975], [24, 25], [9, 8])
    assert f1.value == pytest.approx(2 * 24 / (30 + 26))
    assert (f1.low, f1.high) == pytest.approx(tuple(2 * hit / (1 + hit)), abs=1e-6)


def test_a_label_that_no_sample_has_is_left_out_of_what_is_not_defined():
    truth = np.stack([np.arange(40) < 20, np.zeros(40, bool)], axis=1)
    got = measure(LabelAnswers(truth, np.where(truth, 0.8, 0.1), ("a", "b")), keys(40), 20)
    assert got["f1"].point == got["auroc"].point == 1.0
    assert "f1:b" not in got
    assert "auroc:b" not in got
    assert got["label_accuracy:b"].point == 1.0


def test_intervals_hold_the_truth_also_of_groups_of_four():
    whole = {name: r.point for name, r in measure(simulated(40_000, 99), keys(40_000), 1).items()}
    missed = dict.fromkeys(whole, 0)
    for seed in range(40):
        some, of = simulated(60, seed), keys(240, lambda i: f"g{i // 4}")
        four = LabelAnswers(some.truth.repeat(4, 0), some.probabilities.repeat(4, 0), NAMES)
        for got in (measure(some, keys(60), 2), measure(four, of, 2)):
            for name, r in got.items():
                one = r.estimate()
                missed[name] += not one.low <= whole[name] <= one.high
    assert max(missed.values()) <= 11, missed  # of 80, each seed twice: 4 are allowed on average


def test_what_is_no_probability_is_refused():
    with pytest.raises(ValueError, match="not in 0"):
        measure(LabelAnswers(np.ones((2, 1), bool), np.array([[0.2], [1.2]]), ("a",)), keys(2), 2)
    with pytest.raises(ValueError, match="labels"):
        measure(LabelAnswers(np.ones((2, 1), bool), np.ones((2, 2)), ("a",)), keys(2), 2)
