"""Rehearsal: what an audit would ask and cost, from a few of its samples, nothing written.

The audit runs in memory on samples selected by the hash of their ids. Every value that the model is
given is counted, so the number of forward passes is that of the audit itself, whatever its model,
its absence policy and its options are.
"""

import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from mmaudit import parts
from mmaudit.audits.base import Job, Outcome, Read
from mmaudit.audits.declaration import Common
from mmaudit.engines.base import ROWS
from mmaudit.faults import SOMEONES, Faults
from mmaudit.formats import duration, size
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.recorded import table_of
from mmaudit.models.access import Access
from mmaudit.models.calls.quiet import ATTRIBUTES, EVERY
from mmaudit.models.load import Loaded
from mmaudit.runs.selection import select
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import decode
from mmaudit.samples.memory import budget, spans

SHARE = 0.01  # of the samples
FEWEST = 48
WARM = 12  # samples of a first rehearsal: what is done once, and compiled, is not counted
T = TypeVar("T")
KILO = 1024  # bytes in the unit of ru_maxrss, but on macOS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What an audit on all samples would take, told by a few of them.

    Attributes:
        name: Name of the audit.
        says: What the audit says of itself, on the few samples.
        conditions: How many conditions each sample is asked under; 1 where there are none.
        stages: Whether it goes by stages, so that it asks at most what is told.
        samples: How many samples the audit has.
        tried: How many of them were rehearsed.
        units: How many units may run at the same time.
        passes: Values that the model is given in all, by the method that takes them.
        units_seconds: For the answers of all samples, one unit at a time.
        summary_seconds: For the summary of all answers.
        bytes: Most memory in use at a time, by one worker.
        worker_bytes: What every further worker adds.
    """

    name: str
    says: tuple[str, ...]
    conditions: int
    stages: bool
    samples: int
    tried: int
    units: int
    passes: dict[str, int]
    units_seconds: float
    summary_seconds: float
    bytes: int
    worker_bytes: int


def rehearse(
    name: str, dataset: str | Dataset, model: Loaded | None, options: Common, access: Access
) -> Rehearsal:
    """Run an audit in memory on 1 % of its samples, at least `FEWEST`, and scale up.

    Args:
        name: Name of the audit.
        dataset: The manifest, the data path, or the opened dataset.
        model: The loaded model, where the audit needs one.
        options: How the audit is asked.
        access: Who named the models, and what is allowed.
    """
    part = parts.load("audits", name)
    selected = select(dataset, options)
    samples = len(selected.dataset)
    tried = min(samples, max(FEWEST, min(ROWS, round(SHARE * samples))))
    counts: Counter[str] = Counter()
    counted = model and _counted(model, counts)
    trials = []
    for few in (min(WARM, samples), tried):
        some = select(selected.whole, replace(options, limit=few))
        inputs = Inputs(dataset=some.dataset, whole=selected.whole, access=access, model=counted)
        with Faults.of(model.info.spec) if model else Faults(SOMEONES):
            trials.append(_try(part, options, inputs, counts))
    warm, last = trials

    def whole(few: float, some: float) -> float:
        """What is once and what is of each sample, told apart by the two sizes."""
        each = (some - few) / max(1, last.samples - warm.samples)
        return some + max(0.0, each) * (samples - last.samples)

    worker = min(min(samples, ROWS) * last.held, budget(options.memory, options.workers))
    return Rehearsal(
        name=name,
        says=last.says,
        conditions=last.conditions,
        stages=last.stages,
        samples=samples,
        tried=last.samples,
        units=last.own_units or -(-samples // ROWS),
        passes={m: round(whole(warm.passes.get(m, 0), n)) for m, n in sorted(last.passes.items())},
        # the first rehearsal also compiled
        units_seconds=sum(last.costs(samples))
        if last.costs
        else last.units * (last.own_units or samples / last.samples),
        summary_seconds=whole(warm.summary, last.summary),
        bytes=_peak() + max(worker, 2 * samples * last.answer),
        worker_bytes=worker,
    )


def lines(rehearsal: Rehearsal) -> list[str]:
    """A rehearsal for people, the numbers of the whole audit first."""
    r = rehearsal
    grid = f"{r.conditions:,} conditions x {r.samples:,} samples"
    if r.conditions == 1:
        grid = f"{r.samples:,} samples"
    passes = ", ".join(f"{n:,} samples to {method}" for method, n in r.passes.items())
    units = f"{r.units} units" if r.units > 1 else "1 unit"
    both = duration(r.units_seconds + r.summary_seconds)
    each = f"{duration(r.units_seconds)} for {units}, {duration(r.summary_seconds)} for the summary"
    more = f", {size(r.worker_bytes)} more for each further worker" if r.units > 1 else ""
    return [
        f"{r.name}: {grid}",
        f"  forward passes: {'at most ' if r.stages and passes else ''}{passes or 'none'}",
        f"  time: about {both} with one worker: {each}",
        f"  memory: about {size(r.bytes)}{more}",
        f"  told by {r.tried:,} samples, which say:",
        *(f"    {line}" for line in r.says),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """What one rehearsal took."""

    says: tuple[str, ...]
    samples: int
    conditions: int
    stages: bool
    passes: dict[str, int]
    units: float
    summary: float
    costs: Callable[[int], Sequence[float]] | None  # what each takes, where they differ
    own_units: int  # how many there are where work is not cut by samples, of which one was tried
    held: int  # bytes a sample while its unit runs
    answer: int  # bytes a sample of one condition's answers


def _try(part: ModuleType, options: Common, inputs: Inputs, counts: Counter[str]) -> _Tried:
    n = len(inputs.dataset)
    job: Job = part.prepare(options, inputs)
    counts.clear()
    table, units = _timed(lambda: job.work(range(n if job.units is None else 1)))
    group, summary = job.work.row_group(table), 0.0
    summarise: Callable[[Any, Inputs, Read], Outcome] = part.summarise
    if job.units is None:  # a summary of one unit of its own would be none
        _, summary = _timed(lambda: summarise(options, inputs, _reader(table, group)))
    decoded = 0
    for at in spans(inputs.dataset, np.arange(n), budget(options.memory, options.workers)):
        values = decode(inputs.dataset, inputs.dataset.read(at)).values
        decoded += sum(_bytes(value) for column in values.values() for value in column)
    return _Tried(
        says=job.says,
        samples=n,
        conditions=len(table["condition"].unique()) if "condition" in table.column_names else 1,
        stages=job.plan is not None,
        passes=dict(counts),
        units=units,
        summary=summary,
        costs=job.costs,
        own_units=job.units or 0,
        held=(2 * decoded + table.nbytes) // n,  # as decoded, and as one condition has it
        answer=table.nbytes // max(1, table.num_rows),
    )


def _timed(act: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    return act(), time.perf_counter() - started


def _reader(table: pa.Table, size: int) -> Read:
    def read(
        columns: Sequence[str] | None = None, group: int | None = None, first: int = 0
    ) -> Iterator[pa.Table]:
        if first:
            return  # there is one unit
        rows = table if group is None else table.slice(group * size, size)
        yield rows if columns is None else rows.select(list(columns))

    return read


def _bytes(value: Any) -> int:
    return int(value.nbytes) if isinstance(value, np.ndarray) else sys.getsizeof(value)


def _peak() -> int:
    """Most memory that this process has had so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KILO


def _counted(loaded: Loaded, counts: Counter[str]) -> Loaded:
    """The same model, that counts what it is given; a table of answers is given nothing."""
    if table_of(loaded) is not None:
        return loaded
    counted: Any = _Counted(loaded.model, counts)
    return replace(loaded, model=counted)


class _Counted:
    """A model with exactly the attributes and methods of another, that counts their samples."""

    def __init__(self, model: Any, counts: Counter[str]) -> None:
        for name in ATTRIBUTES:
            if hasattr(model, name):
                setattr(self, name, getattr(model, name))
        for name in EVERY:
            if callable(getattr(model, name, None)):
                setattr(self, name, _counting(getattr(model, name), name, counts))


def _counting(method: Callable[..., Any], name: str, counts: Counter[str]) -> Callable[..., Any]:
    def counting(*arguments: Any) -> Any:
        values = arguments[-1] if name == "encode" else next(iter(arguments[0].values()))
        counts[name] += len(values)
        return method(*arguments)

    return counting
