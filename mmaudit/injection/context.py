"""Context: what corruptions may know of the set around a sample, in every command the same."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Ints
from mmaudit.doses.base import Column, Context
from mmaudit.injection.assignment import random_numbers
from mmaudit.injection.steps import Step
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column
from mmaudit.samples.statistics import column_statistics

FURTHER = 16  # samples looked at together for one that has a value


@dataclass(frozen=True)
class Surroundings:
    """The surroundings of one modality.

    Attributes:
        dataset: The samples that donors are taken from.
        whole: The dataset before the selection; statistics are of its training split.
        modality: Name of the modality.
        seed: Seed of the donors' order.
    """

    dataset: Dataset
    whole: Dataset
    modality: str
    seed: int

    @property
    def kind(self) -> str:
        """Kind of the modality."""
        return self.dataset.kinds[self.modality]

    @cached_property
    def statistics(self) -> Column:
        """Spread, range and categories of the modality."""
        spread = column_statistics(self.whole, self.modality)
        return Column(sd=spread.sd, low=spread.low, high=spread.high, categories=spread.categories)

    @cached_property
    def rate(self) -> float:
        """Samples a second."""
        declared = self.whole.manifest.modalities[self.modality].sample_rate
        return float(declared or self.whole.shape(self.modality).rate)

    @cached_property
    def order(self) -> tuple[Ints, Ints]:
        """Positions by their permanent random numbers, and each position's rank."""
        keys = random_numbers(self.dataset.column("id"), self.seed, f"donors@{self.modality}")
        order = np.argsort(keys, kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(order.size)
        return order, rank

    def contexts(self, step: Step, rows: Ints) -> Callable[[int], Context]:
        """The context that a step asks for, of each of some rows, by its place among them."""
        needs = step.part.needs
        rate = self.rate if "rate" in needs else 0.0
        statistics = self.statistics if "column" in needs else None
        if "donors" not in needs:
            alone = Context(rate=rate, column=statistics)
            return lambda _i: alone
        clips = step.clips
        donors = self._clips(rows, clips) if clips else self._donors(rows, step.part.donors)
        return lambda i: Context(rate=rate, column=statistics, donors=donors[i])

    def _clips(self, rows: Ints, clips: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """One clip for each row: which one follows from its id alone."""
        ids = self.dataset.column("id").take(pa.array(rows))
        keys = random_numbers(ids, self.seed, f"clip@{self.modality}")
        return [(clips[int(k) % len(clips)],) for k in keys]

    def _donors(self, rows: Ints, count: int) -> list[tuple[Any, ...]]:
        """The values of the samples after each row in the donors' order, absent ones left out."""
        order, rank = self.order
        steps = np.arange(1, min(count, order.size - 1) + 1)
        positions = order[(rank[rows][:, None] + steps) % order.size]
        values = iter(self.at(positions.ravel()))
        donors = [tuple(v for v in islice(values, steps.size) if v is not None) for _ in rows]
        for i, row in enumerate(rows):
            donors[i] = donors[i] or self._next(int(rank[row]), steps.size)
        return donors

    def _next(self, rank: int, after: int) -> tuple[Any, ...]:
        """The first value further on in the donors' order, where all those before are absent."""
        order, _ = self.order
        for start in range(after + 1, order.size, FURTHER):
            places = np.arange(start, min(start + FURTHER, order.size))
            there = [v for v in self.at(order[(rank + places) % order.size]) if v is not None]
            if there:
                return (there[0],)
        return ()

    def at(self, positions: Ints) -> list[Any]:
        """Values at some positions, which may repeat; None where absent or unreadable."""
        unique, where = np.unique(positions, return_inverse=True)
        if not unique.size:
            return []
        cells = self.dataset.cells(self.modality, unique)
        values, _ = column(cells, self.kind, self.dataset.shape(self.modality))
        return [values[w] for w in where]
