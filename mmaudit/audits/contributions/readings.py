"""Readings: the tables that units wrote, each read once as long as all are small."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from mmaudit.audits.base import Read

HELD = 1 << 26  # bytes of tables that are held


@dataclass(slots=True)
class Readings:
    """Reads as `Read` does, and holds what it read until it is too much.

    Attributes:
        read: Reads the tables from their files.
        held: Bytes that may be held.
    """

    read: Read
    held: int = HELD
    _tables: dict[int, list[pa.Table]] = field(default_factory=dict)
    _size: int = 0

    def __call__(
        self, columns: Sequence[str] | None = None, group: int | None = None, first: int = 0
    ) -> Iterator[pa.Table]:
        """Yield each unit's table, only some columns, only one row group if asked."""
        if group is None or first or self._size > self.held:
            yield from self.read(columns, group, first)
            return
        if group not in self._tables:
            yield from self._again(columns, group)
            return
        for table in self._tables[group]:
            yield table if columns is None else table.select(list(columns))

    def _again(self, columns: Sequence[str] | None, group: int) -> Iterator[pa.Table]:
        """What is read from the files, and held if all of it was looked at."""
        read: list[pa.Table] = []
        size = self._size
        for table in self.read(None, group):
            size += table.nbytes
            if size <= self.held:
                read.append(table)
            else:
                read.clear()
            yield table if columns is None else table.select(list(columns))
        self._size = size
        if size <= self.held:
            self._tables[group] = read
        else:
            self._tables.clear()
