"""Curves: mean trust, and its mean change by the severity of the damage, in constant memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Floats
from mmaudit.audits.adaptivity.damage.damage import LEVELS
from mmaudit.audits.adaptivity.effects import SUMS
from mmaudit.audits.adaptivity.unit import DAMAGED
from mmaudit.audits.base import Read
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.intervals.replicates import SHARE, Bounds
from mmaudit.measures.intervals.streamed import Chunk, Means, means
from mmaudit.names import CLEAN
from mmaudit.rows import Estimate
from mmaudit.samples.parts import units

SIGNED: Bounds = (-1.0, 1.0)
FIT = "fit"


@dataclass(frozen=True, slots=True)
class TrustMeans:
    """Means over all samples, and by the severity of each modality.

    Attributes:
        whole: Means over all samples.
        by_severity: Of each modality that is damaged, the means of each severity of it.
    """

    whole: Means
    by_severity: dict[str, Means]

    def trust(self, way: str, modality: str) -> Estimate | None:
        """Mean trust in a modality, clean."""
        return _estimate(self.whole, f"{way}_{modality}", 0, SHARE)

    def change(self, way: str, modality: str, dose_of: str, severity: int) -> Estimate | None:
        """Mean change of trust in a modality where one was damaged at a severity."""
        return _estimate(self.by_severity[dose_of], f"change_{way}_{modality}", severity, SIGNED)

    def fit(self, way: str) -> Estimate | None:
        """Mean share of the answer that a weighted sum explains, clean."""
        return _estimate(self.whole, f"{FIT}_{way}", 0, SHARE)


def curves(
    read: Read,
    ways: Sequence[str],
    modalities: Sequence[str],
    damaged: Sequence[str],
    seed: int,
    replicates: int,
) -> TrustMeans:
    """Measure all means in two passes over the units.

    Args:
        read: Reads back the units' tables.
        ways: How trust is told.
        modalities: The model's.
        damaged: Those that are damaged.
        seed: The run's seed.
        replicates: Bootstrap replicates.
    """
    names = [
        *(f"{way}_{m}" for way in ways for m in modalities),
        *(f"change_{way}_{m}" for way in ways for m in modalities),
        *(f"{FIT}_{way}" for way in SUMS),
    ]

    def pieces() -> Iterator[Chunk]:
        for table in read():
            clean = [_column(table, f"{way}_{CLEAN}_{m}") for way in ways for m in modalities]
            worse = [_column(table, f"{way}_{DAMAGED}_{m}") for way in ways for m in modalities]
            changes = [b - a for a, b in zip(clean, worse, strict=True)]
            fits = [_column(table, f"{FIT}_{way}_{CLEAN}") for way in SUMS]
            values = np.stack([*clean, *changes, *fits], axis=1)
            parts = [np.zeros(table.num_rows, np.int64)]
            parts += [_levels(table, m) for m in damaged]
            yield Chunk(unit_keys(seed, units(table)), values, np.stack(parts))

    # those without the modality are a part of their own, beyond the severities
    counts = [1, *([LEVELS + 1] * len(damaged))]
    whole, *rest = means(names, pieces, counts, replicates)
    return TrustMeans(whole, dict(zip(damaged, rest, strict=True)))


def _levels(table: pa.Table, modality: str) -> np.ndarray:
    return np.nan_to_num(_column(table, f"severity_{modality}"), nan=LEVELS).astype(np.int64)


def _column(table: pa.Table, name: str) -> Floats:
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    return table[name].cast(pa.float64()).to_numpy(zero_copy_only=False)


def _estimate(of: Means, name: str, part: int, bounds: Bounds) -> Estimate | None:
    return of.of(name, part, bounds).estimate() if of.has(name, part) else None
