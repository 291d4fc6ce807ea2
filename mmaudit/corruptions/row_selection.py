"""Row selection: which rows of a whole dataset are hit, in exact counts and nested rates.

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

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.corruptions.base import Rows
from mmaudit.corruptions.entry_selection import smallest
from mmaudit.errors import UsageError
from mmaudit.seeds import digests, permanent

LAST = np.uint64(2**64 - 1)


def numbers(rows: Rows, seed: int, purpose: str, n: int = 1) -> NDArray[np.uint64]:
    """``n`` permanent random numbers for each row, ``(row, n)``."""
    return permanent(digests(seed, purpose, rows.ids), n)


def uniforms(wide: NDArray[np.uint64]) -> Floats:
    """Permanent random numbers as numbers strictly inside (0, 1)."""
    return ((wide >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def count(rate: float, n: int) -> int:
    """How many of ``n`` a rate is: the nearest whole number, halves up."""
    return min(n, math.floor(rate * n + 0.5))


def some(keys: NDArray[np.uint64], able: Bools, k: int) -> Bools:
    """Mark ``k`` of the rows that are able, those with the smallest keys, ``(n,)``."""
    out = np.zeros(keys.size, np.bool_)
    out[able] = smallest(keys[able], k)
    return out


def likely(keys: NDArray[np.uint64], score: Floats, strength: float) -> Floats:
    """Sorting keys for which rows with a high score come first more often, ``(n,)``.

    Pareto order sampling: with inclusion probabilities ``sigmoid(a + strength z)`` the keys
    ``odds(u) / odds(p)`` are in the same order whatever ``a`` is, so rates are nested.

    Args:
        keys: Permanent random numbers, ``(n,)``.
        score: Any number of each row, ``(n,)``; it is standardised, and NaN counts as the mean.
        strength: Log odds for one standard deviation of the score.

    References:
        Rosén 1997, "On sampling with probability proportional to size",
        doi:10.1016/S0378-3758(96)00186-3
    """
    u = uniforms(keys)
    return np.log(u) - np.log1p(-u) - strength * standardised(score)


def standardised(score: Floats) -> Floats:
    """Scores with mean 0 and standard deviation 1, ``(n,)``; 0 where not finite or all alike.

    The sums are taken in the order of the values, so the order of the rows does not matter.
    """
    finite = np.isfinite(score)
    ordered = np.sort(score[finite])
    sd = float(ordered.std()) if ordered.size else 0.0
    if sd == 0:
        return np.zeros(score.size)
    return np.where(finite, (score - ordered.mean()) / sd, 0.0)


def first(keys: Floats, able: Bools, k: int) -> Bools:
    """Mark the ``k`` able rows with the smallest sorting keys, ``(n,)``."""
    if not k:
        return np.zeros(keys.size, np.bool_)
    last = np.partition(keys[able], k - 1)[k - 1]
    out = able & (keys < last)
    ties = np.flatnonzero(able & (keys == last))  # of equal ones the first rows
    out[ties[: k - int(out.sum())]] = True
    return out


def leading(keys: NDArray[np.uint64], k: int) -> Ints:
    """The ``k`` rows with the smallest keys, sorted by them, ``(k,)``."""
    return in_order(keys, np.flatnonzero(smallest(keys, k)))


def in_order(keys: NDArray[np.uint64], rows: Ints) -> Ints:
    """Some rows, sorted by their keys."""
    return rows[np.argsort(keys[rows], kind="stable")]


def present_rows(rows: Rows) -> Ints:
    """The rows of which every modality is there: only those can be mismatched."""
    return np.flatnonzero(rows.present.all(axis=1))


def group_names(rows: Rows, what: str) -> list[str]:
    """The group of each row; a row without one is a group of its own, named by its id.

    Raises:
        UsageError: The manifest has no group column.
    """
    if rows.groups is None:
        raise UsageError(f"{what} needs groups", fix="name the column as group in the manifest")
    pairs = zip(rows.groups.tolist(), rows.ids, strict=True)
    return [f"id {id_}" if group is None else f"group {group}" for group, id_ in pairs]


def groups(rows: Rows, what: str) -> tuple[list[str], Ints]:
    """The names of the groups, each once, and the place of each row's among them, ``(n,)``.

    Raises:
        UsageError: The manifest has no group column.
    """
    if rows.groups is None or (rows.groups == None).any():  # noqa: E711  of every element
        index: dict[str, int] = {}
        places = [index.setdefault(name, len(index)) for name in group_names(rows, what)]
        return list(index), np.array(places, np.int64)
    unique: dict[Any, int] = {}  # few groups are quickly named
    numbered = [unique.setdefault(group, len(unique)) for group in rows.groups.tolist()]
    named: dict[str, int] = {}
    merged = [named.setdefault(f"group {group}", len(named)) for group in unique]
    return list(named), np.array(merged, np.int64)[np.array(numbered, np.int64)]


def group_numbers(rows: Rows) -> Ints:
    """One number a row, equal for rows of one group; its own where there are no groups, ``(n,)``.

    Numbers say who is apart from whom, nothing else: their order is not to be used.
    """
    if rows.groups is None:
        return np.arange(len(rows.ids))
    return np.unique(group_names(rows, "this"), return_inverse=True)[1].astype(np.int64)


def need_labels(rows: Rows, what: str) -> Ints:
    """The class index of each row, ``(n,)``.

    Raises:
        UsageError: The target is not a class.
    """
    if rows.labels is None or rows.classes < 2:
        raise UsageError(
            f"{what} needs a target with classes", fix="name it as [target] kind = class"
        )
    return rows.labels
