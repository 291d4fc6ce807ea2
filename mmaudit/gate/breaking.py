"""Breaking points: the severity at which a corruption carries a metric across a limit.

Between the severities that were measured the metric is taken to change in a straight line, from
clean at severity 0. The interval is where the ends of the metric's own interval cross: the bad end
first, the good end last.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmaudit.formats import number
from mmaudit.gate.config import Check, Config
from mmaudit.names import ALL, CLEAN
from mmaudit.rows import Estimate
from mmaudit.tables.run import Summary, estimate, read

ABSOLUTE = {"min": -1, "max": 1}  # the sign that turns a limit into an upper one


@dataclass(frozen=True, slots=True)
class Breaking:
    """Where one corruption of one modality breaks one limit.

    Attributes:
        check: Name of the check that sets the limit.
        series: Corruption and modality.
        severity: The severity of the crossing; None if the last one measured does not reach it.
        low: The earliest that the interval allows; None if even that is not reached.
        high: The latest; None if the data allow that it is not reached.
        last: The last severity that was measured.
    """

    check: str
    series: str
    severity: float | None
    low: float | None
    high: float | None
    last: int

    def __str__(self) -> str:
        if self.severity is None:
            text = f"not up to severity {self.last}"
            return f"{text}, perhaps from {number(self.low)}" if self.low is not None else text
        end = number(self.high) if self.high is not None else f"beyond {self.last}"
        return f"severity {number(self.severity)} [{number(self.low or 0.0)}, {end}]"


def breaking_points(run: str | Path, config: Config) -> list[Breaking]:
    """The breaking points of every check whose rows have severities, the earliest first.

    Args:
        run: The run directory.
        config: The checks; limits against a baseline and relative ones have no breaking point.
    """
    summaries: dict[str, Summary] = {}
    points: list[Breaking] = []
    for check in config.checks:
        audit = check.selector.audit
        summaries.setdefault(audit, read(Path(run), audit))
        if "severity" in summaries[audit].columns and check.against == CLEAN:
            points += _of_check(check, summaries[audit])
    return sorted(points, key=lambda b: (b.severity is None, b.severity or 0.0, b.check, b.series))


def _of_check(check: Check, summary: Summary) -> Iterator[Breaking]:
    rows = [row for row in check.selector.rows(summary) if row["severity"]]
    for kind, limit in check.limits:
        if kind == "max_drop_rel":
            continue
        curves: dict[str, dict[int, Estimate]] = {}
        for row in rows:
            metric = row["metric"] if kind in ABSOLUTE else summary.worsening(row["metric"])
            there = summary.find({**row, "metric": metric})
            start = _start(kind, row, summary)
            e = estimate(there and there["estimate"])
            if e is not None and start is not None:
                part = "" if row["slice"] == ALL else f", slice={row['slice']}"
                name = f"{row['corruption']}@{row['modality']}{part}"
                curves.setdefault(name, {0: start})[int(row["severity"])] = e
        sign = ABSOLUTE.get(kind, 1)
        for series, curve in curves.items():
            yield _of_curve(f"{check.id}", series, curve, sign, limit)


def _start(kind: str, row: Mapping[str, Any], summary: Summary) -> Estimate | None:
    """The metric at severity 0: nothing is lost, or the clean value."""
    if kind not in ABSOLUTE:
        return Estimate(0.0, 0.0, 0.0, 0)
    clean = summary.clean(row["metric"], row["slice"])
    return estimate(clean and clean["estimate"])


def _of_curve(
    check: str, series: str, curve: Mapping[int, Estimate], sign: int, limit: float
) -> Breaking:
    steps = sorted(curve)
    bad, good = ("high", "low") if sign > 0 else ("low", "high")
    value, early, late = (
        crossing(steps, [sign * getattr(curve[s], end) for s in steps], sign * limit)
        for end in ("value", bad, good)
    )
    return Breaking(check, series, value, early, late, steps[-1])


def crossing(steps: list[int], values: list[float], limit: float) -> float | None:
    """The first place where a line through points rises above a limit; None if it never does."""
    if values[0] > limit:
        return float(steps[0])
    for (a, low), (b, high) in zip(
        zip(steps, values, strict=True), zip(steps[1:], values[1:], strict=True), strict=False
    ):
        if high > limit:
            return a + (b - a) * (limit - low) / (high - low)
    return None
