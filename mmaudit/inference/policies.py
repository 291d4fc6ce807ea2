"""The model under each absence policy; to another process it travels as how it was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mmaudit.errors import UsageError
from mmaudit.inference.absence import background, with_absence
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.recipe import Recipe, recipe
from mmaudit.models.adapters.predictions import Predictions
from mmaudit.models.base import Model
from mmaudit.models.load import Loaded
from mmaudit.samples.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """A loaded model, ready to answer under each policy.

    Attributes:
        loaded: The model itself, for what it says of itself.
        under: The model under each absence policy; the first is the sweep's own.
        again: How another process gets the same; None where the model is the user's own object.
    """

    loaded: Loaded
    under: Mapping[str, Model | Predictions]
    again: Recipe | None

    @property
    def travels(self) -> bool:
        """Whether other processes can have it, and a device is not loaded many times."""
        return self.again is not None and self.loaded.info.device != "cuda"

    def __reduce__(self) -> tuple[Any, ...]:
        if self.again is None:
            raise TypeError("the user's own object stays in this process")
        return _made_again, (self.again,)


def models(inputs: Inputs, policies: tuple[str, ...], seed: int) -> Models:
    """The model of the inputs under each policy.

    Raises:
        UsageError: There is no model, or a policy does not go with it.
    """
    loaded = inputs.model
    if loaded is None:
        raise UsageError("this audit needs a model", fix="--model ADAPTER:WHERE")
    again = recipe(inputs, loaded, policies, seed)
    return _made(loaded, inputs.whole, policies, seed, again)


def _made(
    loaded: Loaded, whole: Dataset, policies: tuple[str, ...], seed: int, again: Recipe | None
) -> Models:
    under: dict[str, Model | Predictions] = {}
    if isinstance(loaded.model, Predictions):
        under = dict.fromkeys(policies, loaded.model)  # the condition says which was asked
    else:
        donors = background(whole, loaded, policies, seed)
        under = {p: with_absence(loaded, p, donors) for p in policies}
    return Models(loaded=loaded, under=under, again=again)


def _made_again(again: Recipe) -> Models:
    return _made(again.loaded(), again.whole, again.policies, again.seed, again)
