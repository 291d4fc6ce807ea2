"""What a report shows of how trust moves: curves of it by damage, and the verdicts."""

from collections.abc import Iterator

from mmaudit.names import ALL
from mmaudit.report.blocks import Chart, Table, TableCell, cell, table
from mmaudit.report.charts.moves import moves
from mmaudit.report.read import AuditData, RunData, SummaryRow, further
from mmaudit.rows import Estimate

CHANGE = "trust_change"
ALONE = {
    "mcp_drop": "surest class falls by",
    "tcp_drop": "true class falls by",
    "mcp_damage_auroc": "surest class tells damage (AUROC)",
    "vacuity_damage_auroc": "evidence tells damage (AUROC)",
}
WAYS = {
    "weight": "own weights",
    "implied": "implied weights of logits",
    "mixture": "implied weights of probabilities",
    "share": "shares of the answer",
}


def charts(audit: AuditData) -> Iterator[Chart]:
    """For each damaged modality the mean change of trust in every modality by severity."""
    rows = [row for row in audit.having(CHANGE) if row.estimate is not None]
    ends = [end for row in rows if (e := row.estimate) for end in (e.low, e.high)]
    span = (min(ends, default=0.0), max(ends, default=0.0))
    order = tuple(dict.fromkeys(str(row.get("modality")) for row in rows))
    for damaged in dict.fromkeys(str(row.get("dose_of")) for row in rows):
        lines: dict[str, dict[int, Estimate]] = {}
        for row in rows:
            if row.get("dose_of") == damaged and row.estimate is not None:
                step = int(row.get("severity") or 0)
                lines.setdefault(str(row.get("modality")), {})[step] = row.estimate
        way = WAYS.get(str(rows[0].get("trust")), "")
        in_bursts = audit.origin.options.get("bursts")
        what = f"bursts in {damaged}" if in_bursts else f"the damage of {damaged}"
        dose = f"step of the share of {what}" if in_bursts else f"severity of {what}"
        title = f"Trust by {what} ({way})"
        yield moves(title, CHANGE, damaged, dose, lines, span, order)


def tables(run: RunData, audit: AuditData) -> Iterator[Table]:
    """The verdicts, and the effect of damage by every way to tell trust."""
    columns = further(run, audit, "verdicts")
    if columns.get("modality"):
        rows = [
            (m, word, TableCell(cell(value).text, value, f"[{low:.3f}, {high:.3f}]"), n, more, why)
            for m, word, value, low, high, n, more, why in zip(
                *(columns[name] for name in ("modality", "verdict", "value", "low", "high")),
                *(columns[name] for name in ("n", "needed", "because")),
                strict=True,
            )
        ]
        heads = ("modality", "verdict", "effect", "n", "needs about", "what moves beside it")
        yield table("Does trust follow quality?", heads, rows)
    own = [r for r in audit.rows if _of_itself(r)]
    ways = tuple(dict.fromkeys(str(row.get("trust")) for row in own))
    if len(ways) > 1:
        by = {(str(r.get("modality")), str(r.get("trust"))): r.estimate for r in own}
        names = dict.fromkeys(m for m, _ in by)
        rows_by_way = [(m, *(by.get((m, way)) for way in ways)) for m in names]
        yield table("The same by every way to tell trust", ("modality", *ways), rows_by_way)
    yield from _alone(audit)


def _alone(audit: AuditData) -> Iterator[Table]:
    """What each modality says alone: how much less sure, and less true, it is damaged."""
    by = {
        (str(row.get("modality")), metric): row.estimate
        for metric in ALONE
        for row in audit.having(metric)
        if row.slice == ALL
    }
    metrics = [metric for metric in ALONE if any(of == metric for _, of in by)]
    if metrics:
        names = dict.fromkeys(m for m, _ in by)
        rows = [(m, *(by.get((m, metric)) for metric in metrics)) for m in names]
        heads = ("modality", *(ALONE[metric] for metric in metrics))
        yield table("What each modality says alone, clean and damaged", heads, rows)


def _of_itself(row: SummaryRow) -> bool:
    """Whether it says how trust in a modality goes along with all damage of that modality."""
    modality = row.get("modality")
    if not modality or row.get("dose_of") != modality or row.slice != ALL:
        return False
    return bool(row.get("trust") and not row.get("corruption") and row.get("severity") == "")
