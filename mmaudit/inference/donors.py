"""Donors: values of each modality that stand in where another sample lacks it."""

from dataclasses import dataclass, field

import numpy as np

from mmaudit import seeds
from mmaudit.arrays import Ints
from mmaudit.models.base import Values
from mmaudit.samples.dataset import PURPOSE, Dataset
from mmaudit.samples.decode import decode

TRAIN = "train"  # the split that donors come from, where there is one
DONORS = "donors"  # purpose of the random numbers that choose them
POOL = 4  # candidates for each donor, so that complete samples can go first


def collect(whole: Dataset, modalities: tuple[str, ...], most: int, seed: int) -> dict[str, Values]:
    """Values of each modality from the training split, as many as are wanted and there.

    Samples are taken by permanent random numbers of their ids: the same whatever the order of the
    rows. Samples that have every modality go first, so that donors keep the modalities of one
    sample together wherever the first candidates can give that; a modality that too few of these
    have is looked for in all the others.

    Args:
        whole: The dataset; donors come from its split ``train``, from all of it without one.
        modalities: The modalities.
        most: How many are wanted.
        seed: The run's seed.
    """
    key = seeds.digest(seed, DONORS)
    split = TRAIN if TRAIN in whole.splits else None
    # the order in which `select` takes samples, so that a smaller pool is the start of a larger one
    pool = whole.select(split=split, limit=POOL * most, seed=key)
    donors = _Donors(modalities, most, key)
    order = _order(pool, key)
    for start in range(0, order.size, most):
        if donors.complete:
            break
        donors.add(pool, order[start : start + most])
    if any(donors.lacks(m) for m in modalities):
        everyone = whole.select(split=split)
        _search(donors, everyone, _order(everyone, key)[order.size :])
    return donors.values


def _order(dataset: Dataset, key: int) -> Ints:
    """Positions of its samples by their random numbers."""
    ids = dataset.column("id").to_pylist()
    return np.argsort(seeds.digests(key, PURPOSE, ids), kind="stable")


@dataclass(frozen=True, slots=True)
class _Donors:
    """Values that were found so far.

    Attributes:
        modalities: The modalities.
        most: How many values of each are wanted.
        key: Key of the random numbers.
        whole: Values of samples that have everything, at the same places for each modality.
        partly: Values of the other samples.
    """

    modalities: tuple[str, ...]
    most: int
    key: int
    whole: dict[str, list[object]] = field(default_factory=dict)
    partly: dict[str, list[object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for m in self.modalities:
            self.whole[m], self.partly[m] = [], []

    @property
    def complete(self) -> bool:
        """Whether so many samples that have everything were found."""
        return all(len(values) >= self.most for values in self.whole.values())

    @property
    def values(self) -> dict[str, Values]:
        """The first of them, those of complete samples before the others."""
        return {m: (self.whole[m] + self.partly[m])[: self.most] for m in self.modalities}

    def lacks(self, modality: str) -> bool:
        """Whether too few values of a modality were found."""
        return len(self.whole[modality]) + len(self.partly[modality]) < self.most

    def add(self, dataset: Dataset, positions: Ints) -> None:
        """Look at some samples, those with the smallest random numbers first."""
        samples = decode(dataset, dataset.read(np.sort(positions)))
        rank = np.argsort(seeds.digests(self.key, PURPOSE, samples.ids), kind="stable")
        there = np.stack([samples.present[m] for m in self.modalities], axis=1)
        for i in rank:
            into = self.whole if there[i].all() else self.partly
            for m, here in zip(self.modalities, there[i], strict=True):
                if here:
                    into[m].append(samples.values[m][i])


def _search(donors: _Donors, dataset: Dataset, order: Ints) -> None:
    """Look for modalities that were found too seldom; only samples that have one are decoded.

    Each look is at twice as many samples as the one before: what was rare among the first stays
    so, and what is never there is known after a few looks.
    """
    unseen = np.ones(len(dataset), np.bool_)
    for m in donors.modalities:
        start, size = 0, POOL * donors.most
        while donors.lacks(m) and start < order.size:
            some = np.sort(order[start : start + size])
            has = np.asarray(dataset.cells(m, some).is_valid()) & unseen[some]
            if has.any():
                donors.add(dataset, some[has])
                unseen[some[has]] = False
            start, size = start + size, 2 * size
