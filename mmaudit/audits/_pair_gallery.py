"""The first suspects as people see them: both sides, and the suggested partner."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.audits._pair_analysis import Analysis
from mmaudit.samples import image
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column

MOST = 24
SHOWN = {"image", "text"}
SIDE, LONGEST = 128, 500  # pixels of a picture's longer side at most, characters of a text
GALLERY = pa.schema(
    [(name, pa.string()) for name in ("id", "modality", "kind", "text", "note")]
    + [(name, pa.binary()) for name in ("thumbnail", "sound")]
)


def gallery(dataset: Dataset, found: Analysis) -> pa.Table:
    """Pictures and texts of the most suspicious flagged pairs; empty where neither is there."""
    ranked = np.argsort(-found.suspicion, kind="stable")
    suspects = ranked[found.flagged[ranked]][:MOST].tolist()
    left, right = found.given.names
    rows: list[dict[str, Any]] = []
    for rank, i in enumerate(suspects, 1):
        said = f"suspect {rank}: {_evidence(found, i)}"
        rows += _shown(dataset, found, i, (left, right), said)
        partner = int(found.suggested[i])
        if partner >= 0:
            fits = f"suspect {rank}: suggested partner, cosine {found.suggested_cosine[i]:.2f}"
            rows += _shown(dataset, found, partner, (right,), fits)
    return pa.Table.from_pylist(rows, schema=GALLERY)


def _evidence(found: Analysis, i: int) -> str:
    if found.random is None:
        return f"score {found.suspicion[i]:.3f}"
    return f"local false discovery rate {found.random.lfdr[i]:.2f}"


def _shown(
    dataset: Dataset, found: Analysis, i: int, names: tuple[str, ...], note: str
) -> Iterator[dict[str, Any]]:
    wanted = [name for name in names if dataset.kinds.get(name) in SHOWN]
    if not wanted:
        return
    cells = dataset.read([int(found.given.positions[found.order[i]])])
    for name in wanted:
        kind = dataset.kinds[name]
        (value,), _ = column(cells.column(name), kind, dataset.usual(name))
        if value is not None:
            row = {"id": found.ids[i], "modality": name, "kind": kind, "note": note}
            if kind == "image":
                yield row | {"thumbnail": image.encode(_small(value))}
            else:
                yield row | {"text": value[:LONGEST]}


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture of which every so many pixels are taken."""
    step = -(-max(pixels.shape[:2]) // SIDE)
    return np.ascontiguousarray(pixels[::step, ::step])
