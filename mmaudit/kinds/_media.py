"""What pictures and sounds share: they are files, with a name or without one."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

from mmaudit.kinds.base import Claim, Shape, SourceColumn

STORED = pa.struct([("bytes", pa.large_binary()), ("path", pa.string())])


def arrays(cells: list[Any], _names: Sequence[str], _shape: Shape) -> list[pa.Array]:
    """Files, as ``struct<bytes, path>``."""
    return [pa.array(cells, STORED)]


def digest(cell: dict[str, Any]) -> str:
    """sha256 of a file."""
    return sha256(cell["bytes"]).hexdigest()


def renamed(path: str | None, suffixes: tuple[str, ...]) -> str | None:
    """A file name with the first of some suffixes, unless it has one of them."""
    if not path or PurePosixPath(path).suffix.lower() in suffixes:
        return path
    return str(PurePosixPath(path).with_suffix(suffixes[0]))


def claims(kind: str) -> Callable[[Sequence[SourceColumn]], Iterator[Claim]]:
    """How columns of files of a kind are told: extensions of one thing are one modality."""

    def claimed(columns: Sequence[SourceColumn]) -> Iterator[Claim]:
        files = [column for column in columns if column.media[0] == kind]
        if len(files) > 1 and all(column.member for column in files):
            yield Claim(kind, tuple(column.name for column in files), files[0].media[1])
            return
        for column in files:
            name = kind if len(files) == 1 else stem(column.name)
            yield Claim(name, (column.name,), column.media[1])

    return claimed


def stem(name: str) -> str:
    """What a modality is called whose values are in files that a column names."""
    return name.removesuffix("_file_name").removesuffix(".npy") or name
