"""What stands in for an absent value, made from values of the same modality.

| policy | text | image | audio, series, vector | row of a table |
|---|---|---|---|---|
| zeros | empty | black | zeros | 0 for numbers, absent for categories |
| blank | empty | uniform grey, 128 | zeros (silence) | every cell absent |
| mean | refused | mean pixel, or mean colour if sizes differ | mean | mean, or most frequent |
| marginal | other samples' values | likewise | likewise | likewise |
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.errors import UsageError
from mmaudit.models.base import Values
from mmaudit.models.batches import rows_of, stacked

GREY = 128
MEAN_OF = 256  # donors that a mean is taken of, so that it does not depend on what else was asked


def zeros(donors: Values, _modality: str) -> Values:
    """One filler: nothing, in the shape of the first donor."""
    first = donors[0]
    if isinstance(first, str):
        return [""]
    if first.dtype == object:
        return _row([0.0 if _is_number(cell) else None for cell in _kinds(donors)])
    return np.zeros_like(first)[None]


def blank(donors: Values, modality: str) -> Values:
    """One filler: what an empty sample of the kind looks like."""
    first = donors[0]
    if isinstance(first, str):
        return [""]
    if first.dtype == object:
        return _row([None] * len(first))
    if first.dtype == np.uint8 and first.ndim == 3:
        return np.full_like(first, GREY)[None]
    return zeros(donors, modality)


def mean(donors: Values, modality: str) -> Values:
    """One filler: the mean of up to `MEAN_OF` donors.

    Raises:
        UsageError: Texts, or arrays of different shapes that are no images, have no mean.
    """
    some = rows_of(donors, range(min(MEAN_OF, len(donors))))
    first = some[0]
    if isinstance(first, str):
        raise UsageError(
            f"texts have no mean, and {modality!r} is text",
            fix="another absence policy: blank, or marginal:64",
        )
    if first.dtype == object:
        return _row([_typical([row[i] for row in some]) for i in range(len(first))])
    if len({value.shape for value in some}) == 1:
        return _like(np.asarray(np.stack(list(some)).mean(axis=0, dtype=np.float64)), first)
    if first.ndim == 3 and len({value.shape[2] for value in some}) == 1:
        colour = np.stack([value.mean((0, 1)) for value in some]).mean(axis=0)
        return _like(np.broadcast_to(colour, first.shape), first)
    raise UsageError(
        f"values of different shapes have no mean, and those of {modality!r} differ",
        fix="another absence policy: zeros, or marginal:64",
    )


def marginal(donors: Values, modality: str, k: int) -> Values:
    """``k`` fillers: the first donors.

    Raises:
        UsageError: There are fewer.
    """
    enough(donors, modality, k)
    return stacked(list(rows_of(donors, range(k))))


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
    rounded = np.rint(value) if np.issubdtype(first.dtype, np.integer) else value
    return rounded.astype(first.dtype)[None]


def _kinds(donors: Values) -> list[Any]:
    """For each cell of a row, the first value that a donor has there."""
    cells = range(len(donors[0]))
    return [next((row[i] for row in donors if row[i] is not None), None) for i in cells]


def _typical(cells: list[Any]) -> Any:
    known = [cell for cell in cells if cell is not None]
    if not known:
        return None
    if all(_is_number(cell) for cell in known):
        return float(np.mean(np.array(known, np.float64)))
    counts = Counter(known)
    return min(counts, key=lambda cell: (-counts[cell], str(cell)))


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float | np.number) and not isinstance(cell, bool)


def _row(cells: list[Any]) -> NDArray[np.object_]:
    row = np.empty((1, len(cells)), np.object_)
    row[0, :] = cells
    return row
