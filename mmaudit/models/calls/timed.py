"""Timed: a model that is given so many seconds for every answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from mmaudit.faults import Faults
from mmaudit.models.calls.quiet import EVERY
from mmaudit.patience import Patience


class Timed:
    """An object with the same attributes and methods, of which each call may take so long.

    Whatever else the object has is found through it.
    """

    modalities: tuple[str, ...]
    classes: tuple[str, ...] | None
    scores: Callable[..., Any]

    def __init__(self, model: object, faults: Faults, seconds: float) -> None:
        self.model = model
        self._limit = faults, seconds
        for name in EVERY:
            method = getattr(model, name, None)
            if callable(method):
                setattr(self, name, _hurried(method, faults, seconds))

    def __reduce__(self) -> tuple[Any, ...]:
        return Timed, (self.model, *self._limit)

    def __getattr__(self, name: str) -> Any:
        """What the object has."""
        if name in {"model", "_limit"}:  # while it is copied
            raise AttributeError(name)
        return getattr(self.model, name)


def _hurried(method: Callable[..., Any], faults: Faults, seconds: float) -> Callable[..., Any]:
    """The method, which raises where it takes longer."""

    @wraps(method)
    def within_time(*arguments: Any, **keywords: Any) -> Any:
        with Patience(seconds, faults):
            return method(*arguments, **keywords)

    return within_time
