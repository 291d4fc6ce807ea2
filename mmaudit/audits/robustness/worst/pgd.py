"""PGD: steps up the loss, each projected back into the ball, in ever larger balls.

At each severity the search begins where the worst answer of the smaller balls was found, so what
broke a sample in a small ball also breaks it in a larger one, and accuracy never rises with the
radius. The answers that count are those of the values as they are stored, whole where they are
whole. The projections are exact. What a search does not find may be there all the same: the
accuracy that it leaves is an upper bound of the accuracy under the best attack.

References:
    Madry et al. 2018, "Towards deep learning models resistant to adversarial attacks",
    arXiv:1706.06083
    Athalye et al. 2018, "Obfuscated gradients give a false sense of security", arXiv:1802.00420
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ball, Bools, Floats
from mmaudit.audits.robustness.worst.balls import Around
from mmaudit.audits.robustness.worst.rank import Badness

REACH = 2.5  # all steps together, in radii: Madry's rule


@dataclass(frozen=True, slots=True)
class Responses:
    """What a model answers to some values.

    Attributes:
        answers: They, ``(n, …)``.
        bad: How bad they are.
    """

    answers: NDArray[Any]
    bad: Badness


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """What an attack may ask about some samples of which one modality has one shape.

    Attributes:
        slope: How the loss rises with the values, ``(n, …)`` of ``(n, …)``.
        judge: What the model answers to values as they are stored.
        noise: Standard normal numbers ``(n, …)`` for a severity and a restart.
    """

    slope: Callable[[Floats], Floats]
    judge: Callable[[NDArray[Any]], Responses]
    noise: Callable[[int, int], Floats]


@dataclass(frozen=True, slots=True)
class Search:
    """How hard an attack tries, at each severity.

    Attributes:
        steps: Gradients that are taken from one start.
        restarts: Starts: where the last ball ended, then others on the edge, drawn at random.
    """

    steps: int
    restarts: int

    @property
    def share(self) -> float:
        """Size of a step, in radii."""
        return REACH / self.steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The worst that was found up to one severity.

    Attributes:
        answers: The model's, ``(n, …)``.
        distance: How far the values are from the clean ones, in the unit of a radius, ``(n,)``.
        touched: Whether they are others, ``(n,)``.
        unmoved: Whether no gradient other than 0 was seen so far, ``(n,)``.
    """

    answers: NDArray[Any]
    distance: Floats
    touched: Bools
    unmoved: Bools


def pgd(
    clean: NDArray[Any], ball: Ball, severities: int, victim: Victim, search: Search
) -> list[Reached]:
    """Attack some samples at the severities from 1 on.

    Args:
        clean: The values as they are stored, ``(n, …)``.
        ball: How far they may be moved.
        severities: The highest severity.
        victim: The model.
        search: How hard to try.
    """
    axes = tuple(range(1, clean.ndim))
    worst, values = victim.judge(clean), clean
    felt = np.zeros(len(clean), np.bool_)
    reached = []
    for severity in range(1, severities + 1):
        around = Around.of(clean, ball, severity)
        origin = values.astype(np.float64)
        for restart in range(search.restarts):
            at = around.start(victim.noise(severity, restart)) if restart else origin
            for _ in range(search.steps):
                slope = np.nan_to_num(victim.slope(at), nan=0.0, posinf=0.0, neginf=0.0)
                felt |= (slope != 0).any(axis=axes)
                at = around.step(at, slope, search.share)
            stored = around.stored(at)
            judged = victim.judge(stored)
            worse = judged.bad.beyond(worst.bad)
            values = np.where(_each(worse, clean), stored, values)
            answers = np.where(_each(worse, worst.answers), judged.answers, worst.answers)
            worst = Responses(answers, judged.bad.where(worse, worst.bad))
        reached.append(
            Reached(
                answers=worst.answers,
                distance=around.distance(values),
                touched=(values != clean).any(axis=axes),
                unmoved=~felt,
            )
        )
    return reached


def _each(mask: Bools, like: NDArray[Any]) -> Bools:
    """A mask of samples in the shape of what has further axes."""
    return mask.reshape(-1, *[1] * (like.ndim - 1))
