"""Rows, sentences and files of remedies."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.audits.base import Outcome, Read
from mmaudit.audits.remedies.conditions import CONFLICT, DAMAGED, INCOMPLETE
from mmaudit.audits.remedies.judging import (
    FamilyScores,
    Ring,
    against,
    against_every,
    calibration_error,
    family_scores,
)
from mmaudit.audits.remedies.metrics import METRICS
from mmaudit.formats import many
from mmaudit.measures.intervals.crossed import PairedGain, mean, of_groups
from mmaudit.measures.intervals.proportion import proportion
from mmaudit.names import ALL, CLEAN
from mmaudit.parsing.documents import from_json
from mmaudit.rows import Estimate

UNDER = {
    CLEAN: "on clean samples",
    DAMAGED: "under the damage",
    INCOMPLETE: "with modalities absent",
    CONFLICT: "where modalities conflict",
}
ROUNDING = 1e-9  # of a count that is a mean over seeds
Verdicts = dict[str, dict[str, PairedGain]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestScope:
    """What the summary needs to know beside the answers.

    Attributes:
        row: The audit's ``Row``.
        ring: The contest.
        controls: Control of each method that is compared.
        margin: PairedGain that matters.
        families: How many families of conditions are scope.
        notes: Sentences of what was chosen before.
    """

    row: type
    ring: Ring
    controls: Mapping[str, str]
    margin: float
    families: int
    notes: tuple[str, ...]


def summarise(scope: ContestScope, read: Read) -> Outcome:
    """Turn what was said of all samples into rows, verdicts, sentences and models."""
    rows, verdicts = list[Any](), Verdicts()
    for scores in family_scores(scope.ring, read):
        rows += _score_rows(scope, scores)
        gains = against(scope.ring, scores.scores, scope.controls, scope.margin, scope.families)
        verdicts[scores.family] = gains
        rows += [
            _gain_row(scope, scores.family, name, scope.controls[name], "gain", gain)
            for name, gain in gains.items()
        ]
        hardest = against_every(
            scope.ring, scores.scores, scope.controls, scope.margin, scope.families
        )
        rows += [
            _gain_row(scope, scores.family, name, control, "gain_over_controls", gain)
            for name, (control, gain) in hardest.items()
        ]
    rows += _condition_rows(scope, read)
    if scope.ring.score == "correct":
        rows += _calibration_rows(scope, read)
    facts, models = _facts(scope.ring, read)
    rows += _fact_rows(scope, facts)
    return Outcome(
        rows=rows,
        headline=headline(verdicts),
        notes=(*scope.notes, *_notes(scope, verdicts, facts)),
        metrics={name: METRICS[name] for name in dict.fromkeys(row.metric for row in rows)},
        files=models,
    )


def headline(verdicts: Verdicts) -> str:
    """Which methods help, under the first family of conditions that is not clean."""
    family = next((f for f in verdicts if f != CLEAN and verdicts[f]), CLEAN)
    gains = verdicts.get(family, {})
    helps = {name: g for name, g in gains.items() if g.verdict == "helps"}
    if not gains:
        return "Only controls were trained: there is nothing to compare."
    if helps:
        best = max(helps, key=lambda name: helps[name].estimate.value)
        low, high = helps[best].estimate.low, helps[best].estimate.high
        return (
            f"{many(len(helps), 'method')} of {len(gains)} help {UNDER[family]} beside their "
            f"controls; {best} most, by {helps[best].estimate.value:+.3f} "
            f"[{low:+.3f}, {high:+.3f}]."
        )
    unsure = sum(g.verdict == "cannot be told" for g in gains.values())
    return (
        f"No method of {len(gains)} is shown to help {UNDER[family]} beside its control; "
        f"of {unsure} it cannot be told."
    )


def _score_rows(scope: ContestScope, scores: FamilyScores) -> Iterator[Any]:
    """How right every method is, over all conditions of a family."""
    for name, values in scores.scores.items():
        yield scope.row(
            method=name,
            family=scores.family,
            condition="",
            control="",
            slice=ALL,
            metric=_metric(scope),
            estimate=_score(scope, values),
            verdict="",
            needs=None,
        )


def _condition_rows(scope: ContestScope, read: Read) -> Iterator[Any]:
    """How right every method is under each condition of a family that has several."""
    ring = scope.ring
    families = [scene.family for scene in ring.scenes]
    for place, scene in enumerate(ring.scenes):
        if families.count(scene.family) == 1:
            continue
        for name, values in ring.said(read, ring.score, place).items():
            yield scope.row(
                method=name,
                family=scene.family,
                condition=scene.name,
                control="",
                slice=ALL,
                metric=_metric(scope),
                estimate=_score(scope, values),
                verdict="",
                needs=None,
            )


def _gain_row(
    scope: ContestScope, family: str, name: str, control: str, metric: str, gain: PairedGain
) -> Any:
    return scope.row(
        method=name,
        family=family,
        condition="",
        control=control,
        slice=ALL,
        metric=metric,
        estimate=gain.estimate,
        verdict=gain.verdict,
        needs=gain.needs,
    )


def _calibration_rows(scope: ContestScope, read: Read) -> Iterator[Any]:
    """Calibration of every method on clean samples."""
    confidence = scope.ring.said(read, "confidence", 0)
    correct = scope.ring.said(read, "correct", 0)
    for name, sure in confidence.items():
        value = float(
            np.mean([calibration_error(*pair) for pair in zip(sure, correct[name], strict=True)])
        )
        yield _exact(scope, name, CLEAN, "calibration_error", value, sure.shape[1])


def _facts(ring: Ring, read: Read) -> tuple[dict[str, list[dict[str, Any]]], dict[str, bytes]]:
    """How every method was trained, one a seed; and the trained models as files."""
    facts: dict[str, list[dict[str, Any]]] = {}
    models = {}
    for unit, table in enumerate(read(["facts", "model"], group=0)):
        contestant = ring.contestants[unit // ring.seeds]
        fact = from_json(table.column("facts")[0].as_py())
        facts.setdefault(contestant.name, []).append(fact)
        models[model_file(contestant.name, int(fact["seed"]))] = table.column("model")[0].as_py()
    return facts, models


def model_file(name: str, seed: int) -> str:
    """Where the model of a method and a seed is, under the audit's folder."""
    return f"models/{name}-{seed}.safetensors"


def _fact_rows(
    scope: ContestScope, facts: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterator[Any]:
    """What every method cost, and whether it was still getting better."""
    for name, each in facts.items():
        for metric, key in (
            ("parameters", "parameters"),
            ("passes", "passes"),
            ("last_look", "bound"),
        ):
            value = float(np.mean([fact[key] for fact in each]))
            yield _exact(scope, name, "", metric, value, len(each))


def _exact(scope: ContestScope, name: str, family: str, metric: str, value: float, n: int) -> Any:
    return scope.row(
        method=name,
        family=family,
        condition="",
        control="",
        slice=ALL,
        metric=metric,
        estimate=Estimate(value, value, value, n),
        verdict="",
        needs=None,
    )


def _metric(scope: ContestScope) -> str:
    return "accuracy" if scope.ring.score == "correct" else "mean_squared_error"


def _score(scope: ContestScope, values: Floats) -> Estimate:
    """How right a method is: of shares, at the ends exact intervals are the wider ones."""
    estimate = mean(of_groups(values, scope.ring.groups))
    if scope.ring.score != "correct":
        return replace(estimate, low=max(estimate.low, 0.0))
    n, right = estimate.n, estimate.value * estimate.n
    low = min(estimate.low, proportion(math.floor(right + ROUNDING), n).low)
    high = max(estimate.high, proportion(math.ceil(right - ROUNDING), n).high)
    return replace(estimate, low=max(low, 0.0), high=min(high, 1.0))


def _notes(
    scope: ContestScope, verdicts: Verdicts, facts: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterator[str]:
    """What to beware of."""
    if scope.controls:
        tests = len(scope.controls) * scope.families
        yield (
            f"A verdict is one of {tests} at once, beside the control of the same head (of these "
            "themselves, beside concatenation) with the same seeds; its interval is over samples "
            "and seeds, on this training set."
        )
    unsure = [
        g for gains in verdicts.values() for g in gains.values() if g.verdict == "cannot be told"
    ]
    if unsure:
        needs = [g.needs for g in unsure if g.needs is not None]
        more = (
            f"about {max(needs):,} samples would tell the most of these"
            if needs
            else "first more seeds"
        )
        yield f"{many(len(unsure), 'verdict')} cannot be told with these samples and seeds: {more}."
    bound = [name for name, each in facts.items() if np.mean([f["bound"] for f in each]) > 0.5]
    if bound:
        names = ", ".join(bound)
        yield f"Still getting better at the last update, so --steps holds them back: {names}."
