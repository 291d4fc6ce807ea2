"""COCO captions: JSON in which a picture is a row, with all its captions."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.errors import InputError
from mmaudit.manifest.readers._laid import LaidOut
from mmaudit.manifest.readers._spool import Spool
from mmaudit.manifest.readers._types import Mixed, merged
from mmaudit.manifest.readers.base import Aside
from mmaudit.manifest.splits import NAMES, SPLIT
from mmaudit.parsing.base import refusing
from mmaudit.parsing.documents import from_json
from mmaudit.parsing.limits import MAX_BYTES

SUFFIXES: tuple[str, ...] = ()  # .json says nothing: `claims` looks into it
ANNOTATIONS, CAPTIONS = "annotations", "captions"  # the folder and the key; the column
YEAR = re.compile(rf"(?:^|_)(({'|'.join(NAMES)})\d*)$", re.IGNORECASE)  # captions_train2017
LOOKED_AT = 2**20  # bytes in which a COCO file names its parts
BATCH = 1024
SILENT = "annotation without a caption"
FIXED = {"id": pa.string(), "file_name": pa.string(), CAPTIONS: pa.list_(pa.string())}


class CocoReader(LaidOut):
    """Pictures with their captions.

    Attributes:
        prefixes: What stands before the names of pictures of each file: their folder.
        said: Columns that the names of files say.
    """

    prefixes: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


def open(paths: tuple[Path, ...], *, most: int = MAX_BYTES) -> CocoReader:  # noqa: A001
    """Open COCO files; several are splits, where their names say so (``captions_train2017.json``).

    What a file says of its pictures (``width``, ``license``) are columns too.

    Pictures are looked for in the folder that is called as the end of the file's name, beside the
    file or its folder, as COCO is unpacked; else beside the file.

    Args:
        paths: The files, in their order.
        most: Bytes that a file may have, times four: all of it is read at once.

    Raises:
        InputError: A file is none, has no captions, or has captions of pictures that it does not
            list.
    """
    splits = [YEAR.search(path.stem) for path in paths]
    homes = [
        _home(path, match[1] if match else "") for path, match in zip(paths, splits, strict=True)
    ]
    root = homes[0][0]
    if any(home != root for home, _ in homes):
        raise InputError(
            "the pictures of the files are not in one folder",
            where=str(paths[0]),
            fix="open one file, or lay the folders of pictures side by side",
        )
    said = [match[2] if match else "" for match in splits]
    silent = Silent()
    listed = [
        list(_rows(path, prefix, silent, 4 * most))
        for path, (_, prefix) in zip(paths, homes, strict=True)
    ]
    types = dict(FIXED)
    for path, rows in zip(paths, listed, strict=True):
        for row in rows:
            types = _merged(types, row, path)
    says = all(said) and SPLIT not in types
    if says:
        types[SPLIT] = pa.string()
        listed = [[r | {SPLIT: s} for r in rows] for rows, s in zip(listed, said, strict=True)]
    schema, starts = pa.schema(list(types.items())), np.cumsum([0, *map(len, listed)])
    spool = Spool(_batches(listed, schema), schema)
    aside = (Aside(SILENT, silent.count, silent.first),) if silent.count else ()
    where = " row {}".format
    reader = CocoReader(paths, spool, starts[:-1].tolist(), where, aside=aside, root=root)
    reader.prefixes, reader.said = tuple(prefix for _, prefix in homes), (SPLIT,) * says
    return reader


class Silent:
    """Annotations without a caption, as they are met."""

    def __init__(self) -> None:
        self.count, self.first = 0, ""

    def add(self, annotation: dict[str, Any]) -> None:
        """Note one."""
        self.first = self.first or str(annotation.get("id"))
        self.count += 1


def claims(path: Path) -> bool:
    """Whether a file begins as one of COCO does."""
    with path.open("rb") as file:
        head = file.read(LOOKED_AT).lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and b'"images"' in head and b"@context" not in head


def files_of(folder: Path) -> tuple[Path, ...]:
    """The files of captions in a folder that is laid out as COCO is; none of another folder."""
    files = sorted(folder.glob("*.json")) + sorted((folder / ANNOTATIONS).glob("*.json"))
    return tuple(path for path in files if "caption" in path.name.lower() and claims(path))


def _batches(listed: list[list[dict[str, Any]]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for rows in listed:
        for start in range(0, len(rows), BATCH):
            yield pa.RecordBatch.from_pylist(rows[start : start + BATCH], schema)


def _merged(
    types: dict[str, pa.DataType], row: dict[str, Any], path: Path
) -> dict[str, pa.DataType]:
    try:
        return merged(types, row)
    except Mixed as mixed:
        raise InputError(
            f"{mixed}: mixed types in one field of the images",
            where=str(path),
            fix="write the values of a field in one type",
        ) from mixed


def _rows(path: Path, prefix: str, silent: Silent, most: int) -> Iterator[dict[str, Any]]:
    """The pictures of a file with their captions."""
    if (size := path.stat().st_size) > most:
        raise InputError(f"{size} bytes, more than {most}", where=str(path), fix="raise max_bytes")
    with refusing("not a COCO file", path, "one with images and annotations"):
        entries = from_json(path.read_bytes())
        images = {image["id"]: dict(image) for image in entries["images"]}
        of = {image: list[str]() for image in images}
        stray: list[Any] = []
        for annotation in entries[ANNOTATIONS]:
            if not isinstance(annotation.get("caption"), str):
                silent.add(annotation)
            elif annotation["image_id"] in of:
                of[annotation["image_id"]].append(annotation["caption"])
            else:
                stray.append(annotation["image_id"])
        doubled = len(entries["images"]) - len(images)
    if stray or doubled or not any(of.values()):
        what = f"captions are of pictures that it does not list: {len(stray)}, as {stray[:1]}"
        what = f"pictures have the id of another one: {doubled}" if doubled else what
        what = what if stray or doubled else "no annotation has a caption"
        raise InputError(what, where=str(path), fix="a file of captions, as captions_val2017.json")
    for number, image in images.items():
        name = image.get("file_name")
        own = {"id": str(number), "file_name": name and f"{prefix}{name}"}
        yield {**image, **own, CAPTIONS: of[number] or None}


def _home(path: Path, called: str) -> tuple[Path, str]:
    """The folder that names of pictures are relative to, and what stands before them there."""
    places = [
        (home, inner) for home in (path.parent, path.parent.parent) for inner in ("", "images/")
    ]
    for home, inner in places if called else []:
        if (home / inner / called).is_dir():
            return home, f"{inner}{called}/"
    return path.parent, ""
