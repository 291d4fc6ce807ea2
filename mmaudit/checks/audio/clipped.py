"""Clipped: the loudest parts are cut off flat.

The share of values within 1 % of the clip's own largest magnitude, in runs of three at least, less
three times the share in the next 1 %: the crest of a tone has fewer there, a cut has many.
"""

import math

import numpy as np

from mmaudit.checks.audio._recording import SILENT, Recording, recording, runs
from mmaudit.checks.base import QualityCheck

NEAR, NEXT = 0.99, 0.98
CREST = 3.0  # a sine has 2.4 times as many in the last 1 % as in the one before
SHORTEST = 3


def measure(sound: Recording) -> float:
    """Share of values at the clip's own limit."""
    if sound.empty:
        return math.nan
    if sound.peak < SILENT:
        return 0.0
    heights = np.abs(sound.loudest) / sound.peak
    lengths = runs(heights >= NEAR)
    at_limit = lengths[lengths >= SHORTEST].sum()
    below = np.count_nonzero((heights >= NEXT) & (heights < NEAR))
    return float(max(at_limit - CREST * below, 0) / len(heights))


CHECK = QualityCheck(
    view=recording,
    measure=measure,
    unit="1",
    bad="high",
    source="runs at the largest magnitude; ours",
    finding="clipped",
    suggestion="record it again with less gain",
    sees=("audio/clipping",),
    limit=0.01,
    scale="share",
)
