"""No number of contributions, and no end of an interval, is beyond the range that its metric declares."""

import numpy as np
import pyarrow as pa
import pytest

import many_games
from mmaudit.audits.contributions import summary
from mmaudit.audits.contributions.metrics import METRICS


def answers(rng, n, kind):
    """Labels, and odd probabilities of no modality, either alone, and both, each ``(n, class)``."""
    k = many_games.CLASSES
    labels = rng.integers(0, k, n)
    right, even = np.eye(k)[labels], np.full((n, k), 1 / k)
    wrong = np.eye(k)[(labels + 1) % k]
    sure = rng.dirichlet(np.full(k, 0.02), (4, n))
    return labels, {
        "right": [even, right, right, right],
        "wrong": [even, wrong, wrong, wrong],
        "opposed": [even, right, wrong, wrong],
        "only together": [even, wrong, wrong, right],
        "nothing": [even, even, even, even],
        "sure": list(sure),
        "nearly nothing": [even, even * (1 + 1e-7), even, even],
    }[kind]


KINDS = ("right", "wrong", "opposed", "only together", "nothing", "sure", "nearly nothing")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n", "members"), [(1, 1), (2, 1), (7, 1), (40, 1), (60, 3)])
def test_values_and_ends(monkeypatch, kind, n, members):
    monkeypatch.setattr(summary, "gallery", lambda *_: pa.table({}))
    monkeypatch.setattr(many_games, "answered", lambda rng, size: answers(rng, size, kind))
    groups = np.arange(n) // members if members > 1 else None
    numbers = many_games.estimates(np.random.default_rng(n), 1, n, groups, replicates=30)
    assert numbers
    for (metric, modality), (e,) in numbers.items():
        low, high = METRICS[metric].bounds
        assert low <= e.low <= e.value <= e.high <= high, (metric, modality, e)
