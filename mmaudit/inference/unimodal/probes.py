"""Probes: what each modality alone tells of the classes to a small model that is fitted here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.kinds import vector
from mmaudit.measures.balance.probe import Probe, probe
from mmaudit.measures.games.ties import share_right
from mmaudit.models.base import TwoStage
from mmaudit.models.load import Loaded
from mmaudit.models.plain_features import featured
from mmaudit.models.plain_features import features as plain
from mmaudit.samples import memory
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples, decode, stack
from mmaudit.seeds import digests, permanent

LEAST = 10  # rows below which a probe is not fitted, and the most frequent class is the answer
WIDEST = 8192  # numbers of a row's features; longer ones are left out

Views = list[Floats]  # features of the same rows, one array for each way to make them
Ask = Callable[[Samples], Floats]  # how right another model is about each sample


@dataclass(frozen=True, slots=True)
class Room:
    """How many samples are read.

    Attributes:
        limit: At most so many samples.
        batch_size: Samples a forward pass.
        memory: Bytes that decoded samples may take.
    """

    limit: int
    batch_size: int
    memory: int


@dataclass(frozen=True, slots=True)
class ProbeRows:
    """Some samples with what probes see of them, in an order of their ids' own.

    Attributes:
        ids: Their ids.
        labels: Class of each, ``(n,)``.
        groups: Number of the group of each, ``(n,)``; None without groups.
        present: Which have each modality, ``(n,)`` each.
        views: Features of those that have it, by modality, ``(present, d)`` each.
        right: How right a model of one modality is about each, by modality, ``(n,)`` each.
    """

    ids: list[str]
    labels: Ints
    groups: Ints | None
    present: Mapping[str, Bools]
    views: Mapping[str, Views]
    right: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class _Span:
    """Samples that were decoded together, without their media, and what was made of those."""

    samples: Samples
    encoded: Mapping[str, Views]
    plain: Mapping[str, Views]
    right: Mapping[str, Floats]


def rows_of(
    dataset: Dataset, loaded: Loaded, kinds: Mapping[str, str], ask: Mapping[str, Ask], room: Room
) -> ProbeRows:
    """Read some samples, the same whatever the seed, and make features of each modality.

    Args:
        dataset: Where they come from.
        loaded: The model, whose encodings are one view of a modality where it has two stages.
        kinds: Kind of each modality that features are needed of.
        ask: Models of one modality each, by the modality.
        room: How many samples, and how many at a time.
    """
    some = dataset.select(limit=room.limit)
    spans = []
    for at in memory.spans(some, np.arange(len(some)), room.memory, batch=room.batch_size):
        samples = decode(some, some.read(at))
        spans.append(
            _Span(
                replace(samples, values={}),  # media are released before the next are decoded
                {m: _encoded(loaded, samples, m, kinds[m], room.batch_size) for m in kinds},
                {m: _plain(samples, m, kinds[m]) for m in kinds},
                {m: of(samples) for m, of in ask.items()},
            )
        )
    return _joined(spans, tuple(kinds))


def _joined(spans: Sequence[_Span], modalities: Sequence[str]) -> ProbeRows:
    """The samples of all spans, in their order."""
    read = [span.samples for span in spans]
    ids = [name for samples in read for name in samples.ids]
    order = np.argsort(permanent(digests(0, "reference", ids))[:, 0], kind="stable")
    labels = [np.zeros(len(s)) if s.labels is None else s.labels for s in read]
    groups = [s.groups for s in read if s.groups is not None]
    numbered = np.unique(np.concatenate(groups)[order], return_inverse=True)[1] if groups else None
    present = {m: np.concatenate([s.present[m] for s in read]) for m in read[0].present}
    return ProbeRows(
        ids=[ids[i] for i in order],
        labels=np.concatenate(labels)[order].astype(np.int64),
        groups=None if numbered is None else numbered.astype(np.int64),
        present={m: there[order] for m, there in present.items()},
        views={m: _views(spans, m, present[m], order) for m in modalities},
        right={m: np.concatenate([span.right[m] for span in spans])[order] for m in spans[0].right},
    )


def _views(spans: Sequence[_Span], modality: str, present: Bools, order: Ints) -> Views:
    """What the model encodes, and plain features; of the samples that have the modality."""
    count = int(present.sum())
    place = (np.cumsum(present) - 1)[order][present[order]]
    views = []
    for form in ([span.encoded for span in spans], [span.plain for span in spans]):
        pieces = [piece for span in form for piece in span[modality]]
        widths = {piece.shape[1] for piece in pieces}
        if count and sum(map(len, pieces)) == count and len(widths) == 1 and max(widths) <= WIDEST:
            views.append(np.nan_to_num(np.concatenate(pieces)[place].astype(np.float64)))
    return views


def _values(samples: Samples, modality: str) -> list[Any]:
    there = samples.present[modality]
    return [
        value for value, is_here in zip(samples.values[modality], there, strict=True) if is_here
    ]


def _encoded(loaded: Loaded, samples: Samples, modality: str, kind: str, batch_size: int) -> Views:
    """What a model in two stages encodes of one modality, a batch at a time."""
    values = _values(samples, modality)
    if not isinstance(loaded.model, TwoStage):
        return []
    starts = range(0, len(values), batch_size)
    batches = (stack(values[start : start + batch_size], kind) for start in starts)
    return [_pooled(np.asarray(loaded.model.encode(modality, batch))) for batch in batches]


def _plain(samples: Samples, modality: str, kind: str) -> Views:
    """Plain features of one modality, where its kind has any and its values are alike."""
    values = _values(samples, modality)
    alike = kind != vector.NAME or len({np.shape(value) for value in values}) == 1
    if not values or kind not in featured() or not alike:
        return []
    return [plain(kind, values).reshape(len(values), -1).astype(np.float64)]


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


def held_out(rows: ProbeRows, modality: str, classes: int) -> Floats:
    """How right a probe that is fitted to the other rows is about each, ``(n,)``."""
    out = guessed(rows.labels, rows.labels)
    best_fit, there = fitted(rows, modality, classes), rows.present[modality]
    if best_fit is not None:
        out[there] = share_right(best_fit[0].held_out, rows.labels[there])
    return out


def from_training(rows: ProbeRows, train: ProbeRows, modality: str, classes: int) -> Floats:
    """How right a probe that is fitted to training rows is about each row, ``(n,)``."""
    out = guessed(rows.labels, train.labels)
    best_fit, there = fitted(train, modality, classes), rows.present[modality]
    if best_fit is not None and there.any():
        best, view = best_fit
        out[there] = share_right(best.scores(rows.views[modality][view]), rows.labels[there])
    return out


def crossed(rows: ProbeRows, modality: str, classes: int) -> Floats:
    """The same of a probe that is chosen and fitted on the other half of these rows, ``(n,)``.

    Unlike `held_out` nothing is chosen by the rows that are judged, so no chance is in its favour.
    Groups stay whole.
    """
    n = rows.labels.size
    units = np.arange(n) if rows.groups is None else rows.groups
    _, first, unit = np.unique(units, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first, kind="stable"), kind="stable")  # by when a group comes
    half = rank[unit.reshape(-1)] % 2 == 0
    out = np.zeros(n)
    for mine in (half, ~half):
        if mine.any() and not mine.all():
            at, train = _taken(rows, mine), _taken(rows, ~mine)
            out[mine] = from_training(at, train, modality, classes)
    return out


def _taken(rows: ProbeRows, mask: Bools) -> ProbeRows:
    """Some of the rows, in their order."""
    return ProbeRows(
        ids=[name for name, mine in zip(rows.ids, mask.tolist(), strict=True) if mine],
        labels=rows.labels[mask],
        groups=None if rows.groups is None else rows.groups[mask],
        present={m: there[mask] for m, there in rows.present.items()},
        views={m: [v[mask[rows.present[m]]] for v in views] for m, views in rows.views.items()},
        right={m: right[mask] for m, right in rows.right.items()},
    )


def all_held_out(rows: ProbeRows, modalities: Sequence[str], classes: int) -> Floats:
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
    return share_right(probe(wide, rows.labels, classes, rows.groups).held_out, rows.labels)


def guessed(labels: Ints, of: Ints) -> Floats:
    """How right the most frequent class is where a modality says nothing, ``(n,)``.

    Args:
        labels: Class of each row that is judged.
        of: Class of each row of which the most frequent is taken; of a tie, each by its share.
    """
    counts = np.bincount(of, minlength=int(labels.max(initial=0)) + 1)
    most = counts == counts.max()
    return most[labels] / most.sum()
