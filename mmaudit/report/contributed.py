"""What a report shows of contributions: who brings how much, and which pairs need each other."""

from collections.abc import Iterator

from mmaudit.report.blocks import Chart, Table, table
from mmaudit.report.charts.bars import bars
from mmaudit.report.run import Audit
from mmaudit.rows import Estimate

SHOWN = (
    ("phi", "What each modality contributes"),
    (
        "interaction",
        "Interactions: positive where a pair needs each other, negative where redundant",
    ),
)


def charts(audit: Audit) -> Iterator[Chart]:
    """Bars of the Shapley values and of the interactions, for each worth and absence policy."""
    for metric, title in SHOWN:
        found: dict[tuple[str, str], dict[str, Estimate]] = {}
        for row in audit.having(metric):
            if row.estimate is not None:
                key = (str(row.get("value")), str(row.get("absent")))
                found.setdefault(key, {})[str(row.get("modality"))] = row.estimate
        for (value, absent), cells in found.items():
            yield bars(f"{title}: {value} (absent values: {absent})", metric, cells)


def tables(audit: Audit) -> Iterator[Table]:
    """Every number about all samples together."""
    heads = ("metric", "modality", "value", "absent", "estimate", "n")
    rows = [
        (
            r.metric,
            r.get("modality"),
            r.get("value"),
            r.get("absent"),
            r.estimate,
            r.estimate and r.estimate.n,
        )
        for r in audit.rows
        if r.slice == "all"
    ]
    yield table("Contributions: every number", heads, rows)
