"""Absent rates: what a protocol asks for, what was absent before it, and what is absent under it.

A paper's protocol is defined on complete data. On data of which values are absent already the same
protocol leaves more absent, and perhaps samples with nothing at all, so both are said.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Bools
from mmaudit.audits.robustness.cells import Cells
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.patterns import Patterns
from mmaudit.audits.robustness.plans import step_of
from mmaudit.audits.robustness.protocols import SUBSET
from mmaudit.injection import plan_inputs
from mmaudit.injection.assignment import make_plan
from mmaudit.injection.plan_inputs import presence
from mmaudit.injection.steps import Step

NAME = "absent_rates"  # of the table
CELLS, INCOMPLETE, EMPTY, ABSENT, PATTERN = "cells", "incomplete", "empty", "absent", "pattern"
SAID = {
    CELLS: "of all values absent",
    INCOMPLETE: "of samples without some modality",
    ABSENT: "of samples without",
}
HELP = {
    "condition": "condition of the sweep",
    "rate": "what it is the rate of: absent cells; samples that are incomplete, or empty; samples "
    "that a modality is absent from; samples that have exactly this pattern",
    "modality": "the modality, where it is the rate of one",
    "requested": "share that the condition is to have, by its definition on complete data",
    "before": "share that was so before",
    "realised": "share that is so under the condition",
    "taken": "how many values, or samples, the condition changed",
    "samples": "how many samples were asked about",
    "occurs": "share of the whole dataset's samples with this pattern",
}
SCHEMA = pa.schema(
    [
        pa.field(
            name,
            pa.string()
            if name in {"condition", "rate", "modality"}
            else pa.int64()
            if name in {"taken", "samples"}
            else pa.float64(),
            metadata={"help": text},
        )
        for name, text in HELP.items()
    ]
)


class AbsentRate(NamedTuple):
    """One row of the table; see `HELP`."""

    condition: str
    rate: str
    modality: str
    requested: float
    before: float
    realised: float
    taken: int
    samples: int
    occurs: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentRates:
    """The rates of all protocols, and of a dataset's own patterns.

    Attributes:
        rows: One for each condition, rate and modality.
        says: A sentence for each that is not what was asked for.
    """

    rows: tuple[AbsentRate, ...]
    says: tuple[str, ...]

    @property
    def table(self) -> pa.Table:
        """The rows."""
        return pa.Table.from_pylist([row._asdict() for row in self.rows], SCHEMA)


def absent_rates(cells: Cells, patterns: Patterns | None = None) -> AbsentRates:
    """The rates of every protocol of a sweep, and of the dataset's own patterns that it asks.

    Args:
        cells: The sweep.
        patterns: The dataset's own patterns, where only these are asked.
    """
    natural = presence(cells.dataset, cells.modalities)
    rows: list[AbsentRate] = []
    says: dict[str, None] = {}
    masks_of: dict[str, tuple[Bools, Bools]] = {}
    for condition in cells.conditions:
        if condition.planned is not None:
            spec = condition.name.partition(" (")[0]
            if spec not in masks_of:
                masks_of[spec] = _masks(cells, condition)
            some = list(_of_protocol(cells, condition, natural, *masks_of[spec]))
            said = _unlike(spec, condition, cells.modalities, some)
        elif patterns is not None and condition.corruption == SUBSET and not condition.crossed:
            some = list(_of_pattern(cells, condition, natural, patterns))
            said = _shorter(some)
        else:
            continue
        rows += some
        says |= dict.fromkeys(said)
    return AbsentRates(rows=tuple(rows), says=tuple(says))


def _masks(cells: Cells, condition: Condition) -> tuple[Bools, Bools]:
    """What a protocol takes away here, and what it takes of complete data, ``(n, modality)``."""
    step = step_of(condition, cells.modalities)
    rows = plan_inputs.plan_rows(cells.dataset, step)
    complete = replace(rows, present=np.ones_like(rows.present))
    whole = make_plan(
        complete, plan=step.name, severity=step.severity, seed=cells.seed, part=step.plan
    )
    own = cells.plans[condition.name] & rows.present
    return _wide(cells, step, own), _wide(cells, step, whole)


def _wide(cells: Cells, step: Step, mask: Bools) -> Bools:
    """A mask of some modalities as one of all."""
    out = np.zeros((mask.shape[0], len(cells.modalities)), np.bool_)
    for i, modality in enumerate(step.modalities):
        out[:, cells.modalities.index(modality)] = mask[:, i]
    return out


def _of_protocol(
    cells: Cells, condition: Condition, natural: Bools, own: Bools, whole: Bools
) -> Iterator[AbsentRate]:
    n = natural.shape[0]
    defined = _by_definition(condition, cells.modalities)
    masks = (whole, ~natural, ~natural | own)
    every = (
        (CELLS, "", [float(m.mean()) for m in masks], int(own.sum())),
        (INCOMPLETE, "", [float(m.any(axis=1).mean()) for m in masks], int(own.any(axis=1).sum())),
        (EMPTY, "", [float(m.all(axis=1).mean()) for m in masks], _emptied(natural, own)),
        *(
            (ABSENT, name, [float(m[:, i].mean()) for m in masks], int(own[:, i].sum()))
            for i, name in enumerate(cells.modalities)
        ),
    )
    for rate, modality, (requested, before, realised), taken in every:
        wanted = defined.get((rate, modality), requested)
        yield AbsentRate(condition.name, rate, modality, wanted, before, realised, taken, n)


def _emptied(natural: Bools, own: Bools) -> int:
    """Samples that had something, and have nothing."""
    return int((natural.any(axis=1) & ~(natural & ~own).any(axis=1)).sum())


def _by_definition(
    condition: Condition, modalities: Sequence[str]
) -> Mapping[tuple[str, str], float]:
    """The rates that the first parameter of a protocol is, by what it is the rate of."""
    plan = condition.planned
    if plan is None:
        return {}
    first = float(plan.severities[0][0])
    if plan.rate_of == "modality":
        return {(ABSENT, m): first for m in condition.concerns}
    if plan.rate_of == "cells" and len(condition.concerns) == len(modalities):
        return {(CELLS, ""): first}
    if plan.rate_of in {"samples", "complete"}:
        return {(INCOMPLETE, ""): first if plan.rate_of == "samples" else 1 - first}
    return {}


def _of_pattern(
    cells: Cells, condition: Condition, natural: Bools, patterns: Patterns
) -> Iterator[AbsentRate]:
    if condition.present not in patterns.counts:
        return  # asked as the counterpart of what is damaged
    wanted = np.array([m in condition.present for m in cells.modalities])
    have = (natural | ~wanted).all(axis=1)
    exact = (natural == wanted).all(axis=1)
    yield AbsentRate(
        condition.name,
        PATTERN,
        "",
        1.0,
        float(exact.mean()),
        float(have.mean()),
        int((natural & ~wanted).any(axis=1).sum()),
        natural.shape[0],
        patterns.counts[condition.present] / patterns.samples,
    )


def _unlike(
    spec: str, condition: Condition, modalities: Sequence[str], rows: Sequence[AbsentRate]
) -> Iterator[str]:
    """Sentences where a protocol does not leave absent what it says."""
    defined = _by_definition(condition, modalities)
    rates = [row for row in rows if (row.rate, row.modality) in defined]
    rates += [row for row in rows if row.rate == ABSENT and row.modality in condition.concerns]
    for row in [row for row in rates if _off(row)][:1]:
        what = f"{SAID[row.rate]} {row.modality}".strip()
        before = f"{row.before:.1%} before it" if row.before else "none before it"
        there = f"and there are {row.realised:.1%}: {before}."
        yield f"{spec} asks for {row.requested:.1%} {what}, {there}"
    for row in rows:
        if row.rate == EMPTY and _off(row) > 0:
            yield (
                f"{spec} leaves {row.realised:.1%} of samples with nothing, where it leaves "
                f"{row.requested:.1%} of complete ones so: some lacked modalities before."
            )


def _off(row: AbsentRate) -> int:
    """How many samples too many are so."""
    return round((row.realised - row.requested) * row.samples)


def _shorter(rows: Iterable[AbsentRate]) -> Iterator[str]:
    """A sentence where samples lack what a pattern has."""
    for row in rows:
        if row.realised < 1:
            yield (
                f"{row.condition.partition(' (')[0]} is the pattern of {row.occurs:.1%} of all "
                f"samples; {1 - row.realised:.1%} of those asked lack a part of it themselves, and "
                "are asked with what they have."
            )
