"""A sweep by stages: what is asked next depends on what was answered, and on nothing else.

Every stage is a few units under some of the conditions. A unit's file is a pure function of its
rows and of the conditions, and the conditions are one of the files before it, so an interrupted
run goes on where it stopped and ends in the same bytes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmaudit.audits.base import Staging
from mmaudit.audits.robustness.sweep import Sweep
from mmaudit.engines.base import Marked, Unit
from mmaudit.engines.declaration import Runner
from mmaudit.progress import Report
from mmaudit.runs.unit_files import UnitFiles


def run(
    sweep: Sweep,
    plan: Staging,
    folder: Path,
    runner: Runner,
    every: Sequence[Unit],
    *,
    metadata: Mapping[bytes, bytes],
    report: Report,
) -> UnitFiles:
    """Ask stage after stage until the plan has enough.

    Args:
        sweep: The sweep of all conditions.
        plan: Decides what is asked.
        folder: Where the units' files go.
        runner: What runs the units of a stage.
        every: The units of a stage that names none: all samples.
        metadata: What each file says of itself.
        report: Called with the number of finished units and of those known of.
    """
    files: list[Path] = []
    conditions: list[tuple[int, ...]] = []
    while (stage := plan.next(UnitFiles(files, conditions), conditions)) is not None:
        done = len(files)
        rows = stage.rows or [unit.rows for unit in every]
        units = [Unit(done + i, r.start, r.stop) for i, r in enumerate(rows)]
        runner.run(
            Marked(sweep.only(stage.conditions, plan.order), metadata),
            units,
            folder,
            report=_after(done, report),
        )
        files += [folder / unit.file for unit in units]
        conditions += [stage.conditions] * len(units)
    report(len(files), len(files))
    return UnitFiles(files, conditions)


def _after(done: int, report: Report) -> Report:
    """Progress of one stage, after the units of the stages before; there may be more to come."""
    return lambda some, total: report(done + some, done + total + 1)
