"""Evidence that is joined from that of several statistics by how their draws go together.

References:
    Zou and Donner 2008, doi:10.1002/sim.3095 (a difference from two intervals)
"""

import math
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.measures.intervals.evidence import By, Ends, Evidence, Miscalibration, Root, alike

UNSEEN = 0.4  # of the error: so seldom is none seen of as many lost samples as are allowed for
TINY = 1e-3  # what few units or draws count less 3: nothing is known of how parts go together


@dataclass(frozen=True, slots=True)
class Apart:
    """The statistic is a difference of two whose draws vary together.

    How they vary says nothing of samples that change and were not seen to: where few do, of many
    that are wrong both times, the draws are nearly the same. What the unseen ones may add is taken
    off what the draws have in common; where the two intervals know nothing of unseen samples
    either, it is added, if few answers differ.

    Attributes:
        values: The two statistics.
        both: Their evidence.
        correlation: Of their draws.
    """

    values: tuple[float, float]
    both: tuple[Evidence, Evidence]
    correlation: float

    def ends(self, tail: float) -> Ends:
        """Square-and-add, less what the correlation says; noise that has a bias adds in full."""
        r, (common, more) = self.correlation, self._unseen(tail)
        (a_low, a_high), (b_low, b_high) = (one.ends(tail) for one in self.both)
        (a, a_most), (b, b_most) = (
            _middles(one, value, tail) for one, value in zip(self.both, self.values, strict=True)
        )
        low = a - b_most - math.hypot(_side(a - a_low, b_high - b_most, r, common), more)
        return low, a_most - b + math.hypot(_side(a_high - a_most, b - b_low, r, common), more)

    def _unseen(self, tail: float) -> tuple[float, float]:
        """What unseen units may add that the two intervals know of, and that they do not."""
        units = -math.log(UNSEEN * tail)
        most = max(_reach(one, units) for one in self.both)
        answers = [one.answers if isinstance(one, By | Root) else None for one in self.both]
        if None in answers:
            return most, 0.0
        same = alike(answers)
        return 0.0, most if same and same[0].minus(same[1]).few() else 0.0


@dataclass(frozen=True, slots=True)
class Joint:
    """The statistic is the mean of several whose draws vary together.

    Attributes:
        values: The statistics, ``(part,)``.
        parts: Their evidence.
        draws: Their draws, ``(draw, part)``; NaN where one is not defined.
        units: How many samples, or groups of samples, they were seen in.
        loose: What a difference is made of, where draws misjudge how two of them go together.
    """

    values: Floats
    parts: tuple[Evidence, ...]
    draws: Floats
    units: int
    loose: Evidence | None = None

    def ends(self, tail: float) -> Ends:
        """Square-and-add; parts go together by one standard error of Fisher's z more than seen.

        The error is that of the units and that of the draws; too few of either know nothing.
        """
        halves = np.abs(np.array([p.ends(tail) for p in self.parts]) - self.values[:, None])
        defined = self.draws[np.isfinite(self.draws).all(axis=1)]
        rest = defined - defined.mean(axis=0) if len(defined) else np.zeros((1, len(self.parts)))
        spread = rest.std(axis=0)
        moving = np.outer(spread, spread) > 0
        product = rest.T @ rest / len(rest)
        r = np.divide(product, np.outer(spread, spread), out=np.ones_like(product), where=moving)
        error = math.hypot(*(1 / math.sqrt(max(n - 3, TINY)) for n in (self.units, len(defined))))
        more = np.tanh(np.arctanh(np.clip(r, -0.999999, 0.999999)) + error)
        np.fill_diagonal(more, 1.0)
        low, high = (math.sqrt(max(float(h @ more @ h), 0.0)) / h.size for h in halves.T)
        middle = float(self.values.mean())
        return middle - low, middle + high


def _middles(one: Evidence, value: float, tail: float) -> Ends:
    """Where chance begins below and above a statistic: at itself, if its noise has no bias."""
    return one.middles(tail) if isinstance(one, Miscalibration) else (value, value)


def _reach(one: Evidence, units: float) -> float:
    """How far so many unseen units may move a statistic, as far as that is known."""
    if isinstance(one, Joint):
        return math.fsum(_reach(part, units) for part in one.parts) / len(one.parts)
    return one.reach(units) if isinstance(one, By | Root) else 0.0


def _side(first: float, second: float, r: float, unseen: float) -> float:
    if math.isinf(first) or math.isinf(second):
        return math.inf
    common = 2 * r * first * second
    if common > 0:
        common = max(common - unseen**2, 0.0)
    return math.sqrt(max(first**2 + second**2 - common, 0.0))
