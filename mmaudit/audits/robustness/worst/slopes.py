"""Asking for gradients: how the loss of some samples rises with the values of one modality."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.errors import InputError, UsageError
from mmaudit.inference.filled import Filled, FilledTwoStage
from mmaudit.models.base import Model, Present, Values
from mmaudit.models.batches import Filling, every_present
from mmaudit.models.calls.gradients import GRADIENT, gradient_of
from mmaudit.models.load import Loaded

HOW = (
    "a model with gradient(batch, present, labels), or one of torch with forward(batch, present) "
    "on tensors: python:model.py:factory, docs/models.md"
)


def check_gradients(loaded: Loaded) -> None:
    """Refuse a model that gives no gradients.

    Raises:
        UsageError: It has no method for them, or options of the spec stand between.
    """
    if gradient_of(loaded.model) is not None:
        return
    inner = getattr(loaded.model, "__dict__", {}).get("model")
    if inner is not None and gradient_of(inner) is not None:
        raise UsageError(
            "options of the spec change what the model is given or answers, and its gradients are "
            "not of that",
            where=loaded.info.spec,
            fix="leave out all options but classes, and do the same in the model",
        )
    raise UsageError(
        "the model gives no gradients, so it cannot be attacked through them",
        where=loaded.info.spec,
        fix=HOW,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """How the loss of some samples rises with one modality, all else as it is.

    Attributes:
        loaded: The model.
        modality: The modality, whose values have one shape.
        batch: The samples' values, absent ones filled.
        present: What the model is told to be there.
        labels: The truth, as `mmaudit.models.base.Differentiable` takes it.
    """

    loaded: Loaded
    modality: str
    batch: Mapping[str, Values]
    present: Present
    labels: NDArray[Any]

    def __call__(self, values: Floats) -> Floats:
        """The slope ``(n, …)`` at values ``(n, …)``.

        Raises:
            InputError: The model answers with something else.
        """
        ask = gradient_of(self.loaded.model)
        if ask is None:
            raise ValueError("the model gives no gradients")
        batch = {**self.batch, self.modality: values.astype(np.float32)}
        answer = ask(batch, self.present, self.labels)
        slope = answer.get(self.modality) if isinstance(answer, Mapping) else None
        if slope is None or np.shape(slope) != values.shape:
            shape = "nothing" if slope is None else f"an array of shape {np.shape(slope)}"
            raise InputError(
                f"the model's {GRADIENT} gave {shape} for {self.modality!r}, of which the values "
                f"have shape {values.shape}",
                where=self.loaded.info.spec,
                fix=f"{{{self.modality!r}: array}} as large as the values",
            )
        return np.asarray(slope, np.float64)


def filled(
    model: Model, values: Mapping[str, Values], present: Present
) -> tuple[dict[str, Values], Present]:
    """Values and a mask as a model's gradients are asked for with them.

    What is absent is filled with the first of its fillers, where the policy fills: the direction
    of an attack may be approximate, since its answers are those under the policy itself.

    Args:
        model: The model under its absence policy.
        values: The samples' values.
        present: What is there.
    """
    one = model.one if isinstance(model, FilledTwoStage) else model
    if not isinstance(one, Filled) or one.passes:
        return {**values}, present
    n = len(next(iter(present.values())))
    rows = np.arange(n)
    batch = {
        m: Filling(one.shaped(m, v), ~present[m], rows, one.fillers[m]).filled(one.first)
        for m, v in values.items()
    }
    return batch, every_present(tuple(values), n)
