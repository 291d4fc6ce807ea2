"""What a suggested gate file asks: numbers of a run that a check could hold, without their bounds.

Clean numbers are to stay as good as they are, every corruption at every severity may cost the main
metric so much, and every modality that brings something goes on doing so: a model that ignores a
modality loses nothing when it is damaged.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from mmaudit.gate.decisions import unsure, untested
from mmaudit.gate.limits import reach
from mmaudit.gate.numbers.quantity import Grounds
from mmaudit.gate.numbers.rests import Rests
from mmaudit.names import ALL, CLEAN
from mmaudit.rows import Estimate
from mmaudit.tables import run as runs
from mmaudit.tables.run import Row, Summary

SHARES, PHI = "shares", "phi"  # the form in which it is shown what each modality brings
SLIVER = 0.01  # of the range of a limit: nearer to its end, a bound is cleared by whatever answers
TOGETHER = "gain_over_best_alone"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number of a run that a check could hold.

    Attributes:
        name: Name of the check.
        selector: Its metric.
        kind: Kind of limit.
        estimate: What was measured.
        grounds: What that rests on; None where that is its interval.
        reach: Least and largest limit that says anything.
        above: What a lower limit has to be above to say anything.
    """

    name: str
    selector: str
    kind: str
    estimate: Estimate
    grounds: Grounds | None
    reach: tuple[float, float]
    above: float = -math.inf

    @property
    def sign(self) -> int:
        """+1 for an upper limit, -1 for a lower one."""
        return -1 if self.kind == "min" else 1

    def says(self, limit: float) -> bool:
        """Whether a limit could be missed by a model that is of any use."""
        low, high = self.reach
        bare = SLIVER * (high - low) if math.isfinite(high - low) else 0.0
        return limit < high - bare if self.sign > 0 else limit > max(low + bare, self.above)


def of_run(summary: Summary) -> Iterator[Candidate]:
    """The numbers of one audit that a check could hold, in the order of the table."""
    if is_shares(summary):
        yield from _contributions(summary)
        return
    rests = Rests(summary)
    for row in summary.rows:
        if row["slice"] == ALL and row.get("condition", CLEAN) == CLEAN:
            yield from _number(summary, row, rests)
    yield from _drops(summary, rests)


def is_shares(summary: Summary) -> bool:
    """Whether a summary says what each modality brings."""
    return any(view.form == SHARES for view in summary.views)


def _contributions(summary: Summary) -> Iterator[Candidate]:
    """What each modality brings, by the first worth and policy, and what all do together."""
    options = summary.origin.options if summary.origin else {}
    lead = {key: next(iter(options.get(key) or ("",))) for key in ("value", "absent")}
    for row in summary.of(PHI):
        estimate = runs.estimate(row["estimate"])
        first = all(row[key] == name for key, name in {**lead, "slice": ALL}.items())
        if first and estimate is not None and estimate.low > 0:
            name = f"{row['modality']} stays used"
            selector = selected(summary, row, ("value", "absent", "modality"))
            bounds = (-math.inf, math.inf)
            yield Candidate(name, selector, "min", estimate, None, bounds, above=0.0)
    rests = Rests(summary)
    for row in summary.of(TOGETHER):
        if row["slice"] == ALL and row["absent"] == lead["absent"]:
            yield from _number(summary, row, rests)


def _number(summary: Summary, row: Row, rests: Rests) -> Iterator[Candidate]:
    """A number with a known direction, held on its bad side."""
    metric = row["metric"]
    estimate, better = runs.estimate(row["estimate"]), summary.better(metric)
    if estimate is None or better == "neither" or unsure.reason(summary, metric):
        return
    keys = [c for c in summary.columns if c not in {"metric", "estimate", "slice"}]
    named = ("condition",) if "condition" in keys else tuple(k for k in keys if row[k] is not None)
    where = ", ".join(str(row[key]) for key in named if row[key])
    kind = "min" if better == "higher" else "max"
    yield Candidate(
        f"{summary.audit} {metric}" + (f" {where}" if where else ""),
        selected(summary, row, named),
        kind,
        estimate,
        rests.of_row(row, estimate),
        reach(kind, summary.meanings[metric].bounds, better),
    )


def _drops(summary: Summary, rests: Rests) -> Iterator[Candidate]:
    """How much worse the main metric is under each condition that changed something."""
    main = curved(summary)
    worsening = summary.worsening(main) if main else None
    if not main or worsening is None:
        return
    for row in summary.of(worsening):
        estimate = runs.estimate(row["estimate"])
        whole = row["slice"] == ALL and row.get("severity")
        if whole and estimate is not None and not untested.reason(summary, row, 1):
            there = {**row, "metric": main}
            yield Candidate(
                f"{main} under {row['condition']}",
                selected(summary, there, ("condition",)),
                "max_drop",
                estimate,
                rests.of_drop(there, estimate),
                reach("max_drop", summary.meanings[main].bounds, summary.better(main)),
            )


def curved(summary: Summary) -> str:
    """The metric of which a sweep has curves; empty where there are none."""
    names = set(summary.metrics)
    return next((m for m in summary.metrics if f"{m}_area_under_curve" in names), "")


def selected(summary: Summary, row: Row, keys: tuple[str, ...]) -> str:
    """The metric of a check that is about one row."""
    filters = ",".join(f"{key}={_quoted(str(row[key]))}" for key in keys)
    return f"{summary.audit}.{row['metric']}" + (f"{{{filters}}}" if filters else "")


def _quoted(text: str) -> str:
    return f"'{text}'" if any(c in text for c in ',"{} ') else text
