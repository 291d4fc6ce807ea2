"""The Poisson bootstrap with permanent random numbers: one set of weights for every statistic.

In replicate ``b`` a unit (a sample, or a group of samples) weighs Poisson(1), and that weight is
a function of the seed, the unit's id and ``b`` alone. So all statistics of a run, over all
conditions, share their weights: a difference between two conditions is paired replicate by
replicate. Order, batches and shards do not matter, and a group bootstrap is the same thing keyed
by group ids.

References:
    Chamandy, Muralidharan, Najmi, Naidu 2012, "Estimating uncertainty for massive data streams"
"""

import math
import threading
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numba import uint32, uint64
from numpy.typing import NDArray

from mmaudit.arrays import Ints
from mmaudit.kernels import kernel
from mmaudit.measures.intervals.evidence import Mean
from mmaudit.measures.intervals.replicates import ANY, Bounds, Replicates, ratio
from mmaudit.seeds import block, digests

REPLICATES = 1000
CELLS = 1 << 22  # weights held at once, a byte each
KEPT = 1 << 26  # weights of the same units that are kept for the next statistic
FIXED_BITS = 61  # of a sum of fixed-point numbers; one is the sign, one is spare
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
# P(Poisson(1) <= k) in units of 2**-32; beyond k = 12 the tail is thinner than the grid
THRESHOLDS = np.array(
    [round(sum(math.exp(-1) / math.factorial(j) for j in range(k + 1)) * 2**32) for k in range(12)],
    np.uint64,
)


def unit_keys(seed: int, units: Sequence[str] | NDArray[Any]) -> NDArray[np.uint64]:
    """The key of each row's unit, ``(row,)``; rows of one unit have one key.

    Args:
        seed: The run's seed.
        units: Id of the sample, or of the group it belongs to, for each row.
    """
    return digests(seed, "bootstrap", [str(unit) for unit in units])


def groups_of(keys: NDArray[np.uint64]) -> Ints | None:
    """Number of each row's unit, ``(row,)``, from 0; None where every row is its own."""
    units, number = np.unique(keys, return_inverse=True)
    return None if units.size == keys.size else number.reshape(-1).astype(np.int64)


@kernel
def _poisson(word, thresholds):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    count = np.uint8(0)
    for k in range(thresholds.size):
        if uint64(word) < thresholds[k]:
            break
        count += np.uint8(1)
    return count


@kernel
def _fill_weights(
    keys: NDArray[np.uint64],
    first: int,
    thresholds: NDArray[np.uint64],
    out: NDArray[np.uint8],
) -> None:
    zero = uint32(0)
    last = first + out.shape[0]
    for j in range(first // 4, (last + 3) // 4):
        for i in range(keys.size):
            k0, k1 = uint32(keys[i] & _LOW), uint32(keys[i] >> _HALF)
            words = block(uint32(j), zero, zero, zero, k0, k1)
            for t in range(4):
                b = 4 * j + t
                if first <= b < last:
                    out[b - first, i] = _poisson(words[t], thresholds)


def weights(keys: NDArray[np.uint64], first: int, count: int) -> NDArray[np.uint8]:
    """The weights of replicates ``first … first + count - 1``, ``(count, row)``, Poisson(1).

    Args:
        keys: Key of each row's unit, from `unit_keys`.
        first: Number of the first replicate, from 0.
        count: How many replicates.
    """
    out = np.empty((count, keys.size), np.uint8)
    _fill_weights(keys, first, THRESHOLDS, out)
    return out


class _Store:
    """Weights that were drawn last, up to `KEPT` bytes: the conditions of a sweep share theirs."""

    def __init__(self) -> None:
        self._blocks: dict[tuple[bytes, int, int], NDArray[np.uint8]] = {}
        self._size = 0

    def of(self, keys: NDArray[np.uint64], first: int, count: int) -> NDArray[np.uint8]:
        """What `weights` returns; nobody may write to it."""
        name = blake2b(keys.tobytes(), digest_size=16).digest(), first, count
        drawn = self._blocks.pop(name, None)
        if drawn is None:
            drawn = weights(keys, first, count)
            self._size += drawn.nbytes
        self._blocks[name] = drawn  # the newest stands last
        while self._size > KEPT:
            oldest = self._blocks.pop(next(iter(self._blocks)))
            self._size -= oldest.nbytes
        return drawn


_local = threading.local()  # a thread's own


def _store() -> _Store:
    if not hasattr(_local, "store"):
        _local.store = _Store()
    store: _Store = _local.store
    return store


def kept_weights(keys: NDArray[np.uint64], first: int, count: int) -> NDArray[np.uint8]:
    """What `weights` returns, kept for the next statistic where it is small; not to be changed."""
    return (_store().of if count * keys.size <= KEPT else weights)(keys, first, count)


def fixed(values: NDArray[Any]) -> tuple[NDArray[np.int64], float]:
    """Numbers as integers times a unit, so that their weighted sums are exact in any order.

    The unit is a power of two fine enough that nothing overflows when every row counts twice: for
    a million rows it is 2**-40 of the largest magnitude, for a thousand 2**-50.

    Args:
        values: Finite numbers, ``(row,)``.

    Returns:
        The integers ``(row,)`` and the unit.

    Raises:
        ValueError: A number is not finite.
    """
    wide = np.asarray(values, np.float64)
    largest = float(np.abs(wide).max(initial=0.0))
    if not math.isfinite(largest):
        raise ValueError("only finite numbers can be summed")
    bits = FIXED_BITS - math.ceil(math.log2(2 * wide.size + 64)) - math.frexp(largest)[1]
    return np.rint(np.ldexp(wide, bits)).astype(np.int64), math.ldexp(1.0, -bits)


def replicate(
    statistics: Callable[[NDArray[np.uint8]], NDArray[np.float64]],
    keys: NDArray[np.uint64],
    replicates: int = REPLICATES,
    *,
    cells: int = CELLS,
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Compute statistics in every replicate, a few replicates at a time.

    Args:
        statistics: From weights ``(replicate, row)`` to values ``(replicate, statistic)``; a pure
            function of each row of weights.
        keys: Key of each row's unit, ``(row,)``.
        replicates: How many draws.
        cells: Weights held at once, whatever the number of rows or replicates.

    Returns:
        The values with every weight 1 ``(statistic,)``, the draws ``(replicate, statistic)``, and
        the number of units.
    """
    points = statistics(np.ones((1, keys.size), np.uint8))[0]
    step = max(4, cells // max(keys.size, 1) // 4 * 4)
    draws = np.empty((replicates, points.size), np.float64)
    drawn = _store().of if replicates * keys.size <= KEPT else weights
    for first in range(0, replicates, step):
        count = min(step, replicates - first)
        draws[first : first + count] = statistics(drawn(keys, first, count))
    return points, draws, int(np.unique(keys).size)


def replicated_mean(
    values: NDArray[Any],
    keys: NDArray[np.uint64],
    replicates: int = REPLICATES,
    bounds: Bounds = ANY,
    *,
    cells: int = CELLS,
) -> Replicates:
    """The mean of per-row values, exact in any order of rows.

    Args:
        values: Finite numbers or booleans, ``(row,)``.
        keys: Key of each row's unit, ``(row,)``.
        replicates: How many draws.
        bounds: Smallest and largest possible value.
        cells: Weights held at once.
    """
    columns = np.asarray(values)[:, None]
    points, draws, n = replicated_means(columns, keys, replicates, cells=cells)
    bounded = math.isfinite(bounds[0]) and math.isfinite(bounds[1])
    evidence = Mean(np.asarray(values), groups_of(keys), *bounds) if bounded else None
    return Replicates(float(points[0]), draws[:, 0], n, bounds, evidence=evidence)


def replicated_means(
    values: NDArray[Any],
    keys: NDArray[np.uint64],
    replicates: int = REPLICATES,
    *,
    cells: int = CELLS,
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """The means of the columns of ``(row, column)`` values, as `replicate` returns them."""
    columns = [fixed(column) for column in np.asarray(values, np.float64).T]
    whole = np.stack([integers for integers, _ in columns])
    unit = np.array([unit for _, unit in columns])

    def statistics(drawn: NDArray[np.uint8]) -> NDArray[np.float64]:
        total = drawn.sum(axis=1, dtype=np.int64)[:, None]
        return ratio(_sums(drawn, whole) * unit, total)

    return replicate(statistics, keys, replicates, cells=cells)


@kernel
def _sums(drawn: NDArray[np.uint8], whole: NDArray[np.int64]) -> NDArray[np.int64]:
    out = np.zeros((drawn.shape[0], whole.shape[0]), np.int64)
    for b in range(drawn.shape[0]):
        for c in range(whole.shape[0]):
            total = 0
            for i in range(drawn.shape[1]):
                total += np.int64(drawn[b, i]) * whole[c, i]
            out[b, c] = total
    return out
