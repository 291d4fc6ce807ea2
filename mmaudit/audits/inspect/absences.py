"""Absence: how often each modality is absent, in which patterns, and what that depends on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mmaudit import seeds
from mmaudit.arrays import Bools, Floats
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.features import FeatureReader
from mmaudit.measures.data.absence import Absence, absence

PURPOSE = "inspect absence"  # of random numbers
MOST = 4_000  # samples that tests of absence look at
WIDTH = 20  # numbers that stand for what is known of a sample


@dataclass(frozen=True, slots=True)
class Pattern:
    """One set of modalities, and the samples that have exactly these.

    Attributes:
        modalities: The modalities that are there.
        those: The samples, ``(n,)``.
    """

    modalities: tuple[str, ...]
    those: Bools


def patterns(contents: Contents) -> tuple[Pattern, ...]:
    """The sets of modalities that samples have, the most frequent first."""
    names = contents.dataset.modalities
    there = np.stack([contents.present(m) for m in names], axis=1)
    rows, number = np.unique(there, axis=0, return_inverse=True)
    number = number.reshape(-1)
    every = [
        Pattern(tuple(m for m, is_there in zip(names, row, strict=True) if is_there), number == k)
        for k, row in enumerate(rows)
    ]
    return tuple(sorted(every, key=lambda p: (-int(p.those.sum()), p.modalities)))


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
    keys = seeds.digests(contents.seed, PURPOSE, contents.ids)
    rows = np.argsort(keys, kind="stable")[:MOST]
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


def _reduced(columns: Floats) -> Floats:
    """The main axes of many columns, ``(row, at most WIDTH)``."""
    spread = columns.std(axis=0)
    columns = (columns - columns.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    if columns.shape[1] <= WIDTH:
        return columns
    _, vectors = np.linalg.eigh(columns.T @ columns)
    return columns @ vectors[:, ::-1][:, :WIDTH]
