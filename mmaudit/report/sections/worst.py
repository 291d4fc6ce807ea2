"""What a report shows of worst cases and attacks: which damage is the worst, and the radii."""

from collections.abc import Iterator

from mmaudit.names import ALL
from mmaudit.report.blocks import Table, table
from mmaudit.report.read import AuditData, SummaryRow
from mmaudit.rows import Estimate

RATE, RADIUS, ZERO = "worst_rate", "epsilon", "zero_gradient_rate"


def tables(audit: AuditData, metric: str) -> Iterator[Table]:
    """How often each corruption alone is the worst, and the main metric against the radius."""
    yield from _rates(audit)
    yield from _radii(audit, metric)


def _rates(audit: AuditData) -> Iterator[Table]:
    by: dict[tuple[str, str], dict[int, Estimate]] = {}
    for row in _whole(audit, RATE):
        key = str(row.get("modality")), str(row.get("corruption"))
        if row.estimate is not None:
            by.setdefault(key, {})[int(row.get("severity"))] = row.estimate
    severities = sorted({s for numbers in by.values() for s in numbers})
    if by:
        last = severities[-1]
        order = sorted(by, key=lambda k: (k[0], -by[k][last].value if last in by[k] else 0.0, k))
        yield table(
            "Of which share of samples each corruption alone gives the worst answer",
            ("modality", "corruption", *(f"severity {s}" for s in severities)),
            [(*key, *(by[key].get(s) for s in severities)) for key in order],
        )


def _radii(audit: AuditData, metric: str) -> Iterator[Table]:
    """One row a modality and radius."""
    numbers = {
        name: {str(r.get("condition")): r.estimate for r in _whole(audit, name)}
        for name in (metric, ZERO)
    }
    rows = [
        (
            str(row.get("modality")),
            row.get("severity"),
            row.estimate and row.estimate.value,
            *(numbers[name].get(str(row.get("condition"))) for name in (metric, ZERO)),
        )
        for row in sorted(_whole(audit, RADIUS), key=lambda r: str(r.get("modality")))
    ]
    if rows:
        heads = ("modality", "severity", RADIUS, metric, ZERO)
        yield table(f"{metric} against the radius of the attack", heads, rows)


def _whole(audit: AuditData, metric: str) -> list[SummaryRow]:
    return [r for r in audit.having(metric) if r.slice == ALL]
