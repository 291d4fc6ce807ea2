"""Absence: how often each modality is absent, in which patterns, and what that depends on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmaudit import seeds
from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.audits.inspect.contents import Contents, one_of_each_group, ranked
from mmaudit.audits.inspect.learning.features import FeatureReader
from mmaudit.audits.inspect.learning.table_features import is_table
from mmaudit.audits.inspect.packed import PackedBools, packed
from mmaudit.measures.balance.axes import axes, scaled
from mmaudit.measures.data.absence import Absence, absence
from mmaudit.measures.data.little import LittleTest, little_test

PURPOSE = "inspect absence"  # of random numbers
MOST = 4_000  # samples that tests of absence look at
WIDTH = 20  # numbers that stand for what is known of a sample
MOST_NUMBERS = 512  # features of a modality whose means are compared


@dataclass(frozen=True, slots=True)
class Pattern:
    """One set of modalities, and the samples that have exactly these.

    Attributes:
        modalities: The modalities that are there.
        some: The samples.
    """

    modalities: tuple[str, ...]
    some: PackedBools

    @property
    def those(self) -> Bools:
        """The samples, ``(n,)``."""
        return self.some.open()


def patterns(contents: Contents) -> tuple[Pattern, ...]:
    """The sets of modalities that samples have, the most frequent first."""
    names = contents.dataset.modalities
    bits = np.packbits(np.stack([contents.present(m) for m in names], axis=1), axis=1)
    whole = bits.view(np.dtype((np.void, bits.shape[1]))).reshape(-1)
    every = [Pattern(_named(names, row), packed(whole == row)) for row in np.unique(whole)]
    return tuple(sorted(every, key=lambda p: (-int(p.those.sum()), p.modalities)))


def _named(names: Sequence[str], row: np.void) -> tuple[str, ...]:
    there = np.unpackbits(np.frombuffer(row.tobytes(), np.uint8), count=len(names))
    return tuple(m for m, is_there in zip(names, there, strict=True) if is_there)


def mechanisms(contents: Contents, features: FeatureReader) -> Mapping[str, Absence]:
    """What absence of each modality follows from, where some samples lack it and some do not.

    Args:
        contents: What the units wrote.
        features: Reads plain features of the samples.
    """
    dataset = contents.dataset
    there = {m: contents.present(m) for m in dataset.modalities}
    wanting = [m for m, present in there.items() if present.any() and not present.all()]
    if not wanting:
        return {}
    rows = _looked_at(contents)
    every = {m: features.of(m, rows) for m in dataset.modalities}
    labels = contents.labels
    usable = np.ones(len(rows), np.bool_) if labels is None else labels[rows] >= 0
    result = {}
    for modality in wanting:
        others = [f for m, f in every.items() if m != modality and f is not None]
        beside = [np.concatenate([f.rows, f.there[:, None]], axis=1) for f in others]
        columns = np.concatenate([*beside, np.zeros((len(rows), 0))], axis=1)
        absent = ~there[modality][rows]
        rng = np.random.default_rng([contents.seed, seeds.digest(PURPOSE, modality)])
        result[modality] = absence(
            _reduced(columns[usable]),
            absent[usable],
            None if labels is None else labels[rows][usable],
            rng,
            len(wanting),
        )
    return result


def by_means(contents: Contents, features: FeatureReader) -> LittleTest | None:
    """Little's test of the means of numbers in each pattern of absence.

    The numbers are the numeric cells of tables and the features of modalities that have few, by
    their main axes, `WIDTH` in all. None where nothing is absent, or where the numbers do not let
    themselves be compared.

    Args:
        contents: What the units wrote.
        features: Reads plain features of the samples.
    """
    dataset, rows = contents.dataset, _looked_at(contents)
    there = np.stack([contents.present(m)[rows] for m in dataset.modalities], axis=1)
    tables = {m: features.numbers(m, rows) for m in dataset.modalities if is_table(dataset, m)}
    if there.all() and not any(np.isnan(cells).any() for cells in tables.values()):
        return None  # before values are decoded: nothing is absent
    views = []
    for modality in dataset.kinds:
        if modality in tables:
            views.append(tables[modality])
        elif contents.present(modality)[rows].any():
            some = features.of(modality, rows)
            if some is not None and some.rows.shape[1] <= MOST_NUMBERS:
                views.append(np.where(some.there[:, None], some.rows, np.nan))
    if not views:
        return None
    width = max(1, WIDTH // len(views))
    return little_test(np.concatenate([_main(view, width) for view in views], axis=1), there)


def _looked_at(contents: Contents) -> Ints:
    """Some of many samples, by hash of the id, one of each group, ``(at most MOST,)``.

    What hangs together within groups would pass for what absence follows from.
    """
    return one_of_each_group(contents, ranked(contents, PURPOSE))[:MOST]


def _main(view: Floats, width: int) -> Floats:
    """The main axes of numbers that are absent together; as they are, where they are few."""
    whole = ~np.isnan(view).any(axis=1)
    if view.shape[1] <= width or not whole.any():
        return view
    result = np.full((len(view), width), np.nan)
    reduced = _reduced(view[whole], width)
    result[whole, : reduced.shape[1]] = reduced
    return result[:, : reduced.shape[1]]


def _reduced(columns: Floats, width: int = WIDTH) -> Floats:
    """The main axes of many columns, ``(row, at most width)``; of few these, scaled."""
    columns = scaled(columns[:, columns.std(axis=0) > 0])
    return columns if columns.shape[1] <= width else axes(columns, width)
