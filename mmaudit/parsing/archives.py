"""Zip archives that a library opens: bounded by members and bytes before it unpacks them."""

from pathlib import Path
from zipfile import ZipFile

from mmaudit.errors import InputError
from mmaudit.parsing.base import refusing
from mmaudit.parsing.limits import ZIP_BYTES, ZIP_MEMBERS

RATIO = 100  # times that an archive may grow
FIX = "save it again"


def check(path: str | Path) -> None:
    """Refuse an archive that would grow beyond the bounds.

    Raises:
        InputError: It is no zip archive, has more members than there may be, or says that it
            grows to more bytes than need no reason and `RATIO` times its own size.
    """
    with refusing("not a whole zip archive", path, FIX), ZipFile(path) as archive:
        sizes = [member.file_size for member in archive.infolist()]
        size = Path(path).stat().st_size
    if len(sizes) > ZIP_MEMBERS.most:
        raise InputError(
            f"{len(sizes):,} members, more than {ZIP_MEMBERS}", where=str(path), fix=ZIP_MEMBERS.fix
        )
    if sum(sizes) > max(ZIP_BYTES.most, RATIO * size):
        raise InputError(
            f"{size:,} bytes grow to {sum(sizes):,}, more than {RATIO} times as many and more than "
            f"{ZIP_BYTES}",
            where=str(path),
            fix=f"an archive that is packed less; or {ZIP_BYTES.fix}",
        )


def names(path: str | Path) -> list[str]:
    """The names of the members of an archive that was checked, in its order."""
    with ZipFile(path) as archive:
        return [member.filename for member in archive.infolist() if not member.is_dir()]


def packing(path: str | Path) -> dict[str, int]:
    """How each member of an archive that was checked is packed, by its name, as `zipfile` says."""
    with ZipFile(path) as archive:
        return {member.filename: member.compress_type for member in archive.infolist()}


def member(path: str | Path, name: str) -> bytes:
    """The bytes of one member of an archive that was checked.

    Raises:
        KeyError: There is none of that name.
    """
    with ZipFile(path) as archive:
        return archive.read(name)
