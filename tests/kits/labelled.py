"""Test sets of a model of several labels under two conditions, whose true numbers are known."""

import numpy as np

from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.tasks import multilabel
from mmaudit.measures.tasks.base import LabelAnswers
from mmaudit.measures.tasks.severity import curves

SHARES, NAMES = (0.3, 0.5, 0.7), ("cat", "dog", "sky")


def sets(members=1):
    """Makes test sets; samples of a group are alike."""

    def one(rng, n, draws=200):
        g, at = n // members, np.arange(n // members).repeat(members)
        truth, noise, both = rng.random((g, 3)) < SHARES, rng.normal(size=(g, 3)), []
        for apart in (2.5, 1.5):
            x = np.where(truth, apart / 2, -apart / 2) + noise
            p = 1 / (1 + np.exp(-apart * x))
            answers = LabelAnswers(truth[at], p[at], NAMES)
            both.append(multilabel.measure(answers, unit_keys(0, at), draws))
        found = {name: one.estimate() for name, one in both[1].items()}
        for name in both[0].keys() & both[1].keys():
            better = multilabel.METRICS[name.partition(":")[0]].better
            drop = curves.drop(both[0][name], both[1][name], better=better)
            found[f"{name} drop"] = drop.estimate()
        return found

    return one


def misses(name):
    """The drop of a single label's AUROC, whose lower end misses in .07 (`docs/gate_error.md`)."""
    return name.startswith("auroc:") and name.endswith(" drop")
