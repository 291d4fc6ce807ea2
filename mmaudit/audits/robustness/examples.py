"""Examples: one sample under each corruption at each severity, so that a severity can be seen.

The sample is the first that has the modality, and that a plan gives another sample's value where
there are plans; as people see it in galleries: a small picture, the text, and of sounds and
other numbers a picture of their course. What a sample was like can be told without asking a model,
so answers from a file have examples too, as far as the data is there.
"""

from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.audits.robustness.cells import Cells, SweepUnit
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.kinds.base import Kind, load_kind
from mmaudit.names import CLEAN

FIRST = 16  # samples that are tried for one that has a modality
MOST_BYTES = 4_000_000  # of all texts and pictures together
SIZE = (160, 90)  # pixels of a drawn picture
SCHEMA = pa.schema(
    [
        pa.field("condition", pa.string(), nullable=False, metadata={"help": "what was done"}),
        pa.field("modality", pa.string(), nullable=False, metadata={"help": "modality shown"}),
        pa.field("corruption", pa.string(), nullable=False, metadata={"help": "empty for clean"}),
        pa.field("severity", pa.int8(), nullable=False, metadata={"help": "0 for clean"}),
        pa.field("id", pa.string(), nullable=False, metadata={"help": "the sample"}),
        pa.field("kind", pa.string(), nullable=False, metadata={"help": "kind of the modality"}),
        pa.field("text", pa.string(), metadata={"help": "the text, cut where it is long"}),
        pa.field("thumbnail", pa.binary(), metadata={"help": "a small picture, PNG or WebP"}),
    ]
)


def examples(cells: Cells, most_bytes: int = MOST_BYTES) -> pa.Table:
    """One sample a modality, clean and under every corruption of it alone.

    Args:
        cells: What samples are like under every condition.
        most_bytes: Where the table stops growing; corruptions come whole, or not at all.
    """
    rows: list[dict[str, Any]] = []
    for modality in cells.modalities:
        series = _series(cells, modality)
        unit = _first(cells, modality, [some[-1] for some in series if some[-1].plan])
        if unit is None or not series:
            continue
        rows.append(_row(unit, cells.conditions[0], modality))
        for some in series:
            more = [_row(unit, condition, modality) for condition in some]
            most_bytes -= sum(len(r["thumbnail"] or b"") + len(r["text"] or "") for r in more)
            if most_bytes < 0:
                break
            rows += more
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _first(cells: Cells, modality: str, plans: list[Condition]) -> SweepUnit | None:
    """The first sample that has the modality and that most plans change, if it can be shown."""
    kind = _kind(cells, modality)
    if kind.show is None and kind.preview is None:
        return None
    best, most = None, -1
    for row in range(min(FIRST, len(cells.dataset))):
        unit = cells.unit(cells.at(range(row, row + 1)))
        if not len(unit.rows) or not unit.samples.present[modality][0]:
            continue
        changed = sum(bool(np.any(unit.under(plan).touched)) for plan in plans)
        if changed > most:
            best, most = unit, changed
        if most == len(plans):
            break
    return best


def _series(cells: Cells, modality: str) -> list[list[Condition]]:
    """The conditions that do one thing to this modality, a corruption's together."""
    by: dict[str, list[Condition]] = {}
    for condition in cells.conditions:
        alone = len(condition.changes) + (condition.plan is not None) == 1
        if alone and condition.modality == modality and condition.severity:
            by.setdefault(condition.corruption, []).append(condition)
    return list(by.values())


def _row(unit: SweepUnit, condition: Condition, modality: str) -> dict[str, Any]:
    (clean,) = unit.samples.values[modality]
    (value,) = unit.under(condition).changed.get(modality, [clean])
    kind = _kind(unit.cells, modality)
    shape = unit.cells.dataset.shape(modality)
    shown = kind.show(value, shape.rate) if kind.show and value is not None else {}
    picture = shown.get("thumbnail")
    if value is not None and picture is None and "text" not in shown and kind.preview:
        picture = _png(kind.preview(clean, value, SIZE))
    return {
        "condition": CLEAN if not condition.severity else condition.name,
        "modality": modality,
        "corruption": condition.corruption,
        "severity": condition.severity or 0,
        "id": unit.samples.ids[0],
        "kind": unit.cells.dataset.kinds[modality],
        "text": shown.get("text"),
        "thumbnail": picture,
    }


def _kind(cells: Cells, modality: str) -> Kind:
    return load_kind(cells.dataset.kinds[modality])


def _png(picture: Any) -> bytes:
    """The bytes of a drawn picture."""
    file = BytesIO()
    picture.save(file, "png", optimize=True)
    return file.getvalue()
