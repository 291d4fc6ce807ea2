"""Time mask: one stretch of the clip silent, as when a recorder stalls."""

from typing import NamedTuple

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import span
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much is silent."""

    share: float


def mute(clean: Sound, severity: Severity, words: Words) -> Sound:
    """Silence one run of samples; that of a worse severity contains that of a milder one."""

    def silence(x: Signal) -> Signal:
        x[span(severity.share, x.shape[0], words)] = 0.0
        return x

    return finite(clean, silence)


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=mute,
    severities=tuple(Severity(value) for value in (0.05, 0.1, 0.2, 0.3, 0.4)),
    units={"share": "share of the clip"},
    keeps=KEEPS,
    dose=SNR_DB,
    source="TimeMask of audiomentations (1 ... 20 % of the clip), 5 ... 40 % here; the expected"
    " share is exact at every length.",
)
