"""What a report shows of a sweep that stopped where its checks were decided: samples it took."""

from collections.abc import Iterator

from mmaudit.names import CLEAN
from mmaudit.report.blocks import Table, table
from mmaudit.report.read import AuditData, RunData
from mmaudit.report.sections.sweeps import Wanted
from mmaudit.tables import store


def tables(run: RunData, audit: AuditData, wanted: Wanted) -> Iterator[Table]:
    """Samples that each row of a check was decided by, and that each condition was asked about.

    Args:
        run: The run.
        audit: The sweep.
        wanted: Which rows of the summary the section is about.
    """
    folder = run.path / audit.name
    if not (folder / "decisions.parquet").exists():
        return
    names = {row.get("condition") for row in audit.rows if wanted(row)} | {CLEAN}
    decisions, conditions = (
        [
            row
            for row in store.read(folder / f"{name}.parquet").to_pylist()
            if row["condition"] in names
        ]
        for name in ("decisions", "asked")
    )
    if decisions:
        yield table(
            "Decided by how many samples",
            ("check", "condition", "slice", "quantity", "limit", "outcome", "early", "samples"),
            [
                (
                    row["check"],
                    row["condition"],
                    row["slice"],
                    row["quantity"],
                    f"{'≥' if row['kind'] == 'min' else '≤'} {row['limit']:g}",
                    row["outcome"],
                    row["early"],
                    row["used"],
                )
                for row in decisions
            ],
        )
    yield table(
        "Asked about how many samples",
        ("condition", "samples", "of", "stopped early"),
        [(row["condition"], row["samples"], row["of"], row["stopped"]) for row in conditions],
    )
