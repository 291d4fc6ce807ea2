"""Shifts: whether the values of each split are as good as those of the split that is trained on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa

from mmaudit import seeds
from mmaudit.arrays import Bools, Codes, Floats
from mmaudit.audits.inspect.cells import Cells, exact, row
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.finding_names import ABSENT
from mmaudit.audits.inspect.packed import PackedBools, packed
from mmaudit.audits.inspect.quality import Judged
from mmaudit.bounds.corrections import benjamini_hochberg
from mmaudit.bounds.ranking import Sample, outranked
from mmaudit.formats import many
from mmaudit.measures.data.exchange import midranks, p_value
from mmaudit.names import ALL, part
from mmaudit.rows import Estimate

PURPOSE = "inspect shift"  # of random numbers
LEVEL = 0.05  # false discovery rate over all checks and splits
FEWEST = 10  # values of a split that are compared
NAMED = 4  # shifts that a sentence names
SCHEMA = pa.schema(
    [
        pa.field("modality", pa.string(), nullable=False),
        pa.field("check", pa.string(), nullable=False),
        pa.field("base", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("mean_of_base", pa.float64(), nullable=False),
        pa.field("mean", pa.float64(), nullable=False),
        pa.field("auroc", pa.float64(), nullable=False),
        pa.field("low", pa.float64(), nullable=False),
        pa.field("high", pa.float64(), nullable=False),
        pa.field("n", pa.int64(), nullable=False),
        pa.field("p_value", pa.float64(), nullable=False),
        pa.field("q_value", pa.float64(), nullable=False),
        pa.field("differs", pa.bool_(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class ComparedNumber:
    """A number of every sample that is compared between splits.

    Attributes:
        modality: The modality; ``all`` for whole samples.
        check: The check, or `ABSENT`.
        word: What a sample is whose number is larger.
        there: Which samples have one.
        read: Reads the numbers as they were measured, ``(n,)``; NaN where there is none.
        order: Makes the same of them, larger as the word says.
    """

    modality: str
    check: str
    word: str
    there: PackedBools
    read: Callable[[], Floats]
    order: Callable[[Floats], Floats] = np.asarray

    def sides(self, splits: Codes, name: int, base: int) -> tuple[Bools, Bools]:
        """Which samples of a split, and of the base, have a number, ``(n,)`` each."""
        there = self.there.open()
        return there & (splits == name), there & (splits == base)


@dataclass(frozen=True, slots=True)
class Shift:
    """How one number of a split stands beside that of the split that it is held against.

    Attributes:
        measured: The number.
        base: The split that it is held against.
        split: The split.
        means: Mean number of the base, and of the split.
        auroc: Probability that a sample of the split is worse (larger, absent) than one of the
            base, ties counting half.
        p_value: Probability of such an AUROC if both are drawn alike.
        q_value: The least false discovery rate at which it is a finding, over all comparisons.
    """

    measured: ComparedNumber
    base: str
    split: str
    means: tuple[float, float]
    auroc: Estimate
    p_value: float
    q_value: float

    @property
    def differs(self) -> bool:
        """Whether the split differs from the base."""
        return self.q_value <= LEVEL


def shifts(
    contents: Contents, judged: Sequence[Judged], reference: str | None
) -> tuple[Shift, ...]:
    """Hold each number of each split against one split: the reference, train, or the largest.

    Args:
        contents: What the units wrote.
        judged: What each check says.
        reference: The split of good samples; None where none is named.
    """
    base = base_of(contents, reference)
    if base is None:
        return ()
    texts, splits = contents.coded("split")
    number = {name: code for code, name in enumerate(texts.tolist()) if name}
    compared = [
        (one, name)
        for one in (*_of_checks(judged), *_of_absence(contents))
        for name in number
        if name != base
        and all(side.sum() >= FEWEST for side in one.sides(splits, number[name], number[base]))
    ]
    measured = [
        (one, name, *_measured(contents, one, name, *sides, family=len(compared)))
        for one, name in compared
        for sides in [one.sides(splits, number[name], number[base])]
    ]
    q_values = benjamini_hochberg([p for *_, p in measured])
    return tuple(
        Shift(one, base, name, means, auroc, p, q)
        for (one, name, means, auroc, p), q in zip(measured, q_values, strict=True)
    )


def base_of(contents: Contents, reference: str | None) -> str | None:
    """The split that others are held against: the reference, train, or the largest.

    Args:
        contents: What the units wrote.
        reference: The split of good samples; None where none is named.

    Returns:
        None where there are not two splits.
    """
    if not contents.dataset.splits:
        return None
    names, numbers = contents.coded("split")
    sizes = np.bincount(numbers, minlength=names.size)
    counts = {n: c for n, c in zip(names.tolist(), sizes.tolist(), strict=True) if n}
    if len(counts) < 2:
        return None
    trained = contents.dataset.split_for("train")
    largest = max(counts, key=lambda name: counts[name])
    return next((s for s in (reference, trained) if s in counts), None) or largest


def _of_checks(judged: Sequence[Judged]) -> Iterator[ComparedNumber]:
    for each in judged:
        check, modality = each.what.name, each.what.modality
        if each.what.check.bad == "either":  # what is far from the middle of both is on one side
            yield ComparedNumber(modality, check, "larger", each.there, each.read)
        else:
            order = each.what.check.worse
            yield ComparedNumber(modality, check, "worse", each.there, each.read, order)


def _of_absence(contents: Contents) -> Iterator[ComparedNumber]:
    """Absence of each modality that some samples lack, and of any where several are lacked."""
    absent = {m: ~contents.present(m) for m in contents.dataset.modalities}
    wanting = {m: those for m, those in absent.items() if those.any() and not those.all()}
    if len(wanting) > 1:
        wanting[ALL] = np.any(list(wanting.values()), axis=0)
    every = packed(np.ones(len(contents.ids), np.bool_))
    for modality, those in wanting.items():
        yield ComparedNumber(modality, ABSENT, "absent", every, partial(_as_numbers, packed(those)))


def _as_numbers(those: PackedBools) -> Floats:
    return those.open().astype(np.float64)


def _measured(
    contents: Contents, one: ComparedNumber, name: str, inside: Bools, base: Bools, family: int
) -> tuple[tuple[float, float], Estimate, float]:
    """Mean numbers of the base and of the split, AUROC and p-value."""
    numbers = one.read()
    means = float(numbers[base].mean()), float(numbers[inside].mean())
    ordered = one.order(numbers)
    del numbers
    first, second = (_side(contents, ordered, those) for those in (inside, base))
    auroc = Estimate(*outranked(first, second), _units(first) + _units(second))
    del first, second
    some = inside | base
    groups = None if contents.groups is None else contents.groups[some]
    words = seeds.words(contents.seed, PURPOSE, f"{one.modality} {one.check} {name}")
    ranks = midranks(ordered[some])
    del ordered
    return means, auroc, p_value(ranks, inside[some], groups, words, family=family)


def _side(contents: Contents, ordered: Floats, those: Bools) -> Sample:
    groups = contents.groups
    own = None if groups is None else np.unique(groups[those], return_inverse=True)[1].reshape(-1)
    return Sample(ordered[those], own)


def _units(side: Sample) -> int:
    return len(side.scores) if side.groups is None else int(side.groups.max()) + 1


def rows(some: Sequence[Shift]) -> Iterator[Cells]:
    """Rows of the summary: each comparison, and how many of each split differ."""
    for each in some:
        keys = {"modality": each.measured.modality, "check": each.measured.check}
        yield from row("shift_auroc", each.auroc, slice=part("split", each.split), **keys)
    for split in dict.fromkeys(each.split for each in some):
        of_split = [each for each in some if each.split == split]
        count = sum(each.differs for each in of_split)
        yield from row("shifts", exact(count, len(of_split)), slice=part("split", split))


def notes(some: Sequence[Shift]) -> Iterator[str]:
    """A sentence for each split that differs, the largest differences first."""
    for split in dict.fromkeys(each.split for each in some):
        of_split = [each for each in some if each.split == split]
        differ = sorted((s for s in of_split if s.differs), key=_size)
        if differ:
            named = "; ".join(_said(each) for each in differ[:NAMED])
            more = len(differ) - NAMED
            rest = f"; and {many(more, 'other')}" if more > 0 else ""
            yield (
                f"{split} is not as {differ[0].base} in {len(differ)} of "
                f"{many(len(of_split), 'comparison')}: {named}{rest}."
            )


def _said(each: Shift) -> str:
    one, (base, mean) = each.measured, each.means
    if one.check == ABSENT:
        what = "a modality" if one.modality == ALL else one.modality
        return f"{what} is missing from {mean:.1%}, of {each.base} from {base:.1%}"
    return f"{one.check} of {one.modality} is {one.word} in {each.auroc.value:.0%} of pairs"


def _size(each: Shift) -> tuple[float, str, str]:
    return -abs(each.auroc.value - 0.5), each.measured.modality, each.measured.check


def table(some: Sequence[Shift]) -> pa.Table:
    """Each comparison, those that differ first, the largest differences first."""
    cells = [
        {
            "modality": each.measured.modality,
            "check": each.measured.check,
            "base": each.base,
            "split": each.split,
            "mean_of_base": each.means[0],
            "mean": each.means[1],
            "auroc": each.auroc.value,
            "low": each.auroc.low,
            "high": each.auroc.high,
            "n": each.auroc.n,
            "p_value": each.p_value,
            "q_value": each.q_value,
            "differs": each.differs,
        }
        for each in sorted(some, key=lambda s: (not s.differs, *_size(s), s.split))
    ]
    return pa.Table.from_pylist(cells, SCHEMA)
