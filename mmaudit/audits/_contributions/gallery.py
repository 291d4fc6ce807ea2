"""The odd samples as people see them: their pictures, made small, and their texts."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.samples import image
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import decode

SIDE = 128  # pixels of the longer side of a picture
LONGEST = 500  # characters of a text
GALLERY = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("modality", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("text", pa.string()),
        pa.field("thumbnail", pa.binary()),
        pa.field("sound", pa.binary()),
        pa.field("note", pa.string(), nullable=False),
    ]
)


def gallery(dataset: Dataset, odd: pa.Table) -> pa.Table:
    """Pictures and texts of the odd samples, with what each modality contributed.

    Args:
        dataset: The selected samples.
        odd: From `odd_samples`.
    """
    listed = odd.to_pylist()
    wanted = {row["id"] for row in listed}
    ids = dataset.column("id").to_pylist()
    positions = [position for position, id_ in enumerate(ids) if id_ in wanted]
    samples = decode(dataset, dataset.read(positions))
    where = {id_: k for k, id_ in enumerate(samples.ids)}
    rows = [
        {"id": row["id"], "modality": m, "kind": row["kind"], "note": _note(row), **shown}
        for row in listed
        if row["id"] in where
        for m, shown in _shown(dataset, samples.values, where[row["id"]])
    ]
    return pa.Table.from_pylist(rows, schema=GALLERY)


def _shown(
    dataset: Dataset, values: Mapping[str, list[Any]], k: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    for modality, kind in dataset.kinds.items():
        value = values[modality][k]
        if value is None:
            continue
        if kind == "image":
            yield modality, {"thumbnail": image.encode(small(value))}
        elif kind == "text":
            yield modality, {"text": value[:LONGEST]}


def small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture of at most 128 pixels a side, each the mean of a square of the large one."""
    step = -(-max(pixels.shape[:2]) // SIDE)
    if step == 1:
        return pixels
    h, w = (max(1, side // step) for side in pixels.shape[:2])
    cut = pixels[: h * step, : w * step]
    squares = cut.reshape(h, cut.shape[0] // h, w, cut.shape[1] // w, -1)
    return np.ascontiguousarray(squares.mean(axis=(1, 3)).round().astype(np.uint8))


def _note(row: Mapping[str, Any]) -> str:
    told = (f"{k.removeprefix('phi_')} {v:+.3f}" for k, v in row.items() if k.startswith("phi_"))
    return f"{row['kind'].replace('_', ' ')} {row['rank']}: {', '.join(told)} ({row['value']})"
