"""Shares of an answer: what each modality brings to the answer itself, whatever is right.

The worth of an answer by the probability of the truth falls merely because a damaged modality tells
less of the truth; that is no loss of trust. Shares are of the answer as a vector: the Shapley value
of a modality is then a vector too, and its length against that of the others is its share.

A damaged branch that answers louder or quieter changes its share though nothing was trusted less.
The implied weight tells the two apart: where the whole is a weighted sum of what each modality
answers alone, as in late fusion of logits, least squares give the weights back, sample by sample.

References:
    Shapley 1953, doi:10.1515/9781400881970-018
    Aitchison 1982, "The statistical analysis of compositional data",
    doi:10.1111/j.2517-6161.1982.tb01195.x (centred logarithms of probabilities)
"""

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats
from mmaudit.rows import Metric

METRICS = {
    "trust": Metric("mean trust in the modality, clean", "1", low=0.0, high=1.0),
    "trust_change": Metric("mean change of trust against clean", low=-1.0, high=1.0),
    "implied_fit": Metric(
        "mean share of the answer that a weighted sum of what each modality answers alone explains",
        "1",
        low=0.0,
        high=1.0,
        unsure="answers that are badly explained are few, and draws do not show those not seen",
    ),
}
LEAST_PROBABILITY = float(np.finfo(np.float32).tiny)
FLAT = 1e-6  # of the longest direction: answers that span less tell no weights apart
SPARE = 2  # entries of an answer beyond the modalities: of fewer any answer is a weighted sum
NOTHING = 1e-12  # an answer of this length is none


def centred_logs(probabilities: NDArray[np.floating]) -> Floats:
    """Logarithms of probabilities less their mean, ``(sample, class)``.

    Example:
        >>> centred_logs(np.array([[0.5, 0.25, 0.25]])).round(3)
        array([[ 0.462, -0.231, -0.231]])
    """
    logs = np.log(np.maximum(probabilities.astype(np.float64), LEAST_PROBABILITY))
    return np.asarray(logs - logs.mean(axis=-1, keepdims=True))


def log_odds(probabilities: NDArray[np.floating]) -> Floats:
    """Log-odds of each label by itself, ``(sample, label)``."""
    p = np.clip(probabilities.astype(np.float64), LEAST_PROBABILITY, 1.0)
    return np.asarray(np.log(p) - np.log(np.maximum(1 - p, LEAST_PROBABILITY)))


def lengths(vectors: Floats) -> Floats:
    """Length of each vector, over the last axis."""
    return np.asarray(np.sqrt((vectors * vectors).sum(axis=-1)))


def shares(sizes: Floats, present: Bools) -> Floats:
    """Each modality's share of the sum of sizes, ``(sample, modality)``.

    Args:
        sizes: Sizes, not negative; those of what is absent are not looked at.
        present: Which modalities each sample has.

    Returns:
        Shares that sum to 1; NaN where all sizes are 0, or not a number.
    """
    there = np.where(present, np.abs(sizes), 0.0)
    total = there.sum(axis=1, keepdims=True)
    sound = np.isfinite(total) & (total > NOTHING)
    out = np.divide(there, total, out=np.full_like(there, np.nan), where=sound)
    return np.where(present, out, np.nan)


def implied_weights(whole: Floats, alone: Floats, present: Bools) -> tuple[Floats, Floats]:
    """Weights by which the answers of each modality alone make the answer of all.

    Args:
        whole: The answer with everything, less that with nothing, ``(sample, k)``.
        alone: The answer with each modality alone, less that with nothing,
            ``(sample, modality, k)``.
        present: Which modalities each sample has.

    Returns:
        Weights by least squares ``(sample, modality)``, NaN where the answers of one alone do not
        differ enough to tell them, or have fewer than `SPARE` entries more than there are
        modalities; and the share of the squared length of the whole that they
        explain, ``(sample,)``, NaN likewise.

    Example:
        >>> alone = np.array([[[2.0, -1.0, -1.0, 0.0], [0.0, 1.0, -1.0, 0.0]]])
        >>> whole = 0.75 * alone[:, 0] + 0.25 * alone[:, 1]
        >>> implied_weights(whole, alone, np.ones((1, 2), bool))[0].round(6)
        array([[0.75, 0.25]])
    """
    own = np.where(present[..., None], alone, 0.0)
    u, s, vt = np.linalg.svd(own.swapaxes(1, 2), full_matrices=False)
    rank = (s > FLAT * s[:, :1]).sum(axis=1)
    able = (rank == present.sum(axis=1)) & (s[:, 0] > NOTHING) & (lengths(whole) > NOTHING)
    able &= own.shape[2] >= own.shape[1] + SPARE
    scores = np.einsum("nkr,nk->nr", u, whole)
    inverse = np.divide(1.0, s, out=np.zeros_like(s), where=s > FLAT * s[:, :1])
    weights = np.einsum("nrm,nr->nm", vt, scores * inverse)
    rest = whole - np.einsum("nm,nmk->nk", weights, own)
    square = (whole * whole).sum(axis=1)
    unexplained = (rest * rest).sum(axis=1) / np.where(able, square, 1.0)
    fit = np.where(able, np.clip(1 - unexplained, 0.0, 1.0), np.nan)
    return np.where(able[:, None] & present, weights, np.nan), fit
