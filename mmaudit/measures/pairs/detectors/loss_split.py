"""Small losses are clean (NCR): two heads divide the pairs for each other. In-sample.

Both heads are warmed up on all pairs with the mean hinge. Then, epoch by epoch, each head's losses
are divided by a Gaussian mixture, and each head trains on the other's division: clean pairs with a
margin that follows their rectified label, the others only in the second half.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.intervals.blocks import ROWS
from mmaudit.measures.pairs import mixture, ncr, two_tower
from mmaudit.measures.pairs.detectors.base import Sides
from mmaudit.seeds import Words

WARM, DIVIDED, BATCH = 5, 4, 128


@dataclass(frozen=True, slots=True)
class Split:
    """What the losses of two networks say.

    Attributes:
        curves: Loss of each pair after each epoch, mean of the two networks, ``(epoch, n)``.
        loss: Loss after the warm-up on the scale of [0, 1], ``(n,)``; higher is suspicious.
        clean: P(clean) by the Gaussian mixture after co-division, mean of both networks, ``(n,)``.
        clean_beta: P(clean) by the Beta mixture of the warm-up losses, likewise.
        bimodality: Whether the division of the warm-up losses is to be believed.
    """

    curves: Vectors
    loss: Vectors
    clean: Vectors
    clean_beta: Vectors
    bimodality: mixture.Bimodality

    @property
    def noisy(self) -> NDArray[np.bool_]:
        """Pairs that the division calls mismatched, ``(n,)``: none if it is not believed."""
        return (self.clean < 0.5) & self.bimodality.believed


def split(sides: Sides, *, held: int = ROWS) -> Split:
    """Warm up, divide, and train on each other's division.

    The losses are of pairs that the heads were trained on, so they give no p-values. Unlike the
    published code, nothing is called mismatched only because something has to be.

    Args:
        sides: The pairs.
        held: Rows of a side that are copied at once, beside a batch.
    """
    draws = [sides.words(f"loss_split/{name}") for name in ("a", "b")]
    pair = [two_tower.Training(sides.left, sides.right, draw, held=held) for draw in draws]
    curves = []
    for epoch in range(WARM):
        for training, draw in zip(pair, draws, strict=True):
            order = draw.permutation(len(sides.left), 8 + epoch)[: two_tower.MOST]
            for rows in two_tower.batches(order, BATCH):
                training.step(rows, two_tower.mean_hinge)
        curves.append([_losses(t, d, epoch) for t, d in zip(pair, draws, strict=True)])
    warm = curves[-1]
    counted = [mixture.histogram(loss) for loss in warm]
    fits = [mixture.gaussian(c) for c in counted]
    believed = [mixture.bimodality(c, f) for c, f in zip(counted, fits, strict=True)]
    for epoch in range(WARM, WARM + DIVIDED):
        clean = [_clean(loss) for loss in curves[-1]]
        late = epoch >= WARM + DIVIDED // 2
        for k in range(2):
            _divided_epoch(pair[k], pair[1 - k], clean[1 - k], draws[k], epoch, late=late)
        curves.append([_losses(t, d, epoch) for t, d in zip(pair, draws, strict=True)])
    mean = np.mean(warm, axis=0)
    betas = [
        mixture.clean_probability(c, mixture.beta(c), x) for c, x in zip(counted, warm, strict=True)
    ]
    return Split(
        curves=np.mean(curves, axis=1),
        loss=((mean - mean.min()) / max(float(mean.max() - mean.min()), 1e-12)).astype(np.float32),
        clean=np.mean([_clean(loss) for loss in curves[-1]], axis=0),
        clean_beta=np.mean(betas, axis=0),
        bimodality=min(believed, key=lambda b: (b.believed, b.separation)),
    )


def _clean(loss: Vectors) -> Vectors:
    counted = mixture.histogram(loss)
    return mixture.clean_probability(counted, mixture.gaussian(counted), loss)


def _losses(training: two_tower.Training, draw: Words, epoch: int) -> Vectors:
    """Loss of each pair in random batches, ``(n,)``."""
    n = training.rows
    order = draw.permutation(n, 1000 + epoch)
    out = np.empty(n, np.float32)
    for rows in np.array_split(order, max(1, n // BATCH)):
        out[rows] = ncr.warmup_loss(training.similarity(rows))
    return out


def _divided_epoch(
    own: two_tower.Training,
    other: two_tower.Training,
    clean: Vectors,
    draw: Words,
    epoch: int,
    *,
    late: bool,
) -> None:
    """Train one network on the other's division."""
    for rows in _used(clean, draw, epoch, late=late):
        label = ncr.rectified_label(
            clean[rows],
            ncr.prediction(own.similarity(rows)),
            ncr.prediction(other.similarity(rows)),
        )
        margin = np.asarray(ncr.soft_margin(label), np.float32)

        def gradient(similarity: Vectors, margin: Vectors = margin) -> Vectors:
            return two_tower.hardest_hinge(similarity, margin)

        own.step(rows, gradient)


def _used(clean: Vectors, draw: Words, epoch: int, *, late: bool) -> Iterator[Ints]:
    order = draw.permutation(len(clean), 8 + epoch)[: two_tower.MOST]
    yield from two_tower.batches(order if late else order[clean[order] > 0.5], BATCH)
