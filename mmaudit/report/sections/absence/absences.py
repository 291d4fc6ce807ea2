"""What a report shows of absence beside subsets: protocols, and damage crossed with it."""

from collections.abc import Iterator, Sequence

from mmaudit.names import uncrossed
from mmaudit.report.blocks import Chart, Table, table
from mmaudit.report.charts.heat import heat
from mmaudit.report.read import AuditData, RunData, SummaryRow, further
from mmaudit.report.sections.sweeps import is_protocol, primary
from mmaudit.rows import Estimate, worsening

INTERACTION = "_interaction"
SCALES = ("nll_interaction", "mse_interaction")  # that are drawn, as above 0 is more harm
RATES = "absent_rates"
NOTES = (
    *("Damage of ", "Whether damage of ", "An interaction is ", "missing/", "present:"),
    *(
        "Whichever one ",
        "No absence policy ",
        "Absence policies ",
        "Nothing is told of all subsets ",
    ),
    *("Without ", "No subset of modalities "),
)
HEADS = ("condition", "rate", "modality", "requested", "before", "realised", "taken", "samples")


def is_of_absence(note: str) -> bool:
    """Whether a sentence of a sweep is about absent modalities, by how it begins."""
    return note.startswith(NOTES)


def charts(audit: AuditData) -> Iterator[Chart]:
    """For each damaged modality a map: severities against what is absent.

    All maps share their scale.
    """
    metric = _scale(audit)
    cells: dict[str, dict[tuple[str, int | str], Estimate]] = {}
    for row in audit.having(metric):
        halves = uncrossed(str(row.get("condition")), str(row.get("present")))
        if halves is not None and row.estimate is not None:
            damaged, _, gone = str(row.get("modality")).partition(",")
            name = f"{_named(row)} without {gone}{_policy(row)}"
            cells.setdefault(damaged, {})[name, int(row.get("severity"))] = row.estimate
    most = max((e.value for some in cells.values() for e in some.values()), default=0.0)
    for damaged, some in sorted(cells.items()):
        title = f"{metric}: damage of {damaged} where another modality is absent"
        yield heat(title, metric, some, most, harm=metric in SCALES)


def tables(run: RunData, audit: AuditData) -> Iterator[Table]:
    """The interactions of each pair, the metric under each protocol, and the rates of absence."""
    yield from _pairs(audit)
    yield from _protocols(audit)
    rates = further(run, audit, RATES)
    if rates:
        rows = list(zip(*(rates[head] for head in HEADS), strict=True))
        yield table("What is absent: requested, before and under each condition", HEADS, rows)


def _pairs(audit: AuditData) -> Iterator[Table]:
    metrics = [m for m in audit.meanings if m.endswith(INTERACTION)]
    by: dict[str, dict[str, Estimate]] = {}
    for metric in metrics:
        for row in audit.having(metric):
            name = str(row.get("condition"))
            if uncrossed(name, "") is None and row.estimate is not None:
                by.setdefault(name, {})[metric] = row.estimate
    if by:
        rows = [(name, *(numbers.get(m) for m in metrics)) for name, numbers in by.items()]
        yield table(
            "Interactions of damage and absence, mean of all damages", ("pair", *metrics), rows
        )


def _protocols(audit: AuditData) -> Iterator[Table]:
    metric = primary(audit)
    names = [metric, *filter(None, [worsening(metric, audit.better(metric))])]
    by: dict[str, dict[str, Estimate]] = {}
    for name in names:
        for row in filter(is_protocol, audit.having(name)):
            if row.estimate is not None:
                by.setdefault(str(row.get("condition")), {})[name] = row.estimate
    if by:
        rows = [(one, *(numbers.get(m) for m in names)) for one, numbers in by.items()]
        yield table("Protocols of absence", ("protocol", *names), rows)


def _scale(audit: AuditData) -> str:
    there: Sequence[str] = [m for m in audit.meanings if m.endswith(INTERACTION)]
    return next((m for m in (*SCALES, *there) if m in there), "")


def _named(row: SummaryRow) -> str:
    return str(row.get("corruption")).partition("+")[0].rpartition("/")[2].replace("_", " ")


def _policy(row: SummaryRow) -> str:
    _, bracket, policy = str(row.get("condition")).partition(" (")
    return f"{bracket}{policy}"
