"""Contributions: how much each modality brings to each prediction, and whether they overlap.

Every sample is asked with every subset of its modalities. From that table follow exact Shapley
values, pairwise interactions, and whether the model uses, ignores or is misled by a modality.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.audits import _contribution_summary as summary
from mmaudit.audits._asking import shares
from mmaudit.audits._contributing import Contributing
from mmaudit.audits._contribution_alignment import aligned
from mmaudit.audits._game import Rules, affordable, passes
from mmaudit.audits.base import Common, Inputs, Job, Outcome, Read
from mmaudit.errors import InputError, UsageError
from mmaudit.measures.worth import WORTHS
from mmaudit.models.absence import background, default_policy, parse
from mmaudit.models.base import Model
from mmaudit.models.check import row_independence, stages_agree
from mmaudit.models.load import Loaded
from mmaudit.rows import Estimate, column, option
from mmaudit.samples.decode import decode, stack

NEEDS_MODEL = True
CHECKED = 16  # samples of the row-independence check
EXACT = 10  # modalities up to which every coalition is asked, unless a budget says otherwise
BUDGET = 1024  # passes a sample beyond that, where none was given
DEFAULT_VALUES = {
    "class": ("p_true", "correct"),
    "number": ("neg_squared_error",),
    "embedding": ("similarity",),
}
UNLABELLED = ("p_predicted", "entropy_drop")
WITH_MEAN = {"vector", "table", "image"}  # kinds whose values always have a mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Common):
    """How contributions are asked."""

    value: tuple[str, ...] = option(
        "what an answer is worth: p_true, margin, neg_loss, correct, correct_size, p_predicted, "
        "entropy_drop; neg_squared_error for numbers; similarity for embeddings",
        default=(),
    )
    absent: tuple[str, ...] = option(
        "absence policies, side by side: model, zeros, mean, blank, marginal:K", default=()
    )
    budget: int | None = option(
        "passes a sample; where they do not pay for every coalition, orders are sampled",
        default=None,
    )
    coalitions: bool = option("also write the worth of every coalition", default=False)
    replicates: int = option("bootstrap replicates of every interval", default=1000)


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
    """Decide what is played, say what it costs, and make the function of a unit."""
    loaded = _loaded(inputs)
    kinds = _kinds(inputs, loaded)
    task, order = _task(inputs, loaded)
    values = _values(options, inputs, task)
    policies, why = _policies(options, loaded, kinds)
    orders = _orders(options, len(kinds))
    donors = background(inputs.whole, loaded, policies, options.seed)
    models = {policy: shares(loaded, policy, donors) for policy in policies}
    rules = Rules(worths=values, sampled=orders, seed=options.seed)
    _self_check(inputs, loaded, models[policies[0]][0], kinds)
    return Job(
        work=Contributing(
            dataset=inputs.dataset,
            loaded=loaded,
            models=models,
            kinds=kinds,
            task=task,
            order=order,
            rules=rules,
            table=options.coalitions,
            batch_size=options.batch_size,
        ),
        says=(
            f"worth of an answer: {', '.join(values)}",
            f"absent values: {', '.join(policies)} ({why})",
            _cost(inputs, loaded, policies, orders, len(kinds)),
        ),
        options={"value": list(values), "absent": list(policies), "orders": orders},
    )


def summarise(options: Options, inputs: Inputs, read: Read) -> Outcome:
    """Turn the contributions of all samples into estimates, flags and a headline."""
    loaded = _loaded(inputs)
    kinds = _kinds(inputs, loaded)
    task, _ = _task(inputs, loaded)
    policies, _ = _policies(options, loaded, kinds)
    asked = summary.Asked(
        values=_values(options, inputs, task),
        policies=policies,
        modalities=tuple(kinds),
        task=task,
        seed=options.seed,
        replicates=options.replicates,
        classes=len(loaded.info.classes or ()) if task == "class" else 0,
        prior=_prior(inputs) if task == "class" else {},
    )
    alignments = aligned(inputs, loaded, kinds, options.batch_size, options.seed)
    return summary.summarise(Row, asked, inputs, read, alignments)


def _loaded(inputs: Inputs) -> Loaded:
    if inputs.model is None:
        raise UsageError("contributions needs a model", fix="--model ADAPTER:WHERE")
    return inputs.model


def _kinds(inputs: Inputs, loaded: Loaded) -> dict[str, str]:
    """Kinds of the model's modalities, in the model's order; the dataset must have them all."""
    lacking = [m for m in loaded.info.modalities if m not in inputs.dataset.kinds]
    if lacking:
        raise InputError(
            f"the dataset has no modality {' or '.join(map(repr, lacking))} that the model takes",
            where=f"the dataset has {', '.join(inputs.dataset.kinds)}",
            fix="name the modalities in the manifest as the model names them",
        )
    if len(loaded.info.modalities) < 2:
        raise UsageError(
            "contributions are shared between modalities, and the model has one",
            where=loaded.info.spec,
            fix="a model of two or more modalities",
        )
    return {m: inputs.dataset.kinds[m] for m in loaded.info.modalities}


def _task(inputs: Inputs, loaded: Loaded) -> tuple[str, NDArray[np.int64] | None]:
    """What is asked of the model, and the model's column of each of the dataset's classes."""
    target, info = inputs.dataset.target_kind, loaded.info
    if info.output == "embeddings":
        return "embedding", None
    if info.output == "values":
        if target != "number":
            raise UsageError(
                "a model that answers with numbers needs a target of kind number",
                where=info.spec,
                fix="[target] with kind = 'number' in the manifest",
            )
        return "number", None
    if target is None:
        return "class", None
    if target != "class":
        raise UsageError(
            f"a target of kind {target!r} cannot be judged by a model of classes",
            where=info.spec,
            fix="a target of kind class",
        )
    theirs, ours = info.classes or (), inputs.dataset.classes or ()
    missing = [name for name in ours if name not in theirs]
    if missing:
        raise InputError(
            f"the model does not know the classes {', '.join(missing[:5])}",
            where=f"the model's classes are {', '.join(theirs[:10])}",
            fix="name the model's classes as the labels are named",
        )
    return "class", np.array([theirs.index(name) for name in ours], np.int64)


def _prior(inputs: Inputs) -> dict[str, float]:
    """Share of each class among the labels of the selection."""
    if inputs.dataset.target_kind != "class":
        return {}
    counted = inputs.dataset.column("label").drop_null().value_counts().to_pylist()
    total = sum(one["counts"] for one in counted)
    return {one["values"]: one["counts"] / total for one in counted}


def _values(options: Options, inputs: Inputs, task: str) -> tuple[str, ...]:
    known, usual = tuple(WORTHS[task]), DEFAULT_VALUES[task]
    if task == "class" and inputs.dataset.target_kind is None:
        known = usual = UNLABELLED
    chosen = tuple(dict.fromkeys(options.value)) or usual
    wrong = [v for v in chosen if v not in known]
    if wrong:
        why = "without labels" if known == UNLABELLED else f"for a model of kind {task}"
        raise UsageError(f"there is no value {wrong[0]!r} {why}", fix=" or ".join(known))
    return chosen


def _policies(
    options: Options, loaded: Loaded, kinds: dict[str, str]
) -> tuple[tuple[str, ...], str]:
    """Never one policy silently: the model's own mask, or donors with two others as a check."""
    if options.absent:
        for policy in options.absent:
            parse(policy)
        return tuple(dict.fromkeys(options.absent)), "as asked"
    policy, why = default_policy(loaded)
    if policy == "model":
        return (policy,), why
    others = ["zeros", "mean"] if set(kinds.values()) <= WITH_MEAN else ["zeros"]
    return (policy, *others), f"{why}; {' and '.join(others)} as a check of how much that matters"


def _orders(options: Options, modalities: int) -> int:
    """How many orders are sampled; 0 asks every coalition."""
    every = passes(modalities, 0)
    if options.budget is None and modalities <= EXACT:
        return 0
    budget = options.budget or BUDGET
    if every <= budget:
        return 0
    count = affordable(modalities, budget)
    if count < 2:
        least = passes(modalities, 2)
        raise UsageError(
            f"{budget} passes a sample pay for no error bar with {modalities} modalities",
            fix=f"--budget {least} or more" + (f"; {every} is exact" if every < 10_000 else ""),
        )
    return count


def _cost(
    inputs: Inputs, loaded: Loaded, policies: Sequence[str], orders: int, modalities: int
) -> str:
    """How often the model is asked, said before it is."""
    coalitions = passes(modalities, orders)
    each = [(coalitions - 1) * max(parse(p)[1], 1) + 1 for p in policies]
    how = f"sampled, {orders} orders forwards and backwards" if orders else "every coalition"
    what = "fusions" if loaded.info.two_stage else "forward passes"
    n = len(inputs.dataset)
    return f"{sum(each):,} {what} a sample ({how}), {sum(each) * n:,} for {n:,} samples"


def _self_check(inputs: Inputs, loaded: Loaded, model: Model, kinds: dict[str, str]) -> None:
    """Ask a few samples in several ways: a model whose rows depend on each other is refused."""
    samples = decode(inputs.dataset, inputs.dataset.read(range(min(CHECKED, len(inputs.dataset)))))
    if not samples.ids:
        return
    batch = {m: stack(samples.values[m], kind) for m, kind in kinds.items()}
    present = {m: np.asarray(samples.present[m]) for m in kinds}
    checked = Loaded(model=model, info=loaded.info)
    row_independence(checked, batch, present)
    stages_agree(checked, batch, present)
