"""What a report shows of contributions: who brings how much, and which pairs need each other."""

from collections.abc import Iterator
from dataclasses import dataclass

from mmaudit.names import ALL
from mmaudit.report.blocks import Chart, Table, table
from mmaudit.report.charts.bars import bars
from mmaudit.report.charts.heat import heat
from mmaudit.report.charts.matrix import matrix
from mmaudit.report.charts.policies import policies
from mmaudit.report.charts.trajectory import trajectory
from mmaudit.report.read import AuditData, RunData
from mmaudit.report.sections import dots
from mmaudit.report.words import worth as plainly
from mmaudit.rows import Estimate
from mmaudit.tables import store
from mmaudit.tables.run import estimate

COARSE = {"correct", "correct_size"}  # worths of few values, whose dots hide each other
CLASS = "class="
MOST_CLASSES = 40  # rows of a map
CHECKPOINTS = "checkpoints.parquet"
RATIO = "discrepancy_ratio"
PHI = "What each modality contributes"
STANDS_IN = "What stands in for absent values, and what each modality then brings"
PAIRS = "Interactions: positive where a pair needs each other, negative where redundant"
ALONE = "How often each modality alone is right"
OFF = "How far from the data a sample lies once a modality is filled in"
FLIPS = "Samples whose top modality depends on what stands in for absent values"


@dataclass(frozen=True, slots=True)
class _Led:
    """The worths and absence policies of an audit, those that were asked first in front."""

    worths: tuple[str, ...]
    policies: tuple[str, ...]

    @property
    def fine(self) -> str:
        """The first worth that tells samples apart."""
        return min(self.worths, key=lambda worth: worth in COARSE)


def charts(run: RunData, audit: AuditData) -> Iterator[Chart]:
    """Who brings how much under the leading absence policy, and what the policies change."""
    led = _led(audit)
    if not led.worths:
        return
    first = led.policies[0]
    for worth in led.worths:
        yield bars(
            f"{PHI}: {plainly(worth)} (absent values: {first})", "phi", _cells(audit, worth, first)
        )
    for worth in led.worths:
        yield from _interactions(audit, worth, first)
    yield from _sensitivity(audit, led)
    if alone := _cells(audit, None, first, "accuracy_alone"):
        yield bars(ALONE, "accuracy_alone", alone)
    yield from _classes(audit, led.fine, first)
    brought = _cells(audit, led.fine, first)
    order = sorted(brought, key=lambda m: (-brought[m].value, m))
    yield from dots.charts(run, audit.name, led.fine, first, order)
    yield from _trajectory(run, audit)


def brought(audit: AuditData) -> tuple[str, dict[str, Estimate]]:
    """What each modality brings, in the worth that tells samples apart, and that worth."""
    led = _led(audit)
    return (led.fine, _cells(audit, led.fine, led.policies[0])) if led.worths else ("", {})


def _led(audit: AuditData) -> _Led:
    return _Led(audit.in_order("value", "phi"), audit.in_order("absent", "phi"))


def _cells(
    audit: AuditData, worth: str | None, absent: str, metric: str = "phi"
) -> dict[str, Estimate]:
    """The numbers of one metric by modality; without a worth, of what is the same for all."""
    return {
        str(r.get("modality")): r.estimate
        for r in audit.having(metric)
        if r.get("absent") == absent and worth in {None, r.get("value")} and r.estimate is not None
    }


def _interactions(audit: AuditData, worth: str, absent: str) -> Iterator[Chart]:
    cells = _cells(audit, worth, absent, "interaction")
    title = f"{PAIRS}: {plainly(worth)} (absent values: {absent})"
    if len(cells) == 1:
        yield bars(title, "interaction", cells)
    elif cells:
        brought = _cells(audit, worth, absent)
        names = sorted(brought, key=lambda m: (-brought[m].value, m))
        pairs = {(a, b): e for pair, e in cells.items() for a, _, b in [pair.partition(",")]}
        yield matrix(title, "interaction", names, pairs)


def _sensitivity(audit: AuditData, led: _Led) -> Iterator[Chart]:
    """What each modality brings under every absence policy, and whose top modality changes."""
    if len(led.policies) < 2:
        return
    joined = "+".join(led.policies)
    same = {
        worth: by_modality[""]
        for worth in led.worths
        if (by_modality := _cells(audit, worth, joined, "policy_same_top"))
    }
    for worth in led.worths:
        cells = {(m, p): e for p in led.policies for m, e in _cells(audit, worth, p).items()}
        sentence = (
            f"The same modality contributes most to {same[worth]} of the samples."
            if worth in same
            else ""
        )
        title = f"{STANDS_IN}: {plainly(worth)}"
        yield policies(title, "phi", led.policies, cells, sentence)
    if same:
        yield bars(FLIPS, "policy_top_differs", {w: _rest(e) for w, e in same.items()})
    off = {(m, p): e for p in led.policies for m, e in _cells(audit, "", p, "off_data").items()}
    if off:
        sentence = (
            "A sample that is filled in against real ones: 1 is as near to the data as they are."
        )
        yield policies(OFF, "off_data", led.policies, off, sentence)


def _rest(e: Estimate) -> Estimate:
    """The other part of a share."""
    return Estimate(1 - e.value, 1 - e.high, 1 - e.low, e.n)


def _classes(audit: AuditData, worth: str, absent: str) -> Iterator[Chart]:
    """Who brings how much to each class."""
    cells: dict[tuple[str, int | str], Estimate] = {}
    for row in audit.rows:
        mine = (row.metric, row.get("value"), row.get("absent")) == ("phi", worth, absent)
        if mine and row.slice.startswith(CLASS) and row.estimate is not None:
            cells[row.slice.removeprefix(CLASS), str(row.get("modality"))] = row.estimate
    if cells and len({name for name, _ in cells}) <= MOST_CLASSES:
        most = max(e.value for e in cells.values())
        yield heat(
            f"What each modality contributes to each class: {plainly(worth)}",
            "phi",
            cells,
            most,
            harm=False,
        )


def _trajectory(run: RunData, audit: AuditData) -> Iterator[Chart]:
    """Who takes over in training, where earlier states of the model were asked."""
    path = run.path / audit.name / CHECKPOINTS
    if not path.exists():
        return
    lines: dict[str, dict[int, Estimate]] = {}
    for row in store.read(path).to_pylist():
        ratio = estimate(row["estimate"])
        if (row["slice"], row["metric"]) == (ALL, RATIO) and ratio is not None:
            lines.setdefault(row["modality"], {})[row["checkpoint"]] = ratio
    if lines:
        title = "How much more of the truth each modality alone tells than the others, in training"
        yield trajectory(title, RATIO, {m: dict(sorted(line.items())) for m, line in lines.items()})


def tables(audit: AuditData) -> Iterator[Table]:
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
        if r.slice == ALL
    ]
    yield table("Contributions: every number", heads, rows)
