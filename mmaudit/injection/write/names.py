"""Names: those of the source's files, of columns that are added, and of what has none yet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

import numpy as np
import pyarrow as pa
from pyarrow import compute

from mmaudit.arrays import Bools

UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
SUFFIX = re.compile(r"(?<=[^/])\.[A-Za-z0-9]{1,5}\Z")  # of a file name
WRITTEN = {  # how files begin that steps make, and how their names may end
    b"\x89PNG": (".png",),
    b"\xff\xd8\xff": (".jpg", ".jpeg", ".jpe", ".jfif"),
    b"RIFF": (".wav", ".webp"),
    b"fLaC": (".flac",),
}
MOST = 80  # letters of an id in a file name


@dataclass(frozen=True, slots=True)
class Clashes:
    """Which samples name a file that another value is written to as well, ``(n,)``.

    Attributes:
        whole: The very name is used more than once.
        stem: The name without its suffix is.
    """

    whole: Bools
    stem: Bools


def clashes(columns: Mapping[str, pa.ChunkedArray]) -> dict[str, Clashes]:
    """Names that are used more than once, over all columns, whatever the case of their letters.

    Args:
        columns: What the files of each column are called, ``(n,)``; null where they have no name.
    """
    if not columns:
        return {}
    whole = {c: compute.utf8_lower(names.combine_chunks()) for c, names in columns.items()}
    stem = {c: compute.replace_substring_regex(w, r"\.[^./]*$", "") for c, w in whole.items()}
    twice = [_twice(list(each.values())) for each in (whole, stem)]
    return {
        c: Clashes(
            *(_among(each[c], more) for each, more in zip((whole, stem), twice, strict=True))
        )
        for c in columns
    }


def named(
    own: str | None, column: str, id_: str, suffix: str, *, changed: bool, at: tuple[bool, bool]
) -> str:
    """The name of a file, relative to the folder of the data: its own, unless that would clash.

    Args:
        own: What the source calls it; None where it has no name.
        column: The column that it is of.
        id_: Id of the sample, which no other one has.
        suffix: What it must end with, as ``.png``.
        changed: Whether it holds something else than the source's file of that name.
        at: Whether the name, and the name without its suffix, are used by others too.
    """
    plain = inside(own)
    if plain is None:
        return f"{escaped(column)}/{escaped(id_)}{suffix}"
    if not changed:
        return plain
    path = PurePosixPath(plain)
    renamed = path.suffix.lower() != suffix.lower()
    ending = suffix if renamed else path.suffix
    if at[0] or (renamed and at[1]):
        return str(path.with_name(f"{path.stem[:MOST]}~{escaped(id_)}{ending}"))
    return str(path.with_suffix(ending)) if renamed else plain


def misnamed(name: str, data: bytes) -> bool:
    """Whether the first bytes of a file are of a form that its name does not say.

    Example:
        >>> misnamed("a.mp3", b"RIFF"), misnamed("a.wav", b"RIFF"), misnamed("a.mp3", b"ID3")
        (True, False, False)
    """
    ending = PurePosixPath(f"_.{name}").suffix.lower()
    forms = (own for magic, own in WRITTEN.items() if data.startswith(magic))
    return any(ending not in own for own in forms)


def inside(own: str | None) -> str | None:
    """A name that stays in the folder that it is relative to; None where there is none such."""
    if not own or "\0" in own:
        return None
    parts = [part for part in PurePosixPath(own).parts if part not in {"/", "."}]
    if not parts or ".." in parts or own.startswith("/") or "://" in own or ":" in parts[0]:
        return None
    return "/".join(parts)


def escaped(name: str) -> str:
    """A name with letters that any file may have; two names stay two."""
    short = UNSAFE.sub(
        lambda m: "".join(f"%{b:02X}" for b in m[0].encode("utf-8", "replace")), name
    )
    if len(short) <= MOST:
        return short
    return f"{short[:MOST]}-{sha256(name.encode('utf-8', 'replace')).hexdigest()[:16]}"


def free(name: str, used: set[str] | frozenset[str]) -> str:
    """The name, with a number behind it where it is used."""
    free_name, number = name, 1
    while free_name.casefold() in {u.casefold() for u in used}:
        number += 1
        free_name = f"{name}_{number}"
    return free_name


def _twice(columns: list[pa.Array]) -> pa.Array:
    counts = (
        pa.table({"name": pa.concat_arrays(columns)})
        .group_by("name")
        .aggregate([("name", "count")])
    )
    return counts.filter(compute.greater(counts.column("name_count"), 1)).column("name")


def _among(names: pa.Array, some: pa.Array) -> Bools:
    return np.asarray(
        compute.fill_null(compute.is_in(names, value_set=some), fill_value=False)
    ).astype(np.bool_)
