"""Discrepancy ratio: how much more of the truth one modality alone tells than the others do.

References:
    Peng et al. 2022, "Balanced multimodal learning via on-the-fly gradient modulation" (OGM-GE),
    arXiv:2203.15332: ρ is the ratio of the summed probabilities of the true class, each from one
    modality alone; with more than two modalities, against the mean of the others
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mmaudit.measures.intervals import evidence
from mmaudit.measures.intervals.replicates import Replicates, combine, ratio
from mmaudit.rows import Metric

METRICS = {
    "discrepancy_ratio": Metric(
        "p_true of this model with it alone over the mean of the others': 1 is balance", low=0.0
    ),
}


def discrepancy_ratios(alone: Sequence[Replicates]) -> list[Replicates]:
    """One ratio a modality; 1 is balance, above 1 it leads.

    Where all are means of the same samples the interval is that of tests of a difference: draws
    cannot show a modality that is rarely right.

    Args:
        alone: Mean probability of the true class from each modality alone.
    """
    means = evidence.alike([one.evidence for one in alone])
    return [_ratio(alone, means, k) for k in range(len(alone))]


def _ratio(
    alone: Sequence[Replicates], means: Sequence[evidence.Mean] | None, k: int
) -> Replicates:
    rest = [j for j in range(len(alone)) if j != k]

    def over_the_others(*p: Any) -> Any:
        return ratio(p[k], sum(p[j] for j in rest) / len(rest))

    whole = combine(over_the_others, alone)
    if means is None:
        return whole
    others = evidence.linear([1 / len(rest)] * len(rest), [means[j] for j in rest])
    return replace(whole, evidence=evidence.Quotient(means[k], others))
