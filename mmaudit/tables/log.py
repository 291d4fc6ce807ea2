"""``run.json``: what a run says of itself, and the digest of every table that it wrote.

It holds a digest of its own, and none of the tables that it names can be exchanged or left out.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmaudit import files
from mmaudit.errors import InputError
from mmaudit.tables import seal, store
from mmaudit.tables.provenance import AGAIN
from mmaudit.tables.signed import DIGEST, intact, signed

LOG = "run.json"
SAMPLES = "samples"  # folder of the answers of each sample
SCHEMA = 1
TABLES = "tables"
WHAT = "what the run says of itself"
FIX = "remove it, and the command that made the run again, with --resume"


def read(run: Path) -> Mapping[str, Any]:
    """Wall times and what the commands said; empty if it is not there.

    Raises:
        InputError: It is not what was written.
    """
    path = run / LOG
    if not path.exists():
        return {}
    content = files.read_json(path, WHAT, fix=FIX)
    entries = content.get("audits")
    if not isinstance(entries, dict) or not all(isinstance(e, dict) for e in entries.values()):
        raise InputError(f"{WHAT} is damaged: no audits", where=str(path), fix=FIX)
    sealed = DIGEST in content or any(TABLES in entry for entry in entries.values())
    if sealed and not intact(content):
        raise InputError(f"{WHAT} is damaged: it was changed", where=str(path), fix=FIX)
    return content


def note(run: Path, audit: str, facts: Mapping[str, Any]) -> None:
    """Add what an audit did: the one place for what changes from run to run."""
    before = read(run)
    audits = {**before.get("audits", {}), audit: {**facts, TABLES: tables_of(run, audit)}}
    content = {**before, "schema": SCHEMA, "audits": audits}
    files.write_json(run / LOG, signed(content))


def tables_of(run: Path, audit: str) -> dict[str, str]:
    """The tables of an audit by their paths below it, with the digest that each holds of itself."""
    paths = sorted((run / audit).rglob("*.parquet"))
    return {str(p.relative_to(run / audit)): seal.digest(p) for p in paths if p.name[0] != "."}


def check_tables(run: Path, audit: str) -> None:
    """Refuse an audit whose tables are not those that it wrote, as far as the run says.

    The answers of each sample may be away altogether, to save room.

    Raises:
        InputError: A table is another one, or is not there.
    """
    wrote = read(run).get("audits", {}).get(audit, {}).get(TABLES, {})
    there = tables_of(run, audit) if wrote else {}
    slim = not any(name.startswith(f"{SAMPLES}/") for name in there)
    for name, digest in wrote.items():
        if name in there and there[name] != digest:
            raise store.damaged(run / audit / name)
        if name not in there and not (slim and name.startswith(f"{SAMPLES}/")):
            raise InputError(
                "a table of this run is not there", where=str(run / audit / name), fix=AGAIN
            )
