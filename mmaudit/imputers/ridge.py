"""The linear conditional mean given what is present, by ridge regression: ``ridge``.

One fit for each pattern of presence, on the training samples that have all of it and what is filled
in; numbers are standardised on the training samples. The penalty of each number that is predicted
is the one with the least squared error when each of these samples is left out, which needs no
second fit. Where fewer than 16 of them have a pattern, the largest part of it that 16 have is used;
with nothing present it is the mean. It fills in vectors, rows of a table (of categories the one of
the highest predicted share) and series of one length, from any kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from mmaudit.arrays import Bools, Floats
from mmaudit.imputers.base import Incomplete, TrainingSet, check_there, refused
from mmaudit.imputers.numbers.descriptors import Descriptor
from mmaudit.imputers.numbers.neighbours import neighbours

SOURCE = (
    "Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634; leave-one-out errors in closed "
    "form, Allen 1974, doi:10.1080/00401706.1974.10489157"
)
COUNT = 0
SEVERAL = False
FEWEST = 16  # training samples that a regression is fitted on
PENALTIES = np.logspace(-6, 4, 21)  # in units of the mean squared singular value
RANK = 1e-12  # of the largest squared singular value, below which there is nothing

Pattern = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """A linear prediction of one description from others, side by side.

    Attributes:
        pattern: The modalities that it looks at.
        centre: Means of what it looks at, ``(p,)``.
        directions: Singular directions, ``(p, r)``.
        loadings: What each direction adds, ``(r, q)``.
        mean: Means of what is predicted, ``(q,)``.
    """

    pattern: Pattern
    centre: Floats
    directions: Floats
    loadings: Floats
    mean: Floats

    def predict(self, description: Floats) -> Floats:
        """The description of one sample's absent value, ``(q,)``, from that of others ``(p,)``."""
        # row by row and without BLAS: the same bits whatever is in the batch
        along = np.einsum("p,pr->r", description - self.centre, self.directions)
        return self.mean + np.einsum("r,rq->q", along, self.loadings)


@dataclass(frozen=True, slots=True, eq=False)
class Ridge:
    """Described training samples; a regression is fitted when its pattern first turns up."""

    descriptors: Mapping[str, Descriptor]
    descriptions: Mapping[str, Floats]
    present: Mapping[str, Bools]
    fits: dict[tuple[Pattern, str], Regression] = field(default_factory=dict)

    def fill(self, samples: Incomplete, modality: str) -> list[list[Any]]:
        """One value for each absent one, as `mmaudit.imputers.base.Fitted.fill`."""
        out = []
        for row in np.flatnonzero(~np.asarray(samples.present[modality], bool)).tolist():
            fit = self._fit(samples.pattern(row, modality), modality)
            pieces = [
                self.descriptors[m].describe([samples.values[m][row]])[0] for m in fit.pattern
            ]
            shown = np.concatenate(pieces) if pieces else np.zeros(0)
            out.append(self.descriptors[modality].value(fit.predict(shown)))
        return [out]

    def _fit(self, pattern: Pattern, modality: str) -> Regression:
        key = pattern, modality
        if key not in self.fits:
            used = self._enough(pattern, modality)
            rows = self._having((*used, modality))
            x = [self.descriptions[m][rows] for m in used]
            wide = np.concatenate(x, axis=1) if x else np.zeros((int(rows.sum()), 0))
            self.fits[key] = regression(wide, self.descriptions[modality][rows], used)
        return self.fits[key]

    def _enough(self, pattern: Pattern, modality: str) -> Pattern:
        """The largest part of a pattern that enough training samples have, the first of equals."""
        for size in range(len(pattern), 0, -1):
            parts = combinations(pattern, size)
            counts = {part: int(self._having((*part, modality)).sum()) for part in parts}
            best = max(counts, key=lambda part: counts[part])
            if counts[best] >= FEWEST:
                return best
        return ()

    def _having(self, modalities: Pattern) -> Bools:
        return np.logical_and.reduce([self.present[m] for m in modalities])


def fit(training: TrainingSet, count: int) -> Ridge:
    """Describe the training samples, as `mmaudit.imputers.base.Imputer.fit`."""
    del count
    check_there(training, "ridge", 1)
    near = neighbours(training)
    for m, one in near.descriptors.items():
        if one.exact:
            raise refused("ridge", m, training.kinds[m], one.exact)
    return Ridge(near.descriptors, near.descriptions, training.present)


def regression(x: Floats, y: Floats, pattern: Pattern = ()) -> Regression:
    """Ridge regression of each column of ``y``, with the penalty of the least error left out.

    Args:
        x: What is looked at, ``(n, p)``; p may be 0.
        y: What is predicted, ``(n, q)``.
        pattern: The modalities that ``x`` stands for.
    """
    centre, mean = x.mean(axis=0), y.mean(axis=0)
    samples, squares, directions = _singular(x - centre)
    if not squares.size:
        nothing = np.zeros((0, y.shape[1]))
        return Regression(pattern, centre, directions, nothing, mean)
    rest = y - mean
    along = samples.T @ rest
    best, penalty = np.full(y.shape[1], np.inf), np.zeros(y.shape[1])
    for one in PENALTIES * squares.mean():
        shrunk = squares / (squares + one)
        leverage = 1 / len(x) + (samples * samples) @ shrunk
        error = (rest - samples @ (shrunk[:, None] * along)) / np.maximum(1 - leverage, RANK)[
            :, None
        ]
        total = (error * error).sum(axis=0)
        penalty[total < best] = one
        best = np.minimum(best, total)
    root = np.sqrt(squares)[:, None]
    return Regression(pattern, centre, directions, root / (root**2 + penalty) * along, mean)


def _singular(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Left vectors ``(n, r)``, squared singular values ``(r,)`` and right vectors ``(p, r)``."""
    n, p = x.shape
    squares, vectors = np.linalg.eigh(x.T @ x if p <= n else x @ x.T)
    keep = squares > RANK * squares.max(initial=0.0)
    squares, vectors = squares[keep], vectors[:, keep]
    others = (x @ vectors if p <= n else x.T @ vectors) / np.sqrt(squares)
    return (others, squares, vectors) if p <= n else (vectors, squares, others)
