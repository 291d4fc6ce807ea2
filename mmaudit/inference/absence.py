"""Absence policies: what a model is given where a modality is absent.

A policy is part of a result's identity: on the same model it can change which modality matters
most, so the name goes into every table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Scores
from mmaudit.errors import UsageError
from mmaudit.inference.averages import averaged
from mmaudit.inference.donors import collect
from mmaudit.inference.fillers import MEAN_OF, ONE, marginal, zeros
from mmaudit.inference.precision import refined
from mmaudit.models.base import Batch, Model, Output, Present, TwoStage, Values
from mmaudit.models.batches import Filling, every_present, length, rows_of
from mmaudit.models.load import Loaded
from mmaudit.samples.dataset import Dataset

POLICIES = ("zeros", "mean", "blank", "marginal:K", "model")
DEFAULT_DONORS = 64
WHOLE = 4  # shares that donors are cut into

Fillers = Mapping[str, Values]
Ask = Callable[[dict[str, Any], Present], Scores]
Several = Callable[[Mapping[str, Any], Sequence[Present]], list[Scores]]


def parse(policy: str) -> tuple[str, int]:
    """Name of a policy, and its number of donors (0 but for ``marginal:K``).

    Raises:
        UsageError: There is no such policy.
    """
    name, colon, count = policy.partition(":")
    if name == "marginal" and count.isdigit() and int(count) > 0:
        return name, int(count)
    if colon or name not in POLICIES:
        raise UsageError(f"there is no absence policy {policy!r}", fix=" or ".join(POLICIES))
    return name, 0


def default_policy(loaded: Loaded, whole: Dataset, memory: int | None = None) -> tuple[str, str]:
    """The policy for a model when none was asked for, and the sentence that says why.

    Args:
        loaded: The model.
        whole: The dataset that donors come from: where it has fewer than `DEFAULT_DONORS`, there
            are fewer, in whole shares.
        memory: Bytes that a worker has for decoded samples.

    Raises:
        InputError: They take too much of the memory.
    """
    if loaded.info.accepts_missing:
        return "model", "the model takes absent modalities itself"
    values = collect(whole, loaded.info.modalities, DEFAULT_DONORS, 0, memory)  # any seed: counted
    there = min(map(len, values.values()), default=0)
    count = (there - there % WHOLE if there >= WHOLE else there) or DEFAULT_DONORS
    fewer = f", not {DEFAULT_DONORS}, as {there} can give them" if count < DEFAULT_DONORS else ""
    why = (
        "the model does not say that it takes absent modalities, so its answers are averaged over "
        f"values of {count} other samples{fewer}"
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
    if donors is None or any(not len(donors.get(m, ())) for m in info.modalities):
        lacking = [m for m in info.modalities if not len((donors or {}).get(m, ()))]
        raise UsageError(
            f"the absence policy {policy!r} needs samples that have {' and '.join(lacking)}",
            fix="a dataset in which each modality is there at least once, in the split train if it "
            "has one",
        )
    if name == "marginal":
        fillers = {m: marginal(donors[m], m, k) for m in info.modalities}
    else:
        fillers = {m: ONE.get(name, zeros)(donors[m], m) for m in info.modalities}
    one = Filled(loaded.model, info.output, fillers, passes=name == "model")
    return FilledTwoStage(one, loaded.model) if isinstance(loaded.model, TwoStage) else one


def asker(model: Model) -> tuple[Several, int]:
    """How a model is asked about the same samples with several masks, and passes of an answer.

    Args:
        model: A model, asked with features where it has two stages, else with values.
    """
    if isinstance(model, Filled):
        return model.several, model.k
    if isinstance(model, FilledTwoStage):
        return model.several, model.one.k
    ask = model.fuse if isinstance(model, TwoStage) else model.scores
    return lambda values, presents: [ask(values, present) for present in presents], 1


def shaped(model: Model, modality: str, values: Values) -> Values:
    """Values of the usual shape where nothing of a batch is present, if the model is filled."""
    if isinstance(model, Filled | FilledTwoStage):
        return model.shaped(modality, values)
    return values


def stand_ins(model: Model, modality: str) -> Values | None:
    """What stands in for a modality, encoded where the model can; None where it takes a mask."""
    return model.stand_ins(modality) if isinstance(model, Filled | FilledTwoStage) else None


def background(
    whole: Dataset,
    loaded: Loaded,
    policies: Sequence[str],
    seed: int,
    memory: int | None = None,
) -> dict[str, Values]:
    """Values of each modality from other samples, enough for some policies.

    Args:
        whole: The dataset.
        loaded: The model, for its modalities.
        policies: The policies that will be asked for.
        seed: The run's seed.
        memory: Bytes that a worker has for decoded samples.
    """
    wanted = [parse(policy) for policy in policies]
    stay = max([1, *(k for _, k in wanted)])
    most = max([stay, *(MEAN_OF for name, _ in wanted if name == "mean")])
    return collect(whole, loaded.info.modalities, most, seed, memory, stay)


@dataclass(frozen=True)
class Filled:
    """A model whose absent values are filled before it sees them.

    Attributes:
        model: The model.
        output: What its answers are, and what the averages of them are.
        fillers: One value a modality, or ``k``: then answers are averaged over them.
        passes: Whether the mask goes through; then values are filled for their shape alone.
    """

    model: Model
    output: Output
    fillers: Fillers
    passes: bool = False
    accepts_missing: bool = True

    @property
    def modalities(self) -> tuple[str, ...]:
        """The model's own."""
        return self.model.modalities

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The model's own."""
        return self.model.classes

    @property
    def k(self) -> int:
        """How many fillers each modality has."""
        return len(next(iter(self.fillers.values())))

    def scores(self, batch: Batch, present: Present) -> Scores:
        """Answers, where ``present`` decides what is filled."""
        return self.several(batch, [present])[0]

    def several(self, batch: Batch, presents: Sequence[Present]) -> list[Scores]:
        """Answers about the same samples with several masks; each filler is put in once."""
        shaped = {m: self.shaped(m, batch[m]) for m in self.modalities}
        if self.passes:
            return [self.model.scores(shaped, present) for present in presents]
        return self.averaged(self.model.scores, shaped, self.fillers, presents)

    def averaged(
        self, ask: Ask, values: Batch, fillers: Fillers, presents: Sequence[Present]
    ) -> list[Scores]:
        """Answers to values or features, averaged over what stands for the absent ones."""
        absent = [self.absent(present) for present in presents]
        fillings: dict[tuple[str, bytes, int, bytes], Filling] = {}

        def filling(m: str, gone: NDArray[np.bool_], rows: NDArray[np.int64]) -> Filling:
            key = m, gone.tobytes(), rows.size, b"" if rows.size == gone.size else rows.tobytes()
            if key not in fillings:
                fillings[key] = Filling(values[m], gone, rows, fillers[m])
            return fillings[key]

        def prepare(j: int, rows: NDArray[np.int64]) -> Callable[[int], Scores]:
            each = {m: filling(m, ~np.asarray(presents[j][m], bool), rows) for m in self.modalities}
            everyone = every_present(self.modalities, rows.size)
            fine = refined if self.output == "probabilities" else lambda answers: answers
            return lambda i: fine(ask({m: f.filled(i) for m, f in each.items()}, everyone))

        return averaged(prepare, absent, self.k, self.output)

    def absent(self, present: Present) -> NDArray[np.bool_]:
        """Whether anything of each sample is absent, ``(n,)``."""
        return ~np.all([np.asarray(present[m], bool) for m in self.modalities], axis=0)

    def stand_ins(self, modality: str) -> Values | None:
        """The fillers of a modality; None where the mask goes through."""
        return None if self.passes else self.fillers[modality]

    def shaped(self, modality: str, values: Values) -> Values:
        """Values of a batch in which nothing is present have no shape; they get the usual one."""
        if isinstance(values, np.ndarray) and values.ndim == 1:
            return rows_of(self.fillers[modality], np.zeros(len(values), np.int64))
        return values


@dataclass(frozen=True)
class FilledTwoStage:
    """A model with two stages whose absent features are those of the fillers, encoded once."""

    one: Filled
    inner: TwoStage
    encoded: dict[str, Scores] = field(init=False)
    accepts_missing: bool = True

    def __post_init__(self) -> None:
        fillers = {} if self.one.passes else self.one.fillers
        encoded = {m: self.inner.encode(m, values) for m, values in fillers.items()}
        object.__setattr__(self, "encoded", encoded)

    @property
    def modalities(self) -> tuple[str, ...]:
        """The model's own."""
        return self.one.modalities

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The model's own."""
        return self.one.classes

    @property
    def output(self) -> Output:
        """The model's own."""
        return self.one.output

    def scores(self, batch: Batch, present: Present) -> Scores:
        """Answers, where ``present`` decides what is filled."""
        length(batch)
        return self.fuse({m: self.encode(m, batch[m]) for m in self.modalities}, present)

    def encode(self, modality: str, values: Values) -> Scores:
        """Encode the values as they are; what is absent is replaced by `fuse`."""
        return self.inner.encode(modality, self.shaped(modality, values))

    def stand_ins(self, modality: str) -> Values | None:
        """The encoded fillers of a modality; None where the mask goes through."""
        return self.encoded.get(modality)

    def shaped(self, modality: str, values: Values) -> Values:
        """Values of the usual shape where nothing of a batch is present."""
        return self.one.shaped(modality, values)

    def fuse(self, features: Mapping[str, Scores], present: Present) -> Scores:
        """Answers from the features, with those of absent modalities filled."""
        return self.several(features, [present])[0]

    def several(self, features: Mapping[str, Scores], presents: Sequence[Present]) -> list[Scores]:
        """Answers from the same features with several masks; each filler is put in once."""
        if self.one.passes:
            return [self.inner.fuse(features, present) for present in presents]
        return self.one.averaged(self.inner.fuse, features, self.encoded, presents)
