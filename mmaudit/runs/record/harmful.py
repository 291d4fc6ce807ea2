"""What a finished run shows to be wrong: the damage, and the shelves, that remedies then take."""

from dataclasses import replace
from typing import Any

from mmaudit.audits.declaration import Common
from mmaudit.errors import UsageError
from mmaudit.names import ALL
from mmaudit.rows import Estimate
from mmaudit.tables import run as runs
from mmaudit.tables import store

ROBUSTNESS, CONTRIBUTIONS = "robustness", "contributions"
AGAINST, METHODS, FOR = "against", "methods", "for_run"  # options: what is settled, and by what
EVERY = ("*",)  # methods, where nobody says any
FOR_DAMAGE = ("dynamic/*", "generic/*")
FOR_BALANCE = ("balance/*",)
NOTHING = "no corruption of one modality is shown to cost the model anything"
UNBALANCED = {"dead", "unhelpful", "collapse", "not_better"}  # flags of contributions


def settled(options: Common) -> Common:
    """Options with what a run shows to be wrong, where they name a run for that.

    The damage is that which costs its model most. Where no methods are named, damage calls for
    those that weigh and mix modalities, and a raised flag of contributions for those of balance.

    Raises:
        UsageError: They also name damage, or the run shows nothing to be wrong.
        InputError: There is no such run.
    """
    run = getattr(options, FOR, None)
    if run is None:
        return options
    if getattr(options, AGAINST):
        raise UsageError("--for and --against both say the damage", fix="one of the two")
    runs.finished(runs.folder(run))
    damage, flags = harmful(run), unbalanced(run)
    if not damage and not flags:
        why = runs.read(runs.folder(run), ROBUSTNESS).absent or NOTHING
        raise UsageError(
            f"the run shows nothing to train against: {why}, and no flag of balance is raised",
            where=str(run),
            fix="--against PART:SEVERITY@MODALITY",
        )
    changes: dict[str, Any] = {AGAINST: damage}
    if getattr(options, METHODS) == EVERY:
        changes[METHODS] = FOR_DAMAGE * bool(damage) + FOR_BALANCE * bool(flags)
    return replace(options, **changes)


def harmful(run: str) -> tuple[str, ...]:
    """Of each modality the corruption that costs the model most, as ``image/fog:5@camera``.

    Most is by the end of the interval of the drop that is sure; what is not shown to cost anything
    is none.
    """
    summary = runs.read(runs.folder(run), ROBUSTNESS)
    worst: dict[str, tuple[float, str]] = {}
    for row in summary.of(summary.worsening(summary.main) or ""):
        cost = _sure_cost(row)
        if cost > worst.get(str(row["modality"]), (0.0, ""))[0]:
            worst[str(row["modality"])] = (cost, str(row["condition"]))
    return tuple(condition for _, condition in worst.values())


def unbalanced(run: str) -> tuple[str, ...]:
    """The flags of balance that contributions raise in a run, each once."""
    path = runs.folder(run) / CONTRIBUTIONS / "flags.parquet"
    if not path.exists():
        return ()
    table = store.read(path, ["flag", "raised"]).to_pylist()
    raised = [row["flag"] for row in table if row["raised"]]
    return tuple(dict.fromkeys(flag for flag in raised if flag in UNBALANCED))


def _sure_cost(row: runs.Row) -> float:
    """How much worse the model surely is under one corruption of one modality; 0 for other rows."""
    single = row.get("corruption") and row.get("severity") and "," not in str(row.get("modality"))
    damage = f"{row.get('corruption')}:{row.get('severity')}@{row.get('modality')}"
    if not single or row["slice"] != ALL or row["condition"] != damage:
        return 0.0
    estimate = row["estimate"]
    return float(estimate.low if isinstance(estimate, Estimate) else estimate["low"])
