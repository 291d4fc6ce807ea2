"""What a difference of two statistics rests on, where noise makes both too large."""

import numpy as np

from mmaudit.bounds.means import TAIL
from mmaudit.gate.numbers.apart import apart
from mmaudit.measures.intervals.evidence import Miscalibration
from mmaudit.measures.intervals.joined import Apart
from mmaudit.rows import Estimate

SETS, N, BINS = 250, 300, 15


def errors(rng, off):
    """Calibration errors of many sets of a model that is off by so much, up and down."""
    confidence = rng.uniform(0.5, 1, (SETS, N))
    bins = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    chance = (
        np.clip(confidence - off * np.where(bins % 2, 1, -1), 0.01, 0.99) if off else confidence
    )
    gaps = (rng.random(confidence.shape) < chance) - confidence
    made = [Miscalibration(*one, BINS, None) for one in zip(gaps, bins, strict=True)]
    values = [np.abs(np.bincount(b, g, BINS)).sum() / N for g, b in zip(gaps, bins, strict=True)]
    return made, values, _truth(off)


def _truth(off):
    confidence = np.linspace(0.5, 1, 200_001)
    bins = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    chance = (
        np.clip(confidence - off * np.where(bins % 2, 1, -1), 0.01, 0.99) if off else confidence
    )
    return np.abs(np.bincount(bins, chance - confidence, BINS)).sum() / confidence.size


def test_a_rise_from_a_calibrated_model_allows_for_the_noise_of_the_clean_one():
    """Joined in squares, the upper end was below the truth in .23 of such sets; stated: .025."""
    rng = np.random.default_rng(0)
    clean, worse = errors(rng, 0.0), errors(rng, 0.15)
    truth, squares, ours, alone = worse[2] - clean[2], [], [], []
    for a, b, first, second in zip(clean[1], worse[1], clean[0], worse[0], strict=True):
        ours.append(Apart((b, a), (second, first), 0.0).ends(TAIL))
        both = [Estimate(v, *e.ends(TAIL), N) for v, e in ((a, first), (b, second))]
        alone.append(apart(*both, -1, biased=True))
        squares.append(apart(*both, -1).high)
    most = TAIL + 2 * np.sqrt(TAIL * (1 - TAIL) / SETS)
    for low, high in (np.array(ours).T, np.array([(e.low, e.high) for e in alone]).T):
        assert (low > truth).mean() <= most
        assert (high < truth).mean() <= most
    assert (np.array(squares) < truth).mean() > 0.1
