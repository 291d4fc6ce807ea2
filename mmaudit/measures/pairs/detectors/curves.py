"""Loss curves of somebody's own training, against pairs that were mismatched on purpose.

A model that trained on a pair cannot test it; but pairs that were re-paired before training and
trained on like all others are draws from the null of its loss curves.

References:
    Pleiss et al. 2020 (AUM and threshold samples), arXiv:2001.10528
    Toneva et al. 2019 (forgetting), arXiv:1812.05159
"""

import numpy as np

from mmaudit.arrays import Vectors

COLUMNS = ("curve_mean", "curve_margin", "curve_component", "curve_remembered")
SMALLEST = 1e-12


def columns(losses: Vectors) -> dict[str, Vectors]:
    """Columns of each pair that rise with a better match, ``(n,)`` each.

    Args:
        losses: Loss of each pair after each epoch, ``(n, epoch)``.

    Returns:
        Minus the mean loss; the mean margin below the middle loss of the epoch, in units of the
        epoch's spread (AUM's area, with losses for logits); the first principal component, turned
        the same way; and minus how often the pair fell from the better half of an epoch into its
        worse half.
    """
    mean = -losses.mean(1)
    margin = (np.median(losses, axis=0) - losses) / np.maximum(losses.std(0), SMALLEST)
    centred = losses - losses.mean(0)
    _, _, axes = np.linalg.svd(centred.T @ centred)
    component = centred @ axes[0]
    if component @ mean < 0:
        component = -component
    good = losses <= np.median(losses, axis=0)
    forgotten = (good[:, :-1] & ~good[:, 1:]).sum(1)
    rising = (mean, margin.mean(1), component, -forgotten)
    return {name: column.astype(np.float32) for name, column in zip(COLUMNS, rising, strict=True)}
