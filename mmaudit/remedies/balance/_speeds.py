"""Which modality is ahead: the quantities that methods of balance steer by.

A factor on a gradient is taken out again by Adam, so that the factors here are on the updates of
the encoders (`Method.factors`): there they do what they say.
"""

from collections.abc import Mapping

import torch

from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import TINY, Lanes, Parameters, of_label
from mmaudit.remedies.method import Method

PACE = "pace"  # what memory calls the factors


class PacedFusion(Method):
    """Concatenation whose encoders' updates have a factor each, that `loss` notes as `PACE`."""

    def factors(self, p: Parameters, c: LaneContext) -> dict[str, Lanes]:
        """A factor on the update of each encoder."""
        del p
        return paces(c, "encoder")


def paces(c: LaneContext, *trunks: str) -> dict[str, Lanes]:
    """The noted factors, ``(lane, modality)``, for layers of each modality."""
    factors = c.memory[PACE]
    return {f"{t}.{m}": factors[:, i] for t in trunks for i, m in enumerate(c.modalities)}


def split_logits(p: Parameters, c: LaneContext, terms: Mapping[str, Lanes]) -> dict[str, Lanes]:
    """What each modality says by the joint head: its term and its part of the bias.

    They sum to the logits.

    Args:
        p: Parameters.
        c: The context.
        terms: Of `Method.terms`, ``(lane, n, output)``.
    """
    bias = p["head.b"].unsqueeze(1) / len(c.modalities)
    return {m: term + bias for m, term in terms.items()}


def over_rows(values: Mapping[str, Lanes], batch: LaneBatch) -> Lanes:
    """Mean of each modality's ``(lane, n)`` over rows that have it, ``(lane, modality)``."""
    means = []
    for m, own in values.items():
        there = batch.present[m].float()
        means.append((own * there).sum(1) / there.sum(1).clamp(min=1))
    return torch.stack(means, -1)


def true_class(logits: Mapping[str, Lanes], batch: LaneBatch) -> Lanes:
    """Mean probability of the true class by each modality, ``(lane, modality)``, without gradient.

    Args:
        logits: Of each modality, ``(lane, n, class)``.
        batch: The rows.
    """
    return over_rows(
        {m: of_label(z.detach().softmax(-1), batch.labels) for m, z in logits.items()}, batch
    )


def others(values: Lanes) -> Lanes:
    """Mean of the others' numbers, ``(lane, modality)``; of one alone its own."""
    count = values.shape[-1]
    return (values.sum(-1, keepdim=True) - values) / (count - 1) if count > 1 else values


def against_others(values: Lanes) -> Lanes:
    """Each modality's number by the mean of the others', ``(lane, modality)``."""
    return values / others(values).clamp(min=TINY)
