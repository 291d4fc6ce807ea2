"""Shares and their Gini coefficient over seeds and samples crossed."""

import numpy as np
import pytest

from mmaudit.measures.games.crossed_shares import crossed_gini, crossed_shares
from mmaudit.measures.games.shares import gini, shares
from mmaudit.measures.intervals.influences import crossed_mean
from mmaudit.measures.intervals.replicates import Replicates

TRUE = np.array([0.6, 0.3, 0.1])


def drawn(rng, seeds=4, n=150, truth=TRUE):
    """Sizes of each modality, ``(modality, seed, sample)``, of which seeds and samples vary."""
    of_seeds, of_samples = rng.normal(0, 0.1, (3, seeds, 1)), rng.normal(0, 0.5, (3, 1, n))
    rest = rng.normal(0, 0.3, (3, seeds, n))
    return truth[:, None, None] * np.exp(of_seeds + of_samples + rest)


def both(sizes):
    own = crossed_shares([crossed_mean(size, None) for size in sizes])
    return [*own, crossed_gini(own)]


def test_they_are_the_numbers_of_the_other_audit():
    sizes = drawn(np.random.default_rng(0))
    own = both(sizes)
    plain = [Replicates(float(size.mean()), np.full(2, size.mean()), 150) for size in sizes]
    theirs = [*shares(plain), gini(plain)]
    assert np.allclose([one.value for one in own], [one.point for one in theirs])


def test_pulls_are_what_a_little_more_of_one_sample_does():
    sizes = drawn(np.random.default_rng(1), n=12)
    step, at = 1e-6, (2, 7)
    n = sizes[0].size

    def numbers(weight):
        means = [(size.sum() + weight * size[at]) / (n + weight) for size in sizes]
        own = np.array(means) / sum(means)
        return [*own, sum(abs(own[i] - own[j]) for i, j in ((0, 1), (0, 2), (1, 2))) / 2]

    slopes = (np.array(numbers(step)) - numbers(0)) / step * n
    assert np.allclose([one.pull[at] for one in both(sizes)], slopes, rtol=1e-3)


@pytest.mark.parametrize("truth", [TRUE, np.full(3, 1 / 3)])
def test_intervals_hold_the_truth_as_often_as_they_say(truth):
    """Where shares are alike too, where every draw has a coefficient that is too large."""
    of_truth = [
        *(truth / truth.sum()),
        sum(abs(truth[i] - truth[j]) for i, j in ((0, 1), (0, 2), (1, 2))) / 2,
    ]
    rng, held = np.random.default_rng(2), np.zeros(4)
    sets = 200
    for _ in range(sets):
        estimates = [one.estimate((0, 1)) for one in both(drawn(rng, truth=truth))]
        held += [e.low - 1e-9 <= t <= e.high for e, t in zip(estimates, of_truth, strict=True)]
    assert (held / sets >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / sets)).all(), held / sets
