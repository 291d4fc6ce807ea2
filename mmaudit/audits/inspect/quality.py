"""Quality: which values each check calls bad, by which rule, and how sure that is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.modality_checks import ModalityCheck
from mmaudit.audits.inspect.packed import PackedBools, packed
from mmaudit.measures.data.tails import against, discoveries, own_tail

MOST_FLAGGED = 0.1  # share from which what is flagged is how the data is


@dataclass(frozen=True, slots=True)
class Judged:
    """What a check says of a modality.

    Attributes:
        what: The check.
        read: Reads its numbers, ``(n,)``; NaN where there is none.
        there: Which samples have one.
        past: Which are past a fixed limit.
        reference: Which are beyond the reference; none without one.
        own: Which are beyond the tail of the rest; none where there is a limit.
    """

    what: ModalityCheck
    read: Callable[[], Floats]
    there: PackedBools
    past: PackedBools
    reference: PackedBools
    own: PackedBools

    @property
    def numbers(self) -> Floats:
        """Its numbers, ``(n,)``; NaN where there is none. They are read whenever it is asked."""
        return self.read()

    @property
    def measured(self) -> Bools:
        """Which samples have a number, ``(n,)``."""
        return self.there.open()

    @property
    def limit(self) -> Bools:
        """Which are past a fixed limit, ``(n,)``."""
        return self.past.open()

    @property
    def flagged(self) -> Bools:
        """Which are bad by any rule, ``(n,)``."""
        return self.limit | self.reference.open() | self.own.open()

    @property
    def usual(self) -> bool:
        """Whether so many are flagged that it is how the data is."""
        return bool(self.flagged.sum() > MOST_FLAGGED * self.measured.sum())

    def reasons(self, at: Ints, numbers: Floats) -> Iterator[str]:
        """Why some values are flagged, for a person.

        Args:
            at: Positions of the values, ``(m,)``.
            numbers: Their numbers, ``(m,)``.
        """
        check = self.what.check
        rules = {
            check.past(): self.limit[at],
            "worse than the reference has it": self.reference.open()[at],
            "worse than the rest of the data has it": self.own.open()[at],
        }
        unit = "" if check.unit in {"", "1"} else f" {check.unit}"
        for i, value in enumerate(numbers.tolist()):
            why = " and ".join(rule for rule, those in rules.items() if those[i])
            yield f"{check.finding}: {value:.3g}{unit}, {why}"


def judged(
    checks: tuple[ModalityCheck, ...], contents: Contents, fdr: float, reference: str | None
) -> Iterator[Judged]:
    """What each check says, one after the other."""
    good = None
    if reference is not None and contents.dataset.splits:
        names, codes = contents.coded("split")
        good = (names == reference)[codes]
    for what in checks:
        numbers = contents.numbers(what.column)
        worse = what.check.worse(numbers)
        yield Judged(
            what=what,
            read=partial(contents.numbers, what.column),
            there=packed(~np.isnan(numbers)),
            past=packed(what.check.beyond(numbers)),
            reference=packed(_beyond_reference(worse, good, fdr)),
            own=packed(_beyond_own(what, worse, fdr)),
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
