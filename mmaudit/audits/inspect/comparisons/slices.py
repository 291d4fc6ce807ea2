"""Slices: in which classes, splits, groups and declared parts findings gather."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit import seeds
from mmaudit.arrays import Bools, Codes
from mmaudit.audits.inspect import partitions
from mmaudit.audits.inspect.cells import Cells, exact, row
from mmaudit.audits.inspect.comparisons.finding_kinds import FindingKind
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.finding_names import (
    ABSENT,
    DISAGREEMENT,
    DUPLICATE,
    LABEL,
    UNREADABLE,
)
from mmaudit.bounds.corrections import benjamini_hochberg
from mmaudit.formats import many
from mmaudit.measures.data.exchange import fisher, p_value
from mmaudit.names import ALL, part
from mmaudit.rows import Estimate

PURPOSE = "inspect slices"  # of random numbers
LEVEL = 0.05  # false discovery rate over all pairs of a slice and a kind of finding
FEWEST = 20  # samples of a slice, and of the rest
NAMED = 3  # gatherings that a sentence names
PHRASES = {
    ABSENT: "absent {named}",
    UNREADABLE: "unreadable {named}",
    DUPLICATE: "copies of {named}",
    LABEL: "doubtful labels",
    DISAGREEMENT: "contradictions of {named}",
}
SCHEMA = pa.schema(
    [
        pa.field("slice", pa.string(), nullable=False),
        pa.field("modality", pa.string(), nullable=False),
        pa.field("check", pa.string(), nullable=False),
        pa.field("count", pa.int64(), nullable=False),
        pa.field("excess", pa.float64(), nullable=False),
        pa.field("rate", pa.float64(), nullable=False),
        pa.field("low", pa.float64(), nullable=False),
        pa.field("high", pa.float64(), nullable=False),
        pa.field("n", pa.int64(), nullable=False),
        pa.field("rate_of_rest", pa.float64(), nullable=False),
        pa.field("p_value", pa.float64(), nullable=False),
        pa.field("q_value", pa.float64(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class Gathering:
    """A kind of finding that is more frequent in a slice than in the rest.

    Attributes:
        kind: The kind.
        slice: The slice, as NAME=VALUE.
        rate: Share of the samples of the slice that have it, with its 95 % interval.
        rate_of_rest: Share of the others.
        count: Samples of the slice that have it.
        excess: How many more these are than at the rate of the rest.
        p_value: Probability of so many, if they fell on samples alike.
        q_value: The least false discovery rate at which it is a finding, over all pairs.
    """

    kind: FindingKind
    slice: str
    rate: Estimate
    rate_of_rest: float
    count: int
    excess: float
    p_value: float
    q_value: float


@dataclass(frozen=True, slots=True)
class Gatherings:
    """What gathers where.

    Attributes:
        every: The gatherings, the largest excess first.
        compared: How many kinds of finding were compared, by slice.
        passed: Columns that have too many values to be slices, with how many.
    """

    every: tuple[Gathering, ...]
    compared: Mapping[str, int]
    passed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A kind of finding in a slice: how many of the slice, and of all, have it."""

    kind: FindingKind
    slice: str
    code: int
    codes: Codes
    count: int
    n: int
    counts: int
    total: int

    @property
    def rate_of_rest(self) -> float:
        return (self.counts - self.count) / (self.total - self.n)

    @property
    def excess(self) -> float:
        return self.count - self.n * self.rate_of_rest


def gatherings(contents: Contents, kinds: Sequence[FindingKind]) -> Gatherings:
    """Look in which slices findings are more frequent than in the rest.

    Args:
        contents: What the units wrote.
        kinds: The kinds of findings.
    """
    columns, passed = partitions.columns(contents)
    pairs = [
        pair
        for kind in kinds
        for name, column in columns.items()
        for pair in _pairs(kind, name, *column)
    ]
    p_values = [_p_value(contents, pair, len(pairs)) for pair in pairs]
    every = [
        _gathering(contents, pair, p, q)
        for pair, p, q in zip(pairs, p_values, benjamini_hochberg(p_values), strict=True)
        if q <= LEVEL
    ]
    compared: dict[str, int] = {}
    for pair in pairs:
        compared[pair.slice] = compared.get(pair.slice, 0) + 1
    every.sort(key=lambda g: (-g.excess, g.slice, g.kind.modality, g.kind.check))
    return Gatherings(tuple(every), compared, passed)


def _pairs(kind: FindingKind, name: str, some: NDArray[np.str_], codes: Codes) -> Iterator[_Pair]:
    """A kind of finding in each value of a column that has enough samples."""
    among = kind.among
    sizes = np.bincount(codes[among], minlength=some.size)
    hits = np.bincount(codes[among & kind.those], minlength=some.size)
    counts, total = int(hits.sum()), int(sizes.sum())
    if counts in {0, total}:
        return
    for code, value in enumerate(some.tolist()):
        n = int(sizes[code])
        if value and min(n, total - n) >= FEWEST:
            yield _Pair(kind, part(name, value), code, codes, int(hits[code]), n, counts, total)


def _p_value(contents: Contents, pair: _Pair, family: int) -> float:
    """Fisher's, or where samples go together and it is small, that of their units if larger."""
    p = fisher(pair.count, pair.total, pair.counts, pair.n, "more")
    in_groups = pair.slice.startswith(f"{partitions.GROUP}=")
    units = pair.kind.copies if in_groups else pair.kind.units
    if p > LEVEL or units is None:
        return p
    some, kind = pair.kind.among, pair.kind
    inside = pair.codes[some] == pair.code
    words = seeds.words(contents.seed, PURPOSE, f"{pair.slice} {kind.modality} {kind.check}")
    scores = kind.those[some].astype(np.float64)
    own = units[some].astype(np.int64)
    return max(p, p_value(scores, inside, own, words, side="more", family=family))


def _gathering(contents: Contents, pair: _Pair, p: float, q: float) -> Gathering:
    inside: Bools = pair.kind.among & (pair.codes == pair.code)
    rate = contents.share(pair.kind.those, inside)
    value = pair.count / pair.n
    return Gathering(
        kind=pair.kind,
        slice=pair.slice,
        rate=rate or Estimate(value, 0.0, 1.0, pair.n),
        rate_of_rest=pair.rate_of_rest,
        count=pair.count,
        excess=pair.excess,
        p_value=p,
        q_value=q,
    )


def rows(some: Gatherings) -> Iterator[Cells]:
    """Rows of the summary: how many kinds of findings gather in each slice, and in all."""
    for name, compared in some.compared.items():
        count = sum(each.slice == name for each in some.every)
        yield from row("gatherings", exact(count, compared), slice=name)
    if some.compared:
        yield from row("gatherings", exact(len(some.every), sum(some.compared.values())))


def notes(some: Gatherings) -> Iterator[str]:
    """What gathers most, in one sentence; and what was not looked at."""
    every = some.every
    if every:
        named = "; ".join(_said(each) for each in every[:NAMED])
        rest = f"; and {many(len(every) - NAMED, 'other')}" if len(every) > NAMED else ""
        yield f"findings gather in {many(len(every), 'place')}: {named}{rest}."
    for name, size in some.passed.items():
        yield f"{name} has {size:,} values, and is no slice: it is not looked at value by value."


def _said(each: Gathering) -> str:
    check, modality = each.kind.check, each.kind.modality
    named = "whole samples" if modality == ALL else modality.replace(",", " and ")
    what = PHRASES.get(check, "{check} of {named}").format(check=check, named=named)
    return f"{what} in {each.rate.value:.1%} of {each.slice}, {each.rate_of_rest:.1%} of the rest"


def table(some: Gatherings) -> pa.Table:
    """The gatherings, the largest excess first."""
    cells = [
        {
            "slice": each.slice,
            "modality": each.kind.modality,
            "check": each.kind.check,
            "count": each.count,
            "excess": each.excess,
            "rate": each.rate.value,
            "low": each.rate.low,
            "high": each.rate.high,
            "n": each.rate.n,
            "rate_of_rest": each.rate_of_rest,
            "p_value": each.p_value,
            "q_value": each.q_value,
        }
        for each in some.every
    ]
    return pa.Table.from_pylist(cells, SCHEMA)
