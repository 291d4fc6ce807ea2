"""Surroundings: what corruptions may know around a sample, taken from the dataset."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Column, Context
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import decode
from mmaudit.samples.statistics import column_statistics
from mmaudit.seeds import digests, permanent

NUMERIC = {"vector", "series", "table"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What corruptions of one modality may know.

    Attributes:
        rate: Samples a second, 0 where the manifest does not say.
        column: Statistics of the training split, where some corruption asks for them.
        order: Positions of the selection in the order of their permanent random numbers, and
            each position's rank, where some corruption needs donors.
    """

    rate: float
    column: Column | None
    order: NDArray[np.int64] | None
    rank: NDArray[np.int64] | None

    def context(self, donors: Sequence[tuple[Any, ...]] | None) -> Callable[[int], Context]:
        """The context of the i-th sample of a unit."""
        if donors is None:
            alone = Context(rate=self.rate, column=self.column)
            return lambda _i: alone
        return lambda i: Context(rate=self.rate, column=self.column, donors=donors[i])


def surroundings(
    dataset: Dataset, whole: Dataset, modality: str, needs: set[str], seed: int
) -> Surroundings:
    """Gather what the corruptions of one modality need.

    Args:
        dataset: The selected samples; donors are taken from them.
        whole: The dataset before the selection; statistics come from its training split.
        modality: Name of the modality.
        needs: Union of the ``needs`` of the corruptions that will be applied.
        seed: Seed of the donors' order.
    """
    column = None
    if "column" in needs:
        told = column_statistics(whole, modality)
        column = Column(sd=told.sd, low=told.low, high=told.high, categories=told.categories)
    order = rank = None
    if "donors" in needs:
        keys = digests(seed, f"donors@{modality}", dataset.column("id").to_pylist())
        order = np.argsort(permanent(keys)[:, 0], kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
    rate = float(dataset.manifest.modalities[modality].sample_rate or 0.0)
    return Surroundings(rate=rate, column=column, order=order, rank=rank)


@dataclass(frozen=True, slots=True)
class Donors:
    """Other samples' values of one modality."""

    dataset: Dataset
    modality: str

    def values(
        self, around: Surroundings, rows: NDArray[np.int64], count: int
    ) -> list[tuple[Any, ...]]:
        """For each row the values of the ``count`` samples after it in the donors' order."""
        if around.order is None or around.rank is None:
            raise ValueError("these surroundings were gathered without donors")
        n = len(around.order)
        steps = np.arange(1, min(count, n - 1) + 1)
        positions = around.order[(around.rank[rows][:, None] + steps) % n]
        got = iter(self.at(positions.ravel()))
        return [tuple(v for v in (next(got) for _ in steps) if v is not None) for _ in rows]

    def at(self, positions: NDArray[np.int64]) -> list[Any]:
        """Values at these positions, which may repeat; None where absent or unreadable."""
        unique, where = np.unique(positions, return_inverse=True)
        if not len(unique):
            return []
        batch = self.dataset.read(unique)
        samples = decode(self.dataset, batch)
        known = dict(zip(samples.ids, samples.values[self.modality], strict=True))
        values = [known.get(i) for i in batch.column("id").to_pylist()]
        return [values[w] for w in where]
