"""Models made of torch modules: answered without gradients, and only in evaluation mode."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from types import ModuleType
from typing import Any

from mmaudit.errors import InputError
from mmaudit.models.calls.gradients import (
    GRADIENT,
    filled_in,
    gradient_of,
    scores_by_forward,
    takes_tensors,
)

METHODS = ("scores", "encode", "fuse", "weights", "unimodal")  # that answer without gradients
EVERY = (*METHODS, GRADIENT)
ATTRIBUTES = ("modalities", "classes", "output", "accepts_missing", "device")


class Quiet:
    """An object with the same attributes and methods, which run under ``inference_mode``.

    It has exactly the methods that the object has, so that what asks for ``encode`` is told the
    truth. One with ``forward(batch, present)`` on tensors has ``gradient``, and ``scores``, by it.
    """

    modalities: tuple[str, ...]
    classes: tuple[str, ...] | None
    scores: Callable[..., Any]

    def __init__(self, model: object, torch: ModuleType) -> None:
        self.model = model
        for name in ATTRIBUTES:
            if hasattr(model, name):
                setattr(self, name, getattr(model, name))
        for name in METHODS:
            if callable(getattr(model, name, None)):
                setattr(self, name, _still(getattr(model, name), torch))
        gradient = gradient_of(model)
        if gradient is not None:
            self.gradient = _moved(gradient, torch)
        elif takes_tensors(model):
            self.gradient = filled_in(model, torch)
        if takes_tensors(model) and not hasattr(self, "scores"):
            self.scores = _still(scores_by_forward(model, torch), torch)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.model,)

    def still(self) -> AbstractContextManager[Any]:
        """A time in which gradients are off throughout."""
        return sys.modules["torch"].inference_mode()


def _again(model: object) -> Quiet:
    """The same in another process."""
    import torch  # noqa: PLC0415  where there is no module of it, none is needed

    return Quiet(model, torch)


def _still(method: Callable[..., Any], torch: ModuleType) -> Callable[..., Any]:
    """The method under ``inference_mode``, entered only where it is not on: that takes time."""

    @wraps(method)
    def without_gradient(*arguments: Any, **keywords: Any) -> Any:
        if torch.is_inference_mode_enabled():
            return method(*arguments, **keywords)
        with torch.inference_mode():
            return method(*arguments, **keywords)

    return without_gradient


def _moved(method: Callable[..., Any], torch: ModuleType) -> Callable[..., Any]:
    """The method with gradients on, whatever is around it."""

    @wraps(method)
    def with_gradients(*arguments: Any, **keywords: Any) -> Any:
        with torch.inference_mode(mode=False), torch.enable_grad():
            return method(*arguments, **keywords)

    return with_gradients


def without_gradients(model: object) -> AbstractContextManager[Any]:
    """For many questions in a row: gradients are off throughout, where each turns them off."""
    while model is not None:
        if isinstance(model, Quiet):
            return model.still()
        model = vars(model).get("model") if hasattr(model, "__dict__") else None  # one inside
    return nullcontext()


def quiet(model: object, spec: str) -> Any:
    """The model itself, or one that answers without gradients where it holds torch modules.

    Raises:
        InputError: A module of it is in training mode: dropout would make its answers random, and
            batch normalisation would make each depend on the others.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return model  # no module can be here that was never imported
    held = [model, *vars(model).values()] if hasattr(model, "__dict__") else [model]
    modules = [part for part in held if isinstance(part, torch.nn.Module)]
    if any(part.training for module in modules for part in module.modules()):
        raise InputError(
            "the model is in training mode",
            where=spec,
            fix="call .eval() on it before you hand it over",
        )
    return Quiet(model, torch) if modules else model
