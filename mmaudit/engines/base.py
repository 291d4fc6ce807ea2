"""What an engine runs: an ordered list of units, each a pure function of its rows.

Nothing outside this folder knows where a unit runs. A unit is cut by row position alone, so one
machine, several workers, a cluster and a resumed run make the same files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

ROWS = 2048


@dataclass(frozen=True, slots=True)
class Unit:
    """A run of consecutive rows of the selection: positions ``start … stop - 1``."""

    index: int
    start: int
    stop: int

    @property
    def file(self) -> str:
        """Name of the one file that this unit writes."""
        return f"{self.index:06d}.parquet"

    @property
    def rows(self) -> range:
        """Positions of the rows."""
        return range(self.start, self.stop)


def cut(rows: int, size: int = ROWS) -> tuple[Unit, ...]:
    """Cut rows into units of ``size``, the last one shorter."""
    starts = range(0, rows, size)
    return tuple(Unit(i, start, min(start + size, rows)) for i, start in enumerate(starts))


class Work(Protocol):
    """The function of a unit: no other state, the same table for the same unit."""

    @property
    def processes(self) -> bool:
        """Whether it holds Python's lock for long and can travel to other processes.

        Otherwise its units share one process and run in threads.
        """
        ...

    def __call__(self, rows: range) -> pa.Table:
        """Make the table of the rows at these positions of the selection."""
        ...

    def row_group(self, table: pa.Table) -> int:
        """How many rows of the unit's table belong together when it is read back."""
        ...


@dataclass(frozen=True, slots=True)
class Marked:
    """Work whose tables carry further schema metadata, so that each file says what it is of."""

    work: Work
    metadata: Mapping[bytes, bytes]

    @property
    def processes(self) -> bool:
        """As the work itself."""
        return self.work.processes

    def __call__(self, rows: range) -> pa.Table:
        """The work's table with the metadata added."""
        table = self.work(rows)
        return table.replace_schema_metadata({**(table.schema.metadata or {}), **self.metadata})

    def row_group(self, table: pa.Table) -> int:
        """As the work itself."""
        return self.work.row_group(table)


Report = Callable[[int, int], None]  # (units done, units in all)
