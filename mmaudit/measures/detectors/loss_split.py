"""Small losses are clean (NCR): a warmed-up head's loss, divided by two mixtures. In-sample."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.measures import mixture, ncr, two_tower
from mmaudit.measures.detectors.base import Floats, Sides

EPOCHS, BATCH = 5, 128


@dataclass(frozen=True, slots=True)
class Split:
    """What the loss curves of two networks say.

    Attributes:
        curves: Loss of each pair after each epoch, mean of the two networks, ``(epoch, n)``.
        loss: Loss after the last epoch on the scale of [0, 1], ``(n,)``; higher is suspicious.
        clean: P(clean) by the Gaussian mixture, mean of both networks' posteriors, ``(n,)``.
        clean_beta: The same by the Beta mixture.
        bimodality: Whether the division is to be believed, of the worse network.
    """

    curves: Floats
    loss: Floats
    clean: Floats
    clean_beta: Floats
    bimodality: mixture.Bimodality

    @property
    def noisy(self) -> NDArray[np.bool_]:
        """Pairs that the division calls mismatched, ``(n,)``: none if it is not believed."""
        return (self.clean < 0.5) & self.bimodality.believed


def split(sides: Sides) -> Split:
    """Warm up two heads on all pairs with the mean hinge, and divide each head's losses.

    The losses are of pairs that the heads were trained on, so they give no p-values. Unlike the
    published code, nothing is called mismatched only because something has to be.
    """
    both = [_curves(sides, name) for name in ("a", "b")]
    curves, lasts = np.mean(both, axis=0), [curve[-1] for curve in both]
    counted = [mixture.histogram(last) for last in lasts]
    fits = [mixture.gaussian(c) for c in counted]
    betas = [mixture.beta(c) for c in counted]
    found = [mixture.bimodality(c, f) for c, f in zip(counted, fits, strict=True)]

    def posterior(fitted: list[mixture.Mixture]) -> Floats:
        each = zip(counted, fitted, lasts, strict=True)
        return np.mean([mixture.clean_probability(c, f, x) for c, f, x in each], axis=0)

    last = curves[-1]
    return Split(
        curves,
        ((last - last.min()) / max(float(last.max() - last.min()), 1e-12)).astype(np.float32),
        posterior(fits),
        posterior(betas),
        min(found, key=lambda b: (b.believed, b.separation)),
    )


def _curves(sides: Sides, name: str) -> Floats:
    """Loss of each pair after each epoch of one network, in random batches, ``(epoch, n)``."""
    n = len(sides.left)
    words = sides.words(f"loss_split/{name}")
    curves = np.zeros((EPOCHS, n), np.float32)

    def measure(epoch: int, left: two_tower.Tower, right: two_tower.Tower) -> None:
        order = words.permutation(n, 1000 + epoch)
        for rows in np.array_split(order, max(1, n // BATCH)):
            similarity = left(sides.left[rows]) @ right(sides.right[rows]).T
            curves[epoch, rows] = ncr.warmup_loss(similarity)

    recipe = two_tower.Recipe(epochs=EPOCHS, batch=BATCH, gradient=two_tower.mean_hinge)
    two_tower.fit(sides.left, sides.right, recipe, words, measure)
    return curves
