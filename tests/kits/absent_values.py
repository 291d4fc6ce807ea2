"""Numbers and modalities that are absent for a known reason."""

import numpy as np


def numbers(rng, n, width):
    """Columns that hang together a little."""
    return 0.6 * rng.normal(size=(n, 1)) + 0.8 * rng.normal(size=(n, width))


def in_blocks(seed, n, width, law, drive=0.0):
    """Three blocks of columns, two of which are absent in a quarter: the more, the larger the first
    number, by drive."""
    rng = np.random.default_rng(seed)
    plain = numbers(rng, n, width)
    values = law(plain)
    for columns in np.array_split(np.arange(width), 3)[1:]:
        gone = rng.random(n) < 1 / (1 + np.exp(np.log(3) - drive * plain[:, 0]))
        values[np.ix_(gone, columns)] = np.nan
    return values


def in_cells(seed, n, width, law):
    """A fifth of all cells is absent."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, width)) < 0.2, np.nan, law(numbers(rng, n, width)))


def by_mechanism(kind, seed, n):
    """Present numbers, absence of three in ten, and labels of three classes.

    Args:
        kind: What absence follows from: ``random``, ``data`` (a number), ``square`` (its square),
            ``label``, or ``both`` (a number and the label).
        seed: Of the draws.
        n: Samples.
    """
    rng = np.random.default_rng(seed)
    present = rng.normal(size=(n, 6))
    labels = (present[:, 0] + rng.normal(size=n) > 0).astype(int) + (rng.random(n) < 0.3)
    drives = {
        "random": np.zeros(n),
        "data": present[:, 2],
        "square": present[:, 2] ** 2,
        "label": (labels == 1) * 1.0,
        "both": present[:, 2] + 2.0 * (labels == 1),
    }[kind]
    spread = drives.std() or 1.0
    odds = (drives - drives.mean()) / spread + np.log(0.3 / 0.7)
    return present, rng.random(n) < 1 / (1 + np.exp(-odds)), labels
