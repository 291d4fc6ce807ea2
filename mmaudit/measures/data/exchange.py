"""Exchange: whether the samples of a part are drawn as the others are.

If they are, every choice of as many units for the part is as likely as the one that was made: a
test of that is right whatever the law of the scores is, with ties too. A unit is a sample, or what
a group has inside or outside the part: where groups stand on both sides the test errs less often.

References:
    Pitman 1937, "Significance tests which may be applied to samples from any populations"
    Fisher 1922, doi:10.2307/2340521: of scores that take two values
"""

import math
from typing import Literal

import numpy as np
from numba import uint32
from scipy import special, stats

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.kernels import kernel
from mmaudit.seeds import Words, block

LEVEL = 0.05
MOST = 4_000  # units other than the most frequent one, above which the sum's law is taken as normal
DRAWS, FEWEST_DRAWS = 40, 2_000  # of each test of a family: enough for one of it to be a finding
GRAIN = 2.0**-30  # of the sums, so that they are the same in any order
Side = Literal["either", "more"]


def p_value(
    scores: Floats,
    inside: Bools,
    groups: Ints | None,
    words: Words,
    *,
    side: Side = "either",
    family: int = 1,
) -> float:
    """Probability of a sum of scores inside that is as far out, if all choices are as likely.

    Of two different scores it is that of the hypergeometric law. Else it is that of the normal law,
    and where that is .05 or less, and `MOST` units or fewer differ from the most frequent one, that
    of drawn choices.

    Args:
        scores: A number of each sample, ``(n,)``, finite.
        inside: Which samples are in the part, ``(n,)``.
        groups: Number of each sample's group, ``(n,)``; None where each stands alone.
        words: Draw the choices.
        side: Whether a sum that is too small counts too.
        family: How many tests are corrected for together: more choices are drawn for more.

    Returns:
        In (0, 1]; 1 where all are inside or outside, or all are equal.
    """
    sums, within = _units(scores, inside, groups)
    n, count = len(sums), int(within.sum())
    kinds, times = np.unique(sums, return_counts=True)
    if count in {0, n} or kinds.size == 1:
        return 1.0
    if kinds.size == 2:
        high = sums == kinds[1]
        return fisher(int((high & within).sum()), n, int(high.sum()), count, side)
    sums, usual = sums - sums.mean(), float(kinds[times.argmax()] - sums.mean())
    total = float(sums[within].sum())
    spread = math.sqrt(count * (n - count) / (n * (n - 1)) * float((sums**2).sum()))
    out = abs(total) if side == "either" else total
    p = min(1.0, float(special.ndtr(-out / spread)) * (2 if side == "either" else 1))
    rare = np.sort(sums[sums != usual] - usual)
    if p > LEVEL or rare.size > MOST:
        return p
    draws = max(DRAWS * family, FEWEST_DRAWS)
    least = out * (1 - 1e-9)
    hits = _hits(rare, n, count, usual * count, least, side == "either", draws, *words.halves)
    return (1 + hits) / (1 + draws)


def fisher(high: int, n: int, highs: int, count: int, side: Side) -> float:
    """Fisher's exact p-value of two shares; of both sides twice the smaller one.

    Args:
        high: Of the units inside, how many have what is counted.
        n: All units.
        highs: How many of all have it.
        count: Units inside.
        side: Whether too few count too.
    """
    more = float(stats.hypergeom.sf(high - 1, n, highs, count))
    if side == "more":
        return more
    return min(1.0, 2 * min(more, float(stats.hypergeom.cdf(high, n, highs, count))))


def midranks(values: Floats) -> Floats:
    """Ranks of values, ``(n,)``, from 1; equal ones share the mean of theirs."""
    return np.asarray(stats.rankdata(values), np.float64)


def _units(scores: Floats, inside: Bools, groups: Ints | None) -> tuple[Floats, Bools]:
    """Scores off their mean, added up within each unit, and whether it is inside; ``(unit,)``."""
    centred = scores - scores.mean()
    if groups is not None:
        _, unit = np.unique(groups * 2 + inside, return_inverse=True)
        centred = np.bincount(unit.reshape(-1), np.rint(centred / GRAIN) * GRAIN)
        within = np.zeros(len(centred), np.bool_)
        within[unit.reshape(-1)] = inside
        inside = within
    return np.rint(centred / GRAIN) * GRAIN, inside


@kernel
def _hits(  # type: ignore[no-untyped-def]  # noqa: ANN202
    rare: Floats,
    n: int,
    count: int,
    shift: float,
    least: float,
    either: bool,  # noqa: FBT001  kernels take no keywords
    draws: int,
    key0: int,
    key1: int,
):
    """How many of some choices of ``count`` of ``n`` units have a sum as far out.

    The units that are not usual are passed one by one, and each is chosen with the share of those
    still to choose among those still to pass: so the choices are uniform.
    """
    zero, k0, k1 = uint32(0), uint32(key0), uint32(key1)
    hits = 0
    for draw in range(draws):
        taken, total = 0, shift
        four = block(zero, uint32(draw), zero, zero, k0, k1)
        for i in range(rare.size):
            if i and i % 4 == 0:
                four = block(uint32(i // 4), uint32(draw), zero, zero, k0, k1)
            if (four[i % 4] + 0.5) * 2.0**-32 * (n - i) < count - taken:
                taken += 1
                total += rare[i]
        if (abs(total) if either else total) >= least:
            hits += 1
    return hits
