"""Rival intervals: known constructions beside ours, their errors and widths over simulated sets."""

import math

import numpy as np
from scipy import stats

from mmaudit.bounds import means

TAIL, Z, DRAWS = 0.025, 1.959964, 400


class Tally:
    """Errors and widths of some constructions over cells."""

    def __init__(self):
        self.errors, self.widths, self.noise = {}, {}, 0.0

    def add(self, cell, ends, truth, weights=None, sets=None):
        """One cell: ends by construction ``(set, 2)``, ours first."""
        ours = None
        for name, some in ends.items():
            both = np.asarray(some)
            wrong = both[:, 0] > truth + 1e-9, both[:, 1] < truth - 1e-9
            low, high = (np.average(side, weights=weights) for side in wrong)
            wide = both[:, 1] - both[:, 0]
            wide = np.median(wide) if weights is None else np.average(wide, weights=weights)
            ours = wide if ours is None else ours
            self.errors.setdefault(name, []).append((low, high))
            self.widths.setdefault(name, []).append((cell, wide / ours))
        self.noise = 0.0 if sets is None else 2 * math.sqrt(TAIL * (1 - TAIL) / sets)

    def tell(self, title):
        """A line a construction."""
        print(f"\n{title}: " + "; ".join(cell for cell, _ in next(iter(self.widths.values()))))
        for name, errors in self.errors.items():
            low, high = np.max(errors, axis=0)
            keeps = "keeps" if max(low, high) <= TAIL + self.noise else ""
            wide = ", ".join(f"{w:.2f}" for _, w in self.widths[name])
            print(f"| {name} | {low:.3f} | {high:.3f} | {keeps} | {wide} |", flush=True)


def resampled(values, rng):
    """Means and their errors of bootstrap resamples, ``(set, draw)`` each."""
    n = values.shape[1]
    weights = rng.multinomial(n, np.full(n, 1 / n), DRAWS)
    mean = values @ weights.T / n
    square = values**2 @ weights.T / n
    return mean, np.sqrt(np.maximum(square - mean**2, 0) / (n - 1))


def of_means(values, rng):
    """The known intervals of a mean, ``(set, 2)`` each; values ``(set, sample)``."""
    sets, n = values.shape
    mean, error = values.mean(1), values.std(1, ddof=1) / math.sqrt(n)
    skew = stats.skew(values, axis=1)
    draws, errors = resampled(values, rng)
    t = stats.t.ppf(1 - TAIL, n - 1)

    def hall(y):
        g = np.where(np.abs(skew) > 1e-8, skew, 1e-8)
        return mean - error * math.sqrt(n) * 3 * (np.cbrt(1 + g * (y - g / (6 * n))) - 1) / g

    def quantiles(levels):
        ordered = np.sort(draws, 1)
        at = np.nan_to_num(np.clip(levels * (DRAWS - 1), 0, DRAWS - 1))
        return ordered[np.arange(sets), np.rint(at).astype(int)]

    with np.errstate(all="ignore"):
        student = np.where(errors > 0, (draws - mean[:, None]) / errors, 0.0)
        below = np.clip((draws < mean[:, None]).mean(1), 1 / DRAWS, 1 - 1 / DRAWS)
        z0, a = stats.norm.ppf(below), skew / (6 * math.sqrt(n))
        levels = [stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))) for z in (-Z, Z)]
    low, high = np.quantile(student, [TAIL, 1 - TAIL], axis=1)
    return {
        "Student's t, jackknife": (mean - t * error, mean + t * error),
        "percentile bootstrap": tuple(np.quantile(draws, [TAIL, 1 - TAIL], axis=1)),
        "BCa bootstrap": tuple(quantiles(level) for level in levels),
        "studentised bootstrap": (mean - high * error, mean - low * error),
        "Hall's t": (hall(t / math.sqrt(n)), hall(-t / math.sqrt(n))),
    }


def gaffke(values, low, high):
    """Ours, ``(set, 2)``."""
    return np.array([means.ends(means.bounded(np.clip(v, low, high), low, high)) for v in values])
