"""What a contributions audit will do, decided before it starts: worths, policies, cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.audits.contributions.game import passes
from mmaudit.audits.contributions.sample_rows import pair_names
from mmaudit.errors import InputError, UsageError
from mmaudit.inference.absence import default_policy, parse
from mmaudit.inference.check import check_classes
from mmaudit.inference.donors import Donors
from mmaudit.inference.imputation.imputed import imputer
from mmaudit.inference.inputs import Inputs, model_kinds
from mmaudit.inference.recorded import check_recorded, table_of
from mmaudit.kinds.base import load_kind
from mmaudit.measures.games import paired, paired_interactions
from mmaudit.measures.games.coalitions import pairs
from mmaudit.measures.games.worth import worths_of
from mmaudit.models.load import Loaded

EXACT = 10  # modalities up to which every coalition is asked, unless a budget says otherwise
BUDGET = 1024  # passes a sample beyond that, where none was given
DEFAULT_VALUES = {
    "class": ("p_true", "correct"),
    "number": ("neg_squared_error",),
    "embedding": ("similarity",),
    "multilabel": ("p_labels", "labels_correct"),
}
UNLABELLED = ("p_predicted", "entropy_drop")
PLANNED = "correct_size"  # the worth that a training plan is made of


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What was decided.

    Attributes:
        loaded: The model.
        kinds: Kind of each of the model's modalities, in the model's order.
        task: ``class``, ``number``, ``embedding`` or ``multilabel``.
        order: For classes with labels, and for several labels, the model's column of each of the
            dataset's classes.
        values: Names of the worths.
        policies: Absence policies, the first one leading.
        why: Why these policies.
        pairs: How many pairs of coalitions are sampled; 0 asks every coalition.
        donors: What stands in for absent values, collected once.
    """

    loaded: Loaded
    kinds: Mapping[str, str]
    task: str
    order: NDArray[np.int64] | None
    values: tuple[str, ...]
    policies: tuple[str, ...]
    why: str
    pairs: int
    donors: Donors

    @property
    def classes(self) -> int:
        """How many classes the model has; 0 where it answers with something else."""
        return len(self.loaded.info.classes or ()) if self.task == "class" else 0


def decide(
    inputs: Inputs,
    *,
    value: tuple[str, ...],
    absent: tuple[str, ...],
    budget: int | None,
    plan: bool,
    seed: int,
    memory: int | None = None,
) -> Setup:
    """Decide from what was asked, and refuse what cannot be.

    Args:
        inputs: The data and the model.
        value: Worths that were asked for; empty for the usual ones.
        absent: Absence policies that were asked for; empty for the usual ones.
        budget: Passes a sample.
        plan: Whether a training plan is made.
        seed: The run's seed.
        memory: Bytes that a worker has for decoded samples.

    Raises:
        UsageError: There is no such worth or policy, the budget pays for nothing, or the target
            cannot be judged.
        InputError: The dataset and the model do not go together.
    """
    if inputs.model is None:
        raise UsageError("contributions needs a model", fix="--model ADAPTER:WHERE")
    loaded = inputs.model
    kinds = _kinds(inputs, loaded)
    task, order = _task(inputs, loaded)
    table = table_of(loaded)
    if table is not None:
        flags = {"absent": absent, "budget": budget}
        check_recorded(table, loaded.info.spec, tuple(kinds), flags)
    donors = Donors(inputs.whole, loaded.info.modalities, seed, memory)
    policies, why = _policies(absent, loaded, kinds, donors)
    return Setup(
        loaded=loaded,
        kinds=kinds,
        task=task,
        order=order,
        values=_values(value, inputs, task, plan=plan),
        policies=policies,
        why=why,
        pairs=_pairs(budget, len(kinds)) if table is None else 0,
        donors=donors,
    )


def cost(setup: Setup, n: int) -> str:
    """How often the model is asked, said before it is."""
    coalitions = passes(len(setup.kinds), setup.pairs)
    if table_of(setup.loaded) is not None:
        return f"{coalitions:,} answers a sample are looked up, {coalitions * n:,} in all"
    each = passes_a_sample(setup)
    how = (
        f"sampled, {setup.pairs} coalitions and their complements beside each modality alone"
        if setup.pairs
        else "every coalition"
    )
    if setup.pairs:
        how += f"; {_interactions(len(setup.kinds), setup.pairs)}"
    whole = any(map(imputer, setup.policies))  # what they fill in is encoded anew
    what = "fusions" if setup.loaded.info.two_stage and not whole else "forward passes"
    return f"{each:,} {what} a sample ({how}), {each * n:,} for {n:,} samples"


def _interactions(modalities: int, count: int) -> str:
    """Whether sampled coalitions tell interactions, and what would."""
    if paired_interactions.solvable(modalities, count):
        number = modalities * (modalities - 1) // 2
        return f"least squares for {modalities} modalities and {number:,} interactions"
    enough = passes(modalities, paired_interactions.needed(modalities))
    return f"no interactions, which take --budget {min(enough, passes(modalities, 0)):,}"


def passes_a_sample(setup: Setup) -> int:
    """How often the model is asked about a sample, under all policies."""
    coalitions = passes(len(setup.kinds), setup.pairs)
    return sum((coalitions - 1) * max(parse(p)[1], 1) + 1 for p in setup.policies)


def prior(inputs: Inputs) -> dict[str, float]:
    """Share of each class among the labels of the selection."""
    if inputs.dataset.target_kind != "class":
        return {}
    counted = inputs.dataset.column("label").drop_null().value_counts().to_pylist()
    total = sum(one["counts"] for one in counted)
    return {one["values"]: one["counts"] / total for one in counted}


def _kinds(inputs: Inputs, loaded: Loaded) -> dict[str, str]:
    """Kinds of the model's modalities, in the model's order; the dataset must have them all."""
    kinds = model_kinds(inputs.dataset, loaded.info.modalities)
    if len(kinds) < 2:
        raise UsageError(
            "contributions are shared between modalities, and the model has one",
            where=loaded.info.spec,
            fix="a model of two or more modalities",
        )
    _check_names(tuple(kinds))
    return kinds


def _check_names(modalities: Sequence[str]) -> None:
    """Refuse modalities of which two pairs would have columns of one name."""
    titles: dict[str, str] = {}
    for (i, j), name in zip(pairs(len(modalities)), pair_names(modalities), strict=True):
        pair = f"{modalities[i]} with {modalities[j]}"
        if name in titles:
            raise InputError(
                f"columns of {titles[name]} and of {pair} would both be called {name}",
                where=f"modalities {', '.join(modalities)}",
                fix="another name for one of them, in the manifest and the model",
            )
        titles[name] = pair


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
                fix="classes on the model, of a file ,classes=a,b in the order of its columns; "
                "or a target that is a number",
            )
        return "number", None
    by_label = info.output in {"label_probabilities", "label_logits"}
    if target is None and not by_label:
        return "class", None
    task = "multilabel" if by_label else "class"
    if target != task:
        raise UsageError(
            f"a target of kind {target!r} cannot be judged by a model that answers with "
            f"{info.output}",
            where=info.spec,
            fix=f"a target of kind {task}, or of several labels a model of label_probabilities",
        )
    theirs, ours = info.classes or (), inputs.dataset.classes or ()
    check_classes(info, ours)
    return task, np.array([theirs.index(name) for name in ours], np.int64)


def _values(names: tuple[str, ...], inputs: Inputs, task: str, *, plan: bool) -> tuple[str, ...]:
    """The worths, those of the training plan last; the first is the one that is told first."""
    allowed, usual = tuple(worths_of(task, inputs.dataset.classes or ())), DEFAULT_VALUES[task]
    if task == "class" and inputs.dataset.target_kind is None:
        allowed = usual = UNLABELLED
    values = tuple(dict.fromkeys((*(names or usual), *((PLANNED,) if plan else ()))))
    wrong = [v for v in values if v not in allowed]
    if wrong:
        why = "without labels" if allowed == UNLABELLED else f"for a model of kind {task}"
        raise UsageError(f"there is no value {wrong[0]!r} {why}", fix=" or ".join(allowed))
    return values


def _policies(
    names: tuple[str, ...], loaded: Loaded, kinds: dict[str, str], donors: Donors
) -> tuple[tuple[str, ...], str]:
    """Never one policy silently: the model's own mask, or donors with two others as a check."""
    if names:
        for policy in names:
            parse(policy)
        return tuple(dict.fromkeys(names)), "as asked"
    if table_of(loaded) is not None:
        return ("model",), "the answers were made elsewhere, with whatever stood in there"
    policy, why = default_policy(loaded, donors)
    if policy == "model":
        return (policy,), why
    mean = all(load_kind(kind).always_mean for kind in kinds.values())
    others = ["zeros", "mean"] if mean else ["zeros"]
    return (policy, *others), f"{why}; {' and '.join(others)} as a check of how much that matters"


def _pairs(budget: int | None, modalities: int) -> int:
    """How many pairs of coalitions are sampled; 0 asks every coalition."""
    every = passes(modalities, 0)
    if budget is None and modalities <= EXACT:
        return 0
    budget = BUDGET if budget is None else budget
    if every <= budget:
        return 0
    count, least = paired.affordable(modalities, budget), paired.least(modalities)
    if count < least:
        fewest = min(paired.passes(modalities, least), every)
        raise UsageError(
            f"{budget} passes a sample pay for no error bar with {modalities} modalities",
            fix=f"--budget {fewest} or more" + (f"; {every} is exact" if every < 10_000 else ""),
        )
    return count
