"""What a remedy is: a way to train fusion on the features of several modalities.

A remedy is a part: the module ``remedies/dynamic/tmc.py`` is the remedy ``dynamic/tmc``. Its folder
is its shelf. ``REMEDY`` says what it is for and what it is tuned by, ``METHOD`` is the class whose
functions the training calls. Features, encoders, budget, tuning, seeds and batches are those of
every other method: a method is its loss and its fusion, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from mmaudit import contract
from mmaudit.errors import InputError
from mmaudit.remedies.method import Method

KIND = "remedies"
Challenge = Literal["", "noisy", "incomplete", "imbalanced", "varying"]
Head = Literal["additive", "mlp", "late"]
POINTS = 3  # of a grid: every method is tuned by as many
PLAIN: tuple[Mapping[str, float], ...] = ({}, {"decay": 0.03}, {"decay": 0.01})
CONTROLS = {
    "additive": "control/concat",
    "mlp": "control/concat_mlp",
    "late": "control/late_mean",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What a method says of itself.

    Attributes:
        challenge: Which way of bad data it is for; empty for a control.
        head: How features become answers: ``additive``, a sum of one term a modality, which no
            synergy can pass; ``mlp``, anything that mixes them before the last layer; ``late``, an
            answer of each modality first. It is compared with the control of its head.
        source: Paper, and where this differs from it.
        analogue: What of the published method is not here; empty where this is the method.
        tasks: What it answers: ``class``, ``number``, or both.
        most: Modalities that it takes at most; None for any number.
        timed: Whether it needs a modality whose features are of several steps of time.
        grid: `POINTS` settings that it is tuned by: options of its own, or ``decay`` (of
            weights); each is tried with every rate and smoothing of the setup.
    """

    challenge: Challenge
    head: Head
    source: str
    analogue: str = ""
    tasks: tuple[str, ...] = ("class",)
    most: int | None = None
    timed: bool = False
    grid: tuple[Mapping[str, float], ...] = PLAIN

    @property
    def control(self) -> str:
        """Name of the control that it is compared with."""
        return CONTROLS[self.head]


class RemedyPart(Protocol):
    """The module of a remedy."""

    REMEDY: Remedy
    METHOD: type[Method]


def check(name: str, part: object) -> None:
    """Refuse a module that is no remedy.

    Raises:
        InputError: It lacks something; all of it is named.
    """
    contract.check(KIND, name, part, RemedyPart)
    remedy: Remedy = part.REMEDY  # type: ignore[attr-defined]
    if len(remedy.grid) != POINTS:
        raise InputError(
            f"remedies {name!r} has a grid of {len(remedy.grid)} points, not {POINTS}",
            where=getattr(part, "__file__", None) or str(part),
            fix=f"a REMEDY whose grid has {POINTS} points, as every other has",
        )


def unfit(remedy: Remedy, task: str, steps: Mapping[str, int]) -> str:
    """Why a method cannot be trained on some data, as a phrase; empty where it can.

    Args:
        remedy: What the method says of itself.
        task: ``class`` or ``number``.
        steps: Of each modality, steps of time that its features are of; 1 for none.
    """
    if task not in remedy.tasks:
        return f"it answers with a {' or '.join(remedy.tasks)}, and the target is a {task}"
    if remedy.most is not None and len(steps) > remedy.most:
        return f"it takes at most {remedy.most} modalities, and there are {len(steps)}"
    if remedy.timed and max(steps.values()) < 2:
        return "it looks along time, and no modality has features of several steps"
    return ""
