"""What a report shows of contributions: who brings how much, and which pairs need each other."""

from collections.abc import Iterator

from mmaudit.report.blocks import Chart, Table, table
from mmaudit.report.charts.bars import bars
from mmaudit.report.charts.heat import heat
from mmaudit.report.charts.scatter import MOST, scatter
from mmaudit.report.run import Audit, Run
from mmaudit.rows import Estimate
from mmaudit.tables import store

COARSE = {"correct", "correct_size"}  # worths of few values, whose dots hide each other
CLASS = "class="
MOST_CLASSES = 40  # rows of a map
ALONE = ("accuracy_alone", "How often each modality alone is right")
SHOWN = (
    ("phi", "What each modality contributes"),
    (
        "interaction",
        "Interactions: positive where a pair needs each other, negative where redundant",
    ),
)


def charts(run: Run, audit: Audit) -> Iterator[Chart]:
    """Bars of the Shapley values and of the interactions, for each worth and absence policy."""
    for metric, title in SHOWN:
        found: dict[tuple[str, str], dict[str, Estimate]] = {}
        for row in audit.having(metric):
            if row.estimate is not None:
                key = (str(row.get("value")), str(row.get("absent")))
                found.setdefault(key, {})[str(row.get("modality"))] = row.estimate
        for (value, absent), cells in found.items():
            yield bars(f"{title}: {value} (absent values: {absent})", metric, cells)
    yield from _alone(audit)
    yield from _classes(audit)
    yield from _dots(run, audit)


def _alone(audit: Audit) -> Iterator[Chart]:
    metric, title = ALONE
    found = {
        str(r.get("modality")): r.estimate for r in audit.having(metric) if r.estimate is not None
    }
    if found:
        yield bars(title, metric, found)


def _classes(audit: Audit) -> Iterator[Chart]:
    """Who brings how much to each class, for the first worth and absence policy."""
    rows = [r for r in audit.rows if r.metric == "phi" and r.slice.startswith(CLASS) and r.estimate]
    rows.sort(key=lambda r: r.get("value") in COARSE)
    first = (rows[0].get("value"), rows[0].get("absent")) if rows else None
    cells: dict[tuple[str, int | str], Estimate] = {}
    for row in rows:
        if (row.get("value"), row.get("absent")) == first and row.estimate is not None:
            cells[row.slice.removeprefix(CLASS), str(row.get("modality"))] = row.estimate
    if first is not None and len({name for name, _ in cells}) <= MOST_CLASSES:
        most = max(e.value for e in cells.values())
        title = f"What each modality contributes to each class: {first[0]}"
        yield heat(title, "phi", cells, most, harm=False)


def _dots(run: Run, audit: Audit) -> Iterator[Chart]:
    """A sample a dot, for the two modalities that bring most to the first worth."""
    rows = sorted(audit.having("phi"), key=lambda r: r.get("value") in COARSE)
    first = (rows[0].get("value"), rows[0].get("absent")) if rows else None
    mine = [r for r in rows if (r.get("value"), r.get("absent")) == first and r.estimate]
    mine.sort(key=lambda r: (-(r.estimate.value if r.estimate else 0), r.get("modality")))
    if first is None or len(mine) < 2:
        return
    names = (str(mine[0].get("modality")), str(mine[1].get("modality")))
    wanted = ["id", "value", "absent", *(f"phi_{n}" for n in names)]
    dots: list[tuple[str, float, float]] = []
    total = 0
    for path in store.parts(run.path / audit.name / "samples"):
        with store.opened(path) as file:
            if not set(wanted) <= set(file.schema_arrow.names):
                return
            table = file.read(wanted)
        for row in table.to_pylist():
            a, b = (row[f"phi_{n}"] for n in names)
            if (row["value"], row["absent"]) == first and a is not None and b is not None:
                total += 1
                if len(dots) < MOST:
                    dots.append((str(row["id"]), float(a), float(b)))
    if dots:
        title = f"What each sample takes from its two main modalities: {first[0]}"
        yield scatter(title, names, dots, total)


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
