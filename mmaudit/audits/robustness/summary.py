"""From the answers under every condition to the summary: estimates, paired with the clean ones."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.audits.base import Outcome, Read
from mmaudit.audits.robustness import touched
from mmaudit.audits.robustness.answers import MOST_CLASSES, Task
from mmaudit.audits.robustness.answers_by_condition import Arrays, frame, gather
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.idle import Done, idle, moved
from mmaudit.audits.robustness.interactions import Interactions, interactions, verdicts
from mmaudit.audits.robustness.metrics import BREAKING, Meter, meanings, shared_modalities
from mmaudit.audits.robustness.numbers.by_condition import Cells, CleanNumbers, SweepNumbers, curves
from mmaudit.audits.robustness.numbers.harm import doses
from mmaudit.audits.robustness.numbers.policies import duels
from mmaudit.audits.robustness.numbers.subsets import SubsetNumber, Subsets
from mmaudit.audits.robustness.protocols import SUBSET
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
    sweep = _Answered(meter, conditions, clean)
    for group in range(len(conditions)):
        sweep.add(read, group)
    cells, rows_done = sweep.cells, sweep.done
    nothing = idle(conditions, rows_done, patterns)
    aside = {c.name for c in conditions if c.series in nothing.aside}
    rest = [c for c in conditions if not {c.name, c.crossed} & aside]
    crossing = interactions(conditions, meter, read, clean, aside)
    answering = {c.series for c in rest}
    count = sum(c.name in cells.sizes and not c.derived for c in rest) - 1
    policies = duels(conditions, meter, read)
    of_subsets = [*sweep.subsets.numbers(), *policies.numbers]
    rows = [
        *_rows(make_row, sweep, answering),
        *_further_rows(make_row, conditions, crossing, of_subsets),
    ]
    return Outcome(
        rows=rows,
        headline=_headline(meter, cells.parts[ALL], rest, rows_done),
        notes=(
            *nothing.says,
            *_notes(task),
            *sweep.subsets.says(of_subsets),
            *sweep.subsets.left_out(conditions),
            *policies.says,
            *worst_summary.notes(rest, meter.primary, _of_all(cells, meter.primary), rows_done),
            *_unbroken(meter, rows, rest),
            *verdicts(crossing, meter.primary, _of_all(cells, meter.primary)),
        ),
        metrics=meanings((row.metric for row in rows), meter.metrics),
        tables={
            **(show(sweep.changed, count) if show and task.kind == "class" else {}),
            **({"policies": policies.table} if policies.signs else {}),
        },
        aside=nothing.says,
        untested=nothing.untested or worst_summary.untested(rest, rows_done),
    )


@dataclass(slots=True)
class _Answered:
    """What was measured of the answers so far, one condition after another.

    Attributes:
        meter: Measures the answers of all samples.
        conditions: The conditions in the order of the row groups, clean first.
        clean: The clean answers.
        cells: What was measured under each condition.
        subsets: What is told of all subsets of modalities.
        changed: Under how many conditions each answer is not the clean one, ``(n,)``.
        done: What each condition did to the samples, by condition, part and metric.
    """

    meter: Meter
    conditions: Sequence[Condition]
    clean: Arrays
    cells: SweepNumbers = field(init=False)
    subsets: Subsets = field(init=False)
    changed: NDArray[np.int64] = field(init=False)
    done: dict[str, dict[str, dict[str, Estimate]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with the clean answers."""
        first, n = self.conditions[0], self.meter.frame.keys.size
        beside = CleanNumbers(self.meter, self.clean)
        self.cells = SweepNumbers(beside, self.conditions, sizes={first.name: n})
        self.subsets = Subsets(meter=self.meter, clean=self.clean, modalities=first.present)
        self.changed = np.zeros(n, np.int64)

    def add(self, read: Read, group: int) -> None:
        """Measure one condition; a sweep that goes by stages does not ask everything."""
        condition, task = self.conditions[group], self.meter.task
        answers = self.clean if group == 0 else gather(read, group, task)
        if not answers:
            return
        if task.kind == "class" and not condition.derived:
            same = answers["prediction"] == self.clean["prediction"][: len(answers["prediction"])]
            self.changed[: same.size] += ~same
        mains = self.cells.add(condition, answers, doses(read, condition, group))
        self.subsets.add(condition, answers, mains)
        if not group:
            return
        some = self.cells.beside.meter(self.cells.sizes[condition.name]).frame
        self.done[condition.name] = touched.measured(read, group, some)
        worse = worst_summary.measured(read, group, condition, some.parts)
        for name, part, metric, number in worse:
            self.done.setdefault(name, {}).setdefault(part, {})[metric] = number


def _rows(make_row: MakeRow, sweep: _Answered, answering: Collection[str]) -> Iterator[Any]:
    """The rows of each condition, and of each severity curve."""
    for name in sweep.cells.parts:
        for condition, numbers in sweep.cells.numbers(name):
            for metric, estimate in (
                *((m, r.estimate()) for m, r in numbers.items() if condition.series in answering),
                *sweep.done.get(condition.name, {}).get(name, {}).items(),
            ):
                yield make_row(**_key(condition), slice=name, metric=metric, estimate=estimate)


def _further_rows(
    make_row: MakeRow,
    conditions: Sequence[Condition],
    crossing: Interactions,
    of_subsets: Sequence[SubsetNumber],
) -> Iterator[Any]:
    """The rows of damage crossed with absence, and of all subsets together."""
    for condition in (*conditions, *(c.whole for c in crossing.crossings)):
        for (name, metric), estimate in crossing.rows.get(condition.name, {}).items():
            yield make_row(**_key(condition), slice=name, metric=metric, estimate=estimate)
    for n in of_subsets:
        yield make_row(**_key(n.condition), slice=n.slice, metric=n.metric, estimate=n.estimate)


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


def _of_all(cells: SweepNumbers, metric: str) -> dict[str, Estimate]:
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
