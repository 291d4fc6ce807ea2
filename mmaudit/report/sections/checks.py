"""What the gate asked, as tables: one row a check, and every row of those that did not pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmaudit.report.blocks import Table, number, table
from mmaudit.report.read import RunData
from mmaudit.report.sections.contests.steps import FirstStep, first_step
from mmaudit.report.words import condition
from mmaudit.rows import Estimate

ORDER = ("fail", "inconclusive", "warn", "pass")
STATUS = {"fail": "fails", "inconclusive": "undecided", "warn": "warning", "pass": "passes"}
OUTCOMES = {"inconclusive": "undecided", "pass": "passes", "fail": "fails", "missing": "missing"}
Json = Mapping[str, Any]
OF_SUBSETS = ("present:", "absent:")  # how the conditions of subsets begin


@dataclass(frozen=True, slots=True)
class Unmet:
    """One check with all its rows.

    Attributes:
        key: Its anchor.
        name: Its name.
        status: What its outcome means for the gate: ``pass``, ``fail``, ``warn``, ``inconclusive``.
        says: What that is called.
        notes: How it was asked: its selector, family, level, waiver.
        step: What to try first; None where no remedy is for it.
        tables: Its rows, those that do not pass in front, the worst first.
    """

    key: str
    name: str
    status: str
    says: str
    notes: str
    step: FirstStep | None
    tables: tuple[Table, ...]


def told_by_gate(run: RunData) -> str:
    """What the gate said, in one sentence."""
    if run.verdict:
        return str(run.verdict["headline"])
    if run.refusal:
        return f"The last gate gave no answer: {run.refusal}."
    return "No gate has judged this run."


def keyed(verdict: Json) -> list[tuple[str, Json]]:
    """The checks with their anchors, the failed first and then as the gate file has them."""
    results = [(f"check-{i}", one) for i, one in enumerate(verdict.get("results", ()), 1)]
    return sorted(results, key=lambda pair: ORDER.index(pair[1]["status"]))


def limit(cell: Json) -> str:
    """The limit of a row, with its direction."""
    return f"{'≥' if cell['kind'] == 'min' else '≤'}\N{NO-BREAK SPACE}{number(cell['limit'])}"


def bounded(cell: Json) -> Estimate | None:
    """What was measured; an end that is open is at infinity."""
    e = cell["estimate"]
    if e is None:
        return None
    low = float("-inf") if e["low"] is None else e["low"]
    high = float("inf") if e["high"] is None else e["high"]
    return Estimate(e["value"], low, high, e["n"])


def checks(verdict: Json, status: str = "") -> Table | None:
    """The checks of a gate, one row each with its worst number; None without any.

    Args:
        verdict: The verdict.
        status: Only those that have it; all by default.
    """
    rows = []
    for _, result in keyed(verdict):
        if status and result["status"] != status:
            continue
        worst = result["cells"][0]
        e = bounded(worst)
        rows.append(
            (
                STATUS[result["status"]],
                result["id"],
                condition(worst["label"]) or worst["quantity"],
                worst["quantity"],
                e or worst["reason"],
                limit(worst),
                result["family"],
                _level(result) + _allowed(result),
            )
        )
    heads = ("status", "check", "worst row", "what", "measured", "limit", "rows", "level")
    title = "Checks that pass" if status == "pass" else "What the gate asked"
    return table(title, heads, rows) if rows else None


def _level(result: Json) -> str:
    until = f", waived until {result['waived']}" if result["waived"] else ""
    return f"{result['level']}{until}"


def _allowed(result: Json) -> str:
    """How many rows may fail, where any may."""
    count = result.get("max_failing_rows", 0)
    return f", up to {count:,} rows may be past the limit" if count else ""


def _aside(result: Json) -> str:
    """How many conditions a check passes over, where there are any."""
    count = result.get("passed_over", 0)
    more = f"{count:,} condition{'s'[: count > 1]} passed over, which changed no sample"
    return more if count else ""


def unmet(run: RunData) -> tuple[Unmet, ...]:
    """Every check with a row that does not pass, with all its rows: those that pass stand apart."""
    every = keyed(run.verdict or {})
    return tuple(_unmet(run, key, result) for key, result in every if _is_open(result))


def _is_open(result: Json) -> bool:
    """Whether a check does not pass, or passes with rows that it allows to fail."""
    return result["status"] != "pass" or any(c["outcome"] != "pass" for c in result["cells"])


def _unmet(run: RunData, key: str, result: Json) -> Unmet:
    notes = [result["metric"]]
    if result["family"] > 1:
        together = "together, Holm-corrected" if result["corrected"] else "together"
        notes.append(f"{result['family']} rows {together}")
    if result.get("max_failing_rows"):
        notes.append(_allowed(result).removeprefix(", "))
    if result.get("passed_over"):
        notes.append(_aside(result))
    if result["level"] != "error" or result["waived"]:
        notes.append(f"level {_level(result)}")
    bad = [cell for cell in result["cells"] if cell["outcome"] != "pass"]
    good = [cell for cell in result["cells"] if cell["outcome"] == "pass"]
    titles = (f"{len(bad)} of {len(result['cells'])} rows do not pass", "Rows that pass")
    parts = [rows_of(t, some) for t, some in zip(titles, (bad, good), strict=True) if some]
    return Unmet(
        key=key,
        name=result["id"],
        status=result["status"],
        says=STATUS[result["status"]],
        notes="; ".join(notes),
        step=first_step(run, result),
        tables=tuple(parts),
    )


def gated(verdict: Json) -> tuple[Table, ...]:
    """All checks in one table, then every row of those that did not pass, if it has several."""
    bad = [r for _, r in keyed(verdict) if r["status"] != "pass" and len(r["cells"]) > 1]
    whole = checks(verdict)
    return (*([whole] if whole else []), *(rows_of(r["id"], r["cells"]) for r in bad))


def rows_of(title: str, cells: Sequence[Json]) -> Table:
    """Rows of a check: what was tested against which limit, and what would decide it.

    What all rows have in common stands in the title.
    """
    quantities, limits = {cell["quantity"] for cell in cells}, {limit(cell) for cell in cells}
    common = [*(quantities if len(quantities) == 1 else ())]
    common += [*([f"limit {one}" for one in limits] if len(limits) == 1 else ())]
    columns = {
        "where": [condition(cell["label"]) for cell in cells],
        "what": [cell["quantity"] for cell in cells] * (len(quantities) > 1),
        "outcome": [OUTCOMES[cell["outcome"]] for cell in cells],
        "measured": [bounded(cell) for cell in cells],
        "limit": [limit(cell) for cell in cells] * (len(limits) > 1),
        "samples": [cell["estimate"] and cell["estimate"]["n"] for cell in cells],
        "would decide": [cell["needed"] and _needed(cell) for cell in cells],
        "note": [cell["reason"] for cell in cells],
    }
    filled = {name: values for name, values in columns.items() if any(values)}
    rows = [*zip(*filled.values(), strict=True)]
    return table(": ".join([title, ", ".join(common)][: 1 + bool(common)]), list(filled), rows)


def _needed(cell: Json) -> str:
    """How many samples would decide a row; what they are, where that is not all samples alike."""
    counts = "" if cell["counts"] == "samples" else f" {cell['counts']}"
    return f"about {cell['needed']:,}{counts}"


def of_audits(verdict: Json) -> set[str]:
    """The audits that a check asks about."""
    return {str(result["metric"]).partition(".")[0] for result in verdict.get("results", ())}


def metrics_of(verdict: Json, audit: str) -> set[str]:
    """The metrics of an audit that a check asks about."""
    every = (str(r["metric"]).partition("{")[0] for r in verdict.get("results", ()))
    return {name.removeprefix(f"{audit}.") for name in every if name.startswith(f"{audit}.")}


def of_subsets(verdict: Json) -> bool:
    """Whether a check asks about absent modalities."""
    labels = [cell["label"] for r in verdict.get("results", ()) for cell in r["cells"]]
    return any(label.startswith((*OF_SUBSETS, "missing/")) for label in labels)
