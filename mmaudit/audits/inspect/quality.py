"""Quality: which values each check calls bad, by which rule, and how sure that is."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Floats
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.modality_checks import ModalityCheck
from mmaudit.measures.data.tails import against, discoveries, own_tail

MOST_FLAGGED = 0.1  # share from which what is flagged is how the data is


@dataclass(frozen=True, slots=True)
class Judged:
    """What a check says of a modality.

    Attributes:
        what: The check.
        numbers: Its numbers, ``(n,)``; NaN where there is none.
        limit: Which are past a fixed limit, ``(n,)``.
        reference: Which are beyond the reference; none without one.
        own: Which are beyond the tail of the rest; none where there is a limit.
    """

    what: ModalityCheck
    numbers: Floats
    limit: Bools
    reference: Bools
    own: Bools

    @property
    def worse(self) -> Floats:
        """The numbers on their natural scale, larger is worse; worked out whenever it is asked."""
        return self.what.check.worse(self.numbers)

    @property
    def measured(self) -> Bools:
        """Which samples have a number, ``(n,)``."""
        return ~np.isnan(self.numbers)

    @property
    def flagged(self) -> Bools:
        """Which are bad by any rule, ``(n,)``."""
        return self.limit | self.reference | self.own

    @property
    def usual(self) -> bool:
        """Whether so many are flagged that it is how the data is."""
        return bool(self.flagged.sum() > MOST_FLAGGED * self.measured.sum())

    def reason(self, i: int) -> str:
        """Why a value is flagged, for a person."""
        check = self.what.check
        rules = []
        if self.limit[i]:
            rules.append(check.past())
        if self.reference[i]:
            rules.append("worse than the reference has it")
        if self.own[i]:
            rules.append("worse than the rest of the data has it")
        unit = "" if check.unit in {"", "1"} else f" {check.unit}"
        return f"{check.finding}: {self.numbers[i]:.3g}{unit}, {' and '.join(rules)}"


def judged(
    checks: tuple[ModalityCheck, ...], contents: Contents, fdr: float, reference: str | None
) -> Iterator[Judged]:
    """What each check says, one after the other."""
    splits = contents.splits
    good = None if reference is None or splits is None else splits == reference
    for what in checks:
        numbers = contents.numbers(what.column)
        worse = what.check.worse(numbers)
        yield Judged(
            what=what,
            numbers=numbers,
            limit=what.check.beyond(numbers),
            reference=_beyond_reference(worse, good, fdr),
            own=_beyond_own(what, worse, fdr),
        )


def _beyond_reference(worse: Floats, good: Bools | None, fdr: float) -> Bools:
    flags = np.zeros(len(worse), np.bool_)
    if good is None:
        return flags
    there = ~np.isnan(worse)
    others = there & ~good
    if (there & good).any() and others.any():
        p = against(worse[there & good], worse[others])
        flags[others] = discoveries(p, fdr)
    return flags


def _beyond_own(what: ModalityCheck, worse: Floats, fdr: float) -> Bools:
    """What the rest of the data would hardly have, where no limit says what is bad."""
    flags = np.zeros(len(worse), np.bool_)
    there = np.isfinite(worse)
    if what.check.limit is None and what.check.scale != "counts" and there.any():
        flags[there] = discoveries(own_tail(worse[there]), fdr)
    return flags
