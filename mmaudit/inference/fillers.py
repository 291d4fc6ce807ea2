"""What stands in for an absent value, made from values of the same modality.

| policy | text | image | audio, series, vector | row of a table |
|---|---|---|---|---|
| zeros | empty | black | zeros | 0 for numbers, absent for categories |
| blank | empty | uniform grey, 128 | zeros (silence) | every cell absent |
| mean | refused | mean pixel, or mean colour if sizes differ | mean | mean, or most frequent |
| marginal | other samples' values | likewise | likewise | likewise |
"""

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import mean_of
from mmaudit.errors import UsageError
from mmaudit.kinds.base import Fill, kind_names, load_kind
from mmaudit.models.base import Values
from mmaudit.models.batches import stacked

MEAN_OF = 256  # donors that a mean is taken of, so that it does not depend on what else was asked


def zeros(donors: Values, _modality: str) -> Values:
    """One filler: nothing, in the shape of the first donor."""
    fill = _fill(donors[0])
    return _one(fill.zeros(donors) if fill else np.zeros_like(donors[0]))


def blank(donors: Values, modality: str) -> Values:
    """One filler: what an empty sample of the kind looks like."""
    fill = _fill(donors[0])
    return _one(fill.blank(donors)) if fill else zeros(donors, modality)


def mean(donors: Values, modality: str) -> Values:
    """One filler: the mean of up to `MEAN_OF` donors, of which few are in memory at a time.

    Raises:
        UsageError: Texts, or arrays of different shapes that are no images, have no mean.
    """
    first = donors[0]
    fill = _fill(first)
    average = fill.mean if fill else mean_of
    if average is None:
        kind = _kind(first)
        raise UsageError(
            f"{kind}s have no mean, and {modality!r} is {kind}",
            fix="another absence policy: blank, or marginal:64",
        )
    value = average(islice(donors, MEAN_OF))
    if value is None:
        raise UsageError(
            f"values of different shapes have no mean, and those of {modality!r} differ",
            fix="another absence policy: zeros, or marginal:64",
        )
    return _one(_like(value, first))


def pool(donors: Values, modality: str, k: int) -> Values:
    """All donors, of which each sample has ``k``.

    Raises:
        UsageError: There are fewer.
    """
    enough(donors, modality, k)
    return donors if isinstance(donors, np.ndarray) else stacked(list(donors))


def enough(donors: Values, modality: str, k: int) -> None:
    """Refuse more donors than there are.

    Raises:
        UsageError: There are fewer than ``k``.
    """
    if len(donors) < k:
        raise UsageError(
            f"marginal:{k} needs {k} samples with {modality!r}, and there are {len(donors)}",
            fix=f"marginal:{len(donors)}" if len(donors) else "zeros",
        )


ONE: dict[str, Callable[[Values, str], Values]] = {"zeros": zeros, "blank": blank, "mean": mean}


def _like(value: NDArray[Any], first: NDArray[Any]) -> NDArray[Any]:
    """A value of the type of another one, rounded where that holds whole numbers."""
    rounded = np.rint(value) if np.issubdtype(first.dtype, np.integer) else value
    return np.asarray(rounded).astype(first.dtype)


def _one(value: Any) -> Values:
    """A batch of one value."""
    return value[None] if isinstance(value, np.ndarray) else [value]


def _kind(value: Any) -> str:
    """The kind that a value is of and that is filled in a way of its own; empty if none is."""
    fills = ((name, load_kind(name).fill) for name in kind_names())
    return next((name for name, fill in fills if fill and fill.holds(value)), "")


def _fill(value: Any) -> Fill | None:
    name = _kind(value)
    return load_kind(name).fill if name else None
