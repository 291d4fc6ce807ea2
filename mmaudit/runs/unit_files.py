"""What units wrote, read back one file at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from mmaudit.tables import store


@dataclass(frozen=True, slots=True)
class UnitFiles:
    """Reads the tables of units, one after the other.

    Attributes:
        files: The units' files, in order.
        conditions: The conditions that each was asked under, one row group a condition; None
            where every unit was asked under all of them.
    """

    files: Sequence[Path]
    conditions: Sequence[tuple[int, ...]] | None = None

    def __call__(
        self, columns: Sequence[str] | None = None, group: int | None = None, first: int = 0
    ) -> Iterator[pa.Table]:
        """Yield each unit's table, only some columns, only one row group if asked.

        Units before ``first`` are left out, and so are those without rows or without the group.
        """
        names = None if columns is None else list(columns)
        for number, path in enumerate(self.files[first:], first):
            place = group
            if group is not None and self.conditions is not None:
                if group not in self.conditions[number]:
                    continue
                place = self.conditions[number].index(group)
            with store.part(path) as file:
                if not file.metadata.num_rows:
                    continue
                with store.reading(path):
                    rows = file.read(names) if place is None else file.read_row_group(place, names)
                yield rows
