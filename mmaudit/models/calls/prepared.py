"""Prepared: a model of another's making, as its options say: pictures turned, answers named."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from mmaudit.errors import InputError, UsageError
from mmaudit.models.base import Batch, Output, Values
from mmaudit.models.calls.gradients import GRADIENT
from mmaudit.models.calls.quiet import METHODS
from mmaudit.models.options import ModelOptions
from mmaudit.models.outputs import picked
from mmaudit.names import name

ANSWERS = ("scores", "fuse")
ASKED_WITH_A_BATCH = ("scores", "weights", "unimodal")


class Prepared:
    """An object with the same attributes and methods, that hears and says what the options say.

    Whatever else the object has is reached through it.
    """

    modalities: tuple[str, ...]
    scores: Callable[..., Any]

    def __init__(self, model: Any, options: ModelOptions, spec: str) -> None:
        self.model, self.options, self.spec = model, options, spec
        self.classes: tuple[str, ...] | None = getattr(model, "classes", None)
        if options.classes is not None:
            self.classes = renamed(options.classes, self.classes, spec)
        usual: Output = "values" if self.classes is None else "probabilities"
        own: Output = getattr(model, "output", usual)
        self.output: Output = options.output or own
        if self.output in {"values", "embeddings"} and options.output is not None:
            self.classes = None
        for call in METHODS:
            method = getattr(model, call, None)
            if callable(method):
                setattr(self, call, self._wrapped(call, method))

    def __getattr__(self, attribute: str) -> Any:
        """What the object has; its gradients are of its own answers to its own inputs alone."""
        if attribute == "model":  # while it is copied
            raise AttributeError(attribute)
        if attribute == GRADIENT and self.options != ModelOptions(classes=self.options.classes):
            raise AttributeError(attribute)
        return getattr(self.model, attribute)

    def _wrapped(self, called: str, method: Callable[..., Any]) -> Callable[..., Any]:
        pictures = self.options.pictures

        @wraps(method)
        def call(first: Any, second: Any) -> Any:
            if called in ASKED_WITH_A_BATCH:
                first = {m: pictures.prepared(values) for m, values in self._pictured(first)}
            elif called == "encode":
                second = pictures.prepared(second)
            answer = method(first, second)
            return self._answer(answer) if called in ANSWERS else answer

        return call

    def _pictured(self, batch: Batch) -> list[tuple[str, Values]]:
        """The values of a batch, of which one at least is pictures where they are spoken of."""
        pictures = self.options.pictures
        pairs = list(batch.items())
        full = all(len(values) for _, values in pairs)
        if pictures.said and full and not any(pictures.concerns(v) for _, v in pairs):
            raise InputError(
                "layout, scale, mean, std and size are of pictures, and the model is asked with "
                f"none: {', '.join(batch)}",
                where=self.spec,
                fix="leave them out",
            )
        return pairs

    def _answer(self, answer: Any) -> Any:
        wanted = self.options.output_name
        return answer if wanted is None else picked(answer, wanted, self.options.output, self.spec)


def prepared(model: Any, options: ModelOptions, spec: str) -> Any:
    """The model itself where the options say nothing, else one that does what they say.

    Raises:
        UsageError: They name more or fewer classes than it has.
    """
    return Prepared(model, options, spec) if options.said else model


def renamed(names: tuple[str, ...], own: tuple[Any, ...] | None, spec: str) -> tuple[str, ...]:
    """Names for the classes of a model, in its order.

    Raises:
        UsageError: It has more or fewer, or the same in another order.
    """
    if own is None:
        return names
    theirs = tuple(map(name, own))
    listed = ", ".join(theirs[:10])
    if len(names) != len(theirs):
        raise UsageError(
            f"classes names {len(names)}, the model has {len(theirs)}: {listed}",
            where=spec,
            fix="name all of them, in that order",
        )
    if names != theirs and {*names} == {*theirs}:
        raise UsageError(
            f"classes names those of the model in another order than it does: {listed}",
            where=spec,
            fix="leave classes out: the model names them",
        )
    return names
