"""Media cells: what a column holds of pictures and sounds, as bytes with a name or a reason."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import compute

from mmaudit.manifest.media import Refused, fetch
from mmaudit.manifest.readers.base import CELL

THREADS = 4


def as_cells(column: pa.Array, root: Path | None, most: int, links: Path | None = None) -> pa.Array:
    """A column of file names, bytes, or structs of both, as ``struct<bytes, path, error>``.

    Null, an empty name, and a struct with neither bytes nor name are absent. A file that is not
    read says why in ``error``.

    Args:
        column: The source's column.
        root: Folder that names are relative to; None where the source is at a URL.
        most: Bytes a file may have.
        links: Folder that links in the root may lead into; None: the root.

    Raises:
        TypeError: The column is none that `holds_media`.
    """
    kind = column.type
    if kind.equals(CELL):
        return column
    if pa.types.is_null(kind):
        return pa.nulls(len(column), CELL)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pa.array([_named(n, root, most, links) for n in column.to_pylist()], CELL)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _wrapped(column, most)
    if _names_or_holds(kind):
        return pa.array([_either(c, root, most, links) for c in column.to_pylist()], CELL)
    raise TypeError(f"a column of {kind} holds no media")


def holds_media(kind: pa.DataType) -> bool:
    """Whether a column of a type can hold file names, bytes, or structs of both."""
    simple = (pa.types.is_null, pa.types.is_string, pa.types.is_large_string)
    binary = (pa.types.is_binary, pa.types.is_large_binary)
    if any(fits(kind) for fits in (*simple, *binary)):
        return True
    return _names_or_holds(kind)


def _names_or_holds(kind: pa.DataType) -> bool:
    """Whether a type is a struct of a file's bytes, its path, or both."""
    return pa.types.is_struct(kind) and any(
        kind.get_field_index(name) >= 0 for name in ("bytes", "path")
    )


def names_files(kind: pa.DataType) -> bool:
    """Whether a column of a type holds file names alone."""
    if pa.types.is_struct(kind):
        return kind.get_field_index("path") >= 0 and kind.get_field_index("bytes") < 0
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def may_name_files(kind: pa.DataType) -> bool:
    """Whether cells of a type hold files or name them, each as it is."""
    if kind.equals(CELL) or not pa.types.is_struct(kind):
        return False
    return all(kind.get_field_index(name) >= 0 for name in ("bytes", "path"))


def names_in(column: pa.ChunkedArray) -> list[str]:
    """The names of files in the cells of a column, each once; cells that hold their file have none.

    Args:
        column: A column that `holds_media`, or whose type `may_name_files`.
    """
    kind = column.type
    if pa.types.is_struct(kind) and kind.get_field_index("path") >= 0:
        within = compute.struct_field(column, "path")
        if kind.get_field_index("bytes") >= 0:
            within = within.filter(compute.is_null(compute.struct_field(column, "bytes")))
        column = within
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return []
    return [name for name in compute.unique(column).to_pylist() if name]


def media_digest(names: pa.ChunkedArray, root: Path | None, links: Path | None = None) -> str:
    """sha256 of the contents of the files that a column `names_files`, in their order."""
    total = sha256()
    if pa.types.is_struct(names.type):
        names = compute.struct_field(names, "path")
    with ThreadPoolExecutor(THREADS) as pool:
        for chunk in names.chunks:
            listed = compute.unique(chunk).to_pylist()
            for digest in pool.map(lambda n: _digest(n, root, links), listed):
                total.update(digest)
    return total.hexdigest()


def _named(
    name: str | None, root: Path | None, most: int, links: Path | None
) -> dict[str, Any] | None:
    if not name:
        return None
    try:
        return {"bytes": fetch(root, name, most, links), "path": name, "error": None}
    except Refused as refused:
        return {"bytes": None, "path": name, "error": str(refused)}


def _either(
    cell: dict[str, Any] | None, root: Path | None, most: int, links: Path | None
) -> dict[str, Any] | None:
    if cell is None or cell.get("bytes") is None:
        return _named(cell.get("path") if cell else None, root, most, links)
    return {"path": cell.get("path"), **_bounded(cell["bytes"], most)}


def _wrapped(column: pa.Array, most: int) -> pa.Array:
    cells = [None if b is None else {"path": None, **_bounded(b, most)} for b in column.to_pylist()]
    return pa.array(cells, CELL)


def _bounded(data: bytes, most: int) -> dict[str, Any]:
    if len(data) > most:
        return {"bytes": None, "error": f"{len(data)} bytes, more than max_bytes = {most}"}
    return {"bytes": data, "error": None}


def _digest(name: str | None, root: Path | None, links: Path | None) -> bytes:
    if not name:
        return b"absent"
    try:
        return sha256(fetch(root, name, 2**62, links)).digest()
    except Refused as refused:
        return str(refused).encode()
