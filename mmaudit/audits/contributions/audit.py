"""Contributions: how much each modality brings to each prediction, and whether they overlap.

Every sample is asked with every subset of its modalities. From that table follow exact Shapley
values, pairwise interactions, and whether the model uses, ignores or is misled by a modality.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from mmaudit.audits.base import Job, Outcome, Read, check_replicates
from mmaudit.audits.contributions import setup as setups
from mmaudit.audits.contributions import summary
from mmaudit.audits.contributions.corrupted import every_cut
from mmaudit.audits.contributions.features import FeatureNumber, aligned, features, nearness
from mmaudit.audits.contributions.game import Rules
from mmaudit.audits.contributions.metrics import meanings
from mmaudit.audits.contributions.options import NEEDS_MODEL, Options
from mmaudit.audits.contributions.pieces.detail import Opening, check_opened, detail_numbers, opened
from mmaudit.audits.contributions.pieces.detail import cost as detail_cost
from mmaudit.audits.contributions.readings import Readings
from mmaudit.audits.contributions.reference import compare, specs
from mmaudit.audits.contributions.training import checkpoints
from mmaudit.audits.contributions.training.overfitting import cost as training_cost
from mmaudit.audits.contributions.training.overfitting import training_losses
from mmaudit.audits.contributions.training.plan import PLAN, check_plan, plan_file
from mmaudit.audits.contributions.unit import Contributing
from mmaudit.errors import UsageError
from mmaudit.faults import Faults
from mmaudit.inference.absence import parse
from mmaudit.inference.base import Asking
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.models import SHARES, make_models
from mmaudit.inference.recorded import check_recorded, table_of
from mmaudit.inference.self_check import self_check
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
        spec = setup.loaded.info.spec
        check_recorded(table, spec, tuple(setup.kinds), {"detail": options.detail})
    digests = [state.info.digest for state in _states(options, inputs, setup)]
    comparable = setup.order is not None and setup.task == "class"
    alone = specs.model_digests(options.unimodal, tuple(setup.kinds), inputs, comparable=comparable)
    return Job(
        work=work,
        says=(*_says(options, inputs, setup), *setups.duration(setup, work, len(inputs.dataset))),
        options={
            "value": list(setup.values),
            "absent": list(setup.policies),
            "pairs": setup.pairs,
            **({"checkpoint_digests": digests} if digests else {}),
            **({"unimodal_digests": alone} if alone else {}),
        },
    )


def _says(options: Options, inputs: Inputs, setup: setups.Setup) -> Iterator[str]:
    """What will be done and what it costs, for the person who waits."""
    yield f"worth of an answer: {', '.join(setup.values)}"
    yield f"absent values: {', '.join(setup.policies)} ({setup.why})"
    yield setups.cost(setup, len(inputs.dataset))
    lead, modalities = setup.policies[0], len(setup.kinds)
    if options.overfitting:
        yield training_cost(len(_train(options, inputs, setup)), lead, modalities)
    if options.checkpoint:
        yield checkpoints.cost(len(checkpoints.specs(options.checkpoint)), lead, modalities)
    if options.detail:
        ask, some, _ = _some(options, inputs, setup)
        yield detail_cost(ask, some, _opening(options, setup), parse(lead)[1])


def summarise(options: Options, inputs: Inputs, read: Read) -> Outcome:
    """Turn the contributions of all samples into estimates, flags and a headline."""
    setup = _setup(options, inputs)
    scope = summary.Scope(
        values=setup.values,
        policies=setup.policies,
        modalities=tuple(setup.kinds),
        task=setup.task,
        seed=options.seed,
        replicates=options.replicates,
        classes=setup.classes,
        prior=setups.prior(inputs) if setup.task == "class" else {},
        training=_training(options, inputs, setup),
        plan=options.training_plan is not None,
    )
    with Faults.of(setup.loaded.info.spec):  # the model is asked for more than the units hold
        return _outcome(options, inputs, setup, scope, Readings(read))


def _outcome(
    options: Options, inputs: Inputs, setup: setups.Setup, scope: summary.Scope, read: Read
) -> Outcome:
    """The summary, and what was asked for beside it."""
    ready, than = _of_features(options, inputs, setup), _reference(options, inputs, setup, read)
    outcome = summary.summarise(Row, scope, inputs, read, ready, than)
    if options.training_plan:
        table = outcome.tables[PLAN]
        outcome = replace(outcome, files=plan_file(table, options.training_plan))
    if options.checkpoint:
        outcome = _with_checkpoints(outcome, options, inputs, setup, read)
    if options.detail:
        outcome = _with_detail(outcome, options, inputs, setup)
    grouped, names = (
        inputs.dataset.manifest.source.group is not None,
        (r.metric for r in outcome.rows),
    )
    return replace(outcome, metrics=meanings(names, grouped=grouped))


def _of_features(options: Options, inputs: Inputs, setup: setups.Setup) -> list[FeatureNumber]:
    """Are modalities aligned, and which policy stays nearest the data?"""
    work = _work(options, inputs, setup)
    sample = features(
        inputs, setup.loaded, setup.kinds, options.batch_size, options.seed, work.memory
    )
    models = work.models
    near = nearness(sample, models.under, options.seed, options.replicates)
    return [*aligned(sample, options.seed), *near]


def _reference(
    options: Options, inputs: Inputs, setup: setups.Setup, read: Read
) -> compare.Rivals | None:
    """What other models of one modality each do, where answers are classes with labels."""
    alone = specs.specs(options.unimodal, tuple(setup.kinds))
    if setup.order is None or setup.task != "class" or options.unimodal == (specs.NONE,):
        return None
    question = compare.Audited(
        loaded=setup.loaded,
        kinds=setup.kinds,
        unimodal=alone,
        batch_size=options.batch_size,
        memory=budget(options.memory, options.workers),
    )
    return compare.reference(question, inputs, read)


def _setup(options: Options, inputs: Inputs) -> setups.Setup:
    return setups.decide(
        inputs,
        value=options.value,
        absent=options.absent,
        budget=options.budget,
        plan=options.training_plan is not None,
        memory=budget(options.memory, options.workers),
    )


def _work(options: Options, inputs: Inputs, setup: setups.Setup) -> Contributing:
    memory = budget(options.memory, options.workers)
    models = make_models(inputs, setup.loaded, setup.policies, options.seed, SHARES, memory)
    return Contributing(
        dataset=inputs.dataset,
        models=models,
        kinds=setup.kinds,
        task=setup.task,
        order=setup.order,
        rules=Rules(worths=setup.values, sampled=setup.pairs, seed=options.seed),
        table=options.coalitions,
        batch_size=options.batch_size,
        memory=memory - models.held,
    )


def _training(options: Options, inputs: Inputs, setup: setups.Setup) -> dict[str, Replicates]:
    """Losses on the training samples, where they are asked for."""
    if not options.overfitting:
        return {}
    work, train = _work(options, inputs, setup), _train(options, inputs, setup)
    with Faults.of(setup.loaded.info.spec):
        return training_losses(work, train, setup.policies[0], options.seed, options.replicates)


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


def _with_checkpoints(
    outcome: Outcome, options: Options, inputs: Inputs, setup: setups.Setup, read: Read
) -> Outcome:
    """The same outcome with how the balance of the modalities came about."""
    history = list(
        checkpoints.states(
            inputs,
            _work(options, inputs, setup),
            _states(options, inputs, setup),
            read(None, 0),
            every_cut(read(None, 0), inputs.dataset, by_class=True),
            options.replicates,
        )
    )
    policy = setup.policies[0]
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
    options: Options, inputs: Inputs, setup: setups.Setup
) -> tuple[Callable[[Samples], Asking], Iterator[Samples], Callable[[Samples], Any]]:
    """The samples that are opened: how the model is asked about them, and what is right."""
    work, policy = _work(options, inputs, setup), setup.policies[0]
    some = inputs.dataset.select(limit=options.detail_samples, seed=options.seed)
    every = spans(some, np.arange(len(some)), work.memory)
    return partial(work.asking, policy), (decode(some, some.read(at)) for at in every), work.labels


def _with_detail(
    outcome: Outcome, options: Options, inputs: Inputs, setup: setups.Setup
) -> Outcome:
    """The same outcome with what the pieces of the opened modalities contribute."""
    table = opened(*_some(options, inputs, setup), _opening(options, setup))
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
    tables = {**outcome.tables, "detail": table}
    return replace(outcome, rows=[*outcome.rows, *rows], tables=tables)
