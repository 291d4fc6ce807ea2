"""What harmed a model in a finished run: the damage that remedies are then judged under."""

from dataclasses import replace
from typing import Any

from mmaudit.audits.declaration import Common
from mmaudit.errors import UsageError
from mmaudit.names import ALL
from mmaudit.rows import Estimate
from mmaudit.tables import run as runs

ROBUSTNESS = "robustness"
AGAINST, FOR = "against", "for_run"  # options: what is settled, and by what


def settled(options: Common) -> Common:
    """Options with the damage that a run shows to be harmful, where they name a run for that.

    Raises:
        UsageError: They also name damage, or no single damage is shown to be harmful in the run.
        InputError: There is no such run.
    """
    run = getattr(options, FOR, None)
    if run is None:
        return options
    if getattr(options, AGAINST):
        raise UsageError("--for and --against both say the damage", fix="one of the two")
    damage: dict[str, Any] = {AGAINST: harmful(run)}
    return replace(options, **damage)


def harmful(run: str) -> tuple[str, ...]:
    """Of each modality the corruption that costs the model most, as ``image/fog:5@camera``.

    Most is by the end of the interval of the drop that is sure; what is not shown to cost anything
    is none.

    Raises:
        UsageError: There is none, or robustness was not audited in the run.
        InputError: There is no such run.
    """
    runs.finished(runs.folder(run))
    summary = runs.read(runs.folder(run), ROBUSTNESS)
    worst: dict[str, tuple[float, str]] = {}
    for row in summary.of(summary.worsening(summary.main) or ""):
        cost = _sure_cost(row)
        if cost > worst.get(str(row["modality"]), (0.0, ""))[0]:
            worst[str(row["modality"])] = (cost, str(row["condition"]))
    if not worst:
        why = summary.absent or "no corruption of one modality is shown to cost the model anything"
        raise UsageError(
            f"the run says no damage to train against: {why}",
            where=str(summary.path),
            fix="--against PART:SEVERITY@MODALITY",
        )
    return tuple(condition for _, condition in worst.values())


def _sure_cost(row: runs.Row) -> float:
    """How much worse the model surely is under one corruption of one modality; 0 for other rows."""
    single = row.get("corruption") and row.get("severity") and "," not in str(row.get("modality"))
    damage = f"{row.get('corruption')}:{row.get('severity')}@{row.get('modality')}"
    if not single or row["slice"] != ALL or row["condition"] != damage:
        return 0.0
    estimate = row["estimate"]
    return float(estimate.low if isinstance(estimate, Estimate) else estimate["low"])
