"""One side moved as a whole: some rows late or early, or back to front."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.measures.intervals.blocks import blocks, mean
from mmaudit.measures.pairs.forensics.columns import Floats, Indices, Look, Shard
from mmaudit.measures.pairs.forensics.defect import Defect, clearly, defect

SHORTEST = 16  # rows of a shard or block
TOLD = 64  # dimensions that offsets are looked at in, when there is much data
MUCH = 50_000_000
PRINCIPAL = 16
OUTSTANDING = 8.0  # robust standard deviations of the profile, for sides without a shared space
BETTER = 1.2  # times the profile at a rival offset, likewise
LOST = 3.0  # standard errors by which rows that went round the end may be less alike


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
    partner: Indices

    @property
    def says(self) -> str:
        """The move in words."""
        if self.name == "reversed":
            return "the right side is back to front"
        size, way = abs(self.steps), "late" if self.steps > 0 else "early"
        lost = int((self.partner < 0).sum())
        ends = f", and {lost} of its values are lost" if lost else ""
        return f"the right side is {size} {'row' if size == 1 else 'rows'} {way}{ends}"


def offsets(look: Look) -> NDArray[np.float64]:
    """How well row ``i`` goes with row ``i + k``, for every ``k``, around the end, ``(n,)``.

    Returns:
        The mean cosine at each offset; without a shared space, the squared cross-correlation of
        the leading principal components.
    """
    n = len(look)
    if not look.shared:
        a, b = _principal(look.left), _principal(look.right)
        spectra = np.fft.rfft(a, axis=0).conj(), np.fft.rfft(b, axis=0)
        total = np.zeros(n)
        for k in range(a.shape[1]):
            total += (np.fft.irfft(spectra[0][:, [k]] * spectra[1], n, axis=0) ** 2).sum(1)
        return total / n**2
    d = look.left.shape[1]
    step = max(1, d * n // MUCH) if d > TOLD else 1
    left, right = (np.asarray(side[:, ::step]) for side in (look.left, look.right))
    cross = np.zeros(n // 2 + 1, np.complex128)
    for k in range(left.shape[1]):
        cross += np.fft.rfft(left[:, k]).conj() * np.fft.rfft(right[:, k])
    return np.fft.irfft(cross, n) / n * step


def moved(look: Look) -> list[Defect]:
    """Shifts and reversals of the whole, or of single shards."""
    tests = max(1, len(look))
    whole = move(look, tests)
    shards = [s for s in look.shards if len(s.rows) >= SHORTEST]
    if whole is not None and not any(_objects(look, s, whole, tests) for s in shards):
        return [_whole(look, whole)]
    return [*_by_shard(look, shards, tests)]


def move(look: Look, tests: int) -> Move | None:
    """How the right side is moved, if it is.

    Args:
        look: The rows; the whole file or one shard of it.
        tests: How many offsets are looked at in all.
    """
    return _shift(look, tests) or _reversed(look, tests)


def _by_shard(look: Look, shards: list[Shard], tests: int) -> Iterator[Defect]:
    for shard in shards:
        movement = move(look.part(shard), tests)
        if movement is not None:
            yield defect(
                movement.name,
                movement.says,
                look,
                shard,
                _placed(len(look), shard, movement.partner),
            )


def _placed(n: int, shard: Shard, partner: Indices) -> Indices:
    """Partners inside a shard as rows of the file; every other row keeps its own."""
    out = np.arange(n)
    out[shard.rows] = np.where(partner >= 0, shard.rows[partner], -1)
    return out


def _whole(look: Look, movement: Move) -> Defect:
    """A move of everything: once round the whole file, or round each shard for itself."""
    apart = np.arange(len(look))
    for shard in look.shards:
        m = len(shard.rows)
        rows = np.arange(m)
        local = rows[::-1] if movement.name == "reversed" else (rows + movement.steps) % m
        apart[shard.rows] = shard.rows[local]
    differ = np.flatnonzero((apart != movement.partner) & (movement.partner >= 0))
    if look.shared and look.shards and len(differ):
        gain = look.cosines(differ, apart[differ]) - look.cosines(differ, movement.partner[differ])
        if gain.mean() > 0:
            says = f"{movement.says} in each of {len(look.shards)} shards"
            return defect(movement.name, says, look, look.whole, apart)
    return defect(movement.name, movement.says, look, look.whole, movement.partner)


def _objects(look: Look, shard: Shard, movement: Move, tests: int) -> bool:
    """Whether a shard is clearly better as it is than moved like the rest."""
    if look.shared:
        rows = shard.rows[movement.partner[shard.rows] >= 0]
        return clearly(look.cosines(rows, rows) - look.cosines(rows, movement.partner[rows]), tests)
    profile = offsets(look.part(shard))
    return _outstanding(profile, 0) and bool(profile.argmax() == 0)


def _shift(look: Look, tests: int) -> Move | None:
    profile = offsets(look)
    n, k = len(profile), int(profile.argmax())
    if k == 0:
        return None
    rows = np.arange(n)
    partner = (rows + k) % n
    # neighbours in a sorted file are alike: which offset it is has to be clear as well
    rivals = sorted({0, k - 1, (k + 1) % n} - {k})
    if look.shared:
        there = look.cosines(rows, partner)
        sure = all(clearly(there - look.cosines(rows, (rows + r) % n), tests) for r in rivals)
    else:
        there = None
        sure = _outstanding(profile, k) and all(profile[k] > BETTER * profile[r] for r in rivals)
    if not sure:
        return None
    steps = k if k <= n // 2 else k - n
    return Move("shift", steps, partner if there is None else _without_lost(partner, there, steps))


def _without_lost(partner: Indices, there: Floats, steps: int) -> Indices:
    """Partners without those that went over the end and were not put back at the other."""
    n = len(partner)
    rows = np.arange(n)
    round_the_end = rows >= n - steps if steps > 0 else rows < -steps
    inner, outer = there[~round_the_end], there[round_the_end]
    least = inner.mean() - LOST * inner.std() / np.sqrt(len(outer))
    return np.where(round_the_end, -1, partner) if outer.mean() < least else partner


def _reversed(look: Look, tests: int) -> Move | None:
    n = len(look)
    rows = np.arange(n)
    back = rows[::-1].copy()
    if look.shared:
        # sides may be alike in a way that makes any other order better than their own
        there, rivals = look.cosines(rows, back), (rows, (back + 1) % n, (back + n // 3) % n)
        sure = all(clearly(there - look.cosines(rows, rival), tests) for rival in rivals)
    else:
        turned = Look(left=look.left, right=look.right[::-1], shared=False)
        profile = offsets(turned)
        sure = _outstanding(profile, 0) and bool(profile[0] > BETTER * offsets(look)[0])
    return Move("reversed", 0, back) if sure else None


def _outstanding(profile: NDArray[np.float64], k: int) -> bool:
    """Whether one offset stands out of all others."""
    middle = np.median(profile)
    spread = 1.4826 * np.median(np.abs(profile - middle))
    return bool(profile[k] > middle + OUTSTANDING * spread)


def _principal(rows: Floats) -> Floats:
    """Leading principal components with equal variance, ``(n, k)``."""
    n, d = rows.shape
    centre = mean(n, lambda at: rows[at])
    squares = np.zeros((d, d), np.float32)
    for at in blocks(n):
        centred = rows[at] - centre
        squares += centred.T @ centred
    values, vectors = np.linalg.eigh(squares / n)
    keep = min(PRINCIPAL, int((values > 1e-6 * values[-1]).sum()))
    axes = vectors[:, -keep:] / np.sqrt(values[-keep:])
    return np.concatenate([(rows[at] - centre) @ axes for at in blocks(n)])
