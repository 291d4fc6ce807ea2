"""Cells of datasets that hold a file: named while a library reads it."""

from collections.abc import Callable
from typing import Any, TypeVar

from mmaudit.endings.note import NativeRead

Shape = TypeVar("Shape")


def named(decode: Callable[[Any, Shape], Any], cell: Any, shape: Shape, id: str) -> Any:
    """The value of a cell, whose file is named while it is decoded."""
    with reading(cell, id):
        return decode(cell, shape)


def reading(cell: Any, id: str = "") -> NativeRead:
    """A time in which the file in a cell is read: should its reader end the process, it is named.

    Args:
        cell: The cell; of what is no file nothing is said.
        id: Whose it is, if that is known.
    """
    if not isinstance(cell, dict) or "bytes" not in cell:
        return NativeRead("")
    path = cell.get("path") or ""
    return NativeRead(f"{path or 'a file'} of the sample {id!r}" if id else path)
