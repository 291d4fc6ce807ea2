"""A gate file from a reference run: every bound at the edge of what was measured."""

import json
import math
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from pathlib import Path

from mmaudit.errors import InputError
from mmaudit.names import ALL, CLEAN
from mmaudit.tables import run as runs
from mmaudit.tables.run import Row, Summary

DECIMALS = 3  # of a bound; where they would say nothing, as many digits


def suggest(run: str | Path) -> str:
    """The text of a gate file that this run passes.

    Clean numbers, and the numbers of audits that have no conditions, are held at the bad edge of
    their interval; every corruption at every severity may make the audit's main metric worse by no
    more than the far edge of the paired interval. Edges are rounded outward to three decimals, and
    those below 0.001 to three digits.

    Raises:
        InputError: There is no such run, or it holds no number to start from.
        IncompleteError: No audit of it has finished.
    """
    folder = Path(run)
    checks = [check for name in runs.finished(run) for check in _checks(runs.read(folder, name))]
    if not checks:
        raise InputError(
            "the run holds no number with a known direction",
            where=str(run),
            fix="run an audit first",
        )
    return "\n".join(["schema = 1", "", *checks])


def _checks(summary: Summary) -> Iterator[str]:
    rows = [row for row in summary.rows if row["slice"] == ALL]
    whole = [r for r in rows if r.get("condition", CLEAN) == CLEAN]
    for row in whole:
        yield from _bound(summary, row)
    metrics = [r["metric"] for r in whole]
    main = next(
        (m for m in metrics if f"{m}_area_under_curve" in {r["metric"] for r in rows}), None
    )
    for row in rows:
        if main is not None and row["metric"] == summary.worsening(main) and row.get("severity"):
            worse = runs.estimate(row["estimate"])
            if worse is not None and math.isfinite(worse.high):
                selector = f"{summary.audit}.{main}{{{_filter(row, 'condition')}}}"
                yield _check(f"{main} under {row['condition']}", selector, "max_drop", worse.high)


def _bound(summary: Summary, row: Row) -> Iterator[str]:
    estimate, better = runs.estimate(row["estimate"]), summary.better(row["metric"])
    if estimate is None or better == "neither":
        return
    keys = [c for c in summary.columns if c not in {"metric", "estimate", "slice"}]
    named = ["condition"] if "condition" in keys else [k for k in keys if row[k] is not None]
    filters = ",".join(_filter(row, key) for key in named)
    selector = f"{summary.audit}.{row['metric']}" + (f"{{{filters}}}" if filters else "")
    kind, edge = ("min", estimate.low) if better == "higher" else ("max", estimate.high)
    where = ", ".join(str(row[key]) for key in named if row[key])
    if math.isfinite(edge):
        yield _check(
            f"{summary.audit} {row['metric']}" + (f" {where}" if where else ""),
            selector,
            kind,
            edge,
        )


def _filter(row: Row, key: str) -> str:
    text = str(row[key])
    return f"{key}='{text}'" if any(c in text for c in ',"{} ') else f"{key}={text}"


def _check(name: str, selector: str, kind: str, edge: float) -> str:
    bound = _outward(edge, ROUND_FLOOR if kind == "min" else ROUND_CEILING)
    lines = ["[[check]]", f"id = {json.dumps(name)}", f"metric = {json.dumps(selector)}"]
    return "\n".join([*lines, f"{kind} = {bound}", ""])


def _outward(edge: float, rounding: str) -> Decimal:
    """An edge with few digits, on the far side of itself; whole numbers keep all of theirs."""
    exact = Decimal(repr(edge))
    small = exact != 0 and exact.adjusted() < -DECIMALS
    finest = exact.adjusted() - DECIMALS + 1 if small else -DECIMALS
    digits = max(exact.adjusted() - finest + 2, 1)
    return exact.quantize(Decimal((0, (1,), finest)), rounding, Context(prec=digits))
