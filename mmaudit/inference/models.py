"""Models: a loaded model under each absence policy; to another process it travels as its recipe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmaudit.errors import InputError
from mmaudit.inference.absence import (
    WHOLE,
    background,
    parse,
    pooled,
    runs_of_donors,
    with_absence,
)
from mmaudit.inference.ask import ModelAsking
from mmaudit.inference.base import Asking
from mmaudit.inference.donors import HALF, Donors
from mmaudit.inference.filled import Filled, FilledTwoStage
from mmaudit.inference.imputation.imputed import Imputed, ImputerSpec, fits, imputer
from mmaudit.inference.imputation.training import folds_for, training_samples
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.recorded import RecordedAsking, table_of
from mmaudit.models.access import Access
from mmaudit.models.base import Model, Values
from mmaudit.models.load import OWN, Loaded, load_again
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples
from mmaudit.samples.memory import taken

SHARES = WHOLE  # of the donors, whose spread is the Monte-Carlo error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """How a model under some absence policies was asked for."""

    spec: str
    digest: str
    access: Access
    whole: Dataset
    policies: tuple[str, ...]
    seed: int
    count: int
    memory: int | None
    size: int = 0
    folds: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """A loaded model, ready to answer under each policy.

    Attributes:
        loaded: The model itself, for what it says of itself.
        under: The model under each absence policy, once for each share of the donors; the first
            policy leads.
        recipe: How another process gets the same; None where the model is the user's own object,
            which is sent itself.
        held: Bytes that donors take.
        seed: Seed of the donors of each sample.
        notes: What is to be said of the donors.
    """

    loaded: Loaded
    under: Mapping[str, tuple[Model, ...]]
    recipe: Recipe | None
    held: int = 0
    seed: int = 0
    notes: tuple[str, ...] = ()

    @property
    def policy(self) -> str:
        """The policy that leads."""
        return next(iter(self.under))

    def runs(self, policy: str, n: int) -> int | None:
        """How many runs of donors so many samples share.

        None where there are no donors, or so few samples for them that what they share is nothing
        beside what the samples are; 0 where there are too few donors to make runs.
        """
        model = self.under[policy][0]
        donors = pooled(model)
        return runs_of_donors(model) if donors and n > donors // HALF else None

    @property
    def travels(self) -> bool:
        """Whether processes of this machine load it, and a device not many times."""
        return self.recipe is not None and self.loaded.info.device != "cuda"

    def asking(
        self, policy: str, samples: Samples, kinds: Mapping[str, str], batch_size: int
    ) -> Asking:
        """The model under one policy, and the samples of one unit.

        Args:
            policy: The absence policy.
            samples: The decoded samples.
            kinds: Kind of each of the model's modalities, in the model's order.
            batch_size: Samples a forward pass.
        """
        table = table_of(self.loaded)
        if table is not None:
            return RecordedAsking(loaded=self.loaded, samples=samples, kinds=kinds, table=table)
        return ModelAsking(
            loaded=self.loaded,
            samples=samples,
            kinds=kinds,
            models=self.under[policy],
            batch_size=batch_size,
            seed=self.seed,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        if self.recipe is None:
            own = self.loaded, dict(self.under), self.held, self.seed
            return _own, own
        return _from_recipe, (self.recipe,)


def make_models(
    inputs: Inputs,
    loaded: Loaded,
    policies: tuple[str, ...],
    seed: int,
    count: int = 1,
    memory: int | None = None,
    donors: Donors | None = None,
) -> Models:
    """A loaded model under each absence policy.

    Args:
        inputs: The data that donors come from, and how the model was asked for.
        loaded: The model; that of the inputs, or an earlier state of it.
        policies: The absence policies, the leading one first.
        seed: The run's seed.
        count: How many shares the donors are split into.
        memory: Bytes that a worker has for decoded samples.
        donors: What was collected for this seed and memory already; None collects it.

    Raises:
        InputError: No sample has a modality that the model cannot do without, or the donors take
            too much of the memory.
        UsageError: A policy does not go with the model or the data.
    """
    if donors is None:
        donors = Donors(inputs.whole, loaded.info.modalities, seed, memory)
    recipe, size = None, 0 if table_of(loaded) is not None else len(inputs.dataset) // HALF
    folds = folds_for(donors, inputs.dataset) if any(map(imputer, policies)) else 1
    if loaded.info.spec != OWN:
        recipe = Recipe(
            spec=loaded.info.spec,
            digest=loaded.info.digest,
            access=inputs.access,
            whole=inputs.whole,
            policies=policies,
            seed=seed,
            count=count,
            memory=memory,
            size=size,
            folds=folds,
        )
    ready = _under(loaded, donors, policies, seed, _Sizes(count, size, folds))
    return Models(
        loaded=loaded,
        under=ready.under,
        recipe=recipe,
        held=ready.held,
        seed=seed,
        notes=ready.notes,
    )


def shares(
    loaded: Loaded, policy: str, donors: Mapping[str, Values], count: int = SHARES
) -> tuple[Model, ...]:
    """The model under one policy; with donors, once for each share of the donors.

    The mean over the shares is the answer with all donors, for the same number of forward passes,
    and how far the shares lie apart says how much the choice of donors matters.
    """
    wanted = parse(policy)[1]
    whole = with_absence(loaded, policy, donors)
    if not wanted or count == 1 or wanted % count or not isinstance(whole, Filled | FilledTwoStage):
        return (whole,)
    each = wanted // count
    return tuple(whole.share(s * each, each) for s in range(count))


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Into how many shares donors are split, how many are wanted, and folds of training samples."""

    count: int
    size: int
    folds: int


@dataclass(frozen=True, slots=True)
class _Under:
    """The model under each policy, bytes that what fills in takes, and what is to be said of it."""

    under: Mapping[str, tuple[Model, ...]]
    held: int
    notes: tuple[str, ...] = ()


def _under(
    loaded: Loaded, donors: Donors, policies: tuple[str, ...], seed: int, sizes: _Sizes
) -> _Under:
    """The model under each policy, in their order."""
    if table_of(loaded) is not None:
        return _Under(dict.fromkeys(policies, (loaded.model,)), 0)  # conditions say what stood in
    specs = {policy: spec for policy in policies if (spec := imputer(policy)) is not None}
    plain = tuple(policy for policy in policies if policy not in specs)
    filled = _filled(loaded, donors, plain, sizes) if plain else _Under({}, 0)
    imputed = _imputed(loaded, donors, specs, seed, sizes.folds) if specs else _Under({}, 0)
    donors.release()
    both = {**filled.under, **imputed.under}
    under = {policy: both[policy] for policy in policies}
    return _Under(under, filled.held + imputed.held, filled.notes + imputed.notes)


def _filled(loaded: Loaded, donors: Donors, policies: tuple[str, ...], sizes: _Sizes) -> _Under:
    """The model under each policy that fills in what does not look at the sample."""
    some = background(donors, policies)
    _check_there(loaded, donors, [m for m, values in some.items() if not len(values)])
    stay = max([1, *(parse(policy)[1] for policy in policies)])
    # donors of the samples are of a pool; what is one value for all is not
    pool = donors.pool(stay, sizes.size) if stay > 1 else some
    under = {p: shares(loaded, p, pool if parse(p)[1] else some, sizes.count) for p in policies}
    held = taken(pool) if stay > 1 else taken([values[:1] for values in some.values()])
    return _Under(under, held, donors.notes() if any(p != "model" for p in policies) else ())


def _imputed(
    loaded: Loaded, donors: Donors, specs: Mapping[str, ImputerSpec], seed: int, folds: int
) -> _Under:
    """The model under each imputer; all are fitted on the same samples."""
    kinds = {m: donors.whole.kinds[m] for m in loaded.info.modalities or donors.whole.modalities}
    samples = training_samples(donors, kinds, seed, folds)
    under = {
        policy: (Imputed(loaded.model, loaded.info.output, fits(spec, samples), spec.several or 1),)
        for policy, spec in specs.items()
    }
    return _Under(under, samples.held, (samples.note,))


def _check_there(loaded: Loaded, donors: Donors, lacking: Sequence[str]) -> None:
    """Refuse a model that cannot do without what no sample has."""
    if lacking and not loaded.info.accepts_missing:
        raise InputError(
            f"the model needs {' and '.join(map(repr, lacking))}, and 0 of {len(donors.whole):,} "
            "samples have that: nothing can stand in for it",
            where=donors.whole.manifest.at,
            fix="samples that have it, or a model that takes absent modalities itself, with "
            "accepts_missing = True",
        )


def _from_recipe(recipe: Recipe) -> Models:
    loaded = load_again(recipe.spec, recipe.access, recipe.digest)
    donors = Donors(recipe.whole, loaded.info.modalities, recipe.seed, recipe.memory)
    sizes = _Sizes(recipe.count, recipe.size, recipe.folds)
    ready = _under(loaded, donors, recipe.policies, recipe.seed, sizes)
    return Models(
        loaded=loaded, under=ready.under, recipe=recipe, held=ready.held, seed=recipe.seed
    )


def _own(loaded: Loaded, under: Mapping[str, tuple[Model, ...]], held: int, seed: int) -> Models:
    return Models(loaded=loaded, under=under, recipe=None, held=held, seed=seed)
