"""What a report shows of noisy pairs: the score beside its null, the order of the file, rates."""

from collections.abc import Iterator
from typing import Any

from mmaudit.report.blocks import Chart, Table, table
from mmaudit.report.charts.bars import bars
from mmaudit.report.charts.histogram import histogram
from mmaudit.report.charts.offset import offset
from mmaudit.report.read import AuditData, RunData, further

PARTS = ("observed", "random", "hard", "fitted_matched", "fitted_mismatched")
MOST_SLICES = 24  # bars of one chart
WORST = 10  # groups
WHOLE = "all rows"


def charts(run: RunData, audit: AuditData) -> Iterator[Chart]:
    """The score, similarity by offset, and the rates of slices, as far as the audit kept them."""
    bins = _columns(run, audit, "histogram")
    shares = {name: bins[name] for name in PARTS if name in bins}
    if shares and bins["low"]:
        edges = [*bins["low"], bins["high"][-1]]
        yield histogram("How suspicious the pairs are", "score: higher is worse", edges, shares)
    yield from _offsets(
        _columns(run, audit, "offsets"), set(_columns(run, audit, "repair")["shard"])
    )
    rates = {
        r.slice: r.estimate
        for r in audit.rows
        if r.metric == "noise_rate" and r.slice != "all" and r.estimate
    }
    if rates:
        worst = sorted(rates, key=lambda s: (-rates[s].value, s))[:MOST_SLICES]
        yield bars("Noise rate of slices", "noise rate", {s: rates[s] for s in worst})


def _columns(run: RunData, audit: AuditData, name: str) -> dict[str, list[Any]]:
    """The columns of a table of the audit; empty columns where it has none."""
    return further(run, audit, name) or {"shard": []}


def _offsets(columns: dict[str, list[Any]], hit: set[str]) -> Iterator[Chart]:
    """The whole first, then the shards that have a defect, then the others."""
    if not columns["shard"]:
        return
    lines: dict[str, list[tuple[int, float]]] = {}
    rows = zip(columns["shard"], columns["offset"], columns["similarity"], strict=True)
    for shard, at, similarity in sorted(rows, key=lambda r: (r[0] not in hit | {""}, bool(r[0]))):
        lines.setdefault(shard or WHOLE, []).append((at, similarity))
    axis = "mean cosine" if columns["cosine"][0] else "squared correlation"
    title = "Where the partners stand in the file"
    yield offset(title, axis, lines, columns["strangers"][0])


def tables(run: RunData, audit: AuditData) -> Iterator[Table]:
    """Defects, the worst groups, and every number, the whole first and then the slices."""
    yield from _defects(_columns(run, audit, "repair"))
    yield from _thresholds(_columns(run, audit, "thresholds"))
    yield from _groups(_columns(run, audit, "groups"))
    yield from _kinds(_columns(run, audit, "kinds"))
    ordered = sorted(audit.rows, key=lambda r: (r.slice != "all", r.slice, r.metric))
    rows = [(r.metric, r.slice, r.estimate, r.estimate and r.estimate.n) for r in ordered]
    yield table("Noisy pairs: every number", ("metric", "slice", "estimate", "n"), rows)


def _defects(columns: dict[str, list[Any]]) -> Iterator[Table]:
    """One row a defect: what it is, how many rows, and what undoing it brings."""
    if not columns["shard"]:
        return
    causes: dict[tuple[str, str], list[int]] = {}
    for i, key in enumerate(zip(columns["defect"], columns["says"], strict=True)):
        causes.setdefault(key, []).append(i)
    rows = []
    for (name, says), at in causes.items():
        sure = [c for i in at if (c := columns["confidence"][i]) is not None]
        before, after = (columns[f"similarity_{when}"][at[0]] for when in ("before", "after"))
        mean = sum(sure) / len(sure) if sure else None
        rows.append((name, says, len(at), len(sure), mean, before, after))
    heads = ("defect", "what", "rows", "partners found", "mean confidence", "before", "after")
    yield table("Mismatches with one cause, and mean similarity once undone", heads, rows)


def _thresholds(columns: dict[str, list[Any]]) -> Iterator[Table]:
    """What pairs from a cosine on are, where the sides share a space."""
    if "cosine" not in columns:
        return
    names = ("cosine", "kept", "mismatched", "low", "high")
    rows = list(zip(*(columns[name] for name in names), strict=True))
    heads = ("cosine, at least", "pairs kept", "of these mismatched", "from", "to")
    yield table("What a threshold on the cosine keeps", heads, rows)


def _kinds(columns: dict[str, list[Any]]) -> Iterator[Table]:
    """For which kinds of mismatch the numbers hold."""
    if "mismatch" not in columns:
        return
    names = ("mismatch", "rate_and_matched", "matched_hard")
    rows = list(zip(*(columns[name] for name in names), strict=True))
    heads = ("kind of mismatch", "the rate and matched hold", "matched_hard holds")
    yield table("Which numbers hold for which mismatch", heads, rows)


def _groups(columns: dict[str, list[Any]]) -> Iterator[Table]:
    """The groups with the most mismatches, where pairs have groups."""
    if "expected_mismatches" not in columns:
        return
    names = ("group", "pairs", "flagged", "expected_mismatches")
    rows = sorted(zip(*(columns[name] for name in names), strict=True), key=lambda r: (-r[3], r[0]))
    heads = ("group", "pairs", "flagged", "expected mismatches")
    yield table("Groups with the most mismatches", heads, rows[:WORST])
