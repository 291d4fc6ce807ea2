"""What concerns training: which samples to repeat, and what was learnt but does not hold."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from mmaudit.audits._contributions.alone import answers_alone, passes
from mmaudit.audits._contributions.columns import numbers, phi
from mmaudit.audits._contributions.contributing import Contributing
from mmaudit.audits._contributions.measures import Number, by_modality
from mmaudit.audits.base import Read
from mmaudit.measures.bootstrap import Replicates, replicated_mean, unit_keys
from mmaudit.measures.overfitting import overfitting_ratio
from mmaudit.measures.resampling import copies
from mmaudit.samples.dataset import Dataset

PLAN = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("keep", pa.string(), nullable=False),
        pa.field("masked", pa.string(), nullable=False),
        pa.field("copies", pa.int64(), nullable=False),
    ]
)


def training_plan(read: Read, group: int, modalities: Sequence[str]) -> pa.Table:
    """Samples to repeat, which modality to keep in the copies, and which to mask.

    Args:
        read: Reads back the units' tables.
        group: The row group of the worth ``correct_size``.
        modalities: Names of the players.
    """
    rows = []
    for table in read(["id", *(f"phi_{m}" for m in modalities)], group):
        counts = copies(phi(table, modalities))
        ids = table["id"].to_pylist()
        for i, k in zip(*np.nonzero(counts), strict=True):
            masked = ",".join(m for j, m in enumerate(modalities) if j != k)
            row = {"id": ids[i], "keep": modalities[k], "masked": masked}
            rows.append(row | {"copies": int(counts[i, k])})
    return pa.Table.from_pylist(rows, schema=PLAN)


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
    names = ("", *work.kinds)
    found: dict[str, list[np.ndarray]] = {name: [] for name in names}
    units: list[str] = []
    for told in answers_alone(work, train, policy):
        for name in names:
            found[name].append(numbers(told, f"loss_alone_{name}" if name else "loss"))
        units += (told["group"] if "group" in told.column_names else told["id"]).to_pylist()
    keys = unit_keys(seed, units)
    out = {}
    for name, pieces in found.items():
        losses = np.concatenate(pieces)
        known = ~np.isnan(losses)
        if known.any():
            out[name] = replicated_mean(losses[known], keys[known], replicates)
    return out


def training_numbers(
    held_out: Sequence[Number], training: Mapping[str, Replicates], classes: int
) -> Iterator[Number]:
    """How much worse new data is than training data, with everything and with each alone."""
    new = by_modality(held_out, "loss") | by_modality(held_out, "loss_alone")
    for name, seen in training.items():
        if name in new:
            yield Number(name, "generalisation_gap", new[name] - seen)
            if classes:
                ratio = overfitting_ratio(seen, new[name], classes)
                yield Number(name, "overfitting_ratio", ratio)
