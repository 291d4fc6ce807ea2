"""Classifier and average together: never worse than the best column beyond noise, at any share."""

import numpy as np
import pytest

from mmaudit.measures.pairs import detection
from mmaudit.measures.pairs.detectors.blended import above, average, blend, normal_position
from mmaudit.measures.pairs.detectors.combined import Columns, combine

SEEN = np.array([1.6, 1.3, 0.9, 0.0])  # by how many spreads each column tells matched pairs


def columns(seed, share, n=800):
    """Columns that agree in part, as those of one set of pairs do; and which pairs are wrong."""
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(n) < round(share * n)
    noise = rng.normal(size=(2, n, len(SEEN))) + 0.7 * rng.normal(size=(2, n, 1))
    noise[1] += np.where(wrong[:, None], 0.0, SEEN * 1.2 * np.exp(0.3 * rng.normal(size=(n, 1))))
    fold = np.arange(n) % 5
    return Columns(noise[1], fold), Columns(noise[0], fold), wrong


def gains(score, share, sets=5):
    """AUROC of a score above the column that turns out best, of each set."""
    out = []
    for seed in range(sets):
        observed, null, wrong = columns(seed, share)
        best = max(detection.auroc(wrong, -column) for column in observed.values.T)
        out.append(detection.auroc(wrong, -score(observed, null)[0]) - best)
    return np.array(out)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.8])
def test_no_column_is_better_beyond_noise(share):
    """Five sets a share; the worst may be chance, .02 at 160 matched pairs, the mean may not."""
    gain = gains(blend, share)
    assert gain.mean() >= -0.002
    assert gain.min() >= -0.02


def test_where_most_are_mismatched_the_average_helps():
    assert gains(blend, 0.8).mean() >= gains(combine, 0.8).mean() - 0.001
    assert gains(average, 0.8).mean() > gains(combine, 0.8).mean()


def test_p_values_of_mismatches_stay_uniform():
    """The choice between two scores is one bit of all pairs: six sets of 640 mismatches, three errors."""
    shares = []
    for seed in range(6):
        observed, null, wrong = columns(seed, 0.8)
        scores = blend(observed, null)
        shares.append(
            [(scores[0][wrong] > np.quantile(scores[1], q)).mean() for q in (0.5, 0.9, 0.95)]
        )
    error = np.sqrt(0.25 / (6 * 640)) * 2
    np.testing.assert_allclose(np.mean(shares, axis=0), [0.5, 0.1, 0.05], atol=3 * error)


def test_positions_never_fall_and_do_not_tie_beyond_the_ends():
    null = np.random.default_rng(0).normal(3, 2, 400)
    values = np.linspace(-40, 40, 999)
    assert (np.diff(normal_position(values, null)) > 0).all()
    assert abs(normal_position(null, null).mean()) < 0.02


def test_above_is_the_area_with_ties_one_half():
    rng = np.random.default_rng(1)
    high, low = rng.integers(0, 5, 50), rng.integers(0, 4, 70)
    pairs = (high[:, None] > low) + 0.5 * (high[:, None] == low)
    assert above(high, low) == pytest.approx(pairs.mean())


def test_a_column_of_no_worth_weighs_nothing():
    observed, null, _ = columns(0, 0.2)
    flat = np.full((len(null.fold), 1), 0.5)
    more = [Columns(np.hstack([c.values, flat]), c.fold) for c in (observed, null)]
    np.testing.assert_allclose(average(observed, null)[0], average(*more)[0])
