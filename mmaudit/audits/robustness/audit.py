"""Robustness: how far a model's answers fall as the data gets worse.

Every sample is decoded once, corrupted in memory by every corruption at every severity, and asked
again. Conditions are compared with the clean answers of the same samples.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.audits.base import Job, Outcome, Read, check_replicates
from mmaudit.audits.robustness import absent_rates
from mmaudit.audits.robustness import summary as _summary
from mmaudit.audits.robustness.absent_rates import AbsentRates
from mmaudit.audits.robustness.answers import Task, task
from mmaudit.audits.robustness.breaking import Bisection, limit_of
from mmaudit.audits.robustness.cells import Cells
from mmaudit.audits.robustness.conditions import Condition, conditions
from mmaudit.audits.robustness.examples import examples
from mmaudit.audits.robustness.gallery import unstable
from mmaudit.audits.robustness.imputation.judging import with_imputation
from mmaudit.audits.robustness.interactions import check_crossed
from mmaudit.audits.robustness.numbers import unimodal
from mmaudit.audits.robustness.options import NEEDS_MODEL, Options
from mmaudit.audits.robustness.patterns import own, subsets
from mmaudit.audits.robustness.plans import plan_rows
from mmaudit.audits.robustness.protocols import protocols
from mmaudit.audits.robustness.severities import severities
from mmaudit.audits.robustness.sweep import Sweep
from mmaudit.audits.robustness.worst import attacks
from mmaudit.audits.robustness.worst import prepare as worst
from mmaudit.errors import UsageError
from mmaudit.formats import many
from mmaudit.inference.absence import default_policy
from mmaudit.inference.donors import Donors
from mmaudit.inference.inputs import Inputs, model_kinds
from mmaudit.inference.models import make_models
from mmaudit.inference.recorded import table_of
from mmaudit.inference.self_check import self_check
from mmaudit.injection.context import Surroundings
from mmaudit.injection.spec import load_corruption, load_plan
from mmaudit.kinds.base import load_kind
from mmaudit.measures.tasks.base import measures
from mmaudit.measures.tasks.severity.breaking import SEVERITIES, Threshold
from mmaudit.models.load import Loaded
from mmaudit.rows import Estimate, column
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.memory import budget

__all__ = ["NEEDS_MODEL", "Options", "Row", "prepare", "summarise"]


@dataclass(frozen=True, slots=True)
class Row:
    """One number under one condition."""

    condition: str = column("what was done, as CORRUPTION:SEVERITY@MODALITY")
    modality: str = column("modality that was touched")
    corruption: str = column("corruption that was applied")
    severity: int | None = column("severity, 1 to 5; null for clean and for whole curves")
    present: str = column("modalities that were present")
    slice: str = column("part of the samples, as NAME=VALUE; all for everything")
    metric: str = column("what was measured")
    estimate: Estimate = column("the number with its 95 % interval")


def prepare(options: Options, inputs: Inputs) -> Job:
    """Decide everything that concerns the whole set, and make the function of a unit."""
    check_replicates(options.replicates)
    memory = budget(options.memory, options.workers)
    limit = limit_of(options.breaking_point)
    loaded = _loaded(inputs)
    named = model_kinds(inputs.dataset, loaded.info.modalities)
    donors = Donors(inputs.whole, loaded.info.modalities, options.seed, memory)
    wanted = options.absent or None
    policy, why = (wanted[0], "as asked") if wanted else default_policy(loaded, donors)
    policies = wanted or (policy,)
    task = _task(inputs, loaded)
    measures(task.kind, options.measures)  # refused before any work
    if options.joint_missing:
        check_crossed(task)
    worst.check(options, loaded, task)
    digests = unimodal.digests(options, inputs, tuple(named), task)
    cells = make_cells(options, inputs.dataset, inputs.whole, loaded.info.modalities)
    models = make_models(inputs, loaded, policies, options.seed, memory=memory, donors=donors)
    kinds = inputs.dataset.kinds.values()
    if table_of(loaded) is None:
        checked = Loaded(model=models.under[policy][0], info=loaded.info)
        self_check(checked, inputs.dataset, named, memory)
    asked_for = many(sum(not c.derived for c in cells.conditions), "condition")
    return Job(
        work=Sweep(
            cells=cells,
            models=models,
            task=task,
            batch_size=options.batch_size,
            memory=memory - models.held,
            beside=worst.beside(options, named, models, task),
            processes=models.travels and any(load_kind(k).holds_lock for k in kinds),
        ),
        says=(
            f"{'at most ' if limit else ''}{asked_for} x {many(len(inputs.dataset), 'sample')}",
            *worst.messages(options, named, cells.conditions),
            f"absent values: {policy} ({why})",
            *models.notes,
            *severities(options.severities).left_out,
            *_says_of_absence(options, inputs, cells),
        ),
        versions=_versions(cells.conditions),
        options={
            "absent": list(policies),
            **({"unimodal_digests": digests} if digests else {}),
            "conditions": [c.name for c in cells.conditions],
            "levels": {f"{n}@{m}": list(x.part.severities) for (n, m), x in cells.levels.items()},
        },
        plan=_bisection(options, inputs, cells, limit) if limit else None,
        tables=partial(_tables, options, inputs, cells),
    )


def _tables(options: Options, inputs: Inputs, cells: Cells) -> Mapping[str, pa.Table]:
    shown, rates = examples(cells), _rates(options, inputs, cells)
    some = {"examples": shown} if shown.num_rows else {}
    return some | ({absent_rates.NAME: rates.table} if rates.rows else {})


def _rates(options: Options, inputs: Inputs, cells: Cells) -> AbsentRates:
    whole = options.missing and options.patterns == "own"
    return absent_rates.absent_rates(cells, own(inputs.whole, cells.modalities) if whole else None)


def _says_of_absence(options: Options, inputs: Inputs, cells: Cells) -> tuple[str, ...]:
    """What is asked of absent modalities, and what it costs."""
    m, task = len(cells.modalities), _task(inputs, _loaded(inputs))
    if not options.missing:
        return ()
    cost = unimodal.cost(options, inputs, cells.modalities, task)
    if options.patterns == "own":
        return (*own(inputs.whole, cells.modalities).says, *cost)
    times = len(set(options.absent)) or 1
    under = f", each under {times} policies" if times > 1 else ""
    return (
        f"subsets of {many(m, 'modality', 'modalities')}: 2^{m} - 1 = {2**m - 1}{under}",
        *cost,
    )


def _bisection(options: Options, inputs: Inputs, cells: Cells, limit: Threshold) -> Bisection:
    return Bisection(
        conditions=cells.conditions,
        task=_task(inputs, _loaded(inputs)),
        limit=limit,
        seed=options.seed,
    )


def summarise(options: Options, inputs: Inputs, read: Read) -> Outcome:
    """Turn the answers of all units into estimates, paired with the clean ones."""
    loaded = _loaded(inputs)
    grid = _conditions(options, inputs.dataset, inputs.whole, loaded.info.modalities)
    limit = limit_of(options.breaking_point)

    def show(flips: NDArray[np.int64], count: int) -> Mapping[str, pa.Table]:
        shown = unstable(inputs.dataset, read, flips, count)
        return {"gallery": shown} if shown.num_rows else {}

    outcome = _summary.summarise(
        Row,
        grid,
        _task(inputs, loaded),
        read,
        options.seed,
        options.replicates,
        limit,
        show,
        options.measures,
        options.corruptions,
    )
    outcome = with_imputation(Row, outcome, options, inputs, loaded, grid)
    task = _task(inputs, loaded)
    outcome = unimodal.with_references(Row, outcome, options, inputs, grid, task, read)
    if not (options.protocol or options.patterns == "own"):
        return outcome
    cells = make_cells(options, inputs.dataset, inputs.whole, loaded.info.modalities)
    rates = _rates(options, inputs, cells)
    return replace(outcome, notes=(*outcome.notes, *rates.says))


def make_cells(
    options: Options, dataset: Dataset, whole: Dataset, modalities: tuple[str, ...]
) -> Cells:
    """What each sample is like under each condition that the options ask for.

    Args:
        options: How robustness is asked.
        dataset: The selected samples.
        whole: The dataset before the selection.
        modalities: The model's modalities; empty for all of the dataset's.
    """
    grid = _conditions(options, dataset, whole, modalities)
    kinds = model_kinds(dataset, modalities)
    seed = options.seed
    return Cells(
        dataset=dataset,
        modalities=tuple(kinds),
        conditions=grid,
        plans=_plans(dataset, grid, tuple(kinds), seed),
        surroundings=_surroundings(dataset, whole, grid, kinds, seed),
        seed=seed,
        levels=severities(options.severities).levels or {},
    )


def _conditions(
    options: Options, dataset: Dataset, whole: Dataset, modalities: tuple[str, ...]
) -> tuple[Condition, ...]:
    levels, kinds = severities(options.severities), model_kinds(dataset, modalities)
    policies = tuple(dict.fromkeys(options.absent))
    bisected = limit_of(options.breaking_point) is not None
    if options.joint_missing and bisected:
        raise UsageError(
            "severities are sought one curve at a time, so none is shared with an absent modality",
            fix="--joint-missing with --severities 1,3,5, or --breaking-point without it",
        )
    wanted = SEVERITIES if bisected else levels.grid
    damages = conditions(
        kinds,
        options.corruptions,
        wanted,
        joint=options.joint,
        subsets=_subsets(options, whole, tuple(kinds)),
        policies=policies if len(policies) > 1 else (),
        levels=levels.levels,
        protocols=protocols(options.protocol, tuple(kinds)),
        beside=options.joint_missing,
    )
    return (*damages, *worst.derived(options, kinds, damages, wanted))


def _subsets(
    options: Options, whole: Dataset, every: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """The sets of modalities that `--missing` asks with."""
    if not options.missing:
        if options.patterns == "own":
            raise UsageError(
                "--patterns says which sets --missing asks with", fix="--missing --patterns own"
            )
        return ()
    return own(whole, every).incomplete if options.patterns == "own" else subsets(every)


def _loaded(inputs: Inputs) -> Loaded:
    if inputs.model is None:
        raise UsageError("robustness needs a model", fix="--model ADAPTER:WHERE")
    return inputs.model


def _task(inputs: Inputs, loaded: Loaded) -> Task:
    dataset = inputs.dataset
    order = loaded.info.modalities or dataset.modalities
    return task(loaded.info, dataset.target_kind, dataset.classes, order)


def _surroundings(
    dataset: Dataset,
    whole: Dataset,
    grid: tuple[Condition, ...],
    modalities: Iterable[str],
    seed: int,
) -> dict[str, Surroundings]:
    """What corruptions may know; statistics are measured now, once, where one asks for them."""
    surroundings = {m: Surroundings(dataset, whole, m, seed) for m in modalities}
    for change in {change for condition in grid for change in condition.changes}:
        if "column" in load_corruption(change.corruption).needs:
            _ = surroundings[change.modality].statistics
    return surroundings


def _plans(
    dataset: Dataset, grid: tuple[Condition, ...], modalities: tuple[str, ...], seed: int
) -> Mapping[str, NDArray[Any]]:
    wanted = [c for c in grid if c.plan]
    return plan_rows(dataset, wanted, modalities, seed) if wanted else {}


def _versions(grid: tuple[Condition, ...]) -> dict[str, str]:
    singles = {c.corruption for cond in grid for c in cond.changes}
    plans = {cond.plan[0] for cond in grid if cond.plan}
    versions = {n: str(load_corruption(n).version) for n in sorted(singles)}
    if any(cond.attacks for cond in grid):
        versions[attacks.CORRUPTION] = attacks.VERSION
    return versions | {n: str(load_plan(n).version) for n in sorted(plans)}
