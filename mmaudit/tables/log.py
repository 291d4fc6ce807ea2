"""``run.json``: what a run says of itself, and the digest of every table that it wrote.

It holds a digest of its own, and none of the files that it names can be exchanged or left out.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mmaudit import files
from mmaudit.errors import InputError
from mmaudit.tables import seal, store
from mmaudit.tables.provenance import AGAIN
from mmaudit.tables.signed import DIGEST, intact, signed

LOG = "run.json"
PLAN = "plan.json"  # of an audit that has begun
SKIPPED = "skipped.parquet"
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
    content = {**before, "schema": SCHEMA, "audits": audits, SKIPPED: (run / SKIPPED).exists()}
    files.write_json(run / LOG, signed(content))


def tables_of(run: Path, audit: str) -> dict[str, str]:
    """The files of an audit by their paths below it, with their digests.

    That of a table is the one that it holds of itself.
    """
    folder = run / audit
    paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name[0] != "."]
    return {p.relative_to(folder).as_posix(): _digest(p) for p in paths if p.name != PLAN}


def _digest(path: Path) -> str:
    return seal.digest(path) if path.suffix == ".parquet" else files.digest(path)


def check_tables(run: Path, audit: str) -> None:
    """Refuse an audit whose files are not those that it wrote, as far as the run says.

    The answers of each sample may be away altogether, to save room. A file that is no table, as a
    list of ids, may be away too.

    Raises:
        InputError: A table is another one, or is not there; or another file is another one.
    """
    wrote = read(run).get("audits", {}).get(audit, {}).get(TABLES, {})
    there = tables_of(run, audit) if wrote else {}
    slim = not any(name.startswith(f"{SAMPLES}/") for name in there)
    for name, digest in wrote.items():
        table = name.endswith(".parquet")
        if name in there and there[name] != digest:
            raise store.damaged(run / audit / name) if table else _changed(run / audit / name)
        if name not in there and table and not (slim and name.startswith(f"{SAMPLES}/")):
            raise _gone(run / audit / name)


def check(run: Path, audits: Iterable[str]) -> None:
    """Refuse a run of which any table is not, byte for byte, what was written.

    Whoever opens a run asks this first, so that no command passes over damage in a table that it
    does not read. Each table is looked through once, at the speed of sha256.

    Args:
        run: The run directory.
        audits: Its finished audits.

    Raises:
        InputError: As `check_tables`; or a table is damaged, or that of the skipped is not there.
    """
    skipped = run / SKIPPED
    if read(run).get(SKIPPED) and not skipped.exists():
        raise _gone(skipped)
    tables = [skipped] if skipped.exists() else []
    for audit in audits:
        check_tables(run, audit)
        wrote = read(run).get("audits", {}).get(audit, {}).get(TABLES) or tables_of(run, audit)
        tables += [run / audit / name for name in wrote if name.endswith(".parquet")]
    for path in tables:
        if path.exists() and not store.whole(path):
            raise store.damaged(path)


def _gone(path: Path) -> InputError:
    return InputError("a table of this run is not there", where=str(path), fix=AGAIN)


def _changed(path: Path) -> InputError:
    return InputError("a file of this run is not what was written", where=str(path), fix=AGAIN)
