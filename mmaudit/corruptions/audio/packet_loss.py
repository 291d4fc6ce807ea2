"""Packet loss: pieces of 20 ms silent, as in a bad call."""

from typing import NamedTuple

import numpy as np

from mmaudit.arrays import Signal, Sound
from mmaudit.corruptions.audio._sound.finite import KEEPS, finite
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import hit
from mmaudit.doses.audio import SNR_DB
from mmaudit.seeds import Words

PACKET_S = 0.02


class Severity(NamedTuple):
    """How much is lost."""

    share: float


def drop_packets(clean: Sound, severity: Severity, words: Words, rate: float) -> Sound:
    """Silence a share of the packets, in all channels."""

    def lose(x: Signal) -> Signal:
        packet = max(1, round(rate * PACKET_S))
        lost = hit(severity.share, -(-x.shape[0] // packet), words)
        x[np.repeat(lost, packet)[: x.shape[0]]] = 0.0
        return x

    return finite(clean, lose)


CORRUPTION: Corruption[Sound, Severity] = Corruption(
    apply=drop_packets,
    severities=tuple(Severity(value) for value in (0.02, 0.05, 0.1, 0.2, 0.3)),
    units={"share": "share of the packets"},
    keeps=KEEPS,
    dose=SNR_DB,
    source="Packets of 20 ms as in voice over IP (RFC 3551), lost independently, without"
    " concealment; the expected share is exact at every length. Constants are our own.",
    needs=("rate",),
)
