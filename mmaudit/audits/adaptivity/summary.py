"""From what was said of all samples to the summary: effects, curves, verdicts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mmaudit.audits.adaptivity import verdicts
from mmaudit.audits.adaptivity.curves import TrustMeans, curves
from mmaudit.audits.adaptivity.damage import LEVELS
from mmaudit.audits.adaptivity.effects import (
    LOUDNESS,
    SUMS,
    WAYS,
    WEIGHT,
    TrustMove,
    corruptions,
    effect,
    leading,
)
from mmaudit.audits.adaptivity.metrics import METRICS
from mmaudit.audits.adaptivity.pool import MOST, Pool, pooled
from mmaudit.audits.base import Outcome, Read
from mmaudit.errors import IncompleteError
from mmaudit.measures.trust.adaptivity import RankEffect
from mmaudit.names import ALL
from mmaudit.rows import Estimate
from mmaudit.samples.parts import partitions

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
    """

    modalities: tuple[str, ...]
    damaged: tuple[str, ...]
    absent: str
    margin: float
    seed: int
    replicates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    """One number of the summary, with what it is of."""

    metric: str
    estimate: Estimate
    trust: str = ""
    modality: str = ""
    dose_of: str = ""
    corruption: str = ""
    severity: int | None = None
    slice: str = ALL


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
    numbers = [
        *_of_effects(by_way),
        *_cross(pool, scope, trusts),
        *_by_corruption(pool, scope, lead),
        *_by_slice(pool, read, scope, lead),
        *_of_curves(lines, scope, trusts, lead),
    ]
    rows = [
        make_row(absent=scope.absent, **{f: getattr(one, f) for f in _Number.__slots__})
        for one in numbers
    ]
    idle = [m for m in scope.modalities if m not in scope.damaged]
    return Outcome(
        rows=rows,
        headline=verdicts.headline(judged),
        notes=(*verdicts.notes(judged, lead, scope.margin, idle), *_of_the_pool(pool)),
        metrics={name: METRICS[name] for name in dict.fromkeys(row.metric for row in rows)},
        tables={"verdicts": verdicts.table(judged)},
    )


def _of_the_pool(pool: Pool) -> Iterator[str]:
    if pool.all > MOST:
        yield f"Ranks are of {MOST:,} of {pool.all:,} samples, drawn by the seed and their ids."


def _adaptivity(pool: Pool, way: str, damaged: Sequence[str]) -> Iterator[tuple[str, RankEffect]]:
    """Adaptivity to the damage of each modality itself: positive where trust falls with it."""
    for m in damaged:
        measured = effect(pool, TrustMove(way, m, m))
        if measured is not None:
            yield m, -measured


def _of_effects(by_way: verdicts.Effects) -> Iterator[_Number]:
    for way, effects in by_way.items():
        for m, one in effects.items():
            louder = way == LOUDNESS
            yield _Number(
                metric="loudness_effect" if louder else "adaptivity",
                estimate=(-one if louder else one).estimate(),
                trust="" if louder else way,
                modality=m,
                dose_of=m,
            )


def _cross(pool: Pool, scope: TrustScope, ways: Sequence[str]) -> Iterator[_Number]:
    """Where does trust go when another modality is damaged?"""
    for way in ways:
        for m in scope.modalities:
            for other in scope.damaged:
                measured = effect(pool, TrustMove(way, m, other)) if other != m else None
                if measured is not None:
                    yield _Number(
                        metric="cross_effect",
                        estimate=measured.estimate(),
                        trust=way,
                        modality=m,
                        dose_of=other,
                    )


def _by_corruption(pool: Pool, scope: TrustScope, lead: str) -> Iterator[_Number]:
    for m in scope.damaged:
        names = list(corruptions(pool, m))
        for name in names if len(names) > 1 else ():
            measured = effect(pool, TrustMove(lead, m, m, name))
            if measured is not None:
                yield _Number(
                    metric="adaptivity",
                    estimate=(-measured).estimate(),
                    trust=lead,
                    modality=m,
                    dose_of=m,
                    corruption=name,
                )


def _by_slice(pool: Pool, read: Read, scope: TrustScope, lead: str) -> Iterator[_Number]:
    cuts = [cut for cut in partitions(read(), by_class=True) if cut.column is not None]
    for name, inside in pool.parts(cuts):
        for m in scope.damaged:
            measured = effect(pool, TrustMove(lead, m, m), inside)
            if measured is not None:
                yield _Number(
                    metric="adaptivity",
                    estimate=(-measured).estimate(),
                    trust=lead,
                    modality=m,
                    dose_of=m,
                    slice=name,
                )


def _of_curves(
    lines: TrustMeans, scope: TrustScope, ways: Sequence[str], lead: str
) -> Iterator[_Number]:
    for way in SUMS:
        fit = lines.fit(way)
        if fit is not None:
            yield _Number(metric="implied_fit", estimate=fit, trust=way)
    for way in ways:
        for m in scope.modalities:
            mean = lines.trust(way, m)
            if mean is not None:
                yield _Number(metric="trust", estimate=mean, trust=way, modality=m)
    for dose_of in scope.damaged:
        for m in scope.modalities:
            for severity in range(LEVELS):
                change = lines.change(lead, m, dose_of, severity)
                if change is not None:
                    yield _Number(
                        metric="trust_change",
                        estimate=change,
                        trust=lead,
                        modality=m,
                        dose_of=dose_of,
                        severity=severity,
                    )
