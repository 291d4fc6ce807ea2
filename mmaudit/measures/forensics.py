"""Forensics: mismatches that have one cause, such as one side shifted by a row, and their repair.

Similarity is looked at as a function of where the partner is in the file: at every offset, back to
front, inside blocks. A defect is named only if undoing it beats the order of the file by many
standard errors, which no random mismatch does.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
SURE = 6.0  # standard errors by which a repair must beat the file
SHORTEST = 16  # rows of a block
MOST_ROWS = 8192  # for what compares all rows with all
TOLD = 64  # dimensions that offsets are looked at in, when there is much data
MUCH = 50_000_000
REPEATED = 20  # times the usual multiplicity
APART = 4.0  # standard deviations between the two sides of a modality gap
PRINCIPAL = 16
INSIDE = 0.5  # of a block's displaced rows find their partner in the block, at least
CROWDED = 2.5  # times what chance would find there
KEPT, MOVED = 0.02, 0.1  # at most and at least, when a whole side is in another order


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One cause of mismatches, and what undoes it.

    Attributes:
        name: ``shift``, ``reversed``, ``permuted block``, ``permuted side``, ``sorted side``,
            ``repeated`` or ``swapped columns``.
        says: The defect in words.
        rows: Rows that are affected, ``(n,)`` bool.
        partner: Row of the right partner of each left row, ``(n,)``; -1 where it is lost.
        before: Mean similarity of the affected rows as they are; None where sides share no space.
        after: Mean similarity of those that can be repaired, once they are.
    """

    name: str
    says: str
    rows: NDArray[np.bool_]
    partner: Indices
    before: float | None
    after: float | None


def offsets(left: Floats, right: Floats, *, shared: bool) -> NDArray[np.float64]:
    """How well row ``i`` goes with row ``i + k``, for every ``k``, around the end, ``(n,)``.

    Args:
        left: Rows of length one in the order of the file, ``(n, d)``.
        right: Likewise, ``(n, e)``.
        shared: Whether their cosine means something.

    Returns:
        The mean cosine at each offset; without a shared space, the squared cross-correlation of
        the leading principal components.
    """
    n = len(left)
    if not shared:
        a, b = _principal(left), _principal(right)
        spectra = np.fft.rfft(a, axis=0).conj(), np.fft.rfft(b, axis=0)
        total = np.zeros(n)
        for k in range(a.shape[1]):
            total += (np.fft.irfft(spectra[0][:, [k]] * spectra[1], n, axis=0) ** 2).sum(1)
        return total / n**2
    step = max(1, left.shape[1] * n // MUCH) if left.shape[1] > TOLD else 1
    cross = np.zeros(n // 2 + 1, np.complex128)
    for k in range(0, left.shape[1], step):
        cross += np.fft.rfft(left[:, k]).conj() * np.fft.rfft(right[:, k])
    return np.fft.irfft(cross, n) / n * step


def examine(
    left: Floats, right: Floats, content: Indices, *, shared: bool, sorted_by: str = ""
) -> tuple[Defect, ...]:
    """Name every defect that is there, the largest first.

    Args:
        left: Rows of length one in the order of the file, ``(n, d)``.
        right: Likewise, ``(n, e)``.
        content: Number of each right row's content, equal for copies, ``(n,)``.
        shared: Whether both sides are in one space. Blocks, swapped columns and sides in another
            order are only looked for where they are.
        sorted_by: What is known to be sorted, in words, so that a side in another order is
            called sorted.
    """
    if len(left) < 4 * SHORTEST:
        return ()
    found = [*_swapped(left, right)] if shared else []
    if found:
        swapped = found[0].rows[:, None]
        left, right = np.where(swapped, right, left), np.where(swapped, left, right)
    for one in (_shift(left, right, shared=shared), _reversed(left, right, shared=shared)):
        if one is not None:
            return (one, *found)
    repeated = [*_repeated(left, right, content, shared=shared)]
    if shared and len(left) <= MOST_ROWS:
        usable = ~repeated[0].rows if repeated else np.ones(len(left), np.bool_)
        found += [*_permuted(left, right, usable, sorted_by)]
    return tuple(sorted([*found, *repeated], key=lambda f: -int(f.rows.sum())))


def _shift(left: Floats, right: Floats, *, shared: bool) -> Defect | None:
    profile = offsets(left, right, shared=shared)
    n, k = len(profile), int(profile.argmax())
    rows = np.arange(n)
    partner = (rows + k) % n
    if k == 0 or not _better(left, right, partner, rows, profile, k, shared=shared):
        return None
    for near in (k - 1, (k + 1) % n):  # neighbours in a sorted file are alike: which offset it is
        if near and not _better(left, right, partner, (rows + near) % n, profile, k, shared=shared):
            return None
    steps = k if k <= n // 2 else k - n
    says = f"the right side is {abs(steps)} rows {'late' if steps > 0 else 'early'}"
    return _defect("shift", says, np.ones(n, bool), partner, left, right, shared=shared)


def _reversed(left: Floats, right: Floats, *, shared: bool) -> Defect | None:
    n = len(left)
    rows = np.arange(n)
    back = rows[::-1].copy()
    if shared:
        better = _gain(left, right, back, rows) > SURE
    else:
        here, there = (offsets(left, r, shared=False)[0] for r in (right, right[::-1]))
        better = there > 2 * here and there > 3 * np.median(offsets(left, right, shared=False))
    if not better:
        return None
    says = "the right side is back to front"
    return _defect("reversed", says, np.ones(n, bool), back, left, right, shared=shared)


def _better(
    left: Floats,
    right: Floats,
    partner: Indices,
    rival: Indices,
    profile: NDArray[np.float64],
    k: int,
    *,
    shared: bool,
) -> bool:
    """Whether one partner of each row beats another beyond doubt."""
    if shared:
        return _gain(left, right, partner, rival) > SURE
    against = profile[rival[0]]
    usual = np.median(profile)
    return bool(profile[k] > 1.2 * against and profile[k] > 3 * usual)


def _gain(left: Floats, right: Floats, partner: Indices, rival: Indices) -> float:
    """By how many standard errors one partner of each row is more alike than another."""
    gain = np.einsum("nd,nd->n", left, right[partner]) - np.einsum("nd,nd->n", left, right[rival])
    error = float(gain.std()) / np.sqrt(len(gain))
    return float(gain.mean()) / max(error, 1e-12)


def _repeated(left: Floats, right: Floats, content: Indices, *, shared: bool) -> Iterator[Defect]:
    count = np.bincount(content)
    most = int(count.argmax())
    if count[most] < REPEATED * max(1.0, float(np.median(count[count > 0]))):
        return
    rows = content == most
    partner = np.where(rows, -1, np.arange(len(left)))
    if shared:  # one of the rows may be the one that the content belongs to
        partner[_best_of(left, right, rows)] = _best_of(left, right, rows)
    says = f"one value on the right stands in {int(rows.sum())} rows"
    yield _defect("repeated", says, rows, partner, left, right, shared=shared)


def _best_of(left: Floats, right: Floats, rows: NDArray[np.bool_]) -> int:
    at = np.flatnonzero(rows)
    return int(at[(left[at] @ right[at[0]]).argmax()])


def _swapped(left: Floats, right: Floats) -> Iterator[Defect]:
    """Rows whose two values stand in each other's column, seen where there is a modality gap."""
    if left.shape[1] != right.shape[1]:
        return
    gap = np.median(left, axis=0) - np.median(right, axis=0)
    a, b = left @ gap, right @ gap
    middle = (np.median(a) + np.median(b)) / 2
    spread = max(_spread(a), _spread(b), 1e-12)
    if (np.median(a) - np.median(b)) < 2 * APART * spread:
        return
    rows = (a < middle) & (b > middle)
    if not rows.any():
        return
    says = f"the two columns are swapped in {int(rows.sum())} rows"
    yield _defect("swapped columns", says, rows, np.arange(len(left)), left, right, shared=True)


def _spread(values: NDArray[np.floating]) -> float:
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def _permuted(
    left: Floats, right: Floats, usable: NDArray[np.bool_], sorted_by: str
) -> Iterator[Defect]:
    """Blocks of consecutive rows, or the whole file, whose partners are all there but moved."""
    n = len(left)
    similar = left @ right.T
    centred = similar - similar.mean(0) - similar.mean(1)[:, None]
    best, back = centred.argmax(1), centred.argmax(0)
    rows = np.arange(n)
    mutual = (back[best] == rows) & usable & usable[best]
    moved = mutual & (best != rows)
    if (mutual & ~moved).sum() < KEPT * n and moved.sum() > MOVED * n:
        name, how = ("sorted side", f": {sorted_by}") if sorted_by else ("permuted side", "")
        says = f"one side is in another order{how}"
        found = _assigned(name, says, rows, centred, left, right)
        if _gain(left, right, found.partner, rows) > SURE:
            yield found
        return
    for first, last in _blocks(moved, mutual & ~moved, best):
        block = np.arange(first, last)
        says = f"rows {first} to {last - 1} are in another order"
        found = _assigned("permuted block", says, block, centred, left, right)
        if _gain(left[block], right, found.partner[block], block) > SURE:
            yield found


def _blocks(
    moved: NDArray[np.bool_], kept: NDArray[np.bool_], best: Indices
) -> Iterator[tuple[int, int]]:
    """Runs of rows that are moved, not kept, and whose partners are in the same run."""
    n = len(moved)
    gain = np.where(moved, 1.0, np.where(kept, -2.0, -0.25))
    while True:
        total = np.concatenate([[0.0], gain.cumsum()])
        low = np.minimum.accumulate(total)
        last = int((total - low).argmax())
        first = int(total[: last + 1].argmin()) if last else 0
        inside = np.flatnonzero(moved[first:last]) + first
        if len(inside) < SHORTEST:
            return
        held = (best[inside] >= first) & (best[inside] < last)
        if held.mean() > max(INSIDE, CROWDED * (last - first) / n):
            reached = best[inside][held]
            yield min(first, int(reached.min())), max(last, int(reached.max()) + 1)
        gain[first:last] = -2.0


def _assigned(
    name: str, says: str, block: Indices, similar: Floats, left: Floats, right: Floats
) -> Defect:
    """Undo a permutation by the best assignment of the block's left rows to its right rows."""
    _, chosen = linear_sum_assignment(-similar[np.ix_(block, block)])
    partner = np.arange(len(left))
    partner[block] = block[chosen]
    rows = partner != np.arange(len(left))
    return _defect(name, says, rows, partner, left, right, shared=True)


def _defect(
    name: str,
    says: str,
    rows: NDArray[np.bool_],
    partner: Indices,
    left: Floats,
    right: Floats,
    *,
    shared: bool,
) -> Defect:
    before = after = None
    if shared and rows.any():
        at = np.flatnonzero(rows)
        mended = at[partner[at] >= 0]
        before = float(np.einsum("nd,nd->n", left[at], right[at]).mean())
        if len(mended):
            after = float(np.einsum("nd,nd->n", left[mended], right[partner[mended]]).mean())
    return Defect(name=name, says=says, rows=rows, partner=partner, before=before, after=after)


def _principal(rows: Floats) -> Floats:
    """Leading principal components with equal variance, ``(n, k)``."""
    centred = rows - rows.mean(0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(rows))
    keep = min(PRINCIPAL, int((values > 1e-6 * values[-1]).sum()))
    return np.asarray(centred @ (vectors[:, -keep:] / np.sqrt(values[-keep:])), np.float32)
