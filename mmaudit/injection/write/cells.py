"""How a corrupted value is written, as close to the clean one as its form allows."""

from typing import Any

import pyarrow as pa

from mmaudit.kinds.base import load_kind
from mmaudit.samples.dataset import Dataset


def columns(dataset: Dataset, modality: str) -> dict[str, str]:
    """Columns of the source of which a value is made, and the columns they are written to.

    A modality of one column is written to one that is called as it is.
    """
    entry = dataset.manifest.modalities[modality]
    if load_kind(entry.kind).columns == "several":
        return {name: f"{modality}.{name}" for name in entry.columns}
    return {modality: modality}


def arrays(dataset: Dataset, modality: str, cells: list[Any]) -> dict[str, pa.Array]:
    """Columns of one modality as they are written.

    Args:
        dataset: The clean dataset.
        modality: Name of the modality.
        cells: Values, or of media their files as ``bytes`` and ``path``; None is null.
    """
    names, kind = columns(dataset, modality), load_kind(dataset.kinds[modality])
    written = kind.arrays(cells, tuple(names), dataset.shape(modality))
    return dict(zip(names.values(), written, strict=True))


def digest(kind: str, cell: Any) -> str | None:
    """sha256 of what is written for a value; None where it is absent.

    Of a picture or a sound it is that of the file; of a text that of its UTF-8; of a vector or a
    series that of its shape and its float32 numbers; of a row of a table that of its JSON.
    """
    return None if cell is None else load_kind(kind).digest(cell)


def media(kind: str, value: Any, cell: dict[str, Any], rate: float) -> dict[str, Any]:
    """A value of media as a file of the form that it had, as far as that can hold it.

    Args:
        kind: A kind of media.
        value: The corrupted value.
        cell: The clean cell, ``bytes`` and ``path``.
        rate: Samples a second.
    """
    rewrite = load_kind(kind).rewrite
    if rewrite is None:
        raise TypeError(f"values of {kind} are no files")
    return rewrite(value, cell, rate)


def sound_rate(dataset: Dataset, modality: str) -> float:
    """Samples a second that are common to a modality; 0 for kinds that have none."""
    rated = load_kind(dataset.kinds[modality]).rate is not None
    return dataset.shape(modality).rate if rated else 0.0
