"""What the values of a modality have in common, seen in its first samples."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from mmaudit.kinds import audio, series, vector
from mmaudit.kinds.base import Undecodable, Usual
from mmaudit.samples.source import Opened

LOOKED_AT = 16  # rows at first, and more each time until one has a value
MOST_LOOKED_AT = 4096


def usual(source: Opened, name: str) -> Usual:
    """What the values of a modality have in common.

    The manifest says it; where it does not, the first rows that have a value do: the most common
    shape and rate among them.
    """
    modality = source.manifest.modalities[name]
    shape = tuple(d for d in modality.shape[-1:] if d)
    rate = modality.sample_rate or 0.0
    if modality.kind == "audio":
        rate = rate or _most_common(source, name, _rate) or 0.0
    elif modality.kind in {"vector", "series"} and not shape:
        look = _length if modality.kind == "vector" else _channels
        found = _most_common(source, name, look)
        shape = (int(found),) if found is not None else ()
    return Usual(
        shape=shape,
        rate=rate,
        max_pixels=source.manifest.source.max_pixels,
        many=modality.many,
        categorical=frozenset(modality.categorical),
    )


def _most_common(source: Opened, name: str, look: Any) -> float | None:
    start, step = 0, LOOKED_AT
    while start < len(source):
        rows = np.arange(start, min(start + step, len(source)))
        start, step = start + step, min(4 * step, MOST_LOOKED_AT)
        cells = source.cells(name, rows).to_pylist()
        found = Counter(_seen(cells, look))
        if found:
            return found.most_common(1)[0][0]
    return None


def _seen(cells: list[Any], look: Any) -> Iterator[float]:
    for cell in cells:
        try:
            seen = look(cell)
        except Undecodable:
            continue  # it is skipped, with its reason, when its turn comes
        if seen is not None:
            yield seen


def _rate(cell: Any) -> float | None:
    return audio.decode_with_rate(cell)[1] or None


def _length(cell: Any) -> float | None:
    found = vector.decode(cell, Usual())
    return None if found is None else found.size


def _channels(cell: Any) -> float | None:
    found = series.decode(cell, Usual())
    return None if found is None else found.shape[1]
