"""Keys: what ids, file names and columns say of where samples are from, though nobody named it.

A key is a column of few values, or one part of an id or a file name: the speaker in
``3_jackson_7.wav``, the patient in ``p017/scan2.png``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import types

from mmaudit.arrays import Ints
from mmaudit.audits.inspect.duplicates import across
from mmaudit.kinds.base import is_media
from mmaudit.samples.columns import as_text
from mmaudit.samples.dataset import Dataset

MOST_PARTS = 8  # of a name that are looked at
FEWEST_OF_EACH = 2  # samples of a value, on average
LEAST_SHARED = 0.05  # of the samples that stand in several splits
BETWEEN = re.compile(r"[^0-9A-Za-z\u0080-\U0010ffff]+")
NUMBERED = re.compile(r"(\D+)\d+")
SIMPLE = (types.is_string, types.is_large_string, types.is_integer, types.is_boolean)


@dataclass(frozen=True, slots=True)
class SourceKey:
    """Something that samples have in common.

    Attributes:
        name: The column; or of a name its part, as ``id[2]``.
        column: Whether it is a column of the source.
        values: Number of its value of each sample, ``(n,)``; -1 where it has none.
        shared: Share of the samples whose value stands in several splits.
        declared: Whether it is the group that the manifest names.
    """

    name: str
    column: bool
    values: Ints
    shared: float
    declared: bool = False


def keys(dataset: Dataset, positions: Ints, splits: NDArray[np.str_]) -> Iterator[SourceKey]:
    """Keys whose values stand in several splits; of those that say the same, the first.

    Args:
        dataset: The samples.
        positions: Which of them, ``(n,)``.
        splits: Split of each, ``(n,)``, empty where it has none.
    """
    partitions = set[bytes]()
    for name, is_column, texts in _texts(dataset, positions):
        values = numbered(texts)
        count, there = int(values.max(initial=-1)) + 1, int((values >= 0).sum())
        if count < 2 or there < FEWEST_OF_EACH * count or values.tobytes() in partitions:
            continue
        partitions.add(values.tobytes())
        shared = _shared(values, splits)
        if shared >= LEAST_SHARED:
            yield SourceKey(name, is_column, values, shared)


def declared(name: str, groups: NDArray[np.str_], splits: NDArray[np.str_]) -> Iterator[SourceKey]:
    """The group that the manifest names, where its values stand in several splits.

    Args:
        name: The column.
        groups: Group of each sample, ``(n,)``, empty where it has none.
        splits: Split of each, ``(n,)``, empty where it has none.
    """
    values = numbered(groups.tolist())
    shared = _shared(values, splits)
    if shared > 0:
        yield SourceKey(name, column=True, values=values, shared=shared, declared=True)


def _shared(values: Ints, splits: NDArray[np.str_]) -> float:
    """Share of the samples whose value stands in several splits."""
    return float(across(np.where(splits == "", -1, values), splits).mean())


def numbered(texts: list[str | None]) -> Ints:
    """Number of each text by where it is first seen, ``(n,)``; -1 of what is empty."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(t, len(numbers)) if t else -1 for t in texts], np.int64)


def _texts(dataset: Dataset, positions: Ints) -> Iterator[tuple[str, bool, list[str | None]]]:
    """Name of each possible key, whether it is a column, and its text of each sample."""
    opened, names = dataset.source, list[str]()
    source, target = opened.manifest.source, opened.manifest.target
    own = {opened.id, source.split, target.column if target else None, *opened.status}
    media = set[str]()
    for modality in opened.manifest.modalities.values():
        (media if is_media(modality.kind) else own).update(opened.names(modality))
    for field in opened.reader.schema:
        if field.name not in own and any(fits(field.type) for fits in SIMPLE):
            names.append(field.name)
    table = opened.reader.take(names, dataset.rows[positions]) if names else pa.table({})
    for name in sorted(names, key=lambda n: (n in media, n not in source.slices)):
        texts = as_text(table.column(name)).to_pylist()
        if name in media:
            yield from _parts(name, [_stem(t) for t in texts])
        else:
            yield name, True, texts
    ids = dataset.column("id").take(pa.array(positions)).to_pylist()
    yield from _parts("id", [_stem(i) for i in ids])


def _stem(name: str | None) -> str:
    """A name without its ending."""
    return str(PurePosixPath(name).with_suffix("")) if name and PurePosixPath(name).name else ""


def _parts(name: str, texts: list[str]) -> Iterator[tuple[str, bool, list[str | None]]]:
    """The parts of names; of one that is numbered, as ``anna12``, its letters too."""
    split = [BETWEEN.split(text)[:MOST_PARTS] for text in texts]
    for at in range(max(map(len, split), default=0)):
        part = [one[at] if at < len(one) else None for one in split]
        yield f"{name}[{at + 1}]", False, part
        letters = [m[1] if p and (m := NUMBERED.fullmatch(p)) else None for p in part]
        if any(letters):
            yield f"{name}[{at + 1}] without its number", False, letters
