"""Confidence: is what is unsure wrong, and damaged; what does misplaced trust cost."""

from collections.abc import Iterator, Sequence

import numpy as np

from mmaudit.arrays import Bools, Floats
from mmaudit.audits.adaptivity.alone import damage_area
from mmaudit.audits.adaptivity.facts import DROPS
from mmaudit.audits.adaptivity.numbers import TrustNumber
from mmaudit.audits.adaptivity.pool import Pool
from mmaudit.audits.adaptivity.unit import DAMAGED
from mmaudit.measures.intervals.bootstrap import groups_of
from mmaudit.measures.tasks.classification import calibration_error
from mmaudit.measures.trust.adaptivity import rank_effect
from mmaudit.measures.trust.confidence import area, risk_coverage_area
from mmaudit.measures.trust.policies import gain, mean_of, out_of_fold
from mmaudit.names import CLEAN, part
from mmaudit.rows import Estimate

DOSE, THIRDS = "dose", ("low", "middle", "high")  # of the sum of severities, by its thirds


def confidence_numbers(
    pool: Pool, damaged: Sequence[str], replicates: int
) -> Iterator[TrustNumber]:
    """How sure answers are, clean and damaged, against what is wrong and what was damaged.

    Args:
        pool: The samples.
        damaged: The modalities that are damaged.
        replicates: Bootstrap replicates of areas under risk and coverage.
    """
    if "confidence_clean" not in pool.table.column_names:
        return
    dose = _dose(pool, damaged)
    for metric, column, sign in (
        ("uncertainty_effect", "confidence", -1),
        ("conflict_effect", "conflict", 1),
    ):
        change = sign * _change(pool, column)
        yield from _effect(pool, dose, change, metric)
    for m in damaged:
        own = pool.column(f"severity_{m}")
        change = _change(pool, "confidence", f"_{m}")
        yield from _effect(pool, own, change, "confidence_effect", m)
    yield from _told_apart(pool, dose)
    if "right_clean" in pool.table.column_names:
        yield from _of_right(pool, dose, replicates)


def cost_numbers(pool: Pool) -> Iterator[TrustNumber]:
    """Accuracy, and how much policies that know what was damaged would gain."""
    for side in (CLEAN, DAMAGED):
        if f"right_{side}" in pool.table.column_names:
            right = _right(pool, side)
            accuracy = mean_of(right, pool.keys)
            yield TrustNumber(metric="accuracy", estimate=accuracy, condition=side)
    if "right_clean" not in pool.table.column_names:
        return
    own = _right(pool, DAMAGED)
    drop = gain(_right(pool, CLEAN), own, pool.keys)
    yield TrustNumber(metric="accuracy_drop", estimate=drop, condition=DAMAGED)
    if "right_oracle" not in pool.table.column_names:
        return
    oracle = pool.column("right_oracle")
    policies = [own, *(pool.column(f"right_from_{level}") for level in DROPS)]
    by_dose = out_of_fold(np.stack(policies, axis=1) > 0, pool.keys)
    for metric, other, low in (
        ("oracle_gain", oracle, 0.0),
        ("dose_policy_gain", by_dose, -1.0),
        ("fixed_weights_gain", pool.column("right_fixed"), -1.0),
    ):
        more = gain(other, own, pool.keys, low)
        yield TrustNumber(metric=metric, estimate=more, condition=DAMAGED)


def _of_right(pool: Pool, dose: Floats, replicates: int) -> Iterator[TrustNumber]:
    """Numbers that need to know what is right."""
    for side in (CLEAN, DAMAGED):
        right = _right(pool, side)
        for prefix, unsure in _uncertainties(pool, side):
            wrong = area(right == 0, unsure, pool.keys)
            if wrong is not None:
                yield TrustNumber(metric=f"{prefix}wrong_auroc", estimate=wrong, condition=side)
            risk = risk_coverage_area(right == 0, unsure, pool.keys, replicates).estimate()
            yield TrustNumber(metric=f"{prefix}aurc", estimate=risk, condition=side)
        every = np.ones(right.size, np.bool_)
        yield TrustNumber(metric="ece", estimate=_ece(pool, side, every), condition=side)
    for name, inside in _thirds(dose):
        e = _ece(pool, DAMAGED, inside)
        yield TrustNumber(metric="ece", estimate=e, condition=DAMAGED, slice=part(DOSE, name))


def _told_apart(pool: Pool, dose: Floats) -> Iterator[TrustNumber]:
    """Is the answer to a sample that was damaged less sure than the answer to a clean one?"""
    sides = _uncertainties(pool, CLEAN), _uncertainties(pool, DAMAGED)
    for (prefix, clean), (_, damaged) in zip(*sides, strict=True):
        apart = damage_area(pool, clean, damaged, dose > 0)
        if apart is not None:
            yield TrustNumber(metric=f"{prefix}damage_auroc", estimate=apart)


def _uncertainties(pool: Pool, side: str) -> tuple[tuple[str, Floats], ...]:
    """How unsure answers are, and how the metrics of it begin: by 1 - max p, and by entropy."""
    return ("", 1 - pool.column(f"confidence_{side}")), ("entropy_", pool.column(f"entropy_{side}"))


def _ece(pool: Pool, side: str, inside: Bools) -> Estimate:
    """Expected calibration error over 15 bins, of some samples."""
    sure = pool.column(f"confidence_{side}")[inside]
    return calibration_error(_right(pool, side)[inside], sure, groups_of(pool.keys[inside]))


def _thirds(dose: Floats) -> Iterator[tuple[str, Bools]]:
    """Samples by the thirds of the sum of severities; samples of one sum stay together."""
    first, second = np.quantile(dose, [1 / 3, 2 / 3])
    for name, inside in zip(
        THIRDS, (dose <= first, (dose > first) & (dose <= second), dose > second), strict=True
    ):
        if inside.any():
            yield name, inside


def _effect(
    pool: Pool, dose: Floats, change: Floats, metric: str, modality: str = ""
) -> Iterator[TrustNumber]:
    there = np.isfinite(dose) & np.isfinite(change)
    measured = rank_effect(dose[there].astype(np.int64), change[there], pool.keys[there])
    if np.isfinite(measured.value):
        yield TrustNumber(
            metric=metric, estimate=measured.estimate(), modality=modality, dose_of=modality
        )


def _change(pool: Pool, column: str, of: str = "") -> Floats:
    return pool.column(f"{column}_{DAMAGED}{of}") - pool.column(f"{column}_{CLEAN}{of}")


def _right(pool: Pool, side: str) -> Floats:
    return pool.column(f"right_{side}")


def _dose(pool: Pool, damaged: Sequence[str]) -> Floats:
    """Sum of the severities of all modalities of each sample."""
    return np.nansum([pool.column(f"severity_{m}") for m in damaged], axis=0)
