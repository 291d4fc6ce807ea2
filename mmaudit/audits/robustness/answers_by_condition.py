"""The answers of one condition from all units, as a few arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mmaudit.arrays import Ints
from mmaudit.audits.base import Read
from mmaudit.audits.robustness.answers import TRUTH, Task
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.names import SLICE
from mmaudit.samples.parts import WHOLE, Part, partitions, units

Arrays = dict[str, NDArray[Any]]  # by column, each ``(n, …)``


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is the same under every condition.

    Attributes:
        keys: Bootstrap key of each sample's unit (its group, where there are groups), ``(n,)``.
        groups: Number of each sample's group, ``(n,)``; its own number without groups.
        grouped: Whether there are groups.
        parts: All samples, then every value of every slice.
    """

    keys: NDArray[np.uint64]
    groups: NDArray[np.int64]
    grouped: bool
    parts: tuple[Part, ...]

    def first(self, n: int) -> "Frame":
        """The same for the first samples; parts of which none is among them are left out."""
        if n == self.keys.size:
            return self
        parts = [replace(p, mask=None if p.mask is None else p.mask[:n]) for p in self.parts]
        return replace(
            self,
            keys=self.keys[:n],
            groups=self.groups[:n],
            parts=tuple(p for p in parts if p.mask is None or p.mask.any()),
        )


def frame(read: Read, seed: int) -> Frame:
    """Read what is the same under every condition from the clean rows.

    Args:
        read: Reads back the units' tables.
        seed: Seed of the bootstrap.
    """
    keys: list[NDArray[np.uint64]] = []
    groups: list[pa.Array] = []
    slices: list[pa.Table] = []
    for table in read(None, 0):
        keys.append(unit_keys(seed, units(table)))
        slices.append(table.select([c for c in table.column_names if c.startswith(SLICE)]))
        if "group" in table.column_names:
            groups += table["group"].dictionary_encode().chunks
    n = sum(k.size for k in keys)
    return Frame(
        keys=np.concatenate(keys) if keys else np.zeros(0, np.uint64),
        groups=_codes(groups) if groups else np.arange(n),
        grouped=bool(groups),
        parts=_parts(slices),
    )


def _parts(slices: Sequence[pa.Table]) -> tuple[Part, ...]:
    """All samples, then every value of every slice."""
    if not slices:
        return (WHOLE,)
    table = pa.concat_tables(slices)
    return tuple(part for cut in partitions([table]) for part in cut.parts(table))


def gather(read: Read, group: int, task: Task) -> Arrays:
    """The answers under one condition: class numbers, probabilities, numbers or embeddings.

    Empty where it was not asked.
    """
    names = list(task.fields)
    if "probabilities" in names:
        truth = [TRUTH] if TRUTH in names else ["label", "prediction"]
        names = [*truth, "probabilities"]
    pieces: dict[str, list[NDArray[Any]]] = {name: [] for name in names}
    for table in read(names, group):
        for name in names:
            pieces[name].append(_array(table[name], task.classes))
    return {name: np.concatenate(arrays) for name, arrays in pieces.items() if arrays}


def _array(column: pa.ChunkedArray, classes: Sequence[str]) -> NDArray[Any]:
    if pa.types.is_string(column.type):
        return pc.index_in(column, pa.array(classes, pa.string())).to_numpy().astype(np.int64)
    if pa.types.is_list(column.type) or pa.types.is_fixed_size_list(column.type):
        return column.combine_chunks().flatten().to_numpy().reshape(len(column), -1)
    return column.to_numpy()


def _codes(chunks: Sequence[pa.DictionaryArray]) -> Ints:
    """Codes of strings in the order of the sorted values."""
    whole = pa.chunked_array(chunks).unify_dictionaries().combine_chunks()
    whole = whole if isinstance(whole, pa.DictionaryArray) else whole.chunk(0)
    values = [str(v) for v in whole.dictionary.to_pylist()]
    order = sorted(range(len(values)), key=values.__getitem__)
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values))
    return rank[whole.indices.to_numpy()]
