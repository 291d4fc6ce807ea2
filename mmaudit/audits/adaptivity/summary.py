"""From what was said of all samples to the summary: effects, curves, verdicts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmaudit.audits.adaptivity import verdicts
from mmaudit.audits.adaptivity.alone import alone_numbers
from mmaudit.audits.adaptivity.confidence import confidence_numbers, cost_numbers
from mmaudit.audits.adaptivity.curves import TrustMeans, curves
from mmaudit.audits.adaptivity.damage.bursts import burst_notes
from mmaudit.audits.adaptivity.damage.damage import LEVELS
from mmaudit.audits.adaptivity.effects import (
    LOUDNESS,
    SHARE,
    SUMS,
    WAYS,
    WEIGHT,
    TrustMove,
    corruptions,
    effect,
    leading,
)
from mmaudit.audits.adaptivity.evidence import evidence_numbers
from mmaudit.audits.adaptivity.losses import loss_numbers
from mmaudit.audits.adaptivity.metrics import METRICS
from mmaudit.audits.adaptivity.natural import NaturalDose, natural_notes, natural_numbers
from mmaudit.audits.adaptivity.numbers import TrustNumber
from mmaudit.audits.adaptivity.pool import MOST, Pool, pooled
from mmaudit.audits.adaptivity.unit import DAMAGED
from mmaudit.audits.adaptivity.usual import NONE_USUAL, UsualAnswers, ratio_notes, ratio_numbers
from mmaudit.audits.base import Outcome, Read
from mmaudit.errors import IncompleteError
from mmaudit.formats import many
from mmaudit.measures.trust.adaptivity import RankEffect
from mmaudit.names import ALL, CLEAN
from mmaudit.samples.parts import Partition, partitions

MakeRow = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustScope:
    """What was asked.

    Attributes:
        modalities: The model's, in its order.
        damaged: Those that are damaged.
        absent: The absence policy.
        margin: Within which an effect is as good as none.
        seed: The run's seed.
        replicates: Bootstrap replicates of the intervals of curves.
        in_bursts: Whether one stretch of time alone is damaged.
        natural: Checks of natural quality that trust is held against.
        usual: What answers are in training, for deviation ratios.
    """

    modalities: tuple[str, ...]
    damaged: tuple[str, ...]
    absent: str
    margin: float
    seed: int
    replicates: int
    in_bursts: bool = False
    natural: tuple[NaturalDose, ...] = ()
    usual: UsualAnswers = NONE_USUAL


def summarise(make_row: MakeRow, scope: TrustScope, read: Read) -> Outcome:
    """Measure how trust in each modality goes along with the damage of each.

    Args:
        make_row: Builds a row of the summary from its fields.
        scope: What was asked.
        read: Reads back the units' tables.

    Raises:
        IncompleteError: No sample could be read.
    """
    pool = pooled(read(), scope.seed)
    if not pool.all:
        raise IncompleteError("no sample could be read", fix="look at skipped.parquet for why")
    lead = leading(pool, scope.modalities)
    trusts = [way for way in WAYS if way != WEIGHT or lead == WEIGHT]
    lines = curves(read, trusts, scope.modalities, scope.damaged, scope.seed, scope.replicates)
    by_way = {way: dict(_adaptivity(pool, way, scope.damaged)) for way in (*trusts, LOUDNESS)}
    judged = verdicts.judged(by_way, lead, scope.margin)
    cuts = [cut for cut in partitions(read(), by_class=True) if cut.column is not None]
    natural = list(natural_numbers(pool, scope.natural, lead, pool.parts(cuts)))
    numbers = [
        *_of_effects(by_way),
        *_cross(pool, scope, trusts),
        *_by_corruption(pool, scope, lead),
        *_by_slice(pool, cuts, scope, lead),
        *_of_curves(lines, scope, trusts, lead),
        *cost_numbers(pool),
        *loss_numbers(pool, tuple({lead: 0, SHARE: 0}), scope.modalities, scope.replicates),
        *(one for one, _ in natural),
        *confidence_numbers(pool, scope.damaged, scope.replicates),
        *alone_numbers(pool, scope.modalities, scope.damaged),
        *ratio_numbers(pool, scope.usual),
        *evidence_numbers(pool, scope.modalities, scope.damaged),
    ]
    rows = [
        make_row(absent=scope.absent, **{f: getattr(one, f) for f in TrustNumber.__slots__})
        for one in numbers
    ]
    idle = [m for m in scope.modalities if m not in scope.damaged]
    return Outcome(
        rows=rows,
        headline=verdicts.headline(judged, in_bursts=scope.in_bursts),
        notes=(
            *verdicts.notes(judged, lead, scope.margin, idle, in_bursts=scope.in_bursts),
            *(_of_bursts(pool, scope.damaged) if scope.in_bursts else ()),
            *_of_costs(numbers, "a share" if scope.in_bursts else "a severity"),
            *natural_notes(natural),
            *ratio_notes(scope.usual),
            *_of_the_pool(pool, lead),
        ),
        metrics={name: METRICS[name] for name in dict.fromkeys(row.metric for row in rows)},
        tables={"verdicts": verdicts.table(judged)},
    )


def _of_costs(numbers: Sequence[TrustNumber], dose: str) -> Iterator[str]:
    """What misplaced trust costs, in a sentence; nothing without labels of classes."""
    by = {(one.metric, one.condition): one.estimate for one in numbers}
    clean, damaged = (by.get(("accuracy", side)) for side in (CLEAN, DAMAGED))
    gains = [
        by.get((f"{name}_gain", DAMAGED)) for name in ("oracle", "dose_policy", "fixed_weights")
    ]
    if clean is None or damaged is None or None in gains:
        return
    oracle, policy, fixed = gains
    yield (
        f"Accuracy is {clean} clean, {damaged} damaged. Under damage it would change by {oracle} "
        f"if one damaged modality were dropped wherever that helps, by {policy} if all beyond "
        f"{dose} were, and by {fixed} with the mean of what each modality says alone."
    )


def _of_bursts(pool: Pool, damaged: Sequence[str]) -> Iterator[str]:
    steps = {m: pool.column(f"severity_{m}") for m in damaged}
    return burst_notes(steps, {m: pool.column(f"burst_changed_{m}") for m in damaged})


def _of_the_pool(pool: Pool, lead: str) -> Iterator[str]:
    if pool.all > MOST:
        yield f"Ranks are of {MOST:,} of {pool.all:,} samples, drawn by the seed and their ids."
    own = [f"{lead}_{side}_" for side in (CLEAN, DAMAGED)]
    sides = [
        np.any([np.isfinite(pool.column(c)) for c in pool.table.column_names if c.startswith(o)], 0)
        for o in own
    ]
    lacking = int((~np.all(sides, axis=0)).sum())
    if lacking:
        yield f"No trust can be told of {many(lacking, 'sample')}, which its numbers leave out."


def _adaptivity(pool: Pool, way: str, damaged: Sequence[str]) -> Iterator[tuple[str, RankEffect]]:
    """Adaptivity to the damage of each modality itself: positive where trust falls with it."""
    for m in damaged:
        measured = effect(pool, TrustMove(way, m, m))
        if measured is not None:
            yield m, -measured


def _of_effects(by_way: verdicts.Effects) -> Iterator[TrustNumber]:
    for way, effects in by_way.items():
        for m, one in effects.items():
            louder = way == LOUDNESS
            yield TrustNumber(
                metric="loudness_effect" if louder else "adaptivity",
                estimate=(-one if louder else one).estimate(),
                trust="" if louder else way,
                modality=m,
                dose_of=m,
            )


def _cross(pool: Pool, scope: TrustScope, ways: Sequence[str]) -> Iterator[TrustNumber]:
    """Where does trust go when another modality is damaged?"""
    for way in ways:
        for m in scope.modalities:
            for other in scope.damaged:
                measured = effect(pool, TrustMove(way, m, other)) if other != m else None
                if measured is not None:
                    yield TrustNumber(
                        metric="cross_effect",
                        estimate=measured.estimate(),
                        trust=way,
                        modality=m,
                        dose_of=other,
                    )


def _by_corruption(pool: Pool, scope: TrustScope, lead: str) -> Iterator[TrustNumber]:
    for m in scope.damaged:
        names = list(corruptions(pool, m))
        for name in names if len(names) > 1 else ():
            measured = effect(pool, TrustMove(lead, m, m, name))
            yield from _of_some(measured, lead, m, corruption=name)


def _by_slice(
    pool: Pool, cuts: Sequence[Partition], scope: TrustScope, lead: str
) -> Iterator[TrustNumber]:
    for name, inside in pool.parts(cuts):
        for m in scope.damaged:
            measured = effect(pool, TrustMove(lead, m, m), inside)
            yield from _of_some(measured, lead, m, part=name)


def _of_some(
    measured: RankEffect | None, lead: str, modality: str, *, corruption: str = "", part: str = ALL
) -> Iterator[TrustNumber]:
    """The adaptivity under one corruption or in one part of the samples, where it has a number."""
    if measured is not None:
        yield TrustNumber(
            metric="adaptivity",
            estimate=(-measured).estimate(),
            trust=lead,
            modality=modality,
            dose_of=modality,
            corruption=corruption,
            slice=part,
        )


def _of_curves(
    lines: TrustMeans, scope: TrustScope, ways: Sequence[str], lead: str
) -> Iterator[TrustNumber]:
    for way in SUMS:
        fit = lines.fit(way)
        if fit is not None:
            yield TrustNumber(metric="implied_fit", estimate=fit, trust=way)
    for way in ways:
        for m in scope.modalities:
            mean = lines.trust(way, m)
            if mean is not None:
                yield TrustNumber(metric="trust", estimate=mean, trust=way, modality=m)
    for dose_of in scope.damaged:
        for m in scope.modalities:
            for severity in range(LEVELS):
                change = lines.change(lead, m, dose_of, severity)
                if change is not None:
                    yield TrustNumber(
                        metric="trust_change",
                        estimate=change,
                        trust=lead,
                        modality=m,
                        dose_of=dose_of,
                        severity=severity,
                    )
