"""Whether a run is complete: one that lacks more samples than it may has no verdict.

The command that made such a run ends with exit code 5 by this check, and so does a gate on it:
whoever did not look at the first must not be told by the second that all is well.
"""

from collections.abc import Iterable
from pathlib import Path

from mmaudit.errors import IncompleteError
from mmaudit.tables import log, store
from mmaudit.tables.log import SKIPPED

ALLOWED = "max_skipped"


def check_complete(run: Path, audits: Iterable[str]) -> None:
    """Refuse a run in which more samples could not be read than its audits allow.

    A folder that does not say what it allows, such as one of tables alone, is not refused.

    Raises:
        IncompleteError: It lacks more samples than an audit allows.
        InputError: Its ``run.json`` is damaged.
    """
    if not (run / SKIPPED).exists():
        return
    table = store.read(run / SKIPPED)
    if not {"id", "modality", "reason"} <= set(table.column_names):
        raise store.damaged(run / SKIPPED)
    lost = len(set(table["id"].to_pylist()))
    allowed = _allowed(run)
    for audit in audits:
        most = allowed.get(audit)
        if most is not None and lost > most:
            first = table.slice(0, 1).to_pylist()[0]
            raise IncompleteError(
                f"{lost} samples could not be read, more than --max-skipped = {most} of {audit} "
                f"(first: {first['id']}, {first['reason']})",
                where=str(run / SKIPPED),
                fix=f"mend them and run again, or accept them with --max-skipped {lost}",
            )


def _allowed(run: Path) -> dict[str, int]:
    """How many samples each audit may lack."""
    audits = log.read(run).get("audits", {})
    return {name: entry[ALLOWED] for name, entry in audits.items() if ALLOWED in entry}
