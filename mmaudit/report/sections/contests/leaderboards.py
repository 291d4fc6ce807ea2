"""What a report shows of methods: what helps under which conditions, and what it costs."""

from collections.abc import Iterator, Mapping, Sequence

from mmaudit.names import CPU_SECONDS
from mmaudit.report.blocks import Chart, Table, cell, table
from mmaudit.report.charts.bars import bars
from mmaudit.report.charts.ties import membership, ties
from mmaudit.report.read import AuditData, RunData, SummaryRow, further

TITLES = {
    "clean": "on clean samples",
    "damaged": "under the damage",
    "incomplete": "with modalities absent",
    "conflict": "where modalities conflict",
}
SCORES = ("accuracy", "mean_squared_error")
GROUPS = ("family", "group", "method")  # columns of the table of what cannot be told apart
COSTS = ("ece", "parameters", "passes", "last_look")
MOST = 24  # methods of a chart
ORDER = {"helps": 0, "cannot be told": 1, "no shown difference": 1, "harms": 2, "": 1}


def charts(run: RunData, audit: AuditData) -> Iterator[Chart]:
    """What cannot be told apart, and gains beside the control, where the headline looks."""
    family = _first(audit)
    scores, groups = _scores(audit, family), _groups(run, audit, family)
    cells = {
        name: scores[name].estimate
        for name in dict.fromkeys(name for group in groups for name in group)
        if name in scores
    }
    if len(cells) > 1:
        metric = next(iter(scores.values())).metric
        head = metric.replace("_", " ").capitalize()
        title = f"{head} {TITLES.get(family, family)}"
        yield ties(title, metric, {k: e for k, e in cells.items() if e is not None}, groups)
    gains = {
        _method(row): row.estimate
        for row in audit.having("gain")
        if _family(row) == family and row.estimate is not None
    }
    if gains:
        most = sorted(gains, key=lambda name: -abs(gains[name].value))[:MOST]
        some = "" if len(most) == len(gains) else f" ({len(most)} of {len(gains)} methods)"
        title = f"Gain beside the control {TITLES.get(family, family)}{some}"
        yield bars(title, "gain", {name: gains[name] for name in most})


def tables(run: RunData, audit: AuditData) -> Iterator[Table]:
    """A leaderboard for each family of conditions, and what methods cost."""
    for family in _families(audit):
        yield _leaderboard(audit, family, membership(_groups(run, audit, family)))
    entry = run.log.get("audits", {}).get(audit.name, {})
    yield _costs(audit, entry.get(CPU_SECONDS, {}))


def _scores(audit: AuditData, family: str) -> dict[str, SummaryRow]:
    """How right every method is under a family of conditions."""
    return {
        _method(row): row
        for metric in SCORES
        for row in audit.having(metric)
        if _family(row) == family and not row.get("condition")
    }


def _groups(run: RunData, audit: AuditData, family: str) -> list[list[str]]:
    """Methods that cannot be told apart, the best first; none where the run does not say."""
    columns = further(run, audit, "groups")
    groups: dict[int, list[str]] = {}
    for of, number, method in zip(*(columns.get(k, ()) for k in GROUPS), strict=True):
        if of == family:
            groups.setdefault(int(number), []).append(str(method))
    return list(groups.values())


def _leaderboard(audit: AuditData, family: str, groups: Mapping[str, str]) -> Table:
    """Every method under one family of conditions: those that help first."""
    gains = {_method(row): row for row in audit.having("gain") if _family(row) == family}
    scores = _scores(audit, family)
    lower = any(row.metric == SCORES[1] for row in scores.values())
    rows = []
    for name, score in scores.items():
        gain = gains.get(name)
        verdict = str(gain.get("verdict") or "") if gain else ""
        value = score.estimate.value if score.estimate else 0.0
        rows.append((ORDER.get(verdict, 1), value if lower else -value, name, score, gain, verdict))
    rows.sort(key=lambda row: row[:3])
    cells = [
        (
            name,
            score.estimate,
            gain.estimate if gain else None,
            str(gain.get("control") or "") if gain else "",
            verdict or "control",
            gain.get("needs") if gain else None,
            *([groups.get(name, "")] if groups else []),
        )
        for _, _, name, score, gain, verdict in rows
    ]
    metric = SCORES[1] if lower else SCORES[0]
    heads = ["method", metric, "gain", "beside", "verdict", "needs about"]
    title = f"What helps {TITLES.get(family, family)}"
    if groups:
        heads, title = [*heads, "groups"], f"{title}; what shares a group cannot be told apart"
    return table(title, heads, cells)


def _costs(audit: AuditData, seconds: Mapping[str, float]) -> Table:
    """What every method costs, and how sure it is of what it says."""
    by = {
        (_method(row), metric): row.estimate
        for metric in COSTS
        for row in audit.having(metric)
        if _family(row) in {"", "clean"}
    }
    metrics = [metric for metric in COSTS if any(of == metric for _, of in by)]
    names = dict.fromkeys(name for name, _ in by)
    rows = []
    for name in names:
        values = [by.get((name, metric)) for metric in metrics]
        took = (cell(seconds[name]) if name in seconds else "",) if seconds else ()
        rows.append((name, *(cell(e.value) if e else "" for e in values), *took))
    heads = ("method", *metrics, *(("CPU seconds",) if seconds else ()))
    return table("What each method costs", heads, rows)


def _families(audit: AuditData) -> Sequence[str]:
    """Families of conditions that methods were judged under, the headline's first."""
    every = list(dict.fromkeys(_family(row) for row in audit.having("gain")))
    return sorted(every, key=lambda family: family != _first(audit))


def _first(audit: AuditData) -> str:
    """The family that the headline is about: the first that is not clean."""
    every = {_family(row) for row in audit.having("gain")}
    return next((f for f in TITLES if f in every and f != "clean"), "clean")


def _method(row: SummaryRow) -> str:
    return str(row.get("method"))


def _family(row: SummaryRow) -> str:
    return str(row.get("family"))
