"""Precision: how far off answers may be, by the bits of the numbers that they were computed in."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.measures.balance.beliefs import sound

TOLERANCE = 1e-4
STEPS = ((0xFFFF, 2.0**-8), (0x1FFF, 2.0**-11))  # bits that are 0, half a step: bfloat16, float16
ROUNDED = 4  # half steps that a softmax in few bits may be off by


def tolerance(answers: NDArray[Any]) -> float:
    """How far off answers may be, by the bits of the numbers that they were computed in.

    Example:
        >>> tolerance(np.array([0.1], np.float32))
        0.0001
        >>> tolerance(np.array([0.1], np.float16)) == tolerance(np.float32([np.float16(0.1)]))
        True
    """
    bits = np.ascontiguousarray(answers, np.float32).view(np.uint32)
    steps = (step for zeros, step in STEPS if not (bits & zeros).any())
    return max(TOLERANCE, ROUNDED * next(steps, 0.0))


def refined(answers: Any) -> Any:
    """Probabilities of few bits as such of many, before they are averaged or joined with others.

    The bits of a sum say nothing of those of its terms, so that what few bits allow is made up for
    here, each sample divided by its sum; what is further off is left to be refused.
    """
    if not isinstance(answers, np.ndarray) or answers.ndim != 2 or answers.dtype.kind != "f":
        return answers
    if sound(answers.astype(np.float32), TOLERANCE):
        return answers
    sums, off = answers.astype(np.float64).sum(axis=1), tolerance(answers)
    if off <= TOLERANCE or not (np.abs(sums - 1) <= off).all():
        return answers
    return (answers / sums[:, None]).astype(np.float32)
