"""Finding kinds: the kinds of findings, and which samples have each, to see where they gather."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Ints
from mmaudit.audits.inspect import unit
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.duplicates import Copies, across
from mmaudit.audits.inspect.finding_names import (
    ABSENT,
    DISAGREEMENT,
    DUPLICATE,
    LABEL,
    UNREADABLE,
)
from mmaudit.audits.inspect.learning.labels import Labels, among_all
from mmaudit.audits.inspect.quality import Judged
from mmaudit.measures.pairs.shuffles import joined
from mmaudit.samples.decode import TARGET


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A kind of finding.

    Attributes:
        modality: The modality; ``all`` for whole samples.
        check: The check, or what stands for one.
        those: Which samples have it, ``(n,)``.
        among: Which samples can have it, ``(n,)``.
        copies: Number of the copies that each sample is one of: they have it together, ``(n,)``;
            None where each stands alone.
        units: Likewise of samples that share a copy or a group.
    """

    modality: str
    check: str
    those: Bools
    among: Bools
    copies: Ints | None
    units: Ints | None


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
    every = np.ones(len(whole.near), np.bool_)
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
        yield FindingKind(m, one.what.name, one.flagged, one.measured, alone[m], units[m])
    for m, states in contents.states.items():
        yield FindingKind(
            m, UNREADABLE, states == unit.UNREADABLE, states != unit.ABSENT, alone[m], units[m]
        )
        yield FindingKind(m, ABSENT, states == unit.ABSENT, every, None, contents.groups)
    for each in (whole, *(c for c in copies if len(copies) > 1 and not c.listed)):
        m = each.modality
        own = np.arange(len(every)) if contents.groups is None else contents.groups
        yield FindingKind(m, DUPLICATE, across(each.near, own), each.near >= 0, alone[m], units[m])
    if labels is not None:
        together = alone[whole.modality], units[whole.modality]
        doubtful = labels.errors.likely >= 0
        yield FindingKind(TARGET, LABEL, *_looked_at(labels, doubtful, len(every)), *together)
        for names, pair in labels.disagreements.items():
            both = np.asarray((pair.classes >= 0).all(axis=1))
            some = _looked_at(labels, pair.sure, len(every), both)
            yield FindingKind(",".join(names), DISAGREEMENT, *some, *together)


def _looked_at(
    labels: Labels, those: Bools, n: int, among: Bools | None = None
) -> tuple[Bools, Bools]:
    """Which of all samples are some of those whose labels were looked at, and which could be."""
    among = np.ones_like(those) if among is None else among
    return among_all(labels, those, n), among_all(labels, among, n)


def _apart(number: Ints) -> Ints | None:
    """Numbers of copies, where what has none has one of its own; None where there are no copies."""
    numbers = np.where(number < 0, len(number) + np.arange(len(number)), number)
    return None if np.unique(numbers).size == len(numbers) else numbers


def _units(copies: Ints | None, groups: Ints | None) -> Ints | None:
    keys = [key for key in (copies, groups) if key is not None]
    return joined(*keys) if keys else None
