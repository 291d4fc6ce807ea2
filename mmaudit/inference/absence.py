"""Absence policies: what a model is given where a modality is absent.

A policy is part of a result's identity: on the same model it can change which modality matters
most, so the name goes into every table.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mmaudit.arrays import Scores, Words
from mmaudit.errors import UsageError
from mmaudit.formats import many
from mmaudit.inference.candidates import Picked
from mmaudit.inference.donors import Donors
from mmaudit.inference.filled import Filled, FilledTwoStage, two_stages
from mmaudit.inference.fillers import MEAN_OF, ONE, pool, zeros
from mmaudit.inference.imputation.imputed import Imputed, imputer, usages
from mmaudit.models.base import Model, Present, TwoStage, Values
from mmaudit.models.load import Loaded

POLICIES = ("zeros", "mean", "blank", "marginal:K", "model")  # beside the imputers
DEFAULT_DONORS = 64
WHOLE = 4  # shares that donors are cut into

Several = Callable[[Mapping[str, Any], Sequence[Present], Words | None], list[Scores]]


def parse(policy: str) -> tuple[str, int]:
    """Name of a policy, and over how many values its answers are averaged; 0 where it is one.

    Raises:
        UsageError: There is no such policy.
    """
    own = imputer(policy)
    if own is not None:
        return own.name, own.several
    name, colon, count = policy.partition(":")
    if name == "marginal" and count.isdigit() and int(count) > 0:
        return name, int(count)
    if colon or name not in POLICIES:
        raise UsageError(
            f"there is no absence policy {policy!r}", fix=" or ".join((*POLICIES, *usages()))
        )
    return name, 0


def default_policy(loaded: Loaded, donors: Donors) -> tuple[str, str]:
    """The policy for a model when none was asked for, and the sentence that says why.

    Args:
        loaded: The model.
        donors: What can stand in: where there are fewer than `DEFAULT_DONORS`, the policy has
            fewer, in whole shares.

    Raises:
        InputError: They take too much of the memory.
    """
    if loaded.info.accepts_missing:
        return "model", "the model takes absent modalities itself"
    there = donors.count(DEFAULT_DONORS)
    count = (there - there % WHOLE if there >= WHOLE else there) or DEFAULT_DONORS
    fewer = f", not {DEFAULT_DONORS}, as {there} can give them" if count < DEFAULT_DONORS else ""
    why = (
        "the model does not say that it takes absent modalities, so its answers are averaged over "
        f"values of {many(count, 'other sample', 'other samples')}{fewer}"
    )
    return f"marginal:{count}", why


def with_absence(loaded: Loaded, policy: str, donors: Mapping[str, Values] | None) -> Model:
    """The model, able to answer where modalities are absent.

    Absent values are filled before the model sees them, and it is told that they are present; with
    ``marginal:K`` it answers ``K`` times and the probabilities (of logits, those after softmax) or
    numbers are averaged in float64. With ``model`` the mask goes through.

    Args:
        loaded: The model.
        policy: One of `POLICIES`.
        donors: Values of each modality from other samples, as `background` gives them: they tell
            the usual shape for ``zeros`` and ``blank``, and are what ``mean`` and ``marginal`` use.

    Returns:
        A model with ``encode`` and ``fuse`` exactly where the loaded one has them.

    Raises:
        UsageError: There is no such policy, it needs donors that are not there, or it is ``model``
            and the model does not take a mask.
    """
    name, k = parse(policy)
    info = loaded.info
    if name == "model":
        if not info.accepts_missing:
            raise UsageError(
                "the absence policy is 'model', and the model does not say that it takes a mask",
                where=info.spec,
                fix="zeros or marginal:64, or accepts_missing = True on a model that reads present",
            )
        if not donors:
            return loaded.model
    have = {m: values for m, values in (donors or {}).items() if len(values)}
    lacking = [m for m in info.modalities if m not in have]
    if lacking and name != "model":
        raise UsageError(
            f"the absence policy {policy!r} needs samples that have {' and '.join(lacking)}",
            fix="a dataset in which each modality is there at least once",
        )
    some = [m for m in info.modalities if m in have]
    if name == "marginal":
        fillers = {m: pool(have[m], m, k) for m in some}
    else:
        fillers = {m: ONE.get(name, zeros)(have[m], m) for m in some}
    each = max(k, 1)
    one = Filled(loaded.model, info.output, fillers, each, own=each, passes=name == "model")
    return two_stages(one, loaded.model) if isinstance(loaded.model, TwoStage) else one


def asker(model: Model) -> tuple[Several, int]:
    """How a model is asked about the same samples with several masks, and passes of an answer.

    Args:
        model: A model, asked with features where it has two stages, else with values.
    """
    if isinstance(model, Filled | Imputed):
        return model.several, model.k
    if isinstance(model, FilledTwoStage):
        return model.several, model.one.k
    ask = model.fuse if isinstance(model, TwoStage) else model.scores
    return lambda values, presents, _: [ask(values, present) for present in presents], 1


def shaped(model: Model, modality: str, values: Values) -> Values:
    """Values of the usual shape where nothing of a batch is present, if the model is filled."""
    if isinstance(model, Filled | FilledTwoStage):
        return model.shaped(modality, values)
    return values


def stand_ins(model: Model, modality: str) -> Values | None:
    """What stands in for a modality, encoded where the model can; None where it takes a mask."""
    return model.stand_ins(modality) if isinstance(model, Filled | FilledTwoStage) else None


def background(donors: Donors, policies: Sequence[str]) -> dict[str, Picked]:
    """Values of each modality from other samples, enough for some policies.

    Args:
        donors: Where they come from.
        policies: The policies that will be asked for.
    """
    wanted = [parse(policy) for policy in policies]
    stay = max([1, *(k for _, k in wanted)])
    return donors.some(max([stay, *(MEAN_OF for name, _ in wanted if name == "mean")]), stay)


def of_its_own(model: Model) -> Filled | None:
    """What fills in for each sample by donors of its own; None where all samples have the same."""
    one = model.one if isinstance(model, FilledTwoStage) else model
    return one if isinstance(one, Filled) and one.own > 1 else None


def by_words(model: Model) -> bool:
    """Whether what fills in depends on a random number of each sample."""
    return isinstance(model, Imputed) or of_its_own(model) is not None


def runs_of_donors(model: Model) -> int:
    """How many runs of donors samples share; 0 without donors, or where runs would be too few."""
    one = of_its_own(model)
    if one is None:
        return 0
    return min((runs for runs in one.runs.values() if runs), default=0)


def pooled(model: Model) -> int:
    """How many donors samples have theirs of; 0 without donors."""
    one = of_its_own(model)
    if one is None:
        return 0
    return min(map(len, one.fillers.values()), default=0)
