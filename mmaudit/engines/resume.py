"""Resume: a folder of units says what they are of, so that it is gone on with and never mixed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmaudit import files
from mmaudit.errors import UsageError

PLAN = "plan.json"


def begin(
    folder: Path,
    identity: Mapping[str, Any],
    *,
    resume: bool,
    what: str = "already a run",
    other: str = "another --out",
) -> None:
    """Note what a folder's units are of, or check that they are of the same.

    Args:
        folder: The folder; it is made where there is none.
        identity: Everything that the units depend on, as JSON can hold it.
        resume: Whether units that are there may be gone on with.
        what: What there is already, for the refusal.
        other: What else to name, for the refusal.

    Raises:
        UsageError: There are units and ``resume`` is False, or they are of something else.
    """
    now = json.loads(json.dumps(identity, sort_keys=True, default=str))
    plan = folder / PLAN
    if not plan.exists():
        files.write_json(plan, now)
        return
    if not resume:
        raise UsageError(
            f"there is {what} in this folder",
            where=str(folder),
            fix=f"--resume to go on with it, or {other}",
        )
    before = json.loads(plan.read_text("utf-8"))
    changes = sorted(k for k in now.keys() | before.keys() if now.get(k) != before.get(k))
    if changes:
        raise UsageError(
            f"the run in this folder was another one: {', '.join(changes)} changed",
            where=str(folder),
            fix=f"the same as before, or {other}",
        )
