"""What every check of quality owes."""

import math
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from scipy import stats

from mmaudit import parts
from mmaudit.arrays import Floats
from mmaudit.checks.base import QualityCheck
from mmaudit.corruptions.base import SEVERITIES
from mmaudit.seeds import words
from mmaudit.testing.clean_values import clean_values
from mmaudit.testing.questions import ask, frozen, global_randomness, require
from mmaudit.testing.values import OBJECTS, RATE, SampleValues, values

KIND = "checks"
DAMAGED = 10  # clean values that are damaged
LEARNT_FROM = 300  # others, for checks that learn
SEEN = 0.9  # mean rank correlation with severity within a value
TIED, TOLD_APART = 0.6, 0.9  # or, where counts tie: a lower one, and the AUROC of severity 3
MIDDLE = 3


@dataclass(frozen=True)
class CheckSubject:
    """A check and the values that it is tried on.

    Attributes:
        name: Name of the check.
        check: The check.
        values: Hostile and small values of its kind.
        clean: Undamaged values, which are damaged to see whether the number tells.
        others: Further undamaged values, from which it may learn.
        ours: Whether these are `mmaudit.testing.clean_values`.
    """

    name: str
    check: QualityCheck[Any]
    values: SampleValues
    clean: Sequence[Any]
    others: Sequence[Any]
    ours: bool

    @property
    def kind(self) -> str:
        """The kind of modality that it looks at."""
        return self.name.partition("/")[0]

    @cached_property
    def learnt(self) -> tuple[Any, ...]:
        """What is passed to ``measure`` beside the view."""
        if self.check.learn is None:
            return ()
        return (self.check.learn(self.check.view(v, RATE) for v in self.others),)

    def measured(self, cases: Sequence[Any]) -> Floats:
        """The numbers of some values, ``(n,)``."""
        return np.array([self.number(value) for value in cases])

    def number(self, value: Any) -> float:
        """The number of a value."""
        return self.check.measure(self.check.view(value, RATE), *self.learnt)


def check_check(
    name: str,
    *,
    values: SampleValues | None = None,
    clean: Sequence[Any] | None = None,
    skip: Collection[str] = (),
) -> None:
    """Ask a check what every check of quality owes.

    Does it say what it is, its unit, its source, and what to do? Is the number the same in any
    order, in threads, whatever the layout in memory? Is its input left alone, and global
    randomness? Is it a number or NaN, and no error, on hostile values? Does it get worse with the
    severity of each corruption that it says it sees: a mean rank correlation of .9 within a value,
    or one of .6 where the AUROC of severity 3 against clean values is .9?

    Args:
        name: Name of the check, as ``image/my_blur``.
        values: Hostile and small values; by default those of `mmaudit.testing.values`.
        clean: Undamaged values: the first 10 are damaged, the rest is what a check with ``learn``
            learns from; by default those of `mmaudit.testing.clean_values`.
        skip: Names of questions that do not concern it.

    Raises:
        ContractError: It fails a question, which is named.

    Example:
        >>> check_check("image/contrast")
    """
    ask(name, subject(name, values, clean), QUESTIONS, skip)


def subject(
    name: str, sample: SampleValues | None = None, clean: Sequence[Any] | None = None
) -> CheckSubject:
    """A check by name, with the values that it is tried on."""
    check: QualityCheck[Any] = parts.load(KIND, name).CHECK
    kind = name.partition("/")[0]
    count = DAMAGED + (LEARNT_FROM if check.learn else 0)
    undamaged = clean_values(kind, count) if clean is None else clean
    return CheckSubject(
        name,
        check,
        sample or values(kind),
        clean=undamaged[:DAMAGED],
        others=undamaged[DAMAGED:],
        ours=clean is None and sample is None,
    )


def it_says_what_it_is_and_where_it_comes_from(of: CheckSubject) -> None:
    """A summary, a unit, a source, what to call what it finds, and what to do."""
    require(parts.summary(KIND, of.name), "its module has no docstring")
    for field in ("unit", "source", "finding", "suggestion"):
        require(getattr(of.check, field).strip(), f"it has no {field}")
    unknown = set(of.check.sees) - set(parts.names("corruptions"))
    require(not unknown, f"no corruption is called {', '.join(sorted(unknown))}")
    require(of.check.limit is None or math.isfinite(of.check.limit), "its limit is not finite")


def the_number_depends_on_the_value_alone(of: CheckSubject) -> None:
    """Not on the order, on threads, or on what was measured before."""
    cases = [*of.values.small, *of.clean[:3]]
    forward = of.measured(cases)
    backward = of.measured(cases[::-1])[::-1]
    require(np.array_equal(forward, backward, equal_nan=True), "the order changes the number")
    with ThreadPoolExecutor(4) as pool:
        together = np.array(list(pool.map(of.number, cases * 2)))
    require(np.array_equal(together, np.tile(forward, 2), equal_nan=True), "threads change it")


def the_layout_in_memory_does_not_matter(of: CheckSubject) -> None:
    """An array whose rows stand otherwise in memory is the same array."""
    if of.kind in OBJECTS:
        return
    cases = [*of.values.small, *of.clean[:2]]
    turned = [np.asfortranarray(v)[::-1].copy(order="F")[::-1] for v in cases]
    same = np.array_equal(of.measured(cases), of.measured(turned), equal_nan=True)
    require(same, "the layout in memory changes the number")


def input_and_global_randomness_are_left_alone(of: CheckSubject) -> None:
    """Read-only values are accepted, and nothing is drawn."""
    randomness = global_randomness()
    for value in of.values.hostile:
        before = frozen(value)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
        of.measured([value])
        require(frozen(value) == before, "the input was changed")
    require(global_randomness() == randomness, "global randomness was drawn from")


def hostile_values_have_a_number_or_none(of: CheckSubject) -> None:
    """NaN where it means nothing, and never an error, a warning or an infinity."""
    numbers = of.measured(of.values.hostile)
    for value, number in zip(of.values.hostile, numbers, strict=True):
        require(not math.isinf(number), f"{number} for {value!r:.80}")
    worse = of.check.worse(numbers)
    require(np.array_equal(np.isnan(worse), np.isnan(numbers)), "its scale does not fit")


def it_gets_worse_with_the_corruptions_that_it_sees(of: CheckSubject) -> None:
    """By the mean rank correlation within a value; where counts tie, by telling values apart."""
    for name in of.check.sees:
        numbers = np.array([of.measured(row) for row in severities_of(name, of)])
        usual = float(np.median(numbers[:, 0]))
        worse = np.stack([of.check.worse(column, usual) for column in numbers.T], 1)
        require(not np.isnan(worse).any(), f"{name}: a typical value has no number")
        rank = float(np.mean([_rank_correlation(row) for row in worse]))
        apart = _auroc(worse[:, 0], worse[:, MIDDLE])
        tells = rank >= SEEN or (rank >= TIED and apart >= TOLD_APART)
        require(tells, f"{name}: rank correlation {rank:.2f}, AUROC of severity 3 {apart:.2f}")


def severities_of(corruption: str, of: CheckSubject) -> Sequence[Sequence[Any]]:
    """The clean values at severities 0 to 5 of a corruption."""
    if of.ours:
        return _damaged(corruption)
    return _at_severities(corruption, of.clean, of.values)


@cache
def _damaged(corruption: str) -> Sequence[Sequence[Any]]:
    """Of our own values; several checks see the same corruption."""
    kind = corruption.partition("/")[0]
    return _at_severities(corruption, clean_values(kind, DAMAGED), values(kind))


def _at_severities(
    name: str, clean: Sequence[Any], sample: SampleValues
) -> Sequence[Sequence[Any]]:
    corruption = parts.load("corruptions", name).CORRUPTION
    return [
        [
            corruption.damage(
                value,
                severity,
                words(7, f"{name}@m", str(i)),
                sample.context(value, corruption.donors),
            )
            for severity in range(SEVERITIES + 1)
        ]
        for i, value in enumerate(clean)
    ]


def _rank_correlation(worse: Floats) -> float:
    """With severity; 0 where the number never changes."""
    if np.ptp(worse) == 0:
        return 0.0
    return float(stats.spearmanr(worse, np.arange(len(worse))).statistic)


def _auroc(clean: Floats, damaged: Floats) -> float:
    pairs = np.sign(damaged[:, None] - clean[None])
    return float((pairs.mean() + 1) / 2)


QUESTIONS: tuple[Callable[[CheckSubject], None], ...] = (
    it_says_what_it_is_and_where_it_comes_from,
    the_number_depends_on_the_value_alone,
    the_layout_in_memory_does_not_matter,
    input_and_global_randomness_are_left_alone,
    hostile_values_have_a_number_or_none,
    it_gets_worse_with_the_corruptions_that_it_sees,
)
