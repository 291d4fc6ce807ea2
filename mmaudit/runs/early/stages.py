"""A sweep by stages: what is asked next depends on what was answered, and on nothing else.

Every stage is a few units under some of the conditions. A unit's file is a pure function of its
rows and of the conditions, and the conditions are one of the files before it, so an interrupted
run goes on where it stopped and ends in the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from mmaudit.audits.base import Plan
from mmaudit.audits.robustness.sweep import Sweep
from mmaudit.engines import local
from mmaudit.engines.base import Marked, Report, Unit, cut
from mmaudit.tables import store


@dataclass(frozen=True, slots=True)
class Pieces:
    """Reads back units that were not all asked under the same conditions.

    Attributes:
        files: The units' files, in order.
        conditions: The conditions of each, one row group a condition.
    """

    files: Sequence[Path]
    conditions: Sequence[tuple[int, ...]]

    def __call__(
        self, columns: Sequence[str] | None = None, group: int | None = None, first: int = 0
    ) -> Iterator[pa.Table]:
        """Yield each unit's table, only some columns, only of one condition if asked."""
        wanted = None if columns is None else list(columns)
        told = zip(self.files[first:], self.conditions[first:], strict=True)
        for path, asked in told:
            if group is not None and group not in asked:
                continue
            with store.part(path) as file:
                if not file.metadata.num_rows:
                    continue
                if group is None:
                    yield file.read(wanted)
                else:
                    yield file.read_row_group(asked.index(group), wanted)


def run(
    sweep: Sweep,
    plan: Plan,
    folder: Path,
    *,
    metadata: Mapping[bytes, bytes],
    workers: int,
    report: Report,
) -> Pieces:
    """Ask stage after stage until the plan has enough.

    Args:
        sweep: The sweep of all conditions.
        plan: Decides what is asked.
        folder: Where the units' files go.
        metadata: What each file says of itself.
        workers: How many units of a stage at a time.
        report: Called with the number of finished units and of those known of.
    """
    files: list[Path] = []
    asked: list[tuple[int, ...]] = []
    while (stage := plan.next(Pieces(files, asked), asked)) is not None:
        done = len(files)
        rows = stage.rows or [unit.rows for unit in cut(len(sweep.cells.dataset))]
        units = [Unit(done + i, r.start, r.stop) for i, r in enumerate(rows)]
        local.run(
            Marked(sweep.only(stage.conditions, plan.order), metadata),
            units,
            folder,
            workers=workers,
            report=_after(done, report),
        )
        files += [folder / unit.file for unit in units]
        asked += [stage.conditions] * len(units)
    report(len(files), len(files))
    return Pieces(files, asked)


def _after(done: int, report: Report) -> Report:
    """Progress of one stage, after the units of the stages before; there may be more to come."""
    return lambda some, total: report(done + some, done + total + 1)
