"""Trust: does a method that weighs modalities, or joins evidence, trust the damaged one less?"""

from collections.abc import Iterator

import numpy as np

from mmaudit.arrays import Bools, Ints, Words
from mmaudit.audits.base import Read
from mmaudit.audits.remedies.answering import VACUITY, WEIGHT
from mmaudit.audits.remedies.conditions import DAMAGED
from mmaudit.audits.remedies.judging import ModalityNumber, Ring, Said
from mmaudit.measures.trust.adaptivity import METRICS as ADAPTIVITY
from mmaudit.measures.trust.adaptivity import rank_effect_of_seeds
from mmaudit.measures.trust.evidence import METRICS as EVIDENCE

SIGNS = {"adaptivity": (WEIGHT, -1.0), "vacuity_effect": (VACUITY, 1.0)}
METRICS = {name: (ADAPTIVITY | EVIDENCE)[name] for name in SIGNS}


def trust_numbers(ring: Ring, read: Read) -> Iterator[ModalityNumber]:
    """How trust in each damaged modality goes along with its severity, clean samples among them.

    Args:
        ring: The contest.
        read: Reads back the units' tables.
    """
    for m in ring.modalities:
        at = [i for i, scene in enumerate(ring.scenes) if scene.damaged == m]
        if not at:
            continue
        columns = [f"{column}_{m}" for column, _ in SIGNS.values()]
        sides = [ring.said(read, columns, place) for place in (0, *at)]
        doses = np.array([0, *(ring.scenes[place].severity for place in at)], np.int64)
        for metric, (column, sign) in SIGNS.items():
            yield from _effects(ring, m, metric, sign, doses, [s[f"{column}_{m}"] for s in sides])


def _effects(
    ring: Ring, modality: str, metric: str, sign: float, doses: Ints, sides: list[Said]
) -> Iterator[ModalityNumber]:
    """Of every method that says such trust.

    Args:
        ring: The contest.
        modality: Which modality.
        metric: What the number is called.
        sign: What turns a change into one that is better higher.
        doses: Severity of each side, 0 of the first.
        sides: Trust on each, of each method.
    """
    for name in ring.names:
        change = np.stack([side[name] - sides[0][name] for side in sides], axis=1)
        there: Bools = np.asarray(np.isfinite(change).all(axis=0))  # (side, sample)
        if not there[1:].any():
            continue
        effect = rank_effect_of_seeds(
            np.broadcast_to(doses[:, None], there.shape)[there],
            sign * change[:, there],
            _keys(ring, there.shape)[there],
        )
        if np.isfinite(effect.value):
            yield ModalityNumber(
                method=name,
                metric=metric,
                estimate=effect.estimate(),
                family=DAMAGED,
                modality=modality,
            )


def _keys(ring: Ring, shape: tuple[int, ...]) -> Words:
    """Key of each sample's unit, its group where there are groups, ``(side, sample)``."""
    own = np.arange(shape[1]) if ring.groups is None else ring.groups
    return np.broadcast_to(own.astype(np.uint64), shape)
