"""NCR's formulas: the hinge with soft margins, and labels rectified by two networks.

The margin of a pair is its own in both directions: constant over the negatives of a query. (The
public code broadcasts it the other way in one direction.)

References:
    Huang et al. 2021, "Learning with noisy correspondence for cross-modal matching", NeurIPS
"""

from typing import Literal

import numpy as np

from mmaudit.arrays import Reals

MARGIN = 0.2
BASE = 10.0
Shape = Literal["exponential", "linear", "sin"]


def soft_margin(label: Reals, *, margin: float = MARGIN, shape: Shape = "exponential") -> Reals:
    """Margin of each pair for a rectified label, ``(n,)``, from 0 to ``margin``.

    Args:
        label: Probability of a match, ``(n,)``, in [0, 1].
        margin: Margin of a certain match.
        shape: ``exponential``: ``(10**y - 1) / 9``; ``linear``: ``y``;
            ``sin``: ``(1 + sin(pi y - pi / 2)) / 2``; each times ``margin``.
    """
    if shape == "exponential":
        return margin * (BASE**label - 1.0) / (BASE - 1.0)
    if shape == "linear":
        return margin * label
    return margin * (0.5 + 0.5 * np.sin(np.pi * label - np.pi / 2.0))


def hinges(similarity: Reals, margin: Reals | float = MARGIN) -> tuple[Reals, Reals]:
    """Hinge of each pair against each negative, both ways, with zero diagonals, ``(n, n)`` each.

    Args:
        similarity: Of left ``i`` with right ``j``, ``(n, n)``.
        margin: Margin of each pair, ``(n,)``, or one for all.

    Returns:
        ``[m_i - S_ii + S_ij]+`` in row ``i``, and ``[m_i - S_ii + S_ji]+`` in row ``i``.
    """
    own = (np.asarray(margin) - np.diagonal(similarity))[:, None]
    off = 1.0 - np.eye(len(similarity), dtype=similarity.dtype)
    return np.maximum(own + similarity, 0.0) * off, np.maximum(own + similarity.T, 0.0) * off


def warmup_loss(similarity: Reals, margin: float = MARGIN) -> Reals:
    """Loss of each pair with the mean over negatives, ``(n,)``; divided by ``n`` as published."""
    right, left = hinges(similarity, margin)
    return right.mean(1) + left.mean(1)


def prediction(similarity: Reals, margin: float = MARGIN) -> Reals:
    """How well each pair of a batch matches by the network itself, ``(n,)``, in [0, 1].

    ``q = clamp(margin - warm-up loss / 2, 0, margin)``, over the mean of its ``n // 10 + 1``
    largest values in the batch.
    """
    q = np.clip(margin - warmup_loss(similarity, margin) / 2.0, 0.0, margin)
    top = np.sort(q)[::-1][: len(q) // 10 + 1].mean()
    return np.clip(q / max(top, 1e-12), 0.0, 1.0)


def rectified_label(clean: Reals, own: Reals, other: Reals) -> Reals:
    """Soft label of each pair, ``(n,)``, in [0, 1].

    Args:
        clean: Posterior probability ``w`` that the pair is clean, by the other network, ``(n,)``.
        own: Prediction ``P`` of the network that is trained, ``(n,)``.
        other: Prediction of the other network, ``(n,)``.

    Returns:
        ``w + (1 - w) P`` for clean pairs (``w > 1/2``), the mean prediction for the others.
    """
    return np.where(clean > 0.5, clean + (1.0 - clean) * own, (own + other) / 2.0)
