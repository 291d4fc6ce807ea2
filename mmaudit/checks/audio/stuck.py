"""Stuck: stretches within the sound do not change at all, as where packets were lost.

Runs of equal values of 5 ms or more, from the first to the last value that is not silent.
"""

import math

import numpy as np

from mmaudit.checks.audio._recording import SILENT, Recording, recording, runs
from mmaudit.checks.base import QualityCheck

SHORTEST, FEWEST = 0.005, 4  # s, and values


def measure(sound: Recording) -> float:
    """Share of the sound in such runs."""
    heard = np.array([]) if sound.empty else np.flatnonzero(np.abs(sound.loudest) > SILENT)
    if not len(heard):
        return math.nan
    part = sound.loudest[heard[0] : heard[-1] + 1]
    lengths = runs(np.diff(part) == 0)
    shortest = max(int(SHORTEST * sound.rate), FEWEST)
    return float(lengths[lengths >= shortest].sum() / len(part))


CHECK = QualityCheck(
    view=recording,
    measure=measure,
    unit="1",
    bad="high",
    source="runs of equal values; ours",
    finding="has stretches that stand still",
    suggestion="look for lost packets and muted stretches",
    sees=("audio/time_mask", "audio/packet_loss"),
    scale="share",
)
