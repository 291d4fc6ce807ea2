"""Pool: columns of all samples at once, or of those with the smallest hashes where there are many.

Ranks need all samples together, so that memory would grow with them: beyond `MOST` they are of a
random part, which depends on the seed and the ids alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Words
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.samples.parts import Partition, units
from mmaudit.seeds import digests, permanent

MOST = 100_000


@dataclass(frozen=True, slots=True)
class Pool:
    """Samples that are looked at together, in the order of their hashes.

    Attributes:
        table: Their rows.
        keys: Bootstrap key of each one's unit, ``(sample,)``.
        all: How many samples there are in all.
    """

    table: pa.Table
    keys: Words
    all: int
    _columns: dict[str, Floats] = field(default_factory=dict)

    def column(self, name: str) -> Floats:
        """A column as floats, NaN where it is null or not there, ``(sample,)``."""
        if name not in self._columns:
            self._columns[name] = (
                self.table[name].cast(pa.float64()).to_numpy()
                if name in self.table.column_names
                else np.full(len(self.keys), np.nan)
            )
        return self._columns[name]

    def texts(self, name: str) -> NDArray[np.object_]:
        """A column of texts, None where it is null, ``(sample,)``."""
        return np.array(self.table[name].to_pylist(), object)

    def parts(self, cuts: Sequence[Partition]) -> Iterable[tuple[str, Bools]]:
        """The parts of the samples by name, and which belong to each."""
        for cut in cuts:
            number = cut.of(self.table)
            for k, name in enumerate(cut.names):
                yield name, number == k


def pooled(tables: Iterable[pa.Table], seed: int) -> Pool:
    """The rows of all units, or so many of them with the smallest hashes.

    Args:
        tables: The tables of the units.
        seed: The run's seed.
    """
    held: list[pa.Table] = []
    hashes: list[NDArray[np.uint64]] = []
    size = total = 0
    for table in tables:
        held.append(table)
        hashes.append(permanent(digests(seed, "adaptivity/pool", table["id"].to_pylist()))[:, 0])
        size, total = size + table.num_rows, total + table.num_rows
        if size > 2 * MOST:
            held, hashes = _smallest(held, hashes)
            size = MOST
    if not held:
        return Pool(pa.table({}), np.zeros(0, np.uint64), 0)
    (table,), _ = _smallest(held, hashes)
    return Pool(table, unit_keys(seed, units(table)), total)


def _smallest(
    tables: Sequence[pa.Table], hashes: Sequence[NDArray[np.uint64]]
) -> tuple[list[pa.Table], list[NDArray[np.uint64]]]:
    every = np.concatenate(hashes)
    order = np.argsort(every, kind="stable")[:MOST]
    whole = pa.concat_tables(tables, promote_options="default").take(pa.array(order))
    return [whole.combine_chunks()], [every[order]]
