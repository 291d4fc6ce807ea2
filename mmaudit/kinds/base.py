"""One value of one modality: where it is kept, and why it could not be used."""

from dataclasses import dataclass
from typing import Any, Literal

MAX_PIXELS = 100_000_000

Kind = Literal["image", "text", "audio", "series", "table", "vector"]

MEDIA: frozenset[str] = frozenset({"image", "audio"})


class Undecodable(ValueError):  # noqa: N818  what it is, not that it is an error
    """A value that cannot be used, and why; it becomes a row of the table ``skipped``."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What the values of a modality have in common; a value that differs is not used.

    Attributes:
        shape: Numbers in a vector ``(d,)``, channels of a series ``(channel,)``; empty: any.
        rate: Samples a second of audio; 0: any.
        max_pixels: Pixels of an image at most.
        many: What to take of a list of texts, ``first`` or ``join``.
        categorical: Columns of a table that are categories.
    """

    shape: tuple[int, ...] = ()
    rate: float = 0.0
    max_pixels: int = MAX_PIXELS
    many: str = "first"
    categorical: frozenset[str] = frozenset()


Column = tuple[list[Any], dict[int, str]]  # values, None where absent; reasons by position


def content(cell: Any) -> Any:
    """What a cell carries: the bytes of a file, or the value itself; None where absent.

    Raises:
        Undecodable: The file could not be read.
    """
    if not isinstance(cell, dict) or "bytes" not in cell:
        return cell
    if cell.get("error"):
        raise Undecodable(f"{cell['path']}: {cell['error']}" if cell.get("path") else cell["error"])
    return cell["bytes"]
