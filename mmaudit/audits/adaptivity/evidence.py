"""Evidence: does a modality that got worse leave more uncertainty, and do they conflict more?"""

from collections.abc import Iterator, Sequence

import numpy as np

from mmaudit.audits.adaptivity.alone import damage_area
from mmaudit.audits.adaptivity.numbers import TrustNumber
from mmaudit.audits.adaptivity.pool import Pool
from mmaudit.audits.adaptivity.unit import DAMAGED
from mmaudit.measures.trust.adaptivity import rank_effect
from mmaudit.measures.trust.policies import mean_of
from mmaudit.names import CLEAN


def evidence_numbers(
    pool: Pool, modalities: Sequence[str], damaged: Sequence[str]
) -> Iterator[TrustNumber]:
    """Uncertainty of each modality and their conflict, clean and damaged.

    Args:
        pool: The samples.
        modalities: The model's.
        damaged: Those that are damaged.
    """
    for side in (CLEAN, DAMAGED):
        yield from _mean(pool, "belief_conflict", f"belief_conflict_{side}", side)
        for m in modalities:
            yield from _mean(pool, "vacuity", f"vacuity_{side}_{m}", side, m)
    for m in damaged:
        clean, worse = (pool.column(f"vacuity_{side}_{m}") for side in (CLEAN, DAMAGED))
        severity = pool.column(f"severity_{m}")
        there = np.isfinite(severity) & np.isfinite(worse - clean)
        effect = rank_effect(
            severity[there].astype(np.int64), (worse - clean)[there], pool.keys[there]
        )
        if np.isfinite(effect.value):
            moved = effect.estimate()
            yield TrustNumber(metric="vacuity_effect", estimate=moved, modality=m, dose_of=m)
        apart = damage_area(pool, clean, worse, severity > 0)
        if apart is not None:
            yield TrustNumber(metric="vacuity_damage_auroc", estimate=apart, modality=m, dose_of=m)


def _mean(
    pool: Pool, metric: str, column: str, side: str, modality: str = ""
) -> Iterator[TrustNumber]:
    values = pool.column(column)
    there = np.isfinite(values)
    if there.any():
        mean = mean_of(values[there], pool.keys[there])
        yield TrustNumber(metric=metric, estimate=mean, modality=modality, condition=side)
