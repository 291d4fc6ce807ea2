"""From the answers under every condition to the summary: estimates, paired with the clean ones."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mmaudit.audits._answers import Task
from mmaudit.audits._conditions import Condition
from mmaudit.audits._gathered import frame, gather
from mmaudit.audits._measured import Measured, Meter, shared_modalities
from mmaudit.audits.base import Outcome, Read
from mmaudit.errors import IncompleteError

ALL = "all"
Cells = dict[str, Measured]  # what was measured under each condition, by its name
MakeRow = Callable[..., Any]


def summarise(
    make_row: MakeRow,
    conditions: Sequence[Condition],
    asked: Task,
    read: Read,
    seed: int,
    replicates: int,
) -> Outcome:
    """Measure every condition on every part of the samples, one condition in memory at a time.

    Args:
        make_row: Builds a row of the summary from its fields.
        conditions: The conditions in the order of the row groups, clean first.
        asked: What the columns mean.
        read: Reads back the units' tables.
        seed: Seed of the bootstrap.
        replicates: Bootstrap replicates of every interval.

    Raises:
        IncompleteError: No sample could be read.
    """
    whole = frame(read, seed)
    if not whole.keys.size:
        raise IncompleteError("no sample could be read", fix="look at skipped.parquet for why")
    clean = gather(read, 0, asked)
    shared = shared_modalities(asked, whole, clean)
    meter = Meter(asked=asked, frame=whole, replicates=replicates, shared=shared)
    cells: dict[str, Cells] = {part.name: {} for part in whole.parts}
    for group, condition in enumerate(conditions):
        answers = clean if group == 0 else gather(read, group, asked)
        for part in whole.parts:
            measured = meter.measure(answers, part)
            flips = meter.flips(clean, answers, part) if group else {}
            cells[part.name][condition.name] = measured | flips
    rows = [
        make_row(**_key(condition), slice=name, metric=metric, estimate=found.estimate())
        for name, measured in cells.items()
        for condition, told in _told(meter, conditions, measured)
        for metric, found in told.items()
    ]
    return Outcome(
        rows=rows, headline=_headline(meter, cells[ALL], conditions), notes=_notes(asked)
    )


def _told(
    meter: Meter, conditions: Sequence[Condition], cells: Cells
) -> Iterator[tuple[Condition, Measured]]:
    """What the summary says of each condition, then of each severity curve."""
    clean = cells[conditions[0].name]
    yield conditions[0], clean
    for condition in conditions[1:]:
        measured = cells[condition.name]
        plain = {m: r for m, r in measured.items() if m in clean}
        yield condition, measured | meter.differences(clean, plain)
    for whole, curve in _series(conditions):
        yield whole, meter.curve(clean, {c.severity or 0: cells[c.name] for c in curve})


def _series(conditions: Sequence[Condition]) -> Iterator[tuple[Condition, list[Condition]]]:
    """Conditions that differ in severity alone, with the row key of the whole curve."""
    found: dict[str, list[Condition]] = {}
    for c in conditions:
        if c.severity is not None:
            found.setdefault(c.series, []).append(c)
    for name, curve in found.items():
        first = curve[0]
        whole = Condition(
            name=name,
            modality=first.modality,
            corruption=first.corruption,
            present=first.present,
        )
        yield whole, curve


def _key(condition: Condition) -> dict[str, Any]:
    return {
        "condition": condition.name,
        "modality": condition.modality,
        "corruption": condition.corruption,
        "severity": condition.severity,
        "present": ",".join(condition.present),
    }


def _headline(meter: Meter, cells: Cells, conditions: Sequence[Condition]) -> str:
    """The clean number and the worst fall, in one sentence."""
    primary = meter.primary
    clean = cells[conditions[0].name][primary].point
    others = [c for c in conditions[1:] if c.corruption != "missing/subset"]
    if not others:
        return f"{primary} is {clean:.3f} on clean data."
    pick = min if meter.better(primary) == "higher" else max
    worst = pick(others, key=lambda c: cells[c.name][primary].point)
    return (
        f"{primary} is {clean:.3f} on clean data and "
        f"{cells[worst.name][primary].point:.3f} at its worst, under {worst.name}."
    )


def _notes(asked: Task) -> tuple[str, ...]:
    if asked.kind == "class" and "probabilities" not in asked.fields:
        return (f"AUROC and ECE are left out above 64 classes ({len(asked.classes)} here).",)
    return ()
