"""Probes: what each modality alone tells of the classes to a small model that is fitted here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.kinds import vector
from mmaudit.measures.balance.probe import Probe, probe
from mmaudit.models.base import TwoStage
from mmaudit.models.load import Loaded
from mmaudit.models.plain_features import featured
from mmaudit.models.plain_features import features as plain
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples, decode, stack
from mmaudit.seeds import digests, permanent

LEAST = 10  # rows below which a probe is not fitted, and the most frequent class is the answer
WIDEST = 8192  # numbers of a row's features; longer ones are left out

Views = list[Floats]  # features of the same rows, one array for each way to make them


@dataclass(frozen=True, slots=True)
class ProbeRows:
    """Some samples with what probes see of them, in an order of their ids' own.

    Attributes:
        ids: Their ids.
        labels: Class of each, ``(n,)``.
        groups: Number of the group of each, ``(n,)``; None without groups.
        present: Which have each modality, ``(n,)`` each.
        views: Features of those that have it, by modality, ``(present, d)`` each.
        samples: The samples, in their own order.
        order: Where each is among them, ``(n,)``.
    """

    ids: list[str]
    labels: Ints
    groups: Ints | None
    present: Mapping[str, Bools]
    views: Mapping[str, Views]
    samples: Samples
    order: Ints


def rows_of(
    dataset: Dataset, loaded: Loaded, kinds: Mapping[str, str], batch_size: int, limit: int
) -> ProbeRows:
    """Read some samples, the same whatever the seed, and make features of each modality.

    Args:
        dataset: Where they come from.
        loaded: The model, whose encodings are one view of a modality where it has two stages.
        kinds: Kind of each modality; empty where no features are needed.
        batch_size: Samples a forward pass.
        limit: At most so many samples.
    """
    some = dataset.select(limit=limit)
    samples = decode(some, some.read(range(len(some))))
    order = np.argsort(permanent(digests(0, "reference", samples.ids))[:, 0], kind="stable")
    labels = np.zeros(len(samples)) if samples.labels is None else samples.labels
    groups = None
    if samples.groups is not None:
        groups = np.unique(samples.groups[order], return_inverse=True)[1].astype(np.int64)
    return ProbeRows(
        ids=[samples.ids[i] for i in order],
        labels=labels[order].astype(np.int64),
        groups=groups,
        present={m: samples.present[m][order] for m in samples.present},
        views={m: _views(loaded, samples, order, m, kinds[m], batch_size) for m in kinds},
        samples=samples,
        order=order,
    )


def _views(
    loaded: Loaded, samples: Samples, order: Ints, modality: str, kind: str, batch_size: int
) -> Views:
    """What the model encodes, and plain features; of the samples that have the modality."""
    values = [samples.values[modality][i] for i in order if samples.present[modality][i]]
    views: list[NDArray[np.floating]] = []
    if not values:
        return []
    if isinstance(loaded.model, TwoStage):
        pieces = [
            np.asarray(
                loaded.model.encode(modality, stack(values[start : start + batch_size], kind))
            )
            for start in range(0, len(values), batch_size)
        ]
        pooled = [_pooled(piece) for piece in pieces]
        if len({piece.shape[1] for piece in pooled}) == 1:
            views.append(np.concatenate(pooled))
    alike = kind != vector.NAME or len({np.shape(value) for value in values}) == 1
    if kind in featured() and alike:
        views.append(plain(kind, values).reshape(len(values), -1))
    finite = (np.nan_to_num(v.astype(np.float64)) for v in views if v.shape[1] <= WIDEST)
    return list(finite)


def _pooled(encoded: np.ndarray) -> np.ndarray:
    """One row a sample: tokens ``(n, token, d)`` become their mean."""
    wide = encoded.mean(axis=1) if encoded.ndim == 3 else encoded
    return np.asarray(wide.reshape(len(wide), -1))


def fitted(rows: ProbeRows, modality: str, classes: int) -> tuple[Probe, int] | None:
    """The probe of one modality that is right most often on rows it has not seen, and its view.

    Args:
        rows: The rows it is fitted to.
        modality: The modality.
        classes: How many classes there are.

    Returns:
        None where too few rows have the modality.
    """
    there = rows.present[modality]
    if there.sum() < LEAST:
        return None
    groups = None if rows.groups is None else rows.groups[there]
    probes = [probe(view, rows.labels[there], classes, groups) for view in rows.views[modality]]
    best = max(range(len(probes)), key=lambda k: (probes[k].accuracy, -k))
    return probes[best], best


def held_out(rows: ProbeRows, modality: str, classes: int) -> Ints:
    """What a probe that is fitted to the other rows answers of each, ``(n,)``."""
    out = np.full(rows.labels.size, most_frequent(rows.labels))
    best_fit = fitted(rows, modality, classes)
    if best_fit is not None:
        out[rows.present[modality]] = best_fit[0].held_out
    return out


def from_training(rows: ProbeRows, train: ProbeRows, modality: str, classes: int) -> Ints:
    """What a probe that is fitted to training rows answers of each row, ``(n,)``."""
    out = np.full(rows.labels.size, most_frequent(train.labels))
    best_fit = fitted(train, modality, classes)
    if best_fit is not None and rows.present[modality].any():
        best, view = best_fit
        out[rows.present[modality]] = best.predict(rows.views[modality][view])
    return out


def all_held_out(rows: ProbeRows, modalities: Sequence[str], classes: int) -> Ints:
    """The same of a probe that sees every modality side by side; what is absent is the mean."""
    columns = []
    for m in modalities:
        there = rows.present[m]
        for view in rows.views[m]:
            whole = np.tile(view.mean(axis=0), (there.size, 1))
            whole[there] = view
            columns.append(whole)
        columns.append(there[:, None].astype(np.float64))
    wide = np.concatenate(columns, axis=1)
    return probe(wide, rows.labels, classes, rows.groups).held_out


def most_frequent(labels: Ints) -> int:
    """The class that is answered of what a modality says nothing about."""
    return int(np.bincount(labels).argmax())
