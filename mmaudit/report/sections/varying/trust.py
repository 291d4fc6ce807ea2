"""What a report shows of trust: does a modality count less where it alone is wrong?"""

from collections.abc import Iterator

from mmaudit.report.blocks import Chart
from mmaudit.report.charts.bars import bars
from mmaudit.report.read import AuditData
from mmaudit.report.words import listed
from mmaudit.rows import Estimate

WEIGHTS = ("weight_loss_spearman", "Fusion weight against the loss of the modality alone")
SHARES = ("share_loss_spearman", "Share of the answer against the loss of the modality alone")
NOTE = (
    "Rank correlation over samples. Below zero is wanted: a modality that would be wrong by itself "
    "then counts less. At zero a modality counts the same whatever its quality."
)

METRICS = {WEIGHTS[0], SHARES[0]}


def is_measured(audit: AuditData) -> bool:
    """Whether the audit asked how a modality's part in an answer moves with its own errors."""
    return any(audit.having(metric) for metric in METRICS)


def charts(audit: AuditData) -> Iterator[Chart]:
    """Bars of the rank correlations, by the model's own weights and by shares of the answer."""
    for metric, title in (WEIGHTS, SHARES):
        for absent, cells in _cells(audit, metric).items():
            yield bars(f"{title} (absent values: {absent})", metric, cells)


def headline(audit: AuditData) -> str:
    """Whom the model trusts less where it is wrong, in one sentence; empty without numbers."""
    by_policy = _cells(audit, WEIGHTS[0]) or _cells(audit, SHARES[0])
    cells = next(iter(by_policy.values()), {})
    order = sorted(cells, key=lambda name: (-cells[name].value, name))
    less = [name for name in order if cells[name].high < 0]
    rest = [f"{name} ({cells[name]})" for name in order if cells[name].high >= 0]
    if rest:
        return f"Not shown to count less where it alone is wrong: {', '.join(rest)}."
    if less:
        return (
            "Every modality counts less where it alone is wrong; the least so "
            f"{less[0]}: rank correlation {cells[less[0]]}."
        )
    return ""


def plain(audit: AuditData) -> str:
    """The same without numbers."""
    by_policy = _cells(audit, WEIGHTS[0]) or _cells(audit, SHARES[0])
    cells = next(iter(by_policy.values()), {})
    rest = sorted(name for name in cells if cells[name].high >= 0)
    if rest:
        return f"Not shown to count less in samples where it alone is wrong: {listed(rest)}."
    return "Every modality counts less in samples where it alone is wrong." if cells else ""


def _cells(audit: AuditData, metric: str) -> dict[str, dict[str, Estimate]]:
    """By absence policy, the leading one first, and by modality."""
    by_policy: dict[str, dict[str, Estimate]] = {p: {} for p in audit.in_order("absent", metric)}
    for row in audit.having(metric):
        if row.estimate is not None:
            by_policy[str(row.get("absent"))][str(row.get("modality"))] = row.estimate
    return by_policy
