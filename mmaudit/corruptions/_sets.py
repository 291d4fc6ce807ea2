"""Sets: which rows of a whole dataset are chosen; exact counts, nested rates, any order of rows.

Every row has permanent random numbers that follow from the seed, the purpose and its id alone.
Taking the ``k`` smallest gives exactly ``k`` rows, a larger ``k`` contains a smaller one, and the
order in which the rows are listed does not matter.

References:
    Ohlsson 1995, "Coordination of samples using permanent random numbers", in Business Survey
    Methods, doi:10.1002/9781118150504.ch9
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Rows
from mmaudit.errors import UsageError
from mmaudit.seeds import digests, permanent

LAST = np.uint64(2**64 - 1)


def numbers(rows: Rows, seed: int, purpose: str, n: int = 1) -> NDArray[np.uint64]:
    """``n`` permanent random numbers for each row, ``(row, n)``."""
    return permanent(digests(seed, purpose, rows.ids), n)


def uniforms(wide: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Permanent random numbers as numbers strictly inside (0, 1)."""
    return ((wide >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def count(rate: float, n: int) -> int:
    """How many of ``n`` a rate is: the nearest whole number, halves up."""
    return min(n, math.floor(rate * n + 0.5))


def smallest(keys: NDArray[Any], k: int) -> NDArray[np.bool_]:
    """Mark the ``k`` smallest keys, ``(n,)``."""
    out = np.zeros(keys.size, np.bool_)
    if k > 0:
        out[np.argpartition(keys, k - 1)[:k]] = True
    return out


def in_order(keys: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Some rows, sorted by their keys."""
    return rows[np.argsort(keys[rows], kind="stable")]


def present_rows(rows: Rows) -> NDArray[np.int64]:
    """The rows of which every modality is there: only those can be mismatched."""
    return np.flatnonzero(rows.present.all(axis=1))


def need_groups(rows: Rows, what: str) -> NDArray[np.int64]:
    """The groups as numbers, in the order of their names, ``(n,)``.

    A row without a group is a group of its own.

    Raises:
        UsageError: The manifest has no group column.
    """
    if rows.groups is None:
        raise UsageError(f"{what} needs groups", fix="name the column as group in the manifest")
    alone = np.array([group is None for group in rows.groups.tolist()], np.bool_)
    named, which = np.unique(rows.groups[~alone].astype(str), return_inverse=True)
    out = np.empty(alone.size, np.int64)
    out[~alone] = which
    out[alone] = named.size + np.arange(int(alone.sum()))
    return out


def need_labels(rows: Rows, what: str) -> NDArray[np.int64]:
    """The class index of each row, ``(n,)``.

    Raises:
        UsageError: The target is not a class.
    """
    if rows.labels is None or rows.classes < 2:
        raise UsageError(
            f"{what} needs a target with classes", fix="name it as [target] kind = class"
        )
    return rows.labels
