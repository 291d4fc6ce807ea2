"""Gallery: some samples as people see and hear them, small, for the report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from mmaudit.kinds.base import load_kind
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("modality", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("text", pa.string()),
        pa.field("thumbnail", pa.binary()),
        pa.field("sound", pa.binary()),
        pa.field("note", pa.string(), nullable=False),
        pa.field("card", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One sample of the gallery.

    Attributes:
        position: Where it stands in the selection.
        note: Why it is shown.
        modalities: What of it is shown; empty for all that can be.
        card: Samples of one name that follow one another are shown on one card.
    """

    position: int
    note: str
    modalities: tuple[str, ...] = ()
    card: str | None = None


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
        show = load_kind(kind).show
        if show is None or (exhibit.modalities and modality not in exhibit.modalities):
            continue
        shape = dataset.shape(modality)
        (value,), _ = column(dataset.cells(modality, [exhibit.position]), kind, shape)
        if value is not None:
            row = {"id": id_, "modality": modality, "kind": kind, "note": exhibit.note}
            row["card"] = exhibit.card
            yield row | show(value, shape.rate)
