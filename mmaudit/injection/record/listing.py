"""Listing: the files of one part of a copy, with their hashes, written when it has all of them."""

import os
from collections.abc import Mapping
from pathlib import Path

from mmaudit import files, locks
from mmaudit.engines.base import PLAN
from mmaudit.errors import InputError
from mmaudit.injection.record import card
from mmaudit.injection.write.manifest import PARTS
from mmaudit.injection.write.names import inside
from mmaudit.tables.signed import intact, signed

LISTING = "files.json"
WHAT = "the list of the files of this part"
FILES = "files"


def write(out: Path, workers: int) -> None:
    """List what is there of a part."""
    names = []
    for folder, _, here in os.walk(out):
        where = Path(folder).relative_to(out)
        own = {PLAN, LISTING} if where.as_posix() == PARTS else {locks.LOCK}
        names += [(where / name).as_posix() for name in here if name not in own]
    hashes = card.file_hashes(out, names, workers=workers)
    files.write_json(out / PARTS / LISTING, signed({FILES: hashes}))


def read(out: Path, fix: str) -> Mapping[str, str] | None:
    """The files of a part, with their hashes; None where it does not have all of them yet.

    Args:
        out: Folder of the part.
        fix: What to try where the list is damaged.

    Raises:
        InputError: It is not what was written.
    """
    path = out / PARTS / LISTING
    if not path.exists():
        return None
    content = files.read_json(path, WHAT, fix=fix)
    if not intact(content):
        raise InputError(f"{WHAT} is damaged: it was changed", where=str(path), fix=fix)
    hashes: Mapping[str, str] = content[FILES]
    for name in hashes:
        if inside(name) != name:  # somebody else may have written it
            raise InputError(f"{WHAT} names one outside of it: {name}", where=str(path), fix=fix)
    return hashes


def check(out: Path, hashes: Mapping[str, str], workers: int, fix: str) -> None:
    """Refuse a part of which a file is not what was written.

    Raises:
        InputError: It is not there, or another one.
    """
    for name in hashes:
        if not (out / name).is_file():
            raise InputError("a file of this part is not there", where=str(out / name), fix=fix)
    now = card.file_hashes(out, hashes, workers=workers)
    for name, digest in hashes.items():
        if now[name] != digest:
            raise InputError(
                "a file of this part is damaged: it is not what was written",
                where=str(out / name),
                fix=fix,
            )
