"""Cosine thresholds: what is kept, and what of that is mismatched."""

import numpy as np
import pytest

from mmaudit.measures.pairs.evidence.thresholds import least, thresholds
from mmaudit.rows import Estimate

N = 1200


def cosines(share, seed):
    rng = np.random.default_rng(seed)
    wrong = rng.random(N) < share
    matched = rng.normal(0.35, 0.08, N)
    return np.where(wrong, rng.normal(0.09, 0.08, N), matched), rng.normal(0.09, 0.08, 2 * N), wrong


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.8])
def test_the_interval_holds_what_is_mismatched_among_the_kept(share):
    """It covers 95 % at least: fewer than 86 of 100 has a probability below 1e-3 in any cell."""
    covered = np.zeros(7)
    for seed in range(100):
        cosine, null, wrong = cosines(share, seed)
        table = thresholds(cosine, null, Estimate(share, 0.85 * share, 1.15 * share, N))
        for k, row in enumerate(table):
            kept = cosine >= row.cosine
            assert row.keeps == pytest.approx(kept.mean())
            covered[k] += row.mismatched.low <= wrong[kept].mean() <= row.mismatched.high
    assert (covered >= 86).all()


def test_the_lowest_threshold_within_a_level_is_taken():
    cosine, null, _ = cosines(0.2, 0)
    table = thresholds(cosine, null, Estimate(0.2, 0.17, 0.24, N))
    assert [r.cosine for r in table] == sorted(r.cosine for r in table)
    chosen = least(table, 0.05)
    assert chosen.mismatched.high <= 0.05
    assert all(r.mismatched.high > 0.05 for r in table if r.cosine < chosen.cosine)
    assert least(table, 1e-9) is None
