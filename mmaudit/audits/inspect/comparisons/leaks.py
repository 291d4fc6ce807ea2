"""Leaks of sources: what both sides of a split share, where nobody declared a group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit import seeds
from mmaudit.arrays import Floats, Ints
from mmaudit.audits.inspect.cells import Cells, exact, row
from mmaudit.audits.inspect.comparisons.keys import SourceKey, declared, keys
from mmaudit.audits.inspect.contents import Contents, ranked
from mmaudit.audits.inspect.learning.features import FeatureReader
from mmaudit.bounds.corrections import holm
from mmaudit.formats import many
from mmaudit.measures.balance.shared_key import SharedKey, shared_key, usable
from mmaudit.names import part

PURPOSE = "inspect leaks"  # of random numbers
CONSIDERED = 100_000  # samples whose names are looked at
MOST, LEAST_OF_EACH = 1_500, 20  # samples that probes learn from, and of a value of a key
MOST_KEYS = 8
FEWEST, LEAST_USABLE = 100, 0.8  # samples, and their share whose class stands at several values
LEVEL = 0.05  # of all keys of a dataset together


@dataclass(frozen=True, slots=True)
class Leak:
    """A key that splits share.

    Attributes:
        key: The key.
        measured: What a probe gains by it.
        certain: Whether it gains anything, with the other keys taken into account.
    """

    key: SourceKey
    measured: SharedKey
    certain: bool


def leaks(contents: Contents, features: FeatureReader) -> tuple[Leak, ...]:
    """What a probe gains by each key that splits share: where a group is declared, by that one.

    Args:
        contents: What the units wrote.
        features: Reads plain features of the samples.
    """
    if not contents.dataset.splits or contents.labels is None:
        return ()
    rows = ranked(contents, PURPOSE)[:CONSIDERED].copy()
    splits, labels = _texts(contents, "split", rows), contents.labels[rows].astype(np.int64)
    some = list[tuple[SourceKey, SharedKey]]()
    every = keys(contents.dataset, rows, splits)
    if contents.groups is not None:
        name = str(contents.dataset.manifest.source.group)
        every = declared(name, _texts(contents, "group", rows), splits)
    for key in _at_most(every):
        measured = _measured(key, rows, labels, contents, features)
        some += [] if measured is None else [(key, measured)]
    p_values = holm([measured.p_value for _, measured in some])
    return tuple(
        Leak(key, measured, certain=p <= LEVEL and measured.gap.low > 0)
        for (key, measured), p in zip(some, p_values, strict=True)
    )


def _texts(contents: Contents, column: str, rows: Ints) -> NDArray[np.str_]:
    """Texts of a column of some samples, ``(m,)``."""
    names, codes = contents.coded(column)
    return np.asarray(names[codes[rows]])


def rows(every: Sequence[Leak], n: int) -> Iterator[Cells]:
    """Rows of the summary.

    Args:
        every: The keys that splits share.
        n: How many samples there are.
    """
    for leak in every:
        where, measured = part("key", leak.key.name), leak.measured
        yield from row("key_across_splits", exact(leak.key.shared, n), slice=where)
        yield from row("accuracy_shared", measured.shared, slice=where)
        yield from row("accuracy_apart", measured.apart, slice=where)
        yield from row("gap_of_key", measured.gap, slice=where)


def headline(every: Sequence[Leak]) -> str:
    """Which keys leak, in one sentence; empty where none does."""
    names = ", ".join(leak.key.name for leak in every if leak.certain)
    return f"The splits share {names}, which tells labels." if names else ""


def notes(every: Sequence[Leak]) -> Iterator[str]:
    """What each leaking key gives, and what to declare."""
    for leak in every:
        if not leak.certain:
            continue
        key, measured = leak.key, leak.measured
        declare = "declare a column of it as group, and "
        if key.column:
            declare = "" if key.declared else f'declare group = "{key.name}", and '
        right = f"{measured.shared.value:.1%} with it and in {measured.apart.value:.1%} without"
        yield (
            f"splits share {key.name}: {many(measured.gap.n, 'value')}, and {key.shared:.0%} of "
            f"the samples have one that is in another split. Small models are right in {right} "
            f"(gap {measured.gap}): {declare}split by it."
        )


def _at_most(every: Iterator[SourceKey]) -> list[SourceKey]:
    """Those that most samples share, the first ones of equals."""
    return sorted(every, key=lambda key: -key.shared)[:MOST_KEYS]


def _measured(
    key: SourceKey, rows: Ints, labels: Ints, contents: Contents, features: FeatureReader
) -> SharedKey | None:
    """None where too few samples have a class that stands at several values of the key."""
    at = _whole_values(np.where(labels >= 0, key.values, -1))
    fits = at[usable(labels[at], key.values[at])]
    classes, numbers = np.unique(labels[fits], return_inverse=True)
    values, number_of_value = np.unique(key.values[fits], return_inverse=True)
    enough = len(fits) >= max(FEWEST, LEAST_USABLE * len(at))
    if not enough or len(classes) < 2 or len(values) < 2:
        return None
    columns = _columns(contents, features, rows[fits])
    if columns is None:
        return None
    rng = np.random.default_rng([contents.seed, seeds.digest(PURPOSE, key.name)])
    return shared_key(columns, numbers, len(classes), number_of_value, rng)


def _whole_values(values: Ints) -> Ints:
    """Positions of some samples: as many of each value as its share of `MOST`, value by value."""
    there = np.flatnonzero(values >= 0)
    each = max(LEAST_OF_EACH, MOST // max(1, np.unique(values[there]).size))
    order = there[np.argsort(values[there], kind="stable")]  # values are numbered as first seen
    starts = np.flatnonzero(np.diff(values[order], prepend=-1))
    within = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    return np.sort(order[within < each][:MOST])


def _columns(contents: Contents, features: FeatureReader, rows: Ints) -> Floats | None:
    """Features of all modalities side by side, ``(n, d)``; None where none has any."""
    every = [features.of(m, rows) for m in contents.dataset.modalities]
    beside = [np.column_stack([f.rows, f.there]) for f in every if f is not None]
    return np.concatenate(beside, axis=1) if beside else None
