"""``verdict.json`` of a run, read only as a gate wrote it, and of the tables that the run has."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmaudit.errors import InputError
from mmaudit.files import read_json
from mmaudit.tables import seal
from mmaudit.tables.run import SUMMARY
from mmaudit.tables.signed import intact

VERDICT = "verdict.json"
SCHEMA = 1
WHAT, FIX = "the verdict", "run mmaudit gate again"


def read(run: Path) -> Mapping[str, Any] | None:
    """What the last gate said of a run; None where none has.

    Raises:
        InputError: It is not what was written, another version wrote it, or it is of other tables.
    """
    path = run / VERDICT
    if not path.exists():
        return None
    content = read_json(path, WHAT, fix=FIX)
    if content.get("schema") != SCHEMA:
        raise InputError("not a verdict that this version reads", where=str(path), fix=FIX)
    if not intact(content):
        raise InputError(f"{WHAT} is damaged: it was changed", where=str(path), fix=FIX)
    for audit, digest in content.get("summaries", {}).items():
        table = run / audit / SUMMARY
        if not table.exists() or seal.digest(table) != digest:
            raise InputError(
                f"the verdict is of another table than {audit}/{SUMMARY}", where=str(path), fix=FIX
            )
    return content
