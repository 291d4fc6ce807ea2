"""Do two modalities speak of the same thing? Alignment of their features, on held-out rows.

In-sample canonical correlations of wide features are near 1 whatever the data, so directions are
found on one half of the rows and judged on the other, and both numbers are compared with those of
re-paired rows.

References:
    Hotelling 1936, doi:10.1093/biomet/28.3-4.321 (canonical correlation; here ridge-regularised)
    Kornblith et al. 2019, arXiv:1905.00414 (CKA)
    Nguyen, Raghu, Kornblith 2021, arXiv:2010.15327 (CKA with the unbiased estimator, an
    inner product of centred matrices without diagonals: from -1 to 1)
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from mmaudit.arrays import Floats, Ints
from mmaudit.rows import Estimate, Metric
from mmaudit.seeds import words

METRICS = {
    "cka": Metric("alignment of the features of two modalities", "1", low=-1.0, high=1.0),
    "cka_p_value": Metric(
        "chance of such an alignment if pairs were shuffled", "1", low=0.0, high=1.0, exact=True
    ),
    "cca_held_out": Metric("canonical correlation on held-out samples", low=-1.0, high=1.0),
}

RIDGE = 0.1  # of the mean variance: keeps directions that few rows can tell from being chosen
WIDEST = 64  # principal components that directions are sought in
SHUFFLES = 200
FEWEST = 40
MOST_BLOCKS = 10
DIRECTIONS = 8


@dataclass(frozen=True, slots=True)
class Alignment:
    """How alike two modalities are.

    Attributes:
        correlation: First canonical correlation on held-out rows, with Fisher's interval, wider
            where the rows have heavy tails.
        cka: Unbiased linear CKA, the mean over blocks of rows, with Student's interval over them.
        p_value: Share of re-pairings whose CKA is at least as large, the pairs counted once.
        spectrum: Correlations on held-out rows along the first directions, up to `DIRECTIONS`.
    """

    correlation: Estimate
    cka: Estimate
    p_value: float
    spectrum: tuple[float, ...] = ()


class _Block:
    """Inner products of some rows on both sides, ``(row, row)``, and what no re-pairing changes."""

    def __init__(self, first: Floats, second: Floats) -> None:
        self.first, self.second = first, second
        self.scale = math.sqrt(float((first * first).sum()) * float((second * second).sum()))


def alignment(
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    seed: int,
    *,
    shuffles: int = SHUFFLES,
) -> Alignment | None:
    """Align two feature tables ``(row, d)`` of the same rows; None for fewer than 40 rows.

    Args:
        first: Features of one modality, finite.
        second: Features of the other.
        seed: Seed of the halves and the re-pairings.
        shuffles: How many re-pairings the p-value is of.
    """
    n = len(first)
    if n < FEWEST:
        return None
    order = words(seed, "alignment").permutation(n)
    a, b = np.asarray(first, np.float64)[order], np.asarray(second, np.float64)[order]
    blocks = [_Block(_gram(a[rows]), _gram(b[rows])) for rows in _blocks(n)]
    observed = np.array([_cka(block) for block in blocks])
    shuffled = [_shuffled(blocks, s, seed) for s in range(shuffles)]
    above = np.count_nonzero(np.array(shuffled) >= observed.mean())
    half = float(
        stdtrit(len(observed) - 1, 0.975) * observed.std(ddof=1) / math.sqrt(len(observed))
    )
    mean = float(observed.mean())
    cka = Estimate(mean, mean - half, mean + half, n)
    x, y = _held_out(a, b)
    spectrum = tuple(float(r) for r in (x * y).mean(axis=0))
    return Alignment(_fisher(x[:, 0], y[:, 0]), cka, float((1 + above) / (1 + shuffles)), spectrum)


def _blocks(n: int) -> list[slice]:
    """Runs of rows of nearly equal length, two to ten of them."""
    count = min(MOST_BLOCKS, n // (FEWEST // 2))
    edges = [n * k // count for k in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


def _shuffled(blocks: list[_Block], shuffle: int, seed: int) -> float:
    """Mean CKA over blocks in which one side's rows are re-paired."""
    random = words(seed, "alignment/shuffle", str(shuffle))
    values = []
    for k, block in enumerate(blocks):
        values.append(_cka(block, random.permutation(len(block.second), stream=k)))
    return float(np.mean(values))


def _held_out(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """The second half along the best directions of the first half, of mean 0 and spread 1.

    Both ``(row, direction)``, the best first.
    """
    half = len(a) // 2
    left, right = _whitened(a, half), _whitened(b, half)
    u, _, v = np.linalg.svd(left[:half].T @ right[:half])
    count = min(DIRECTIONS, left.shape[1], right.shape[1])
    return _standard(left[half:] @ u[:, :count]), _standard(right[half:] @ v[:count].T)


def _standard(x: Floats) -> Floats:
    spread = x.std(axis=0)
    return np.asarray((x - x.mean(axis=0)) / np.where(spread > 0, spread, np.inf))


def _whitened(rows: Floats, half: int) -> Floats:
    """Rows in the principal components of the first half, scaled to variances near 1."""
    centred = rows - rows[:half].mean(axis=0)
    _, lengths, axes = np.linalg.svd(centred[:half], full_matrices=False)
    width = min(WIDEST, half // 4, int((lengths > 1e-9 * max(lengths[0], 1e-300)).sum()))
    variance = lengths[: max(width, 1)] ** 2 / half
    return centred @ axes[: max(width, 1)].T / np.sqrt(variance + RIDGE * variance.mean() + 1e-300)


def _gram(rows: Floats) -> Floats:
    """Centred inner products, with the diagonal of the unbiased estimator (Székely and Rizzo)."""
    n = len(rows)
    centred = rows - rows.mean(axis=0)
    gram = centred @ centred.T
    np.fill_diagonal(gram, 0.0)
    means = gram.sum(axis=1) / (n - 2)
    gram = gram - means[:, None] - means[None, :] + gram.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(gram, 0.0)
    return gram


def _cka(block: _Block, rows: Ints | None = None) -> float:
    """Of the rows as they are paired, or with the second side's in another order."""
    second = block.second if rows is None else block.second.take(rows, 0).take(rows, 1)
    return float((block.first * second).sum()) / block.scale if block.scale > 0 else 0.0


def _fisher(x: Floats, y: Floats) -> Estimate:
    """The correlation; Fisher's z with the error of normal numbers, or that of these if larger.

    The latter is not known well where tails are heavy: of 8 rows one degree of freedom is left.
    """
    n, most = len(x), 1 - 1e-12
    r = float(np.clip((x * y).mean(), -1.0, 1.0))
    z = math.atanh(max(min(r, most), -most))
    influence = x * y - r * (x**2 + y**2) / 2
    error = float(influence.std()) / max(1 - r * r, 1 - most) / math.sqrt(n)
    heavy = float(stdtrit(n / 8, 0.975)) * error
    half = max(float(ndtri(0.975)) / math.sqrt(n - 3), heavy)
    return Estimate(r, min(math.tanh(z - half), r), max(math.tanh(z + half), r), n)
