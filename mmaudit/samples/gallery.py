"""Gallery: some samples as people see and hear them, small, for the report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.kinds import audio, image
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column

SIDE = 128  # pixels of the longer side of a picture
LONGEST = 500  # characters of a text
SECONDS = 3.0  # of a sound
SHOWN = {"image", "text", "audio"}
SCHEMA = pa.schema(
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


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One sample of the gallery.

    Attributes:
        position: Where it stands in the selection.
        note: Why it is shown.
        modalities: What of it is shown; empty for all that can be.
    """

    position: int
    note: str
    modalities: tuple[str, ...] = ()


def gallery(dataset: Dataset, exhibits: Sequence[Exhibit]) -> pa.Table:
    """Pictures, texts and sounds of some samples; what is absent or unreadable is not there.

    Args:
        dataset: The selected samples.
        exhibits: Which to show, in the order in which they are shown.
    """
    rows = [row for exhibit in exhibits for row in _shown(dataset, exhibit)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _shown(dataset: Dataset, exhibit: Exhibit) -> Iterator[dict[str, Any]]:
    (id_,) = dataset.read([exhibit.position]).column("id").to_pylist()
    for modality, kind in dataset.kinds.items():
        if kind not in SHOWN or (exhibit.modalities and modality not in exhibit.modalities):
            continue
        usual = dataset.usual(modality)
        (value,), _ = column(dataset.cells(modality, [exhibit.position]), kind, usual)
        if value is not None:
            row = {"id": id_, "modality": modality, "kind": kind, "note": exhibit.note}
            yield row | _small(kind, value, usual.rate)


def _small(kind: str, value: Any, rate: float) -> dict[str, Any]:
    if kind == "text":
        return {"text": value[:LONGEST]}
    if kind == "image":
        return {"thumbnail": image.encode(thumbnail(value))}
    hertz = round(rate) or 16_000
    return {"sound": audio.encode(value[: round(SECONDS * hertz)], hertz)}


def thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture of at most 128 pixels a side, each the mean of a square of the large one."""
    step = -(-max(pixels.shape[:2]) // SIDE)
    if step == 1:
        return pixels
    h, w = (max(1, side // step) for side in pixels.shape[:2])
    cut = pixels[: h * step, : w * step]
    squares = cut.reshape(h, cut.shape[0] // h, w, cut.shape[1] // w, -1)
    return np.ascontiguousarray(squares.mean(axis=(1, 3)).round().astype(pixels.dtype))
