"""From the answers under every condition to the summary: estimates, paired with the clean ones."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.audits.base import Outcome, Read
from mmaudit.audits.robustness import touched
from mmaudit.audits.robustness.answers import MOST_CLASSES, Task
from mmaudit.audits.robustness.answers_by_condition import frame, gather
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.harm import doses
from mmaudit.audits.robustness.idle import Done, idle, moved
from mmaudit.audits.robustness.interactions import interactions, verdicts
from mmaudit.audits.robustness.metrics import BREAKING, Meter, meanings, shared_modalities
from mmaudit.audits.robustness.numbers import Cells, CleanNumbers, Numbers, curves
from mmaudit.audits.robustness.protocols import SUBSET
from mmaudit.audits.robustness.subsets import Subsets
from mmaudit.audits.robustness.worst import summary as worst_summary
from mmaudit.errors import IncompleteError
from mmaudit.measures.tasks.severity.breaking import Threshold
from mmaudit.names import ALL
from mmaudit.rows import Estimate

MakeRow = Callable[..., Any]
Show = Callable[[NDArray[np.int64], int], Mapping[str, pa.Table]]


def summarise(
    make_row: MakeRow,
    conditions: Sequence[Condition],
    task: Task,
    read: Read,
    seed: int,
    replicates: int,
    limit: Threshold | None = None,
    show: Show | None = None,
    further: tuple[str, ...] = (),
    patterns: tuple[str, ...] = (),
) -> Outcome:
    """Measure every condition on every part of the samples, one condition in memory at a time.

    Args:
        make_row: Builds a row of the summary from its fields.
        conditions: The conditions in the order of the row groups, clean first.
        task: What the columns mean.
        read: Reads back the units' tables.
        seed: Seed of the bootstrap.
        replicates: Bootstrap replicates of every interval.
        limit: What the severity curves were asked to cross, where their severities were found by
            bisection.
        show: Makes further tables of how often each sample's answer changed, ``(n,)``, and of the
            number of conditions; only where the answers are classes.
        further: Names of measures beside mmaudit's own.
        patterns: The corruptions that were asked for: what a pattern alone chose and changes no
            sample is left out.

    Raises:
        IncompleteError: No sample could be read.
    """
    whole = frame(read, seed)
    if not whole.keys.size:
        raise IncompleteError("no sample could be read", fix="look at skipped.parquet for why")
    clean = gather(read, 0, task)
    shared = shared_modalities(task, whole, clean)
    meter = Meter(
        task=task,
        frame=whole,
        replicates=replicates,
        shared=shared,
        limit=limit,
        further=further,
    )
    beside = CleanNumbers(meter, clean)
    cells = Numbers(beside, conditions, sizes={conditions[0].name: whole.keys.size})
    subsets = Subsets(
        task=task,
        frame=whole,
        clean=clean,
        modalities=conditions[0].present,
        metric=meter.primary,
        better=meter.better(meter.primary),
    )
    changed = np.zeros(whole.keys.size, np.int64)
    rows_done: dict[str, dict[str, dict[str, Estimate]]] = {}
    for group, condition in enumerate(conditions):
        answers = clean if group == 0 else gather(read, group, task)
        if not answers:
            continue  # a sweep that goes by stages does not ask everything
        if task.kind == "class" and not condition.derived:
            same = answers["prediction"] == clean["prediction"][: len(answers["prediction"])]
            changed[: same.size] += ~same
        mains = cells.add(condition, answers, doses(read, condition, group))
        subsets.add(condition, answers, mains)
        if group:
            done = touched.measured(read, group, beside.meter(cells.sizes[condition.name]).frame)
            rows_done[condition.name] = done
            parts = beside.meter(cells.sizes[condition.name]).frame.parts
            for name, part, metric, number in worst_summary.measured(read, group, condition, parts):
                rows_done.setdefault(name, {}).setdefault(part, {})[metric] = number
    nothing = idle(conditions, rows_done, patterns)
    aside = {c.name for c in conditions if c.series in nothing.aside}
    rest = [c for c in conditions if not {c.name, c.crossed} & aside]
    crossing = interactions(conditions, meter, read, clean, aside)
    answering = {c.series for c in rest}
    count = sum(c.name in cells.sizes and not c.derived for c in rest) - 1
    rows = [
        make_row(**_key(condition), slice=name, metric=metric, estimate=estimate)
        for name in cells.parts
        for condition, numbers in cells.numbers(name)
        for metric, estimate in (
            *((m, r.estimate()) for m, r in numbers.items() if condition.series in answering),
            *rows_done.get(condition.name, {}).get(name, {}).items(),
        )
    ]
    rows += [
        make_row(**_key(condition), slice=name, metric=metric, estimate=estimate)
        for condition in (*conditions, *(c.whole for c in crossing.crossings))
        for (name, metric), estimate in crossing.rows.get(condition.name, {}).items()
    ]
    of_subsets = [*subsets.numbers()]
    rows += [
        make_row(**_key(n.condition), slice=n.slice, metric=n.metric, estimate=n.estimate)
        for n in of_subsets
    ]
    return Outcome(
        rows=rows,
        headline=_headline(meter, cells.parts[ALL], rest, rows_done),
        notes=(
            *nothing.says,
            *_notes(task),
            *subsets.says(of_subsets),
            *worst_summary.notes(rest, meter.primary, _of_all(cells, meter.primary), rows_done),
            *_unbroken(meter, rows, rest),
            *verdicts(crossing, meter.primary, _of_all(cells, meter.primary)),
        ),
        metrics=meanings((row.metric for row in rows), meter.metrics),
        tables=show(changed, count) if show and task.kind == "class" else {},
        aside=nothing.says,
        untested=nothing.untested or worst_summary.untested(rest, rows_done),
    )


def _key(condition: Condition) -> dict[str, Any]:
    return {
        "condition": condition.name,
        "modality": condition.modality,
        "corruption": condition.corruption,
        "severity": condition.severity,
        "present": ",".join(condition.present),
    }


def _headline(meter: Meter, cells: Cells, conditions: Sequence[Condition], done: Done) -> str:
    """The clean number and the worst fall, in one sentence."""
    primary = meter.primary
    sentence = f"Clean {primary} is {cells[conditions[0].name][primary].estimate()}"
    others = [
        c
        for c in conditions[1:]
        if SUBSET not in c.corruption.split("+")
        and not c.derived
        and c.name in cells
        and moved(done.get(c.name))
    ]
    if not others:
        return f"{sentence}."
    pick = min if meter.better(primary) == "higher" else max
    worst = pick(others, key=lambda c: cells[c.name][primary].point)
    lowest = cells[worst.name][primary].estimate()
    return f"{sentence}, and at its worst {lowest}, under {worst.name}."


def _of_all(cells: Numbers, metric: str) -> dict[str, Estimate]:
    """A metric of all samples under each condition."""
    some = cells.parts[ALL].items()
    return {name: numbers[metric].estimate() for name, numbers in some if metric in numbers}


def _notes(task: Task) -> tuple[str, ...]:
    if task.kind == "class" and "probabilities" not in task.fields:
        many = f"AUROC compares the samples of each of {len(task.classes)} classes with others"
        return (
            f"{many}: by the probabilities of {MOST_CLASSES} classes a sample, drawn by its id.",
        )
    return ()


def _unbroken(meter: Meter, rows: Sequence[Any], conditions: Sequence[Condition]) -> list[str]:
    """The severity curves that never cross the limit that was asked for."""
    if meter.limit is None:
        return []
    name = f"{meter.primary}{BREAKING}"
    broken = {row.condition for row in rows if row.metric == name and row.slice == ALL}
    series = [whole.name for whole, _ in curves(conditions)]
    unbroken = [name for name in series if name not in broken]
    sentence = f"{len(broken)} of {len(series)} corruptions take {meter.primary} past {meter.limit}"
    return [
        f"{sentence}; the breaking point of these is > 5: {', '.join(unbroken)}."
        if unbroken
        else sentence
    ]
