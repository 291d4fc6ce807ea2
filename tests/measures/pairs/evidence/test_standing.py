"""Standing: a pair beside other re-pairings of its own sides, where topics hide one another."""

import numpy as np
import pytest

from mmaudit.measures.pairs.evidence import positions
from mmaudit.measures.pairs.evidence.standing import FEWEST, PRIOR, standings
from mmaudit.measures.pairs.shuffles import Pairing, neighbouring
from mmaudit.seeds import words

TOPIC, TOPICS = 20, 30
N = TOPIC * TOPICS


def scored(rng, wrong=0.0):
    """Scores of pairs of topics, a few of which fit whatever their partner is, and re-pairings."""
    topic = np.repeat(np.arange(TOPICS), TOPIC)
    level = np.where(np.arange(TOPICS) < 3, 9.0, 0.0)[topic]
    pairs = neighbouring(topic, (np.arange(N),), words(int(rng.integers(99)), "standing"), 12)
    null = level[pairs.left] + rng.normal(size=len(pairs.left))
    mismatched = rng.random(N) < wrong
    observed = level + rng.normal(size=N) + np.where(mismatched, 0.0, 4.0)
    return observed, pairs, null, mismatched


def test_it_is_the_distance_from_the_others_of_both_sides():
    rng = np.random.default_rng(0)
    observed, pairs, null, _ = scored(rng)
    spread = null.var()

    def one(value, others):
        scale = (len(others) * np.var(others) + PRIOR * spread) / (len(others) + PRIOR)
        return (value - np.mean(others)) / np.sqrt(scale)

    found = standings(observed, pairs, null)
    for i in (0, 7, N - 1):
        sides = [null[rows == i] for rows in (pairs.left, pairs.right)]
        by_hand = np.mean([one(observed[i], others) for others in sides])
        assert found[0][i] == pytest.approx(by_hand)
    for k in (0, 99):
        same = [rows == rows[k] for rows in (pairs.left, pairs.right)]
        others = [null[rows & (np.arange(len(null)) != k)] for rows in same]
        assert found[1][k] == pytest.approx(np.mean([one(null[k], some) for some in others]))


def test_what_has_too_few_others_stands_lowest():
    pairs = Pairing(np.array([0, 0, 0, 1, 2, 2]), np.array([1, 2, 3, 2, 1, 0]))
    few = [i for i in range(4) for rows in (pairs.left, pairs.right) if (rows == i).sum() < FEWEST]
    observed, shuffled = standings(np.full(4, 9.0), pairs, np.arange(6.0))
    lowest = min(observed.min(), shuffled.min())
    assert (observed[few] == lowest).all()
    assert np.isfinite(observed).all()
    assert np.isfinite(shuffled).all()


def test_topics_that_fit_everything_do_not_hide_the_matched_pairs_of_others():
    """40 sets, a fifth mismatched within topics: scores as they are list nothing of 27 topics."""
    listed, false = [], []
    for seed in range(40):
        observed, pairs, null, wrong = scored(np.random.default_rng(seed), 0.2)
        matched = []
        for one, other in ((observed, null), standings(observed, pairs, null)):
            strata = np.zeros(len(one), int), np.zeros(len(other), int)
            scores = positions.Scores(
                observed=one, null=other, stratum=strata[0], null_stratum=strata[1]
            )
            matched.append(positions.adjusted(positions.p_values(scores)) <= 0.05)
        plain, local = matched
        assert not plain[3 * TOPIC :].any()
        listed.append(local[3 * TOPIC :][~wrong[3 * TOPIC :]].mean())
        false.append(wrong[local].mean() if local.any() else 0.0)
    assert np.mean(listed) > 0.5
    assert np.mean(false) <= 0.05 + 2 * np.std(false) / np.sqrt(len(false))
