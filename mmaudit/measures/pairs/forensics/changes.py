"""Change points: where in a file one side begins to be late or early, and where it ends.

Each row's partner may stand at its own place, at one of a few offsets, or nowhere. The path of
offsets along the file that explains the similarities best is found in one pass; a change of offset
has to be paid for, so that no file of strangers has one.

References:
    Viterbi 1967, doi:10.1109/TIT.1967.1054010
    Ville 1939 (the maximal inequality that bounds the false alarms of gains)
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from mmaudit.arrays import Bools, Floats, Ints, Vectors
from mmaudit.kernels import kernel
from mmaudit.measures.pairs.forensics.defect import ALARM, KINDS

ROUNDS = 3
START, SPREAD, STRANGERS = 3.0, 1.0, 0.5  # of matched rows, in spreads of strangers; share of those
LEAST, MOST = 0.1, 0.9  # share of strangers among rows that a path explains
STEPS = 30  # of the fit of the two parts
BESIDE = (-3, -2, -1, 1, 2, 3)  # rows that are alike to a partner where neighbours are alike
ALIKE, ERRORS, ENOUGH = 0.15, 7.8, 50  # spreads, standard errors, and rows to call them so
SIGNS = np.array([0.7, 0.8, 0.9, 0.97])  # chances that the partner beats the row's own value
EDGE = 16  # rows at the ends of a segment that may not belong to it
FEWEST = 5  # rows of a segment that is tested by their mean


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of rows whose partners stand at one offset.

    Attributes:
        first: Its first row.
        last: The row behind its last one.
        offset: Rows by which the right side is late; negative for early.
    """

    first: int
    last: int
    offset: int

    @property
    def rows(self) -> Ints:
        """Its rows."""
        return np.arange(self.first, self.last)

    @property
    def targets(self) -> Ints:
        """Where their partners stand, which may be past the ends."""
        return self.rows + self.offset


@dataclass(frozen=True, slots=True)
class Path:
    """What explains the similarities along a file.

    Attributes:
        segments: Runs of rows at another offset than their own place, beyond doubt.
        state: Number of the offset of each row, ``(n,)``; the number of offsets for none.
        value: Gain of the whole path over strangers, less what its changes cost.
        gain: Log likelihood ratio of a match against a stranger at each offset, ``(offset, n)``.
        offsets: The offsets, rising, zero among them.
    """

    segments: tuple[Segment, ...]
    state: Ints
    value: float
    gain: Vectors
    offsets: Ints

    @property
    def own(self) -> Bools:
        """Whether each row's own partner is taken, ``(n,)``."""
        return self.state == np.searchsorted(self.offsets, 0)

    def chance(self, segment: Segment) -> Floats:
        """Probability of each row of a segment that it belongs to it: its ends are not sharp.

        Each end may be at any of the `EDGE` rows inside it, with the odds that the gains of these
        rows give, of the segment against what is beside it.
        """
        size = segment.last - segment.first
        out = np.ones(size)
        k = int(np.searchsorted(self.offsets, segment.offset))
        for beside, rows in (
            (segment.first - 1, segment.rows[:EDGE]),
            (segment.last, segment.rows[-EDGE:][::-1]),
        ):
            if not 0 <= beside < len(self.state):
                continue
            other = self.state[beside]
            against = self.gain[other, rows] if other < len(self.offsets) else 0.0
            inner = np.cumsum((self.gain[k, rows] - against).astype(np.float64))
            # the end behind none, one, two, ... of the rows leaves out what these would have gained
            weight = np.exp(-np.concatenate([[0.0], inner]).clip(-50, 50))
            out[rows - segment.first] *= (weight.cumsum() / weight.sum())[:-1]
        return out


def path(similar: Vectors, offsets: Ints, strange: Floats, *, learnt: bool = False) -> Path:
    """Segment a file by where its partners stand.

    Args:
        similar: Similarity of row ``i`` and row ``i + offset``, ``(offset, n)``; NaN past the ends.
        offsets: The offsets, rising, zero among them, ``(offset,)``.
        strange: Similarities of strangers, ``(m,)``.
        learnt: Whether they were learnt on these rows: then only signs are believed.
    """
    n, zero = similar.shape[1], int(np.searchsorted(offsets, 0))
    similar = (similar - np.float32(strange.mean())) / np.float32(strange.std() + 1e-9)
    strange = (strange - strange.mean()) / (strange.std() + 1e-9)
    price = float(np.log(n * len(offsets) * KINDS / ALARM))
    mean, sd, share = START, SPREAD, STRANGERS
    for _ in range(ROUNDS):
        gain = _gain(similar, strange, mean, sd, share)
        state = _viterbi(gain, zero, price, float(np.log(n)))
        there = np.flatnonzero(state < len(offsets))
        values = similar[state[there], there].astype(np.float64)
        values = values[np.isfinite(values)]
        if len(values) <= 20:
            break
        mean, sd, share = _parts(values, mean, sd)
    smooth = learnt or _neighbours_alike(similar, offsets, state)
    segments = tuple(
        Segment(first, last, int(offsets[k]))
        for first, last, k in _runs(state)
        if k != zero
        and k < len(offsets)
        and _sure(similar[:, first:last], gain[:, first:last], (zero, k), price, smooth=smooth)
    )
    there = np.flatnonzero(state < len(offsets))
    changes = int((np.diff(state) != 0).sum())
    value = float(gain[state[there], there].sum()) - price * changes
    return Path(segments, state, value, gain, offsets)


def _gain(similar: Vectors, strange: Floats, mean: float, sd: float, share: float) -> Vectors:
    """Log likelihood ratio of "a match or a stranger" against a stranger; of strangers, at most 1.

    The mean exponential over strangers is held at one, whatever their distribution is.
    """

    def ratio(x: Floats) -> Floats:
        power = -0.5 * ((x - mean) / sd) ** 2 - np.log(sd) + 0.5 * x * x
        return np.log((1.0 - share) * np.exp(power.clip(-50, 8)) + share)

    gain = ratio(np.where(np.isfinite(similar), similar, 0.0))
    gain -= max(float(np.log(np.mean(np.exp(ratio(strange))))), 0.0)
    gain[~np.isfinite(similar)] = 0.0
    return np.asarray(gain, np.float32)


def _parts(values: Floats, mean: float, sd: float) -> tuple[float, float, float]:
    """Mean and spread of the matched part, and share of strangers, who are known to be normal."""
    share = STRANGERS
    for _ in range(STEPS):
        match = (1.0 - share) * np.exp(-0.5 * ((values - mean) / sd) ** 2) / sd
        match /= match + share * np.exp(-0.5 * values * values) + 1e-300
        total = match.sum() + 1e-12
        mean = max(1.0, float((match * values).sum() / total))
        sd = float(np.sqrt((match * (values - mean) ** 2).sum() / total).clip(0.5, 2.0))
        share = float(1.0 - match.mean())
    return mean, sd, float(np.clip(share, LEAST, MOST))


@kernel
def _viterbi(gain, zero, enter, leave):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Best state of each row: an offset, or the number of offsets for none, which gains nothing."""
    states, n = gain.shape
    best = np.full(states + 1, -enter)
    best[zero], best[states] = 0.0, -leave
    back = np.zeros((n, states + 1), np.int16)
    for i in range(n):
        top = best.argmax()
        highest = best[top]
        for k in range(states + 1):
            price = leave if k in (zero, states) else enter
            if best[k] >= highest - price:
                back[i, k] = k
            else:
                best[k] = highest - price
                back[i, k] = top
            if k < states:
                best[k] += gain[k, i]
    out = np.empty(n, np.int64)
    state = best.argmax()
    for i in range(n - 1, -1, -1):
        out[i] = state
        state = back[i, state]
    return out


def _neighbours_alike(similar: Vectors, offsets: Ints, state: Ints) -> bool:
    """Whether rows beside the right partner are alike to it too, as in sorted files and films."""
    there = np.flatnonzero(state < len(offsets))
    beside = []
    for step in BESIDE:
        wanted = offsets[state[there]] + step
        k = np.searchsorted(offsets, wanted).clip(0, len(offsets) - 1)
        hit = offsets[k] == wanted
        beside.append(similar[k[hit], there[hit]])
    values = np.concatenate(beside).astype(np.float64)
    values = values[np.isfinite(values)]
    if len(values) <= ENOUGH:
        return False
    error = float(values.std()) / np.sqrt(len(values))
    return float(values.mean()) > max(ERRORS * error, ALIKE)


def _runs(state: Ints) -> Iterator[tuple[int, int, int]]:
    """First row, row behind the last, and state of each run."""
    cuts = np.flatnonzero(np.diff(state)) + 1
    for first, last in zip(
        np.concatenate([[0], cuts]), np.concatenate([cuts, [len(state)]]), strict=True
    ):
        yield int(first), int(last), int(state[first])


def _sure(
    similar: Vectors, gain: Vectors, states: tuple[int, int], price: float, *, smooth: bool
) -> bool:
    """Whether a run is at another offset beyond doubt.

    Its gain has to pay for the change. Where neighbours are no more alike than strangers, the
    partners have to beat the rows' own values; where they are, a row's own value and the other may
    be exchangeable, so only how often one beats the other counts, as a bet whose gain is fair.
    """
    own, there = similar[states[0]], similar[states[1]]
    if float(gain[states[1]].sum()) < price:
        return False
    both = np.isfinite(own) & np.isfinite(there)
    better = (there - own)[both].astype(np.float64)
    if smooth:
        wins, losses = int((better > 0).sum()), int((better < 0).sum())
        bets = np.exp(wins * np.log(2 * SIGNS) + losses * np.log(2 * (1 - SIGNS)))
        return bool(np.log(bets.mean()) >= price)
    if float((gain[states[1]] - gain[states[0]]).sum()) >= 2 * price:
        return True
    if len(better) < FEWEST:
        return False
    error = max(float(better.std(ddof=1)) / np.sqrt(len(better)), 1e-9)
    return bool(better.mean() / error > student.isf(np.exp(-price), len(better) - 1))
