"""One side moved as a whole: some rows late or early, or back to front."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.intervals.blocks import blocks, mean
from mmaudit.measures.pairs.forensics.columns import OrderedPairs, Shard
from mmaudit.measures.pairs.forensics.defect import Defect, clearly, defect

SHORTEST = 16  # rows of a shard or block
TOLD = 64  # dimensions that offsets are looked at in, when there is much data
MUCH = 50_000_000
PRINCIPAL = 16
OUTSTANDING = 8.0  # robust standard deviations of the profile, for sides without a shared space
BETTER = 1.2  # times the profile at a rival offset, likewise
LOST = 3.0  # standard errors by which rows that went round the end may be less alike

_Both = tuple[Vectors, Vectors]  # components of both sides, ``(n, k)`` each


@dataclass(frozen=True, slots=True)
class Move:
    """Where each row's partner is.

    Attributes:
        name: ``shift`` or ``reversed``.
        steps: Rows that the right side is late; negative for early, 0 for reversed.
        partner: Right row of each left row, ``(m,)``; -1 where it went over the end and is lost.
    """

    name: str
    steps: int
    partner: Ints

    @property
    def says(self) -> str:
        """The move in words."""
        if self.name == "reversed":
            return "the right side is back to front"
        size, way = abs(self.steps), "late" if self.steps > 0 else "early"
        lost = int((self.partner < 0).sum())
        ends = f", and {lost} of its values are lost" if lost else ""
        return f"the right side is {size} {'row' if size == 1 else 'rows'} {way}{ends}"


def offsets(pairs: OrderedPairs) -> NDArray[np.float64]:
    """How well row ``i`` goes with row ``i + k``, for every ``k``, around the end, ``(n,)``.

    Returns:
        The mean cosine at each offset; without a shared space, the squared cross-correlation of
        the leading principal components.
    """
    n = len(pairs)
    if not pairs.shared:
        return _crossed(*_components(pairs))
    d = pairs.left.shape[1]
    step = max(1, d * n // MUCH) if d > TOLD else 1
    left, right = (np.asarray(side[:, ::step]) for side in (pairs.left, pairs.right))
    cross = np.zeros(n // 2 + 1, np.complex128)
    for k in range(left.shape[1]):
        cross += np.fft.rfft(left[:, k]).conj() * np.fft.rfft(right[:, k])
    return np.fft.irfft(cross, n) / n * step


def _components(pairs: OrderedPairs) -> _Both:
    return _principal(pairs.left), _principal(pairs.right)


def _crossed(a: Vectors, b: Vectors) -> NDArray[np.float64]:
    """The squared cross-correlation of components of equal variance at every offset, ``(n,)``."""
    n = len(a)
    spectra = np.fft.rfft(a, axis=0).conj(), np.fft.rfft(b, axis=0)
    total = np.zeros(n)
    for k in range(a.shape[1]):
        total += (np.fft.irfft(spectra[0][:, [k]] * spectra[1], n, axis=0) ** 2).sum(1)
    return total / n**2


def moved(pairs: OrderedPairs) -> list[Defect]:
    """Shifts and reversals of the whole, or of single shards."""
    tests = max(1, len(pairs))
    whole = move(pairs, tests)
    shards = [s for s in pairs.shards if len(s.rows) >= SHORTEST]
    if whole is not None and not any(_objects(pairs, s, whole, tests) for s in shards):
        return [_whole(pairs, whole)]
    return [*_by_shard(pairs, shards, tests)]


def move(pairs: OrderedPairs, tests: int) -> Move | None:
    """How the right side is moved, if it is.

    Args:
        pairs: The rows; the whole file or one shard of it.
        tests: How many offsets are looked at in all.
    """
    sides = None if pairs.shared else _components(pairs)
    return _shift(pairs, tests, sides) or _reversed(pairs, tests, sides)


def _by_shard(pairs: OrderedPairs, shards: list[Shard], tests: int) -> Iterator[Defect]:
    for shard in shards:
        movement = move(pairs.part(shard), tests)
        if movement is not None:
            yield defect(
                movement.name,
                movement.says,
                pairs,
                shard,
                _placed(len(pairs), shard, movement.partner),
            )


def _placed(n: int, shard: Shard, partner: Ints) -> Ints:
    """Partners inside a shard as rows of the file; every other row keeps its own."""
    out = np.arange(n)
    out[shard.rows] = np.where(partner >= 0, shard.rows[partner], -1)
    return out


def _whole(pairs: OrderedPairs, movement: Move) -> Defect:
    """A move of everything: once round the whole file, or round each shard for itself."""
    apart = np.arange(len(pairs))
    for shard in pairs.shards:
        m = len(shard.rows)
        rows = np.arange(m)
        local = rows[::-1] if movement.name == "reversed" else (rows + movement.steps) % m
        apart[shard.rows] = shard.rows[local]
    differ = np.flatnonzero((apart != movement.partner) & (movement.partner >= 0))
    if pairs.shared and pairs.shards and len(differ):
        gain = pairs.cosines(differ, apart[differ]) - pairs.cosines(
            differ, movement.partner[differ]
        )
        if gain.mean() > 0:
            says = f"{movement.says} in each of {len(pairs.shards)} shards"
            return defect(movement.name, says, pairs, pairs.whole, apart)
    return defect(movement.name, movement.says, pairs, pairs.whole, movement.partner)


def _objects(pairs: OrderedPairs, shard: Shard, movement: Move, tests: int) -> bool:
    """Whether a shard is clearly better as it is than moved like the rest."""
    if pairs.shared:
        rows = shard.rows[movement.partner[shard.rows] >= 0]
        return clearly(
            pairs.cosines(rows, rows) - pairs.cosines(rows, movement.partner[rows]), tests
        )
    profile = offsets(pairs.part(shard))
    return outstanding(profile, 0) and bool(profile.argmax() == 0)


def _shift(pairs: OrderedPairs, tests: int, sides: _Both | None) -> Move | None:
    profile = offsets(pairs) if sides is None else _crossed(*sides)
    n, k = len(profile), int(profile.argmax())
    if k == 0:
        return None
    rows = np.arange(n)
    partner = (rows + k) % n
    # neighbours in a sorted file are alike: which offset it is has to be clear as well
    rivals = sorted({0, k - 1, (k + 1) % n} - {k})
    if sides is None:
        there = pairs.cosines(rows, partner)
        sure = all(clearly(there - pairs.cosines(rows, (rows + r) % n), tests) for r in rivals)
    else:
        there = None
        sure = outstanding(profile, k) and all(profile[k] > BETTER * profile[r] for r in rivals)
    if not sure:
        return None
    steps = k if k <= n // 2 else k - n
    return Move("shift", steps, partner if there is None else _without_lost(partner, there, steps))


def _without_lost(partner: Ints, there: Vectors, steps: int) -> Ints:
    """Partners without those that went over the end and were not put back at the other."""
    n = len(partner)
    rows = np.arange(n)
    round_the_end = rows >= n - steps if steps > 0 else rows < -steps
    inner, outer = there[~round_the_end], there[round_the_end]
    least = inner.mean() - LOST * inner.std() / np.sqrt(len(outer))
    return np.where(round_the_end, -1, partner) if outer.mean() < least else partner


def _reversed(pairs: OrderedPairs, tests: int, sides: _Both | None) -> Move | None:
    n = len(pairs)
    rows = np.arange(n)
    back = rows[::-1].copy()
    if sides is None:
        # sides may be alike in a way that makes any other order better than their own
        there, rivals = pairs.cosines(rows, back), (rows, (back + 1) % n, (back + n // 3) % n)
        sure = all(clearly(there - pairs.cosines(rows, rival), tests) for rival in rivals)
    else:
        profile = _crossed(sides[0], sides[1][::-1])
        sure = outstanding(profile, 0) and bool(profile[0] > BETTER * _crossed(*sides)[0])
    return Move("reversed", 0, back) if sure else None


def outstanding(profile: NDArray[np.float64], k: int) -> bool:
    """Whether one offset stands out of all others."""
    middle = np.median(profile)
    spread = 1.4826 * np.median(np.abs(profile - middle))
    return bool(profile[k] > middle + OUTSTANDING * spread)


def _principal(rows: Vectors) -> Vectors:
    """Leading principal components with equal variance, ``(n, k)``."""
    n, d = rows.shape
    centre = mean(n, lambda at: rows[at])
    squares = np.zeros((d, d), np.float32)
    for at in blocks(n):
        centred = rows[at] - centre
        squares += centred.T @ centred
    leading = (max(d - PRINCIPAL, 0), d - 1)
    values, vectors = eigh(squares / n, subset_by_index=leading)
    keep = int((values > 1e-6 * values[-1]).sum())
    axes = vectors[:, -keep:] / np.sqrt(values[-keep:])
    return np.concatenate([(rows[at] - centre) @ axes for at in blocks(n)])
