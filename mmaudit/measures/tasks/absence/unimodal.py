"""Unimodal references: is what is left of a model as good as the best model of one modality?

References:
    Berger 1982, doi:10.2307/1267823 (better than the best of several: better than each)
    Holm 1979, "A simple sequentially rejective multiple test procedure"
"""

from collections.abc import Sequence

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.bounds.corrections import holm
from mmaudit.bounds.means import TAIL, bounded, ends, p_below, upper
from mmaudit.measures.tasks.severity.curves import Derived
from mmaudit.rows import Estimate

GAIN = "_gain_over_unimodal"
DERIVED = {
    GAIN: Derived(
        "how much higher it is than that of the best other model of one modality that is left",
        better="higher",
        bounds=lambda b: (b[0] - b[1], b[1] - b[0]),
    )
}


def over_best(first: Floats, others: Sequence[Floats], groups: Ints | None) -> Estimate:
    """How much oftener one is right than the best of others, on the same samples.

    The lower end is above 0 only where each difference is, so that choosing the best costs nothing;
    the upper ends are at their share of the error, since any that is too low makes the least one.

    Args:
        first: Whether it is right, ``(sample,)``.
        others: Whether each other one is, likewise; one or more.
        groups: Number of each sample's group; None where samples stand alone.
    """
    gains = [bounded(first - other, -1.0, 1.0, groups) for other in others]
    value = min(gain.mean for gain in gains)
    low = min(ends(gain)[0] for gain in gains)
    high = min(upper(gain, TAIL / len(gains)) for gain in gains)
    return Estimate(value, min(low, value), max(high, value), gains[0].units)


def p_worse(first: Floats, others: Sequence[Floats], groups: Ints | None) -> float:
    """P-value of "right as often as each of the others, or oftener": small where it is surely not.

    Args:
        first: Whether it is right, ``(sample,)``.
        others: Whether each other one is, likewise; one or more.
        groups: Number of each sample's group; None where samples stand alone.
    """
    tails = [p_below(bounded(first - other, -1.0, 1.0, groups), 0.0) for other in others]
    return min(1.0, len(tails) * min(tails))


def shown(p_values: Sequence[float]) -> Bools:
    """Which of a family are surely worse, ``(subset,)``, by Holm.

    In at most 2.5 % of families is one of those named that is not, whichever the others are; what
    is named has an interval that ends below 0.

    Args:
        p_values: Of each subset, as of `p_worse`.
    """
    return np.array([p <= TAIL for p in holm(p_values)], np.bool_)
