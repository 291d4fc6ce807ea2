"""What a report shows of imputers: how near what they fill in comes to values that are there."""

from collections.abc import Iterator

from mmaudit.report.blocks import Table, table
from mmaudit.report.read import AuditData, RunData, further
from mmaudit.tables.run import estimate

NAME = "imputation"
METRICS = ("reconstruction_error", "reconstruction_r2")
SAID = ("modality", "present", "policy", "compared")
HEADS = ("filled in", "from", "policy", "compared by")


def tables(run: RunData, audit: AuditData) -> Iterator[Table]:
    """One row for each modality, what it is filled in from, and imputer; the best of each first."""
    columns = further(run, audit, NAME)
    if not columns:
        return
    cells = [[estimate(one) for one in columns[metric]] for metric in METRICS]
    rows = list(zip(*(columns[name] for name in SAID), *cells, strict=True))
    rows.sort(key=lambda row: (*row[:2], row[4].value if row[4] else 1.0, row[2]))
    samples = [row[4].n if row[4] else None for row in rows]
    shown = [(*row, n) for row, n in zip(rows, samples, strict=True)]
    yield table(
        "What imputers fill in, against what is there", (*HEADS, *METRICS, "samples"), shown
    )
