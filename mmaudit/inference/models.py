"""Models: a loaded model under each absence policy; to another process it travels as its recipe."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mmaudit.inference.absence import WHOLE, background, parse, with_absence
from mmaudit.inference.ask import ModelAsking
from mmaudit.inference.base import Asking
from mmaudit.inference.donors import HALF, collect_pool
from mmaudit.inference.filled import Filled, FilledTwoStage
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.recorded import RecordedAsking, table_of
from mmaudit.models.access import Access
from mmaudit.models.base import Model, Values
from mmaudit.models.load import OWN, Loaded, load
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples
from mmaudit.samples.memory import taken

SHARES = WHOLE  # of the donors, whose spread is the Monte-Carlo error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """How a model under some absence policies was asked for."""

    spec: str
    access: Access
    whole: Dataset
    policies: tuple[str, ...]
    seed: int
    count: int
    memory: int | None
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """A loaded model, ready to answer under each policy.

    Attributes:
        loaded: The model itself, for what it says of itself.
        under: The model under each absence policy, once for each share of the donors; the first
            policy leads.
        recipe: How another process gets the same; None where the model is the user's own object.
        held: Bytes that donors take.
        seed: Seed of the donors of each sample.
    """

    loaded: Loaded
    under: Mapping[str, tuple[Model, ...]]
    recipe: Recipe | None
    held: int = 0
    seed: int = 0

    @property
    def policy(self) -> str:
        """The policy that leads."""
        return next(iter(self.under))

    @property
    def travels(self) -> bool:
        """Whether other processes can have it, and a device is not loaded many times."""
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
            raise TypeError("the user's own object stays in this process")
        return _from_recipe, (self.recipe,)


def make_models(
    inputs: Inputs,
    loaded: Loaded,
    policies: tuple[str, ...],
    seed: int,
    count: int = 1,
    memory: int | None = None,
) -> Models:
    """A loaded model under each absence policy.

    Args:
        inputs: The data that donors come from, and how the model was asked for.
        loaded: The model; that of the inputs, or an earlier state of it.
        policies: The absence policies, the leading one first.
        seed: The run's seed.
        count: How many shares the donors are split into.
        memory: Bytes that a worker has for decoded samples.

    Raises:
        InputError: The donors take too much of the memory.
        UsageError: A policy does not go with the model or the data.
    """
    recipe, size = None, 0 if table_of(loaded) is not None else len(inputs.dataset) // HALF
    if loaded.info.spec != OWN:
        recipe = Recipe(
            spec=loaded.info.spec,
            access=inputs.access,
            whole=inputs.whole,
            policies=policies,
            seed=seed,
            count=count,
            memory=memory,
            size=size,
        )
    under, held = _under(loaded, inputs.whole, policies, seed, count, memory, size)
    return Models(loaded=loaded, under=under, recipe=recipe, held=held, seed=seed)


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


def _under(
    loaded: Loaded,
    whole: Dataset,
    policies: tuple[str, ...],
    seed: int,
    count: int,
    memory: int | None,
    size: int,
) -> tuple[dict[str, tuple[Model, ...]], int]:
    """The model under each policy, and how many bytes its donors take."""
    if table_of(loaded) is not None:
        return dict.fromkeys(policies, (loaded.model,)), 0  # conditions say what stood in
    donors = background(whole, loaded, policies, seed, memory)
    stay = max([1, *(parse(policy)[1] for policy in policies)])
    staying = {m: values[:stay] for m, values in donors.items()}
    if stay > 1:  # donors of the samples are of a pool; what is one value for all is not
        staying = collect_pool(whole, loaded.info.modalities, stay, size, seed, memory)
    by_policy = {p: staying if parse(p)[1] else donors for p in policies}
    under = {policy: shares(loaded, policy, by_policy[policy], count) for policy in policies}
    return under, taken(staying)


def _from_recipe(recipe: Recipe) -> Models:
    loaded = _loaded(recipe.spec, recipe.access)
    how = (recipe.policies, recipe.seed, recipe.count, recipe.memory, recipe.size)
    under, held = _under(loaded, recipe.whole, *how)
    return Models(loaded=loaded, under=under, recipe=recipe, held=held, seed=recipe.seed)


@cache
def _loaded(spec: str, access: Access) -> Loaded:
    """The model, loaded once a process, however often work comes in."""
    return load(spec, access)
