"""SNR: a steady noise lies under the sound.

In each band of the spectrum the noise is the 10 % quantile over time, over what that quantile is
of the mean of noise, -ln .9. Noise that comes and goes, as single clicks, is not seen; a steady
tone counts as noise. A voice without pauses passes in part for noise: of 1,000 spoken digits of
half a second, recorded in quiet, 8 % have less than 5 dB, and .5 % less than 0, the limit.
"""

import math

import numpy as np

from mmaudit.checks.audio._recording import Recording, recording
from mmaudit.checks.base import QualityCheck

QUANTILE = 0.1
HIGHEST = 100.0  # dB: there is no noise


def measure(sound: Recording) -> float:
    """Power of the sound over that of the noise, in dB."""
    if not sound.tells:
        return math.nan
    all_of_it = sound.powers.mean(0)
    noise = np.quantile(sound.powers, QUANTILE, axis=0) / -math.log(1 - QUANTILE)
    ratio = all_of_it.sum() / max(np.minimum(noise, all_of_it).sum(), 1e-300) - 1
    return min(10 * math.log10(max(ratio, 1e-3)), HIGHEST)


CHECK = QualityCheck(
    view=recording,
    measure=measure,
    unit="dB",
    bad="low",
    source="minimum statistics: Martin 2001, doi:10.1109/89.928915, with a quantile for the "
    "minimum: Stahl et al. 2000, doi:10.1109/ICASSP.2000.862122",
    finding="noisy",
    suggestion="look for the microphone or the place that it comes from",
    sees=("audio/white_noise", "audio/pink_noise", "audio/brown_noise"),
    limit=0.0,
)
