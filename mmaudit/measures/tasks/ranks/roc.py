"""ROC curves of classes against the rest, counted in integers over draws of the samples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Ints
from mmaudit.kernels import kernel

OF_FEW = (  # of one class or label, why no interval of a drop of its area keeps its error
    "of one class, clean and worse areas are joined by a correlation that the few pairs of a rare "
    "class misjudge"
)


@dataclass(frozen=True, slots=True)
class Curve:
    """The samples that one class is judged on, by their score for it.

    Attributes:
        number: The class.
        order: The samples, those with the smallest scores first, ``(m,)`` int32.
        scores: Their scores, rising, ``(m,)``.
    """

    number: int
    order: NDArray[np.int32]
    scores: NDArray[np.floating]

    def sides(self, labels: Ints) -> tuple[Ints, Floats, Ints, Floats]:
        """Samples of the class with their scores, and the others with theirs."""
        inside = labels[self.order] == self.number
        scores = self.scores.astype(np.float64)
        at = self.order.astype(np.int64)
        return at[inside], scores[inside], at[~inside], scores[~inside]


def curve(number: int, samples: Ints, scores: NDArray[np.floating]) -> Curve:
    """The curve of one class from scores of some samples."""
    order = np.argsort(scores)
    return Curve(number, samples[order].astype(np.int32), scores[order])


def areas_under(drawn: NDArray[np.uint8], labels: Ints, curves: list[Curve]) -> NDArray[np.float64]:
    """Area under each curve in each draw, ``(draw, curve)``; NaN where a side is not drawn.

    Args:
        drawn: How often each sample is drawn, ``(draw, n)``.
        labels: Class of each sample, ``(n,)``.
        curves: The curves.
    """
    out = np.empty((drawn.shape[0], len(curves)))
    for c, one in enumerate(curves):
        begins = np.ones(one.order.size, np.bool_)
        begins[1:] = np.diff(one.scores) > 0
        _area(drawn, labels, one.number, one.order, begins, out[:, c])
    return out


@kernel
def _area(
    drawn: NDArray[np.uint8],
    labels: NDArray[np.int64],
    number: int,
    order: NDArray[np.int32],
    begins: NDArray[np.bool_],
    out: NDArray[np.float64],
) -> None:
    """The area by counting pairs, a tie as half, into ``out (draw,)``."""
    for b in range(drawn.shape[0]):
        below, tied, here, twice, positives = 0, 0, 0, 0, 0
        for j in range(order.size):
            i = order[j]
            if begins[j]:
                twice += here * (2 * below + tied)
                positives += here
                below += tied
                tied, here = 0, 0
            weight = int(drawn[b, i])
            if labels[i] == number:
                here += weight
            else:
                tied += weight
        twice += here * (2 * below + tied)
        positives += here
        negatives = below + tied
        out[b] = np.nan
        if positives and negatives:
            out[b] = twice / (2.0 * positives * negatives)
