"""Claims: whether the columns that a manifest names are there, and can hold what it says."""

from pathlib import Path

import pyarrow as pa

from mmaudit.errors import InputError
from mmaudit.kinds.base import is_media
from mmaudit.manifest.model import Manifest
from mmaudit.manifest.readers.base import Reader
from mmaudit.options import unknown
from mmaudit.samples.media import holds_media, names_files
from mmaudit.stores import urls


def check_media(reader: Reader, manifest: Manifest, root: Path | None) -> None:
    """Refuse columns of pictures and sounds that hold no such thing.

    Args:
        reader: The rows.
        manifest: What is claimed.
        root: Folder that file names are relative to, if there is one.

    Raises:
        InputError: One holds something else, or names files where there is no folder.
    """
    for key, modality in manifest.modalities.items():
        for column in modality.names if is_media(modality.kind) else ():
            index = reader.schema.get_field_index(column)
            kind = reader.schema.field(index).type if index >= 0 else pa.null()
            if root is None and names_files(kind):
                raise _no_root(manifest, key, column)
            if holds_media(kind):
                continue
            raise InputError(
                f"column {column!r} of modality.{key} holds neither file names nor bytes but "
                f"{kind}",
                where=manifest.at,
                fix="relative file names, bytes, or a struct of bytes and path; another kind",
            )


def _no_root(manifest: Manifest, key: str, column: str) -> InputError:
    if urls.is_url(manifest.source.path):
        what = "beside a URL"
        fix = (
            "copy the files to this machine and name their folder as root in [source]; or data "
            "that holds them: Parquet with bytes, tar archives"
        )
    else:
        what = "and the source's files are in several folders"
        fix = "name the folder that the names are relative to as root in [source]"
    return InputError(
        f"column {column!r} of modality.{key} names files {what}",
        where=manifest.at,
        fix=fix,
    )


def check_columns(reader: Reader, manifest: Manifest) -> None:
    """Refuse a manifest that names a column which the data does not have.

    Args:
        reader: The rows.
        manifest: What is claimed.

    Raises:
        UsageError: It does; close names are shown.
    """
    columns = tuple(reader.schema.names)
    source, target = manifest.source, manifest.target
    wanted: list[tuple[str, str | None]] = [
        ("source.id", source.id),
        ("source.split", source.split),
        ("source.group", source.group),
        *(("source.slices", c) for c in source.slices),
        ("target.column", target.column if target else None),
    ]
    for key, modality in manifest.modalities.items():
        names = modality.names
        if not modality.columns and any(c in columns for c in names):
            names = ()  # one of several alternatives is enough
        wanted += [(f"modality.{key}", c) for c in (*names, *([modality.mask or None]))]
    for where, column in wanted:
        if column is not None and column not in columns:
            what = f"{where} names the column {column!r}, which the data does not have"
            place = manifest.file or manifest.at
            raise unknown(what, column, columns, where=place)
