"""What the values of a modality have in common, seen in its first samples."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.kinds.base import Shape, Undecodable, load_kind
from mmaudit.parsing.limits import text_bytes
from mmaudit.samples.source import Opened

LOOKED_AT = 16  # rows at first, and more each time until one has a value
MOST_LOOKED_AT = 4096

Measure = Callable[[Any], float | None]  # a number of a cell; None where absent


def common_shape(source: Opened, name: str) -> Shape:
    """What the values of a modality have in common.

    The manifest says it; where it does not, the first rows that have a value do: the most common
    shape and rate among them.
    """
    modality = source.manifest.modalities[name]
    kind = load_kind(modality.kind)
    sizes = tuple(d for d in modality.shape[-1:] if d)
    rate = modality.sample_rate or 0.0
    if kind.rate is not None:
        rate = rate or _most_common(source, name, kind.rate) or 0.0
    if kind.length is not None and not sizes:
        length = _most_common(source, name, kind.length)
        sizes = (int(length),) if length is not None else ()
    return Shape(
        sizes=sizes,
        rate=rate,
        max_pixels=source.manifest.source.max_pixels,
        max_samples=source.manifest.source.max_samples,
        max_text=text_bytes(source.manifest.source.max_bytes),
        many=modality.many,
        categorical=frozenset(modality.categorical),
        types=tuple(_types(source, modality.columns)) if kind.columns == "several" else (),
    )


def _types(source: Opened, columns: Sequence[str]) -> Iterator[tuple[str, pa.DataType]]:
    """The columns whose values are no floats, and their types."""
    for name in columns:
        kind = source.reader.schema.field(name).type
        if pa.types.is_boolean(kind) or pa.types.is_temporal(kind):
            yield name, kind


def _most_common(source: Opened, name: str, measure: Measure) -> float | None:
    start, step = 0, LOOKED_AT
    while start < len(source):
        rows = np.arange(start, min(start + step, len(source)))
        start, step = start + step, min(4 * step, MOST_LOOKED_AT)
        counts = Counter(_measured(source.cells(name, rows).to_pylist(), measure))
        if counts:
            return counts.most_common(1)[0][0]
    return None


def _measured(cells: list[Any], measure: Measure) -> Iterator[float]:
    for cell in cells:
        try:
            number = measure(cell)
        except Undecodable:
            continue  # it is skipped, with its reason, when its turn comes
        if number is not None:
            yield number
