"""The model under each absence policy, by shares of donors; it travels as how it was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mmaudit.inference.absence import background
from mmaudit.inference.ask import shares
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.recipe import Recipe, recipe
from mmaudit.models.base import Model
from mmaudit.models.load import Loaded
from mmaudit.samples.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A loaded model, ready to answer under each policy.

    Attributes:
        loaded: The model itself, for what it says of itself.
        under: The model under each absence policy, once for each share of the donors.
        again: How another process gets the same; None where the model is the user's own object.
    """

    loaded: Loaded
    under: Mapping[str, tuple[Model, ...]]
    again: Recipe | None

    def __reduce__(self) -> tuple[Any, ...]:
        if self.again is None:
            raise TypeError("the user's own object stays in this process")
        return _made_again, (self.again,)


def shared_models(inputs: Inputs, loaded: Loaded, policies: tuple[str, ...], seed: int) -> Shared:
    """The model of the inputs under each policy."""
    again = recipe(inputs, loaded, policies, seed)
    return _made(loaded, inputs.whole, policies, seed, again)


def _made(
    loaded: Loaded, whole: Dataset, policies: tuple[str, ...], seed: int, again: Recipe | None
) -> Shared:
    donors = background(whole, loaded, policies, seed)
    under = {policy: shares(loaded, policy, donors) for policy in policies}
    return Shared(loaded=loaded, under=under, again=again)


def _made_again(again: Recipe) -> Shared:
    return _made(again.loaded(), again.whole, again.policies, again.seed, again)
