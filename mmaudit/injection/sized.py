"""Sized: samples together with the form that a corruption has for their size."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions._scale import scaled
from mmaudit.corruptions.base import AnyCorruption

Form = tuple[NDArray[np.int64], AnyCorruption, Any]  # samples, their corruption and parameters


def sized(
    part: AnyCorruption, level: int, at: NDArray[np.int64], values: Sequence[Any], *, scale: bool
) -> list[Form]:
    """Samples by the form of the corruption for their size; all of them where size is nothing.

    Args:
        part: The corruption.
        level: Severity, 1 to 5.
        at: Places of the samples among the values.
        values: Decoded values, none of these absent.
        scale: Whether parameters in pixels follow the size of the picture.
    """
    if not (scale and part.pixels):
        return [(at, part, part.at(level))]
    forms = []
    for i in range(at.size):
        told = scaled(part, part.at(level), values[at[i]].shape)
        severities = (*part.severities[: level - 1], told, *part.severities[level:])
        forms.append((at[i : i + 1], replace(part, severities=severities), told))
    return forms
