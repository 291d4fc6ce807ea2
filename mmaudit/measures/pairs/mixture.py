"""Two-component mixtures of one-dimensional losses, by expectation maximisation over bins.

Losses are scaled to [0, 1] and counted in fine bins; every step of the algorithm then costs the
number of bins, not the number of samples.

References:
    Huang et al. 2021 (NCR: Gaussian mixture, 10 iterations, tolerance 1e-2, floor 5e-4)
    Arazo et al. 2019 (Beta mixture of losses), arXiv:1904.11238
    Ashman, Bird, Zepf 1994 (separation above 2 is a clean division), doi:10.1086/117248
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from mmaudit.arrays import Floats
from mmaudit.kernels import kernel

BINS = 65_536
SEPARATED = 2.0
SMALL = 1e-300


@dataclass(frozen=True, slots=True)
class Histogram:
    """Values scaled to [0, 1] and counted in equal bins.

    Attributes:
        low: Smallest value.
        high: Largest value.
        counts: Values in each bin, ``(bin,)``.
    """

    low: float
    high: float
    counts: NDArray[np.int64]

    @property
    def centres(self) -> Floats:
        """Middle of each bin on the scale of [0, 1], ``(bin,)``."""
        return (np.arange(len(self.counts)) + 0.5) / len(self.counts)

    def bins(self, values: NDArray[np.floating]) -> NDArray[np.int32]:
        """Bin of each value, ``(n,)``; values outside fall into the ends."""
        return _bins(values, self.low, self.high, len(self.counts))


@dataclass(frozen=True, slots=True)
class Mixture:
    """Two fitted components, the clean one (smaller mean) first, on the scale of [0, 1].

    Attributes:
        weights: Share of each, ``(2,)``.
        means: Mean of each, ``(2,)``.
        sds: Standard deviation of each, ``(2,)``.
        clean: Posterior probability of the clean component in each bin, ``(bin,)``.
    """

    weights: Floats
    means: Floats
    sds: Floats
    clean: Floats

    @property
    def separation(self) -> float:
        """Ashman's distance of the means, in pooled standard deviations."""
        pooled = np.sqrt((self.sds**2).mean())
        return float(abs(self.means[1] - self.means[0]) / max(pooled, SMALL))


@dataclass(frozen=True, slots=True)
class Bimodality:
    """Whether a division into two is believed.

    Attributes:
        bic_gain: BIC of one normal distribution minus BIC of two; positive speaks for two.
        separation: Ashman's distance of the two.
        believed: The gain is positive and the separation above 2.
    """

    bic_gain: float
    separation: float
    believed: bool


def histogram(values: NDArray[np.floating], bins: int = BINS) -> Histogram:
    """Count values in equal bins between their smallest and largest, in two passes.

    Raises:
        ValueError: There are no values, or one is not finite.
    """
    low, high = (float(values.min()), float(values.max())) if len(values) else (np.nan, np.nan)
    if not np.isfinite([low, high]).all():
        raise ValueError("a mixture needs finite values")
    return Histogram(low, high, _count(values, low, high, bins))


@kernel
def _scale(low, high, bins):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    return bins / (high - low) if high > low else 0.0


@kernel
def _count(values, low, high, bins):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    counts = np.zeros(bins, np.int64)
    scale = _scale(low, high, bins)
    for i in range(values.size):
        counts[min(int((values[i] - low) * scale), bins - 1)] += 1
    return counts


@kernel
def _bins(values, low, high, bins):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    out = np.empty(values.size, np.int32)
    scale = _scale(low, high, bins)
    for i in range(values.size):
        out[i] = max(min(int((values[i] - low) * scale), bins - 1), 0)
    return out


def gaussian(
    counted: Histogram, *, iterations: int = 10, tolerance: float = 1e-2, floor: float = 5e-4
) -> Mixture:
    """Fit two normal components, as NCR does.

    Args:
        counted: The losses.
        iterations: Most steps.
        tolerance: Stop when the mean log likelihood changes by less.
        floor: Added to each variance.

    Returns:
        The mixture. The start is the best division into two by squares, found exactly.
    """
    x, share = counted.centres, counted.counts / counted.counts.sum()
    first = (np.arange(len(x)) < _division(x, share)).astype(np.float64)
    weights, means, sds = _moments(x, share, first, floor)
    before = -np.inf
    for _ in range(iterations):
        clean, likelihood = _posterior(x, share, weights, means, sds)
        weights, means, sds = _moments(x, share, clean, floor)
        if abs(likelihood - before) < tolerance:
            break
        before = likelihood
    return _ordered(weights, means, sds, _posterior(x, share, weights, means, sds)[0])


def beta(counted: Histogram, *, iterations: int = 10) -> Mixture:
    """Fit two Beta components by weighted moments to the middle 90 % of the losses.

    Args:
        counted: The losses.
        iterations: Steps.

    Returns:
        The mixture, on the scale of [0, 1] between the 5th and the 95th percentile.
    """
    cumulative = counted.counts.cumsum() / counted.counts.sum()
    low, high = counted.centres[np.searchsorted(cumulative, [0.05, 0.95])]
    x = ((counted.centres - low) / (high - low + 1e-6)).clip(1e-3, 1.0 - 1e-3)
    inside = (counted.centres >= low) & (counted.centres <= high)
    share = np.where(inside, counted.counts, 0).astype(np.float64)
    share /= share.sum()
    a, b, weights = np.array([1.0, 2.0]), np.array([2.0, 1.0]), np.array([0.5, 0.5])
    for _ in range(iterations):
        clean = _beta_posterior(x, weights, a, b)
        weights, means, sds = _moments(x, share, clean, 1e-9)
        a = np.maximum(means * (means * (1.0 - means) / sds**2 - 1.0), 1e-2)
        b = np.maximum(a * (1.0 - means) / means, 1e-2)
    means = a / (a + b)
    sds = np.sqrt(means * (1.0 - means) / (a + b + 1.0))
    return _ordered(weights, means, sds, _beta_posterior(x, weights, a, b))


def bimodality(counted: Histogram, split: Mixture) -> Bimodality:
    """Compare one normal distribution with two, and ask how far apart the two are."""
    x, n = counted.centres, counted.counts.sum()
    share = counted.counts / n
    width = 1.0 / len(x)
    weights, means, sds = _moments(x, share, np.ones_like(x), width**2)
    one = share @ _normal_logs(x, weights, means, sds)[0]
    two = share @ np.logaddexp(*_normal_logs(x, split.weights, split.means, split.sds))
    gain = float(2.0 * n * (two - one) - 3.0 * np.log(n))  # 2 parameters against 5
    return Bimodality(gain, split.separation, gain > 0 and split.separation > SEPARATED)


def clean_probability(
    counted: Histogram, split: Mixture, values: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Posterior probability that each value is of the clean component, ``(n,)``."""
    return split.clean.astype(np.float32)[counted.bins(values)]


def _division(x: Floats, share: Floats) -> int:
    """The bin that starts the second group in the best division into two by squares."""
    mass, first = share.cumsum(), (share * x).cumsum()
    rest = np.maximum(1.0 - mass, SMALL)
    between = first**2 / np.maximum(mass, SMALL) + (first[-1] - first) ** 2 / rest
    return int(between[:-1].argmax()) + 1


def _moments(
    x: Floats, share: Floats, clean: Floats, floor: float
) -> tuple[Floats, Floats, Floats]:
    held = np.stack([share * clean, share * (1.0 - clean)])
    weights = held.sum(1) + 10 * np.finfo(float).eps
    means = held @ x / weights
    spread = (held * (x - means[:, None]) ** 2).sum(1) / weights
    return weights / weights.sum(), means, np.sqrt(spread + floor)


def _posterior(
    x: Floats, share: Floats, weights: Floats, means: Floats, sds: Floats
) -> tuple[Floats, float]:
    """Probability of the first component in each bin, and the mean log likelihood."""
    logs = _normal_logs(x, weights, means, sds)
    total = np.logaddexp(logs[0], logs[1])
    return np.exp(logs[0] - total), float(share @ total)


def _normal_logs(x: Floats, weights: Floats, means: Floats, sds: Floats) -> Floats:
    z = (x - means[:, None]) / sds[:, None]
    scale = np.log(np.maximum(weights, SMALL)) - np.log(sds) - 0.5 * np.log(2.0 * np.pi)
    return scale[:, None] - 0.5 * z * z


def _beta_posterior(x: Floats, weights: Floats, a: Floats, b: Floats) -> Floats:
    logs = (
        np.log(np.maximum(weights, SMALL))[:, None]
        + (a[:, None] - 1.0) * np.log(x)
        + (b[:, None] - 1.0) * np.log1p(-x)
        - betaln(a, b)[:, None]
    )
    return np.exp(logs[0] - np.logaddexp(logs[0], logs[1]))


def _ordered(weights: Floats, means: Floats, sds: Floats, clean: Floats) -> Mixture:
    if means[0] <= means[1]:
        return Mixture(weights, means, sds, clean)
    return Mixture(weights[::-1], means[::-1], sds[::-1], 1.0 - clean)
