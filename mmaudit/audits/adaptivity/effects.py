"""Effects: how trust in each modality goes along with the damage of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools
from mmaudit.audits.adaptivity.pool import Pool
from mmaudit.audits.adaptivity.unit import DAMAGED
from mmaudit.measures.trust.adaptivity import RankEffect, rank_effect
from mmaudit.names import CLEAN

WEIGHT, SHARE, LOUDNESS = "weight", "share", "loudness"
SUMS = IMPLIED, MIXTURE = "implied", "mixture"  # told by weights that explain the answer
WAYS = (WEIGHT, *SUMS, SHARE)
SOUND_FIT = 0.99999  # of answers that a sum must explain, so that its weights are the model's
SOUND_SHARE = 0.9  # of the samples in which they must be told


@dataclass(frozen=True, slots=True)
class TrustMove:
    """What is asked of some samples.

    Attributes:
        way: How trust is told: one of `WAYS`, or ``loudness``, which is none.
        modality: Whose trust.
        dose_of: Whose damage.
        corruption: By one corruption alone; empty for all.
    """

    way: str
    modality: str
    dose_of: str
    corruption: str = ""


def leading(pool: Pool, modalities: Sequence[str]) -> str:
    """How trust is told first.

    By the model's own weights where it has them; by implied weights where they explain what it
    answers, clean and damaged, for nearly all samples; else by shares of the answer.

    Args:
        pool: The samples.
        modalities: The model's.
    """
    if np.isfinite(pool.column(f"{WEIGHT}_{CLEAN}_{modalities[0]}")).any():
        return WEIGHT
    fits = {way: _fit(pool, way) for way in SUMS}
    best = max(SUMS, key=lambda way: fits[way])
    return best if fits[best] >= SOUND_FIT else SHARE


def _fit(pool: Pool, way: str) -> float:
    """How much of the answers a weighted sum explains; 0 where its weights are often not told."""
    fits = np.stack([pool.column(f"fit_{way}_{side}") for side in (CLEAN, DAMAGED)])
    able = np.isfinite(fits).all(axis=0)
    return float(fits[:, able].mean()) if able.mean() >= SOUND_SHARE else 0.0


def effect(pool: Pool, of: TrustMove, inside: Bools | None = None) -> RankEffect | None:
    """Rank effect of a dose on a change of trust; None where no sample has both.

    Args:
        pool: The samples.
        of: What is asked.
        inside: Which of them, ``(sample,)``; None for all.
    """
    change = pool.column(f"{of.way}_{DAMAGED}_{of.modality}") - pool.column(
        f"{of.way}_{CLEAN}_{of.modality}"
    )
    severity = pool.column(f"severity_{of.dose_of}")
    there = np.isfinite(change) & np.isfinite(severity)
    if inside is not None:
        there &= inside
    if of.corruption:  # beside the samples that it damaged, those that nothing damaged
        there &= np.isin(pool.texts(f"corruption_{of.dose_of}"), [of.corruption, ""])
    if not there.any():
        return None
    measured = rank_effect(severity[there].astype(np.int64), change[there], pool.keys[there])
    return measured if np.isfinite(measured.value) else None


def corruptions(pool: Pool, modality: str) -> Iterator[str]:
    """Which corruptions damaged a modality."""
    names = {name for name in pool.texts(f"corruption_{modality}").tolist() if name}
    yield from sorted(names)
