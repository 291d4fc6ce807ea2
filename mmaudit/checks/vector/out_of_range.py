"""Out of range: numbers lie where the other vectors have none.

A range reaches a quarter of the way from the 1 % to the 99 % quantile beyond both of them. Numbers
that are nearly always the same have no range. Noise is seen where numbers have bounds, as pixels
have, and hardly where they have none.
"""

from collections.abc import Iterable

from mmaudit.arrays import Floats
from mmaudit.checks._usual import FEWEST, Usual, columns
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.vector._numbers import numbers, stacked


def learn(vectors: Iterable[Floats]) -> Usual:
    """The range of each number."""
    return columns(stacked(vectors))


def measure(vector: Floats, usual: Usual) -> float:
    """Share of numbers out of their range; NaN for a vector of another length."""
    return usual.share_outside(vector)


CHECK = QualityCheck(
    view=numbers,
    measure=measure,
    unit="1",
    bad="high",
    source="ours",
    finding="out of range",
    suggestion="look for another unit or scale, and for errors of reading",
    scale="counts",
    learn=learn,
    fewest=FEWEST,
)
