"""Unimodal references: is what is left of a model as good as the best model of one modality?

References:
    Berger 1982, doi:10.2307/1267823 (better than the best of several: better than each)
    Holm 1979, "A simple sequentially rejective multiple test procedure"
"""

from collections.abc import Sequence

from mmaudit.arrays import Floats, Ints
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


def tails(first: Floats, others: Sequence[Floats], groups: Ints | None) -> list[float]:
    """P-values of "right as often as this other one, or oftener", one each: small where not.

    Args:
        first: Whether it is right, ``(sample,)``.
        others: Whether each other one is, likewise.
        groups: Number of each sample's group; None where samples stand alone.
    """
    return [p_below(bounded(first - other, -1.0, 1.0, groups), 0.0) for other in others]


def shown(families: Sequence[Sequence[float]]) -> list[bool]:
    """Under which subsets a model is surely worse than one of the others or more, by Holm.

    In at most 2.5 % of families is a subset named under which it is not, whichever the other
    subsets are; where it is named, the interval of `over_best` ends below 0.

    Args:
        families: `tails` of each subset, one or more.
    """
    return [p <= TAIL for p in holm([min(1.0, len(some) * min(some)) for some in families])]
