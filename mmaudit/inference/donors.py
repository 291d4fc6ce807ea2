"""Donors: values of each modality that stand in where another sample lacks it."""

from dataclasses import dataclass, field

import numpy as np

from mmaudit import seeds
from mmaudit.arrays import Ints
from mmaudit.errors import InputError
from mmaudit.models.base import Values
from mmaudit.samples.dataset import PURPOSE, Dataset
from mmaudit.samples.decode import decode
from mmaudit.samples.memory import budget, size, spans, taken

DONORS = "donors"  # purpose of the random numbers that choose them
SIZE = 1024  # of a pool of donors, which is half as many as samples where these are more
MOST_BYTES = 2**26  # that a pool takes decoded: the same whatever memory there is, but for little
HALF = 2  # donors may take one part in so many of the memory of decoded samples
POOL = 4  # candidates for each donor, so that complete samples can go first


def collect(
    whole: Dataset,
    modalities: tuple[str, ...],
    most: int,
    seed: int,
    memory: int | None = None,
    stay: int | None = None,
    room: int | None = None,
) -> dict[str, Values]:
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
        memory: Bytes that a worker has for decoded samples: donors may take half of them. None
            for half of what there is.
        stay: How many of them are held while samples are asked about; None for all. The others,
            as those of a mean, go before that, and are not counted.
        room: Bytes after which no more are looked for, once so many are there; None for all.

    Raises:
        InputError: They take more, or a sample alone does.
    """
    key = seeds.digest(seed, DONORS)
    split = whole.split_for("train")
    # the order in which `select` takes samples, so that a smaller pool is the start of a larger one
    pool = whole.select(split=split, limit=POOL * most, seed=key)
    donors = _Donors(
        modalities,
        most,
        key,
        budget(None, 1) if memory is None else memory,
        most if stay is None else stay,
        room,
    )
    order = _order(pool, key)
    for start in range(0, order.size, most):
        if donors.complete or donors.full:
            break
        donors.add(pool, order[start : start + most])
    if not donors.full and any(donors.lacks(m) for m in modalities):
        everyone = whole.select(split=split)
        _search(donors, everyone, _order(everyone, key)[order.size :])
    return donors.values


def collect_pool(
    whole: Dataset,
    modalities: tuple[str, ...],
    least: int,
    wanted: int,
    seed: int,
    memory: int | None = None,
    most_bytes: int = MOST_BYTES,
) -> dict[str, Values]:
    """Values that donors of each sample are drawn from: as many as are wanted, there, and fit.

    A few donors that all samples share are noise that more samples do not take away; donors that
    each sample draws from a pool are noise of the sample.

    Args:
        whole: The dataset, as of `collect`.
        modalities: The modalities.
        least: How many a sample needs; fewer come back where there are fewer.
        wanted: How many are wanted; `SIZE` are at least.
        seed: The run's seed.
        memory: Bytes that a worker has for decoded samples.
        most_bytes: What the pool may take decoded, but for the least.

    Raises:
        InputError: The least take too much of the memory.
    """
    room = min((budget(None, 1) if memory is None else memory) // HALF, most_bytes)
    size = max(SIZE, least, wanted)
    values = collect(whole, modalities, size, seed, memory, least, room)
    there = min((len(v) for v in values.values()), default=0)
    while size > least and taken({m: v[:size] for m, v in values.items()}) > room:
        size = max(least, size // 2)
    return {m: v[: max(min(size, there), least)] for m, v in values.items()}


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
        memory: Bytes that a worker has for decoded samples.
        stay: How many values are held later.
        room: Bytes after which no more are looked for, once so many are there; None for all.
        whole: Values of samples that have everything, at the same places for each modality.
        partly: Values of the other samples.
    """

    modalities: tuple[str, ...]
    most: int
    key: int
    memory: int
    stay: int
    room: int | None = None
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

    @property
    def full(self) -> bool:
        """Whether enough are there, and more would take more bytes than are wanted."""
        few = min((len(values) for values in self.values.values()), default=0)
        return self.room is not None and few >= self.stay and taken(self.values) > self.room

    def lacks(self, modality: str) -> bool:
        """Whether too few values of a modality were found."""
        return len(self.whole[modality]) + len(self.partly[modality]) < self.most

    def add(self, dataset: Dataset, positions: Ints) -> None:
        """Look at some samples, in the order of their random numbers, as many as fit at a time."""
        for at in spans(dataset, positions, self.memory):
            if self.full:
                break
            self._add(dataset, at)

    def _add(self, dataset: Dataset, positions: Ints) -> None:
        samples = decode(dataset, dataset.read(np.sort(positions)))
        rank = np.argsort(seeds.digests(self.key, PURPOSE, samples.ids), kind="stable")
        there = np.stack([samples.present[m] for m in self.modalities], axis=1)
        for i in rank:
            into = self.whole if there[i].all() else self.partly
            for m, here in zip(self.modalities, there[i], strict=True):
                if here and len(into[m]) < self.most:
                    into[m].append(samples.values[m][i])
        self._check(dataset)

    def _check(self, dataset: Dataset) -> None:
        """Refuse donors that do not leave room for the samples themselves."""
        staying = {m: values[: self.stay] for m, values in self.values.items()}
        takes, most = taken(staying), self.memory // HALF
        if takes > most:
            count = max(map(len, staying.values()))
            raise InputError(
                f"{count} of the {self.stay} samples that stand in for absent values take "
                f"{size(takes)} when they are decoded, and a worker has {size(most)} of "
                "--memory for them, half of its own",
                where=dataset.manifest.at,
                fix="more --memory, fewer --workers, or fewer of them, as --absent marginal:8",
            )


def _search(donors: _Donors, dataset: Dataset, order: Ints) -> None:
    """Look for modalities that were found too seldom; only samples that have one are decoded.

    Each look is at twice as many samples as the one before: what was rare among the first stays
    so, and what is never there is known after a few looks.
    """
    unseen = np.ones(len(dataset), np.bool_)
    for m in donors.modalities:
        start, step = 0, POOL * donors.most
        while donors.lacks(m) and not donors.full and start < order.size:
            some = order[start : start + step]
            there = np.sort(some)
            has = there[np.asarray(dataset.cells(m, there).is_valid()) & unseen[there]]
            if has.size:
                donors.add(dataset, some[np.isin(some, has)])
                unseen[has] = False
            start, step = start + step, 2 * step
