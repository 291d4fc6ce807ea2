"""Finding kinds: the kinds of findings, and which samples have each, to see where they gather."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Codes, Ints
from mmaudit.audits.inspect import unit
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.duplicates import Copies, across, first_of_each, narrow
from mmaudit.audits.inspect.finding_names import (
    ABSENT,
    DISAGREEMENT,
    DUPLICATE,
    LABEL,
    UNREADABLE,
)
from mmaudit.audits.inspect.learning.labels import Labels, among_all
from mmaudit.audits.inspect.packed import PackedBools, packed
from mmaudit.audits.inspect.quality import Judged
from mmaudit.measures.pairs.shuffles import joined
from mmaudit.samples.decode import TARGET


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A kind of finding.

    Attributes:
        modality: The modality; ``all`` for whole samples.
        check: The check, or what stands for one.
        has: Which samples have it.
        can: Which samples can have it.
        copies: Number of the copies that each sample is one of: they have it together, ``(n,)``;
            None where each stands alone.
        units: Likewise of samples that share a copy or a group.
    """

    modality: str
    check: str
    has: PackedBools
    can: PackedBools
    copies: Codes | None
    units: Codes | None

    @property
    def those(self) -> Bools:
        """Which samples have it, ``(n,)``."""
        return self.has.open()

    @property
    def among(self) -> Bools:
        """Which samples can have it, ``(n,)``."""
        return self.can.open()


def finding_kinds(
    contents: Contents,
    judged: Sequence[Judged],
    copies: Sequence[Copies],
    whole: Copies,
    labels: Labels | None,
) -> Iterator[FindingKind]:
    """Every kind of finding.

    Args:
        contents: What the units wrote.
        judged: What each check says.
        copies: Copies among the values of each modality.
        whole: Copies of whole samples.
        labels: What was learnt of the labels.
    """
    n = len(whole.near)
    every = packed(np.ones(n, np.bool_))
    alone = {c.modality: _apart(c.near) for c in copies}
    units = {m: _units(number, contents.groups) for m, number in alone.items()}
    if len(copies) == 1:
        only = copies[0].modality
        alone[whole.modality], units[whole.modality] = alone[only], units[only]
    else:
        alone[whole.modality] = _apart(whole.near)
        units[whole.modality] = _units(alone[whole.modality], contents.groups)
    for one in judged:
        m = one.what.modality
        yield FindingKind(m, one.what.name, packed(one.flagged), one.there, alone[m], units[m])
    for m, states in contents.states.items():
        lost, there = packed(states == unit.UNREADABLE), packed(states != unit.ABSENT)
        yield FindingKind(m, UNREADABLE, lost, there, alone[m], units[m])
        yield FindingKind(m, ABSENT, packed(states == unit.ABSENT), every, None, contents.groups)
    for each in (whole, *(c for c in copies if len(copies) > 1 and not c.listed)):
        m = each.modality
        own = np.arange(n) if contents.groups is None else contents.groups
        has, can = packed(across(each.near, own)), packed(each.near >= 0)
        yield FindingKind(m, DUPLICATE, has, can, alone[m], units[m])
    if labels is not None:
        together = alone[whole.modality], units[whole.modality]
        doubtful = labels.errors.likely >= 0
        yield FindingKind(TARGET, LABEL, *_looked_at(labels, doubtful, n), *together)
        for names, pair in labels.disagreements.items():
            both = np.asarray((pair.classes >= 0).all(axis=1))
            some = _looked_at(labels, pair.sure, n, both)
            yield FindingKind(",".join(names), DISAGREEMENT, *some, *together)


def _looked_at(
    labels: Labels, those: Bools, n: int, among: Bools | None = None
) -> tuple[PackedBools, PackedBools]:
    """Which of all samples are some of those whose labels were looked at, and which could be."""
    among = np.ones_like(those) if among is None else among
    return packed(among_all(labels, those, n)), packed(among_all(labels, among, n))


def _apart(number: Codes) -> Codes | None:
    """Numbers of copies, where what has none has one of its own; None where there are no copies."""
    there = number >= 0
    n = len(number)
    if np.count_nonzero(first_of_each(number) >= 0) == np.count_nonzero(there):
        return None
    return np.where(there, number, np.arange(n, 2 * n, dtype=narrow(2 * n)))


def _units(copies: Codes | None, groups: Ints | None) -> Codes | None:
    keys = [key for key in (copies, groups) if key is not None]
    return joined(*keys).astype(narrow(len(keys[0]))) if keys else None
