"""Drops of numbers that are no means, where few answers change of many that are wrong both times."""

import numpy as np
import pytest

from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.tasks import classification, multilabel
from mmaudit.measures.tasks.base import LabelAnswers, from_probabilities
from mmaudit.measures.tasks.severity.curves import drop

SETS, N, WRONG, LOST = 60, 150, 0.3, 3 / 150
KEYS = unit_keys(0, [str(i) for i in range(N)])
MOST = 0.025 + 3 * np.sqrt(0.025 * 0.975 / SETS)


def looks(rng, n):
    """Whether each answer is right, clean and worse, and how sure it is then."""
    right, sure = rng.random(n) >= WRONG, rng.uniform(0.55, 0.95, n)
    lost = right & (rng.random(n) < LOST)
    return (right, sure), (right & ~lost, np.where(lost, 0.95, sure))


def classes(rng, n):
    """Answers of two classes."""
    labels = rng.integers(0, 2, n)
    for right, sure in looks(rng, n):
        own = np.where(right, sure, 1 - sure)[:, None]
        yield from_probabilities(labels, np.where(labels[:, None] == (0, 1), own, 1 - own))


def labels(rng, n):
    """Answers about two labels, which are lost together."""
    truth = rng.random((n, 2)) < 0.5
    for right, sure in looks(rng, n):
        own = np.where(right, sure, 1 - sure)[:, None]
        yield LabelAnswers(truth, np.where(truth, own, 1 - own), ("cat", "dog"))


@pytest.mark.parametrize(
    ("made", "part", "names"),
    [(classes, classification, ("macro_f1", "auroc")), (labels, multilabel, ("f1", "auroc"))],
)
def test_a_drop_is_not_said_to_be_small_since_few_answers_change(made, part, names):
    """By the draws alone the upper end was below the truth in .09 to .15 of such sets."""
    big = unit_keys(0, [str(i) for i in range(60_000)])
    clean, worse = (part.measure(a, big, 2) for a in made(np.random.default_rng(0), 60_000))
    truth = {m: clean[m].point - worse[m].point for m in names}
    rng, past = np.random.default_rng(1), dict.fromkeys(names, 0)
    for _ in range(SETS):
        clean, worse = (part.measure(a, KEYS, 100) for a in made(rng, N))
        for m in names:
            past[m] += drop(clean[m], worse[m]).estimate().high < truth[m]
    assert all(count / SETS <= MOST for count in past.values()), past
