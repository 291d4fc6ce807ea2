"""Features of a few samples: are modalities aligned, and do stand-ins look like the data?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.inference.features import features as encoded
from mmaudit.inference.features import filler_features
from mmaudit.inference.inputs import Inputs
from mmaudit.measures.balance.alignment import alignment
from mmaudit.measures.balance.off_data import off_data
from mmaudit.measures.games.coalitions import pairs
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.models.base import Model
from mmaudit.models.load import Loaded
from mmaudit.rows import Estimate
from mmaudit.samples.decode import Samples, decode
from mmaudit.samples.memory import spans
from mmaudit.seeds import digests, permanent

SAMPLES = 1000


@dataclass(frozen=True, slots=True)
class FeatureNumber:
    """One number of a pair of modalities, or of one under an absence policy."""

    absent: str
    modality: str
    metric: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Features:
    """Features of some samples in an order of their ids' own.

    Attributes:
        ids: Ids of the samples.
        groups: Their groups; None without groups.
        order: Their order, so that the order of the rows does not matter.
        rows: Features of each modality that has any, ``(sample, d)`` in that order.
        present: Which samples have it, likewise.
    """

    ids: list[str]
    groups: NDArray[np.str_] | None
    order: NDArray[np.int64]
    rows: Mapping[str, Floats]
    present: Mapping[str, NDArray[np.bool_]]


def features(
    inputs: Inputs,
    loaded: Loaded,
    kinds: Mapping[str, str],
    batch_size: int,
    seed: int,
    memory: int,
) -> Features:
    """What a model in two stages encodes, else the vectors themselves; other kinds have none.

    Samples are chosen by hash.
    """
    some = inputs.dataset.select(limit=SAMPLES, seed=seed)
    parts = []
    for at in spans(some, np.arange(len(some)), memory, batch=batch_size):
        samples = decode(some, some.read(at))
        light = replace(samples, values={})  # media are released before the next are decoded
        parts.append((light, encoded(loaded, samples, kinds, batch_size)))
    ids = [name for samples, _ in parts for name in samples.ids]
    order = np.argsort(permanent(digests(seed, "alignment", ids))[:, 0], kind="stable")
    groups = [samples.groups for samples, _ in parts if samples.groups is not None]
    names = [m for m in kinds if any(m in columns for _, columns in parts)]
    return Features(
        ids=ids,
        groups=np.concatenate(groups) if groups else None,
        order=order,
        rows={m: _column(m, parts)[order] for m in names},
        present={m: np.concatenate([s.present[m] for s, _ in parts])[order] for m in names},
    )


def _column(modality: str, parts: Sequence[tuple[Samples, Mapping[str, Floats]]]) -> Floats:
    """Features of one modality; zeros where none of the samples decoded together has it."""
    width = next(columns[modality].shape[1] for _, columns in parts if modality in columns)
    return np.concatenate(
        [c[modality] if modality in c else np.zeros((len(s), width)) for s, c in parts]
    )


def aligned(of: Features, seed: int) -> Iterator[FeatureNumber]:
    """CKA and held-out canonical correlation of every pair that has features."""
    names = tuple(of.rows)
    for i, j in pairs(len(names)):
        a, b = names[i], names[j]
        both = of.present[a] & of.present[b]
        result = alignment(of.rows[a][both], of.rows[b][both], seed)
        if result is not None:
            p = result.p_value
            for name, one in (("cca_held_out", result.correlation), ("cka", result.cka)):
                # halves and blocks of rows say nothing of groups that vary as a whole
                wide = one if of.groups is None else replace(one, low=-1.0, high=1.0)
                yield FeatureNumber("", f"{a},{b}", name, wide)
            yield FeatureNumber("", f"{a},{b}", "cka_p_value", Estimate(p, p, p, result.cka.n))


def nearness(
    of: Features, models: Mapping[str, tuple[Model, ...]], seed: int, replicates: int
) -> Iterator[FeatureNumber]:
    """How far a sample in which one modality is filled in lies from the data, by policy.

    Modalities count alike: each is centred and scaled to a mean squared length of 1.
    """
    if len(of.rows) < 2:
        return
    complete = np.all(list(of.present.values()), axis=0)
    if complete.sum() < 2:
        return
    ids = np.array(of.ids)[of.order][complete]
    units = ids if of.groups is None else of.groups[of.order][complete]
    keys = unit_keys(seed, units)
    scaled = {m: _Scale(rows[complete]) for m, rows in of.rows.items()}
    real = {m: scale.apply(of.rows[m][complete]) for m, scale in scaled.items()}
    whole = np.concatenate(list(real.values()), axis=1)
    for policy, shares in models.items():
        for m, scale in scaled.items():
            stand_ins = filler_features(shares, m)
            if stand_ins is None:
                continue
            some = stand_ins[np.arange(len(whole)) % len(stand_ins)]
            filled = {**real, m: scale.apply(some)}
            joined = np.concatenate(list(filled.values()), axis=1)
            distance = off_data(whole, joined, keys, replicates)
            if np.isfinite(distance.point):
                yield FeatureNumber(policy, m, "off_data", distance.estimate())


class _Scale:
    """Centre and scale of one modality's features."""

    def __init__(self, rows: Floats) -> None:
        self.mean = rows.mean(axis=0)
        length = float(np.sqrt(((rows - self.mean) ** 2).sum(axis=1).mean()))
        self.unit = length if length > 0 else 1.0

    def apply(self, rows: Floats) -> Floats:
        return (rows - self.mean) / self.unit
