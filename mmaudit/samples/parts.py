"""Parts: the samples of a table cut by slice and by class, each part named NAME=VALUE.

The tables are those that audits write of their samples: a column for each slice, and one for the
group and the label where there are any.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit.arrays import Bools, Ints
from mmaudit.names import ALL, SLICE, part
from mmaudit.samples.decode import Samples

GROUP = "group"  # the column
LABEL, CLASS = "label", "class"  # the column, and how parts by it are called


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the samples.

    Attributes:
        name: Its name in tables, ``NAME=VALUE``; ``all`` for everything.
        mask: Which samples belong to it, ``(sample,)``; None for all.
    """

    name: str
    mask: Bools | None

    def of(self, values: NDArray[Any]) -> NDArray[Any]:
        """The rows ``(sample, …)`` that belong to it."""
        return values if self.mask is None else values[self.mask]


WHOLE = Part(ALL, None)


@dataclass(frozen=True, slots=True)
class Partition:
    """A way to cut the samples into parts: all of them, by class, or by a slice.

    Attributes:
        column: The column it is cut by; None for all samples together.
        names: Name of each part, as the summary's column ``slice`` has it.
        values: The column's value in each part.
    """

    column: str | None
    names: tuple[str, ...]
    values: tuple[str, ...] = ()

    def of(self, table: pa.Table) -> Ints:
        """Part of each row, ``(row,)``."""
        if self.column is None:
            return np.zeros(table.num_rows, np.int64)
        cells = table[self.column].cast(pa.string())
        return (
            compute.index_in(cells, pa.array(self.values, pa.string())).to_numpy().astype(np.int64)
        )

    def parts(self, table: pa.Table) -> Iterator[Part]:
        """The parts, one after the other, with the rows that belong to each."""
        if self.column is None:
            yield WHOLE
            return
        number = self.of(table)
        for k, name in enumerate(self.names):
            yield Part(name, number == k)


EVERYTHING = Partition(None, (ALL,))


def partitions(tables: Iterable[pa.Table], *, by_class: bool = False) -> list[Partition]:
    """All samples, then by every slice, then by class.

    Args:
        tables: The tables of all units.
        by_class: Whether the samples are also cut by their label.
    """
    values: dict[str, set[str]] = {}
    for table in tables:
        for column in table.column_names:
            if column.startswith(SLICE) or (by_class and column == LABEL):
                unique = map(str, table[column].unique().to_pylist())
                values.setdefault(column, set()).update(unique)
    cuts = [EVERYTHING]
    for column in sorted(values, key=lambda c: (c == LABEL, c)):
        there = tuple(sorted(values[column]))
        name = CLASS if column == LABEL else column.removeprefix(SLICE)
        cuts.append(Partition(column, tuple(part(name, value) for value in there), there))
    return cuts


def slice_columns(samples: Samples) -> dict[str, pa.Array]:
    """The columns that say which slices each sample belongs to."""
    return {f"{SLICE}{name}": pa.array(values) for name, values in samples.slices.items()}


def group_column(samples: Samples) -> dict[str, pa.Array]:
    """The column that says which group each sample belongs to; none without groups."""
    return {} if samples.groups is None else {GROUP: pa.array(samples.groups)}


def units(table: pa.Table) -> list[str]:
    """What is drawn as one when samples are drawn again: the group of each row, or else its id."""
    column = GROUP if GROUP in table.column_names else "id"
    return table[column].to_pylist()
