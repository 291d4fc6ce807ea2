"""Contributions: how much each modality brings to each prediction, and whether they overlap.

Every sample is asked with every subset of its modalities. From that table follow exact Shapley
values, pairwise interactions, and whether the model uses, ignores or is misled by a modality.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from mmaudit.audits.base import Job, Outcome, Read, check_replicates
from mmaudit.audits.contributions import setup as setups
from mmaudit.audits.contributions import summary
from mmaudit.audits.contributions.corrupted import every_cut
from mmaudit.audits.contributions.features import FeatureNumber, aligned, features, nearness
from mmaudit.audits.contributions.metrics import meanings
from mmaudit.audits.contributions.options import NEEDS_MODEL, Options
from mmaudit.audits.contributions.pieces.detail import Opening, check_opened, detail_numbers, opened
from mmaudit.audits.contributions.pieces.detail import cost as detail_cost
from mmaudit.audits.contributions.readings import Readings
from mmaudit.audits.contributions.reference import compare
from mmaudit.audits.contributions.scope import Scope
from mmaudit.audits.contributions.training import checkpoints
from mmaudit.audits.contributions.training.control import with_plan
from mmaudit.audits.contributions.training.overfitting import cost as training_cost
from mmaudit.audits.contributions.training.overfitting import training_losses
from mmaudit.audits.contributions.training.plan import check_plan
from mmaudit.audits.contributions.unit import Contributing, duration, work_of
from mmaudit.errors import UsageError
from mmaudit.faults import Faults
from mmaudit.inference.absence import parse
from mmaudit.inference.base import Asking
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.recorded import check_recorded, table_of
from mmaudit.inference.self_check import self_check
from mmaudit.inference.unimodal import specs
from mmaudit.inference.unimodal.references import Audited
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.models.load import Loaded
from mmaudit.names import ALL
from mmaudit.rows import Estimate, column
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples, decode
from mmaudit.samples.memory import budget, spans

__all__ = ["NEEDS_MODEL", "Options", "Row", "prepare", "summarise"]


@dataclass(frozen=True, slots=True)
class Row:
    """One number about one modality, pair, or the model."""

    value: str = column("what an answer is worth; empty where it does not matter")
    absent: str = column("absence policy; several, joined by +, where they are compared")
    modality: str = column("modality, or pair as A,B; empty for the whole model")
    slice: str = column("part of the samples, as NAME=VALUE; all for everything")
    metric: str = column("what was measured")
    estimate: Estimate = column("the number with its 95 % interval")


class _Ready(NamedTuple):
    """A question, and what is decided and made for it."""

    options: Options
    inputs: Inputs
    setup: setups.Setup
    work: Contributing


def prepare(options: Options, inputs: Inputs) -> Job:
    """Decide everything that concerns the whole set, say what it costs, make the work."""
    check_replicates(options.replicates)
    setup = _setup(options, inputs)
    work = _work(options, inputs, setup)
    check_opened(options.detail, setup.kinds)
    check_plan(options.training_plan)
    table = table_of(setup.loaded)
    if table is None:
        checked = replace(setup.loaded, model=work.models.under[setup.policies[0]][0])
        self_check(checked, inputs.dataset, setup.kinds, work.memory, coalitions=True)
    else:
        names, flags = tuple(setup.kinds), {"detail": options.detail}
        check_recorded(table, setup.loaded.info.spec, names, flags)
    digests = [state.info.digest for state in _states(options, inputs, setup)]
    comparable = setup.order is not None and setup.task == "class"
    alone = specs.model_digests(options.unimodal, tuple(setup.kinds), inputs, comparable=comparable)
    at = _Ready(options, inputs, setup, work)
    return Job(
        work=work,
        says=(*_says(at), *duration(setup, work)),
        options={
            "value": list(setup.values),
            "absent": list(setup.policies),
            "pairs": setup.pairs,
            **({"checkpoint_digests": digests} if digests else {}),
            **({"unimodal_digests": alone} if alone else {}),
        },
    )


def _says(at: _Ready) -> Iterator[str]:
    """What will be done and what it costs, for the person who waits."""
    options, inputs, setup, work = at
    yield f"worth of an answer: {', '.join(setup.values)}"
    yield f"absent values: {', '.join(setup.policies)} ({setup.why})"
    yield from work.models.notes
    yield setups.cost(setup, len(inputs.dataset))
    lead, modalities = setup.policies[0], len(setup.kinds)
    if options.overfitting:
        yield training_cost(len(_train(options, inputs, setup)), lead, modalities)
    if options.checkpoint:
        yield checkpoints.cost(len(checkpoints.specs(options.checkpoint)), lead, modalities)
    if options.detail:
        ask, some, _ = _some(options, inputs, work)
        yield detail_cost(ask, some, _opening(options, setup), parse(lead)[1])


def summarise(options: Options, inputs: Inputs, read: Read) -> Outcome:
    """Turn the contributions of all samples into estimates, flags and a headline."""
    setup = _setup(options, inputs)
    with Faults.of(setup.loaded.info.spec):  # the model is asked for more than the units hold
        at = _Ready(options, inputs, setup, _work(options, inputs, setup))
        scope = Scope(
            values=setup.values,
            policies=setup.policies,
            modalities=tuple(setup.kinds),
            task=setup.task,
            seed=options.seed,
            replicates=options.replicates,
            classes=setup.classes,
            prior=setups.prior(inputs) if setup.task == "class" else {},
            training=_training(at) if options.overfitting else {},
            plan=options.training_plan_level if options.training_plan else "",
            runs=_runs(at),
        )
        outcome = _outcome(at, scope, Readings(read))
    return replace(outcome, notes=(*outcome.notes, *at.work.models.notes))


def _runs(at: _Ready) -> dict[str, int]:
    """How many runs of donors the samples share, by policy, where that is not nothing."""
    models, n = at.work.models, len(at.inputs.dataset)
    shared = {policy: models.runs(policy, n) for policy in at.setup.policies}
    return {policy: runs for policy, runs in shared.items() if runs is not None}


def _outcome(at: _Ready, scope: Scope, read: Read) -> Outcome:
    """The summary, and what was asked for beside it."""
    options, inputs = at.options, at.inputs
    ready, than = _of_features(at), _reference(at, read)
    outcome = summary.summarise(Row, scope, inputs, read, ready, than)
    if options.training_plan:
        question = _question(at, {})
        outcome = with_plan(outcome, options.training_plan, question, inputs, options.seed)
    if options.checkpoint:
        outcome = _with_checkpoints(outcome, at, read)
    if options.detail:
        outcome = _with_detail(outcome, at)
    grouped = inputs.dataset.manifest.source.group is not None
    return replace(outcome, metrics=meanings((row.metric for row in outcome.rows), grouped=grouped))


def _of_features(at: _Ready) -> list[FeatureNumber]:
    """Are modalities aligned, and which policy stays nearest the data?"""
    options, work, models = at.options, at.work, at.work.models
    how = work.kinds, options.batch_size, options.seed, work.memory
    sample = features(at.inputs, models.loaded, *how)
    near = nearness(sample, models.under, options.seed, options.replicates)
    return [*aligned(sample, options.seed), *near]


def _reference(at: _Ready, read: Read) -> compare.Rivals | None:
    """What other models of one modality each do, where answers are classes with labels."""
    options, inputs, setup, _ = at
    alone = specs.specs(options.unimodal, tuple(setup.kinds))
    if setup.order is None or setup.task != "class" or options.unimodal == (specs.NONE,):
        return None
    return compare.reference(_question(at, alone), inputs, read)


def _question(at: _Ready, alone: Mapping[str, str]) -> Audited:
    return Audited(
        loaded=at.setup.loaded,
        kinds=at.setup.kinds,
        unimodal=alone,
        batch_size=at.options.batch_size,
        memory=at.work.memory,
    )


def _setup(options: Options, inputs: Inputs) -> setups.Setup:
    return setups.decide(
        inputs,
        value=options.value,
        absent=options.absent,
        budget=options.budget,
        plan=options.training_plan is not None,
        seed=options.seed,
        memory=budget(options.memory, options.workers),
    )


def _work(options: Options, inputs: Inputs, setup: setups.Setup) -> Contributing:
    return work_of(
        setup,
        inputs,
        seed=options.seed,
        batch_size=options.batch_size,
        memory=budget(options.memory, options.workers),
        table=options.coalitions,
    )


def _training(at: _Ready) -> dict[str, Replicates]:
    """Losses on the training samples."""
    options, train = at.options, _train(at.options, at.inputs, at.setup)
    return training_losses(at.work, train, at.setup.policies[0], options.seed, options.replicates)


def _train(options: Options, inputs: Inputs, setup: setups.Setup) -> Dataset:
    """As many training samples as are audited, chosen by hash."""
    split = inputs.whole.split_for("train")
    if split is None or setup.task == "embedding":
        raise UsageError(
            "overfitting is told from a training split and a model that is judged by labels",
            fix="a split column with a split called train, or no --overfitting",
        )
    return inputs.whole.select(split=split, limit=len(inputs.dataset), seed=options.seed)


def _states(options: Options, inputs: Inputs, setup: setups.Setup) -> Iterator[Loaded]:
    """The earlier states of the model, loaded one after the other."""
    for spec in checkpoints.specs(options.checkpoint):
        if not setup.classes or inputs.dataset.target_kind is None:
            raise UsageError(
                "checkpoints are compared by the probability of the true class",
                fix="a model of classes and a dataset with labels, or no --checkpoint",
            )
        yield checkpoints.opened(spec, setup.loaded, inputs.access)


def _with_checkpoints(outcome: Outcome, at: _Ready, read: Read) -> Outcome:
    """The same outcome with how the balance of the modalities came about."""
    options, inputs, setup, work = at
    own, cuts = read(None, 0), every_cut(read(None, 0), inputs.dataset, by_class=True)
    states, policy = _states(options, inputs, setup), setup.policies[0]
    history = list(
        checkpoints.states(inputs, work, states, setup.donors, own, cuts, options.replicates)
    )
    return replace(
        outcome,
        notes=(checkpoints.note(history, policy), *outcome.notes),
        tables={**outcome.tables, "checkpoints": checkpoints.table(history, policy)},
    )


def _opening(options: Options, setup: setups.Setup) -> Opening:
    return Opening(
        modalities=options.detail,
        task=setup.task,
        worth=setup.values[0],
        explainer=options.detail_explainer,
        seed=options.seed,
        memory=budget(options.memory, options.workers),
        names=setup.loaded.info.classes or (),
    )


def _some(
    options: Options, inputs: Inputs, work: Contributing
) -> tuple[Callable[[Samples], Asking], Iterator[Samples], Callable[[Samples], Any]]:
    """The samples that are opened: how the model is asked about them, and what is right."""
    some = inputs.dataset.select(limit=options.detail_samples, seed=options.seed)
    every = spans(some, np.arange(len(some)), work.memory)
    ask = partial(work.asking, work.models.policy)
    return ask, (decode(some, some.read(at)) for at in every), work.labels


def _with_detail(outcome: Outcome, at: _Ready) -> Outcome:
    """The same outcome with what the pieces of the opened modalities contribute."""
    options, inputs, setup, work = at
    table = opened(*_some(options, inputs, work), _opening(options, setup))
    rows = [
        Row(
            value=setup.values[0],
            absent=setup.policies[0],
            modality=number.modality,
            slice=ALL,
            metric=number.metric,
            estimate=number.measured.estimate(),
        )
        for number in detail_numbers(table, tuple(setup.kinds), options.seed, options.replicates)
    ]
    return replace(outcome, rows=[*outcome.rows, *rows], tables={**outcome.tables, "detail": table})
