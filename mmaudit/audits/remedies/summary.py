"""Rows, sentences and files of remedies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmaudit.audits.base import Outcome, Read
from mmaudit.audits.remedies import groups
from mmaudit.audits.remedies.balance import balance_numbers
from mmaudit.audits.remedies.conditions import CONFLICT, DAMAGED, INCOMPLETE
from mmaudit.audits.remedies.judging import (
    FamilyScores,
    Ring,
    against,
    against_every,
    family_scores,
)
from mmaudit.audits.remedies.metrics import METRICS
from mmaudit.audits.remedies.slices import slice_numbers, too_small
from mmaudit.audits.remedies.trusting import trust_numbers
from mmaudit.formats import many
from mmaudit.measures.intervals.crossed import PairedGain
from mmaudit.names import ALL, CLEAN
from mmaudit.parsing.documents import from_json
from mmaudit.rows import Estimate

UNDER = {
    CLEAN: "on clean samples",
    DAMAGED: "under the damage",
    INCOMPLETE: "with modalities absent",
    CONFLICT: "where modalities conflict",
}
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

    def line(
        self,
        method: str,
        metric: str,
        estimate: Estimate,
        *,
        family: str = "",
        condition: str = "",
        modality: str = "",
        control: str = "",
        slice: str = ALL,
    ) -> Any:
        """One number of a method as a row, without a verdict."""
        return self.row(
            method=method,
            family=family,
            condition=condition,
            modality=modality,
            control=control,
            slice=slice,
            metric=metric,
            estimate=estimate,
            verdict="",
            needs=None,
        )


def summarise(scope: ContestScope, read: Read) -> Outcome:
    """Turn what was said of all samples into rows, verdicts, sentences and models."""
    rows, verdicts, members = list[Any](), Verdicts(), list[groups.Members]()
    for scores in family_scores(scope.ring, read):
        rows += _score_rows(scope, scores)
        members += groups.groups(scope.ring, scores.family, scores.scores, scope.families)
        sides = scope.ring, scores.scores, scope.controls, scope.margin, scope.families
        gains = against(*sides)
        verdicts[scores.family] = gains
        beside = {name: (scope.controls[name], gain) for name, gain in gains.items()}
        rows += _gain_rows(scope, scores.family, "gain", beside)
        rows += _gain_rows(scope, scores.family, "gain_over_controls", against_every(*sides))
    rows += _modality_rows(scope, read)
    facts, models = _facts(scope.ring, read)
    rows += _fact_rows(scope, facts)
    return Outcome(
        rows=rows,
        headline=headline(verdicts),
        notes=(*scope.notes, *_notes(scope, verdicts, facts)),
        metrics={name: METRICS[name] for name in dict.fromkeys(row.metric for row in rows)},
        tables={groups.TABLE: groups.table(members)},
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
    """How right every method is, over a family and under each condition of several; calibration."""
    metric = "accuracy" if scope.ring.score == "correct" else "mean_squared_error"
    family = scores.family
    for name, values in scores.scores.items():
        yield scope.line(name, metric, scope.ring.estimate(values), family=family)
    for condition, own in scores.conditions.items() if len(scores.conditions) > 1 else ():
        for name, estimate in own.items():
            yield scope.line(name, metric, estimate, family=family, condition=condition)
    for of in slice_numbers(scope.ring, scores, scope.controls, metric):
        yield scope.line(
            of.method, of.metric, of.estimate, family=family, control=of.control, slice=of.slice
        )
    for name, gap in scores.gaps.items():
        yield scope.line(name, "ece", gap, family=family)


def _modality_rows(scope: ContestScope, read: Read) -> Iterator[Any]:
    """What modalities bring to every method, and whether it trusts the damaged ones less."""
    yield from (
        scope.line(
            of.method,
            of.metric,
            of.estimate,
            family=of.family,
            modality=of.modality,
            control=of.control,
        )
        for of in (
            *balance_numbers(scope.ring, read, scope.controls),
            *trust_numbers(scope.ring, read),
        )
    )


def _gain_rows(
    scope: ContestScope, family: str, metric: str, gains: Mapping[str, tuple[str, PairedGain]]
) -> Iterator[Any]:
    """What every method makes of the samples beside a control."""
    for name, (control, gain) in gains.items():
        row = scope.line(name, metric, gain.estimate, family=family, control=control)
        yield replace(row, verdict=gain.verdict, needs=gain.needs)


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
            yield scope.line(name, metric, Estimate(value, value, value, len(each)))


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
    if small := too_small(scope.ring):
        yield f"Of slices of one sample or group nothing is said: {', '.join(small)}."
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
