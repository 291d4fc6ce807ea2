"""How often the intervals of worst cases miss: simulated, with damages that depend on each other."""

import math

import numpy as np
import pytest

from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.tasks import classification
from mmaudit.measures.tasks.base import Answers
from mmaudit.measures.tasks.severity import curves

SETS = 100


def margins(rng, n, damages, harm):
    """By how much the right class leads, clean and under each damage, ``(1 + damages, n)``."""
    own = rng.normal(1.0, 1.0, n)
    return np.stack([own, *(own - harm + 0.7 * rng.normal(size=n) for _ in range(damages))])


def answers(margin, labels):
    """The answers of a model of two classes; accuracy needs no probabilities."""
    return Answers(labels, np.where(margin > 0, labels, 1 - labels), None, 2)


@pytest.mark.parametrize(("damages", "harm", "n"), [(2, 0.5, 60), (8, 0.3, 150), (8, 0.0, 150)])
def test_each_side_errs_as_rarely_as_it_says(damages, harm, n):
    """At most 2.5 % a side; it fails by chance in fewer than 1 in 1,000 runs (3.1 s.e.)."""
    rng = np.random.default_rng(0)
    big = margins(rng, 400_000, damages, harm)
    right = (big > 0).mean(axis=1)[0], (big[1:] > 0).all(axis=0).mean()
    truth = {"accuracy": right[1], "drop": right[0] - right[1]}
    missed = dict.fromkeys([(name, side) for name in truth for side in "<>"], 0)
    keys = unit_keys(0, [f"r{i}" for i in range(n)])
    for _ in range(SETS):
        some, labels = margins(rng, n, damages, harm), rng.integers(0, 2, n)
        clean, worst = (
            classification.measure(answers(m, labels), keys, 2)["accuracy"]
            for m in (some[0], some[1:].min(axis=0))  # the least margin is the worst answer
        )
        drop = curves.drop(clean, worst, better="higher")
        for name, estimate in (("accuracy", worst.estimate()), ("drop", drop.estimate())):
            missed[name, "<"] += estimate.high < truth[name]
            missed[name, ">"] += estimate.low > truth[name]
    most = SETS * 0.025 + 3.1 * math.sqrt(SETS * 0.025 * 0.975)
    assert max(missed.values()) <= most, missed
