"""What a contest of methods will do, decided before it starts: methods, features, damage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from mmaudit import parts
from mmaudit.arrays import Vectors
from mmaudit.audits.remedies.auto import TrialTask, preferred
from mmaudit.audits.remedies.conditions import JudgedCondition, by_family, scenes
from mmaudit.audits.remedies.conflict import conflict_of
from mmaudit.audits.remedies.cost import ContestCosts, FittingMethods, fitting, only
from mmaudit.audits.remedies.damage import damages
from mmaudit.audits.remedies.features import FeatureMaker, FeatureRows, FeatureView
from mmaudit.audits.remedies.options import PLAIN, Options
from mmaudit.audits.remedies.sources import FeatureSources, sources
from mmaudit.audits.remedies.unit import Contest, Contestant
from mmaudit.errors import UsageError
from mmaudit.inference.inputs import Inputs
from mmaudit.injection.steps import Step
from mmaudit.remedies.base import CONTROLS, KIND, Remedy, unfit
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.data import FusionData
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.memory import budget
from mmaudit.seeds import words

SHELF = "control/"
TRAINED = "trained"  # what a budget left, in the plan of a run
WITH = "+damaged"  # what stands behind the name of a control that is trained on damaged rows too
FEWEST_SEEDS = 3
PLAINEST = CONTROLS["additive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """What was decided.

    Attributes:
        contest: The work.
        scenes: The conditions.
        controls: Control of each method that is compared.
        families: How many families of conditions are judged.
        features: What the features of each modality are of.
        says: What changes from run to run, for the person who waits.
        notes: Sentences of what was chosen and left out.
    """

    contest: Contest
    scenes: tuple[JudgedCondition, ...]
    controls: dict[str, str]
    families: int
    features: Mapping[str, str]
    says: tuple[str, ...]
    notes: tuple[str, ...]


@lru_cache(maxsize=1)
def arrange(options: Options, inputs: Inputs) -> Arranged:
    """Decide from what was asked, refuse what cannot be, and make all features.

    Raises:
        UsageError: There is no such method or damage, no training split, no target that methods
            can be trained on, or a kind without features.
        InputError: Samples cannot be used.
    """
    _check(options, inputs)
    which = sources(options.features, inputs.dataset.kinds, inputs.access)
    task = "class" if inputs.whole.target_kind == "class" else "number"
    kinds = inputs.dataset.kinds
    steps = damages(options.against, inputs.dataset)
    trained = damages(options.train_with, inputs.dataset)
    timed = {m: which.source(m, kind).steps for m, kind in kinds.items()}
    names, without = _methods(options.methods, task, timed)
    train = _training(inputs)
    setup = TrainingSetup(steps=options.steps, width=options.width)
    maker = _maker(options, inputs, which, (*steps, *trained))
    classes = inputs.whole.classes if task == "class" else None
    maker, tried = preferred(maker, TrialTask(train, classes, setup, options.seed), inputs.access)
    judged = maker.rows(inputs.dataset, steps)
    rows = maker.rows(train, trained or steps)
    plain = _data(rows, maker, inputs.whole, task)
    damaged = with_damaged(plain, rows, options.seed) if rows.damaged else None
    contest = Contest(
        contestants=_contestants(names, damaged=damaged is not None and not trained),
        seeds=tuple(range(options.seed, options.seed + options.seeds)),
        setup=setup,
        training=damaged if trained and damaged is not None else plain,
        damaged=damaged,
        judged=judged,
        scenes=scenes(tuple(kinds), steps, classes=task == "class"),
        conflict=conflict_of(judged, rows.clean, len(inputs.whole.classes or ()), options.seed)
        if task == "class" and len(kinds) > 1
        else None,
        seed=options.seed,
    )
    within = _within(options, contest, inputs.earlier)
    contest = within.contest
    return Arranged(
        contest=contest,
        says=within.says,
        scenes=contest.scenes,
        controls=_controls(contest.contestants),
        families=len(by_family(contest.scenes)),
        features=maker.sources.identity(tuple(kinds)),
        notes=(
            *tried,
            *_notes(without, rows, len(train), maker.sources),
            *_over(options, within.without),
        ),
    )


def _within(options: Options, contest: Contest, earlier: Mapping[str, Any]) -> FittingMethods:
    """What fits the budget; a run that is gone on with trains what it was begun with."""
    every = [one.name for one in contest.contestants]
    if options.budget is None:
        return FittingMethods(contest=contest)
    if TRAINED in earlier:
        some = set(earlier[TRAINED])
        without = tuple(name for name in every if name not in some)
        return FittingMethods(contest=only(contest, some), without=without)
    controls = [name for name in every if name.startswith(SHELF)]
    return fitting(ContestCosts(contest), options.budget, options.workers or 1, controls)


def _check(options: Options, inputs: Inputs) -> None:
    if inputs.whole.target_kind not in {"class", "number"}:
        raise UsageError(
            "methods are trained to answer with a class or a number, and the target is "
            f"{inputs.whole.target_kind or 'not there'}",
            fix="a manifest whose [target] is a class or a number",
        )
    if options.seeds < FEWEST_SEEDS:
        raise UsageError(
            f"{options.seeds} trainings of a method do not say how much seeds matter",
            fix=f"--seeds {FEWEST_SEEDS}, or more",
        )
    for name, value in (("steps", options.steps), ("width", options.width)):
        if value < 1:
            raise UsageError(f"--{name} {value} trains nothing", fix=f"--{name} 100")
    if options.budget is not None and options.budget <= 0:
        raise UsageError(f"in {options.budget:g} minutes nothing is trained", fix="--budget 10")
    if not 0 < options.margin < 1:
        raise UsageError(f"a margin of {options.margin:g} judges nothing", fix="--margin 0.02")


def _training(inputs: Inputs) -> Dataset:
    """Samples that methods are trained on: never one that judges."""
    split = inputs.whole.split_for("train")
    if split is None:
        raise UsageError(
            "methods are trained on one split and judged on another, and there is none to train on",
            where=f"the splits are {', '.join(inputs.whole.splits) or 'not there'}",
            fix="a column that says train or test for each row, as [source] split",
        )
    train = inputs.whole.select(split=split)
    if np.intersect1d(train.rows, inputs.dataset.rows).size:
        raise UsageError(
            "methods would be judged on the samples that they are trained on",
            fix="--split test, or another one than the training's",
        )
    return train


def _methods(
    patterns: Sequence[str], task: str, steps: Mapping[str, int]
) -> tuple[list[str], dict[str, str]]:
    """Methods that are asked for, controls first; and those that cannot be trained, with why."""
    controls = [name for name in parts.names(KIND) if name.startswith(SHELF)]
    named = list(dict.fromkeys([*controls, *parts.match(KIND, tuple(patterns))]))
    why = {}
    for name in named:
        remedy: Remedy = parts.load(KIND, name).REMEDY
        if reason := unfit(remedy, task, steps):
            why[name] = reason
    outright = [name for name in patterns if name in why]
    if outright:
        raise UsageError(
            f"{outright[0]} cannot be trained on this: {why[outright[0]]}", fix="another method"
        )
    return [name for name in named if name not in why], why


def _contestants(names: Sequence[str], *, damaged: bool) -> tuple[Contestant, ...]:
    """What is trained; the controls of each head on damaged rows too, where there are some."""
    out = [Contestant(name, name) for name in names]
    if damaged:
        out += [Contestant(name + WITH, name, damaged=True) for name in CONTROLS.values()]
    return tuple(out)


def _controls(contestants: Sequence[Contestant]) -> dict[str, str]:
    """What each method is compared with: the control of its head, and these with the plainest."""
    out = {}
    for contestant in contestants:
        remedy: Remedy = parts.load(KIND, contestant.remedy).REMEDY
        control = PLAINEST if contestant.name == remedy.control else remedy.control
        if contestant.name != control:
            out[contestant.name] = control
    return out


def _maker(
    options: Options, inputs: Inputs, which: FeatureSources, steps: Sequence[Step]
) -> FeatureMaker:
    """How features are made; damage to what is in a file is refused."""
    damaged = [step.modality for step in steps if step.modality in which.places]
    if damaged:
        raise UsageError(
            f"features of {damaged[0]!r} are in a file, which says nothing of damaged values",
            fix="an encoder in place of the file, or damage another modality",
        )
    return FeatureMaker(
        whole=inputs.whole,
        kinds=inputs.dataset.kinds,
        sources=which,
        seed=options.seed,
        memory=budget(options.memory, options.workers),
        batch=options.batch_size,
    )


def _data(rows: FeatureRows, maker: FeatureMaker, whole: Dataset, task: str) -> FusionData:
    """Training rows as methods take them."""
    return FusionData(
        features={m: view.values for m, view in rows.clean.items()},
        present={m: view.present for m, view in rows.clean.items()},
        labels=rows.labels,
        classes=whole.classes if task == "class" else None,
        groups=rows.groups,
        sources={m: maker.sources.source(m, kind) for m, kind in maker.kinds.items()},
    )


def with_damaged(data: FusionData, rows: FeatureRows, seed: int) -> FusionData:
    """Training rows, and a copy of each that is damaged: one modality, by one of the damages.

    Copies of a row stand in one group, so that none is held out from a training on another.
    """
    n, specs = len(data), list(rows.damaged)
    pick = words(seed, "remedies/damaged").integers(n, len(specs))
    features: dict[str, Vectors] = {}
    present = {}
    for m in data.modalities:
        x, there = data.features[m].copy(), data.present[m].copy()
        for k, spec in enumerate(specs):
            if spec.rpartition("@")[2] == m:
                view: FeatureView = rows.damaged[spec]
                hit = pick == k
                x[hit], there[hit] = view.values[hit], view.present[hit]
        features[m] = np.concatenate([data.features[m], x])
        present[m] = np.concatenate([data.present[m], there])
    own = np.arange(n) if data.groups is None else data.groups
    return replace(
        data,
        features=features,
        present=present,
        labels=np.concatenate([data.labels, data.labels]),
        groups=np.concatenate([own, own]),
    )


def _over(options: Options, without: Sequence[str]) -> list[str]:
    """What does not fit the budget."""
    return [f"Left out by --budget {options.budget:g}: {', '.join(without)}."] if without else []


def _notes(
    without: dict[str, str], rows: FeatureRows, training: int, which: FeatureSources
) -> list[str]:
    """What was chosen and left out."""
    out = [f"Trained on {len(rows):,} samples of the training split."]
    shown = {m: which.shown(m) for m in rows.clean}
    if set(shown.values()) != {PLAIN}:
        out.append("Features: " + ", ".join(f"{m} {how}" for m, how in shown.items()) + ".")
    if len(rows) < training:
        out.append(f"{training - len(rows):,} training samples could not be used.")
    if without:
        out.append(
            "Not trained: " + "; ".join(f"{name} ({why})" for name, why in without.items()) + "."
        )
    return out
