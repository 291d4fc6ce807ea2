"""Tables of what a character may turn into, made from data files for compiled code."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

PACKAGE = "mmaudit.corruptions.text._words"


@dataclass(frozen=True, slots=True)
class CodeTable:
    """Replacements of single code points.

    Attributes:
        index: Row of each code point below ``index.size - 1``, -1 for none, ``(codes + 1,)``.
        sizes: How many replacements each row has, ``(rows,)``.
        cells: The replacements, ended by zeros, ``(rows, most replacements, longest + 1)``.
    """

    index: NDArray[np.int32]
    sizes: NDArray[np.int64]
    cells: NDArray[np.uint32]

    @property
    def arrays(self) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.uint32]]:
        """The three arrays in order, for compiled code."""
        return self.index, self.sizes, self.cells


EMPTY = CodeTable(np.full(1, -1, np.int32), np.zeros(1, np.int64), np.zeros((1, 1, 1), np.uint32))


def none() -> CodeTable:
    """A table without entries; the standard one, by a name that travels to other processes."""
    return EMPTY


def table(replacements: Mapping[str, Iterable[str]]) -> CodeTable:
    """A table from a mapping of single code points to what each may turn into.

    Args:
        replacements: For each code point its replacements: no empty string, none equal to the
            code point itself, no NUL inside.
    """
    distinct = {key: list(dict.fromkeys(values)) for key, values in replacements.items()}
    distinct = {key: values for key, values in distinct.items() if values}
    index = np.full(max(map(ord, distinct)) + 2, -1, np.int32)
    most = max(map(len, distinct.values()))
    longest = max(len(value) for values in distinct.values() for value in values)
    cells = np.zeros((len(distinct), most, longest + 1), np.uint32)
    for row, (key, values) in enumerate(distinct.items()):
        index[ord(key)] = row
        for column, value in enumerate(values):
            if value in {"", key}:
                raise ValueError(f"{key!r} cannot turn into {value!r}")
            cells[row, column, : len(value)] = list(map(ord, value))
    return CodeTable(index, np.array([len(v) for v in distinct.values()], np.int64), cells)


def read(name: str) -> str:
    """The text of a bundled data file."""
    return files(PACKAGE).joinpath("data", name).read_text("utf-8")


def read_json(name: str) -> dict[str, list[str]]:
    """A bundled JSON file that maps strings to lists of strings."""
    loaded: dict[str, list[str]] = json.loads(read(name))
    return loaded
