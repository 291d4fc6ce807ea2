"""What was learnt in training but does not hold on new data."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mmaudit.audits.contributions.columns import loss_names, most_loss, numbers
from mmaudit.audits.contributions.metrics import Number, by_modality
from mmaudit.audits.contributions.training.alone import answers_alone, passes
from mmaudit.audits.contributions.unit import Contributing
from mmaudit.measures.balance.overfitting import overfitting_ratio
from mmaudit.measures.intervals.bootstrap import replicated_mean, unit_keys
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.parts import units


def cost(samples: int, policy: str, modalities: int) -> str:
    """How often the model is asked about training samples, said before it is."""
    more = samples * passes(policy, modalities)
    return f"{samples:,} training samples, each modality alone: {more:,} more passes"


def training_losses(
    work: Contributing, train: Dataset, policy: str, seed: int, replicates: int
) -> dict[str, Replicates]:
    """Mean loss on training samples with everything (``""``) and with each modality alone.

    Args:
        work: How the held-out samples were asked.
        train: Samples of the training split.
        policy: The absence policy.
        seed: Seed of the bootstrap.
        replicates: Bootstrap replicates.
    """
    most = most_loss(work.task)
    names = dict(zip(("", *work.kinds), loss_names(tuple(work.kinds)), strict=True))
    losses: dict[str, list[np.ndarray]] = {name: [] for name in names}
    drawn: list[str] = []
    for table in answers_alone(work, train, policy):
        for name, column in names.items():
            losses[name].append(np.minimum(numbers(table, column), most))
        drawn += units(table)
    keys = unit_keys(seed, drawn)
    out = {}
    for name, pieces in losses.items():
        values = np.concatenate(pieces)
        there = ~np.isnan(values)
        if there.any():
            out[name] = replicated_mean(values[there], keys[there], replicates, (0.0, most))
    return out


def training_numbers(
    held_out: Sequence[Number], training: Mapping[str, Replicates], classes: int
) -> Iterator[Number]:
    """How much worse new data is than training data, with everything and with each alone."""
    new = by_modality(held_out, "loss") | by_modality(held_out, "loss_alone")
    for name, old in training.items():
        if name in new:
            yield Number(name, "generalisation_gap", new[name] - old)
            if classes:
                ratio = overfitting_ratio(old, new[name], classes)
                yield Number(name, "overfitting_ratio", ratio)
