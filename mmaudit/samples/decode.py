"""Decode batches of samples, and say which could not be used and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit.kinds.base import Decoded, Shape, load_kind
from mmaudit.samples.dataset import Dataset

UNLABELLED = "the label is missing or not finite"
TARGET = "target"  # what stands for the modality where a label cannot be used


@dataclass(frozen=True, slots=True)
class Skipped:
    """A sample that was left out.

    Attributes:
        id: Its id.
        modality: The modality that could not be decoded, or ``target``.
        reason: Why, for a person.
    """

    id: str
    modality: str
    reason: str


@dataclass(frozen=True, slots=True)
class Samples:
    """Decoded samples; those that cannot be used are in ``skipped`` and nowhere else.

    Attributes:
        ids: Ids, ``n`` of them.
        labels: Class index ``(n,)`` int64, numbers ``(n,)`` float64, or ``(n, class)`` bool for
            several classes; None without a target.
        groups: Group of each, ``(n,)`` str, its id where it has none; None without groups.
        slices: Value of each slice column, ``(n,)`` str, empty where absent.
        values: ``n`` decoded values a modality, None where absent.
        present: ``(n,)`` bool a modality.
        skipped: What was left out.
    """

    ids: list[str]
    labels: NDArray[Any] | None
    groups: NDArray[np.str_] | None
    slices: dict[str, NDArray[np.str_]]
    values: dict[str, list[Any]]
    present: dict[str, NDArray[np.bool_]]
    skipped: tuple[Skipped, ...]

    def __len__(self) -> int:
        return len(self.ids)


def decode(dataset: Dataset, batch: pa.RecordBatch) -> Samples:
    """Decode what `Dataset.read` read.

    Args:
        dataset: The dataset that it was read from.
        batch: Its samples.
    """
    ids = batch.column("id").to_pylist()
    skipped: list[Skipped] = []
    keep = np.ones(len(ids), np.bool_)
    values: dict[str, list[Any]] = {}
    for modality, kind in dataset.kinds.items():
        values[modality], reasons = column(
            batch.column(modality), kind, dataset.shape(modality), ids
        )
        skipped += [Skipped(ids[i], modality, reason) for i, reason in reasons.items()]
        keep[list(reasons)] = False
    labels, unusable = _labels(dataset, batch.column("label"))
    skipped += [Skipped(ids[i], TARGET, UNLABELLED) for i in np.flatnonzero(unusable)]
    keep &= ~unusable
    rows = np.flatnonzero(keep)
    usable = {m: [listed[i] for i in rows] for m, listed in values.items()}
    slices = [c for c in batch.schema.names if c.startswith("slice:")]
    return Samples(
        ids=[ids[i] for i in rows],
        labels=None if labels is None else labels[rows],
        groups=_groups(batch)[rows] if dataset.manifest.source.group else None,
        slices={s.removeprefix("slice:"): _strings(batch.column(s))[rows] for s in slices},
        values=usable,
        present={m: np.array([v is not None for v in c], np.bool_) for m, c in usable.items()},
        skipped=tuple(skipped),
    )


def decoded_positions(
    dataset: Dataset, at: NDArray[np.int64], samples: Samples
) -> NDArray[np.int64]:
    """Positions of the samples that could be decoded, in their order.

    Args:
        dataset: The dataset that they were read from.
        at: Positions that were read, ``(n,)``.
        samples: What was decoded of them.
    """
    if len(samples) == len(at):
        return at
    usable = set(samples.ids)
    ids = dataset.column("id").take(pa.array(at)).to_pylist()
    return np.array([p for p, i in zip(at, ids, strict=True) if i in usable], np.int64)


def column(cells: pa.Array, kind: str, shape: Shape, ids: Sequence[str] = ()) -> Decoded:
    """Decode one column: the values, None where absent, and reasons by position.

    Args:
        cells: The column.
        kind: Kind of the modality.
        shape: What its values have in common.
        ids: Whose values they are, if that is known.
    """
    return load_kind(kind).column(cells, shape, ids)


def stack(
    values: list[Any], kind: str, shape: tuple[int, ...] | None = None
) -> NDArray[Any] | list[Any]:
    """Values of one modality as one array where their shapes agree, else as a list.

    Args:
        values: Decoded values, None where absent.
        kind: Kind of the modality.
        shape: Shape of what stands for absent values where none is there to take it from.

    Returns:
        ``(n, …)``, or a list. An absent text is empty, an absent row of a table is all None,
        and anything else that is absent is zeros of the shape of the first that is there.
    """
    first = next((v for v in values if v is not None), None)
    filler = load_kind(kind).empty(first, shape or ())
    filled = [filler if v is None else v for v in values]
    if not isinstance(filler, np.ndarray):
        return filled
    if not filler.shape:
        return np.stack(filled) if filled else filled
    if len({len(v) for v in filled}) != 1:
        return filled
    try:
        # the same as np.stack, which makes a view of every value first
        return np.concatenate(filled).reshape(len(filled), *filler.shape)
    except ValueError:  # their other axes differ
        return filled


def _labels(dataset: Dataset, labels: pa.Array) -> tuple[NDArray[Any] | None, NDArray[np.bool_]]:
    """Labels as numbers, and which of them cannot be used."""
    kind = dataset.target_kind
    if kind is None:
        return None, np.zeros(len(labels), np.bool_)
    if kind == "number":
        numbers = labels.to_numpy(zero_copy_only=False).astype(np.float64)
        return numbers, ~np.isfinite(numbers)
    classes = pa.array(dataset.classes, pa.string())
    if kind == "class":
        indices = compute.index_in(labels, classes)
        missing = indices.is_null().to_numpy(zero_copy_only=False)
        return compute.fill_null(indices, -1).to_numpy().astype(np.int64), missing
    several = np.zeros((len(labels), len(classes)), np.bool_)
    rows = compute.list_parent_indices(labels).to_numpy()
    several[rows, compute.index_in(compute.list_flatten(labels), classes).to_numpy()] = True
    return several, labels.is_null().to_numpy(zero_copy_only=False)


def _groups(batch: pa.RecordBatch) -> NDArray[np.str_]:
    own = compute.coalesce(batch.column("group"), batch.column("id"))
    return _strings(own)


def _strings(cells: pa.Array) -> NDArray[np.str_]:
    return np.array(compute.fill_null(cells, "").to_pylist(), np.str_)
