"""How a run was made, and what its gate checked, as tables."""

import json
from collections.abc import Mapping
from typing import Any

from mmaudit.report.blocks import Table, interval, number, table
from mmaudit.report.run import Run, estimate

LONGEST = 300


def tables(run: Run) -> tuple[Table, ...]:
    """For each audit: options, seed, versions, digests, and what it cost."""
    log = run.log.get("audits", {})
    found = []
    for name, audit in run.audits.items():
        made = audit.made
        rows = [(key, _plain(value)) for key, value in sorted(made.options.items())]
        rows.append(("seed", str(made.seed)))
        rows += [(f"version of {key}", value) for key, value in sorted(made.versions.items())]
        rows += [(f"digest of {key}", value) for key, value in sorted(made.digests.items())]
        told = log.get(name, {}) if isinstance(log, Mapping) else {}
        rows += [(key.replace("_", " "), _plain(value)) for key, value in sorted(told.items())]
        rows.append(("tables", ", ".join(audit.files[:6]) + (" …" if len(audit.files) > 6 else "")))
        title = f"{name.replace('_', ' ').capitalize()}: options, versions, digests"
        found.append(table(title, ("what", "value"), rows))
    return tuple(found)


def checks(verdict: Mapping[str, Any]) -> Table:
    """The checks of a gate, one row each with its worst number."""
    rows = []
    for result in verdict.get("results", ()):
        worst = result["cells"][0]
        found = estimate(worst["estimate"])
        sign = "≥" if worst["kind"] == "min" else "≤"
        measured = interval(found) if found else worst["reason"]
        rows.append(
            (
                result["status"],
                result["id"],
                worst["label"] or worst["quantity"],
                measured,
                f"{sign} {number(worst['limit'])}",
                result["level"],
            )
        )
    return table(
        "What the gate asked", ("status", "check", "worst row", "measured", "limit", "level"), rows
    )


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
