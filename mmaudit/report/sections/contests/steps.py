"""What to try first where a check fails: what was measured to help, or what measures it."""

import re
import shlex
from dataclasses import dataclass
from typing import Any

from mmaudit.names import CLEAN
from mmaudit.report.blocks import cell
from mmaudit.report.charts.scene import NO_KIND
from mmaudit.report.read import AuditData, RunData, SummaryRow
from mmaudit.report.sections.contests.leaderboards import TITLES
from mmaudit.report.sections.inspection import OF_ABSENCE
from mmaudit.report.sections.varying import trust
from mmaudit.report.words import DONE, condition, listed
from mmaudit.rows import PLAIN

DAMAGED, INCOMPLETE, CONFLICT = "damaged", "incomplete", "conflict"
LEADERBOARD = "leaderboard"  # form of an audit that measures what helps
FAMILIES = {  # form that shows a metric: family of conditions under which methods are judged for it
    "sweep": DAMAGED,
    "inspection": DAMAGED,
    "moves": DAMAGED,
    "trust": DAMAGED,
    "subsets": INCOMPLETE,
    "absence": INCOMPLETE,
    "shares": INCOMPLETE,  # one modality that dominates is asked by leaving it out
    "pairs": CONFLICT,
}
BEGIN = {  # the same by how a condition begins
    "present:": INCOMPLETE,
    "absent:": INCOMPLETE,
    "missing/": INCOMPLETE,
    "pairing/": CONFLICT,
}
FAILS = {"fail", "warn"}
NEW = "NEW"  # what stands for a folder that is not there yet
SEVERITY = re.compile(r":\d+")


@dataclass(frozen=True, slots=True)
class FirstStep:
    """What to try first.

    Attributes:
        says: What was measured, in a sentence or two.
        command: What measures it; empty where it was.
    """

    says: str
    command: str = ""


def first_step(run: RunData, result: Any) -> FirstStep | None:
    """What to try for a check of a gate that fails; None where no remedy is for it.

    Args:
        run: The run.
        result: The check, as the verdict has it.
    """
    worst = result["cells"][0]
    name, _, metric = str(result["metric"]).partition("{")[0].partition(".")
    audit = run.audits.get(name)
    if result["status"] not in FAILS or worst["estimate"] is None or audit is None:
        return None
    label = str(worst["label"])
    family = family_of(audit, metric, label)
    if not family:
        return None
    measured = [a for a in run.audits.values() if any(v.form == LEADERBOARD for v in a.views)]
    under, ask = TITLES[family], _command(run, family, label, new=bool(measured))
    rows = [r for a in measured for r in a.having("gain") if r.get("family") == family]
    if not rows and not ask:
        return None
    if not rows:
        return FirstStep(f"No remedy was measured {under} in this run.", ask)
    said = _measured(rows, under)
    if family == DAMAGED and (other := _other_damage(measured, label)):
        return FirstStep(f"{said} That was under {other}, and not under this.", ask)
    return FirstStep(said)


def family_of(audit: AuditData, metric: str, label: str) -> str:
    """Family of conditions that a row of a check is about; empty for none.

    Args:
        audit: What measured it.
        metric: The metric.
        label: The row, by its condition.
    """
    for begin, family in BEGIN.items():
        if label.startswith(begin):
            return family
    form = (audit.views or (PLAIN,))[0].form
    if metric in OF_ABSENCE:
        form = "absence"
    elif metric in trust.METRICS:
        form = "trust"
    return CLEAN if form == "sweep" and label in {"", CLEAN} else FAMILIES.get(form, "")


def _measured(rows: list[SummaryRow], under: str) -> str:
    """What the measured rows say."""
    helps = [row for row in rows if row.get("verdict") == "helps" and row.estimate is not None]
    if not helps:
        unsure = sum(row.get("verdict") == "cannot be told" for row in rows)
        return (
            f"None of {len(rows)} measured methods is shown to help {under}; of {unsure} it cannot "
            "be told."
        )
    best = max(helps, key=lambda row: row.estimate.value if row.estimate else 0.0)
    return (
        f"{best.get('method')} helps most {under}, by {cell(best.estimate)} beside "
        f"{best.get('control')}; {len(helps)} of {len(rows)} measured methods help."
    )


def _other_damage(measured: list[AuditData], label: str) -> str:
    """The damage that methods were judged under, where it is not that of a condition."""
    done = DONE.search(label)
    if done is None:
        return ""
    judged = {
        str(row.get("condition"))
        for audit in measured
        for row in audit.rows
        if row.get("family") == DAMAGED and row.get("condition")
    }
    judged |= {str(one) for audit in measured for one in audit.origin.options.get("against") or ()}
    wanted = SEVERITY.sub("", done[0])
    if {wanted, wanted.partition("@")[0]} & {SEVERITY.sub("", one) for one in judged}:
        return ""
    return listed([condition(one) for one in sorted(judged)])


def _command(run: RunData, family: str, label: str, *, new: bool) -> str:
    """The command that measures what helps there, in a new run where this one has its remedies.

    Empty where no audit that measures it is installed.
    """
    every = {**run.installed, **{name: audit.views for name, audit in run.audits.items()}}
    for name, views in every.items():
        if any(view.form == LEADERBOARD for view in views):
            folder = NEW if new else shlex.quote(run.path.resolve().name)
            damage = _damage(run, family, label)
            return f"mmaudit {name.replace('_', '-')} DATASET {damage}--out {folder}"
    return ""


def _damage(run: RunData, family: str, label: str) -> str:
    if family != DAMAGED:
        return ""
    done = DONE.search(label)
    if done and not label.startswith(NO_KIND):
        return f"--against {shlex.quote(done[0])} "
    swept = any(view.form == "sweep" for audit in run.audits.values() for view in audit.views)
    if swept:
        return f"--for {shlex.quote(run.path.resolve().name)} "
    return "--against PART:SEVERITY@MODALITY "
