"""What the units wrote of all samples, a column at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit import seeds
from mmaudit.arrays import Bools, Codes, Floats, Ints
from mmaudit.audits.base import Read
from mmaudit.audits.inspect.unit import PRESENT, STATE
from mmaudit.bounds import shares
from mmaudit.bounds.means import TAIL
from mmaudit.measures.intervals.bootstrap import groups_of, unit_keys
from mmaudit.measures.intervals.evidence import Mean
from mmaudit.rows import Estimate
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.skipped import SkippedRow, skipped

AT_ONCE = 65_536  # ids that are texts of Python at a time
FEW = 4_096  # different texts of a column whose numbers are held


@dataclass(frozen=True)
class Contents:
    """All samples of a run.

    Texts of the samples are held by their numbers: numpy takes four bytes a character. Numbers of
    checks are read whenever they are asked for.

    Attributes:
        dataset: The selected samples.
        read: Reads back what the units wrote.
        seed: The run's seed.
    """

    dataset: Dataset
    read: Read
    seed: int
    _coded: dict[str, tuple[NDArray[np.str_], Codes]] = field(default_factory=dict, repr=False)

    @cached_property
    def ids(self) -> Sequence[str]:
        """Ids of the samples."""
        return ArrowIds(self.dataset.column("id"))

    @cached_property
    def labels(self) -> Codes | None:
        """Class of each sample by number, ``(n,)``, -1 where it has none; None without classes."""
        if self.dataset.target_kind != "class":
            return None
        names, numbers = self.coded("label")
        if "" not in names:
            return numbers
        return np.where((names == "")[numbers], numbers.dtype.type(-1), numbers)

    @cached_property
    def groups(self) -> Ints | None:
        """Number of the group of each sample, ``(n,)``; None where each stands alone."""
        if not self.dataset.manifest.source.group:
            return None
        own = compute.coalesce(self.dataset.column("group"), self.dataset.column("id"))
        keys = [unit_keys(self.seed, block) for block in ArrowIds(own).blocks()]
        return groups_of(np.concatenate(keys))

    def has(self, column: str) -> bool:
        """Whether the units wrote a column."""
        return column in self._columns

    @cached_property
    def _columns(self) -> frozenset[str]:
        table = next(iter(self.read()), pa.table({}))
        return frozenset(table.column_names)

    def unreadable(self) -> tuple[SkippedRow, ...]:
        """Values that could not be read, each with the reason."""
        return tuple(row for t in self.read(["id"]) for row in skipped(t.schema.metadata or {}))

    @cached_property
    def states(self) -> dict[str, NDArray[np.int8]]:
        """State of each value of each modality, ``(n,)``."""
        columns = {m: f"{m}.{STATE}" for m in self.dataset.modalities}
        table = pa.concat_tables(self.read([*columns.values()]))
        return {m: table.column(name).to_numpy() for m, name in columns.items()}

    def present(self, modality: str) -> Bools:
        """Whether each value of a modality is there and can be read, ``(n,)``."""
        return np.asarray(self.states[modality] == PRESENT)

    def numbers(self, column: str) -> Floats:
        """A column of numbers, ``(n,)``; NaN where there is none."""
        pieces = [c.to_numpy(zero_copy_only=False) for c in self.cells(column)]
        return np.concatenate(pieces).astype(np.float64)

    def cells(self, column: str) -> Iterator[pa.Array]:
        """A column, unit by unit."""
        for table in self.read([column]):
            yield from table.column(column).chunks

    def share(self, those: Bools, among: Bools | None = None) -> Estimate | None:
        """A share of samples with its 95 % interval, groups counted as one; None among none.

        Args:
            those: The samples that are counted, ``(n,)``.
            among: Those that they are a share of, ``(n,)``; None for all.
        """
        return share(those, among, self.groups)

    def coded(self, column: str) -> tuple[NDArray[np.str_], Codes]:
        """The different texts of a column, sorted, empty for none, and the number of each sample's.

        Args:
            column: Column of the dataset: ``split``, ``label``, ``group`` or a slice.

        Returns:
            Texts ``(m,)``, and numbers from 0, ``(n,)``.
        """
        if column in self._coded:
            return self._coded[column]
        cells = self.dataset.column(column)
        if not pa.types.is_string(cells.type):  # lists of labels, and numbers
            cells = pa.array(["" if c is None else str(c) for c in cells.to_pylist()], pa.string())
        coded = compute.fill_null(cells, "").dictionary_encode()
        names = np.array(coded.dictionary.to_pylist(), np.str_)
        order = np.argsort(names)
        place = np.empty(order.size, np.min_scalar_type(-max(1, order.size)))
        place[order] = np.arange(order.size)
        numbered = names[order], place[coded.indices.to_numpy()]
        if order.size <= FEW:
            self._coded[column] = numbered
        return numbered


class ArrowIds(Sequence[str]):
    """Ids as Arrow has them: as texts of Python each would take four times the memory."""

    def __init__(self, cells: pa.Array) -> None:
        self._cells = cells

    def __len__(self) -> int:
        return len(self._cells)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            texts: list[str] = self._cells[at].to_pylist()
            return texts
        return str(self._cells[int(at)].as_py())

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self.blocks())

    def blocks(self) -> Iterator[list[str]]:
        """All of them, some at a time; one block of none."""
        for start in range(0, max(1, len(self)), AT_ONCE):
            yield self[start : start + AT_ONCE]


def splits_of(contents: Contents) -> Codes | None:
    """Number of the split of each sample, ``(n,)``; None without splits."""
    return contents.coded("split")[1] if contents.dataset.splits else None


def share(those: Bools, among: Bools | None, groups: Ints | None) -> Estimate | None:
    """A share of samples with its 95 % interval, groups counted as one; None among none.

    Args:
        those: The samples that are counted, ``(n,)``.
        among: Those that they are a share of, ``(n,)``; None for all.
        groups: Number of the group of each sample, ``(n,)``; None where each stands alone.
    """
    if among is not None:
        those = those[among]
        groups = None if groups is None else groups[among]
    n = those.size
    if not n:
        return None
    if groups is None:
        count = int(those.sum())
        return Estimate(count / n, *shares.ends(count, n, TAIL), n)
    low, high = Mean(those, groups, 0.0, 1.0).ends(TAIL)
    units = int((np.bincount(groups) > 0).sum())
    return Estimate(float(those.mean()), low, high, units)


def ranked(contents: Contents, purpose: str) -> Ints:
    """Positions of the samples by random numbers of their ids, ``(n,)``.

    Args:
        contents: The samples.
        purpose: What the random numbers are for.
    """
    starts = range(0, max(1, len(contents.ids)), AT_ONCE)
    some = (list(contents.ids[start : start + AT_ONCE]) for start in starts)
    keys = [seeds.digests(contents.seed, purpose, block) for block in some]
    return np.argsort(np.concatenate(keys), kind="stable")


def one_of_each_group(contents: Contents, positions: Ints) -> Ints:
    """Of samples in some order the first one of each group, in that order."""
    if contents.groups is None:
        return positions
    first = np.unique(contents.groups[positions], return_index=True)[1]
    return positions[np.sort(first)]
