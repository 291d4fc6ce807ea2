"""What every corruption of one sample owes."""

import math
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmaudit import parts
from mmaudit.corruptions.base import SEVERITIES, AnyCorruption, Corruption
from mmaudit.errors import UsageError
from mmaudit.seeds import Words, words
from mmaudit.testing.questions import ask, frozen, global_randomness, require
from mmaudit.testing.values import OBJECTS, SampleValues, values

KIND = "corruptions"
DRAWS = 12  # of each typical value, for the mean dose of a severity


@dataclass(frozen=True, slots=True)
class CorruptionSubject:
    """A corruption and the values that it is tried on."""

    name: str
    corruption: AnyCorruption
    values: SampleValues

    @property
    def kind(self) -> str:
        """The kind of modality that it corrupts."""
        return self.name.partition("/")[0]

    def draw(self, sample: str) -> Words:
        """The random words of a sample."""
        return words(7, f"{self.name}@m", sample)

    def damaged(self, clean: Any, severity: int, sample: str = "a") -> Any:
        """A value at one severity."""
        context = self.values.context(clean, self.corruption.donors)
        return self.corruption.damage(clean, severity, self.draw(sample), context)


def check_corruption(
    name: str, *, values: SampleValues | None = None, skip: Collection[str] = ()
) -> None:
    """Ask a corruption what every corruption owes.

    Does it say what it is, and name its source? Are there five different severities with units?
    Is severity 0 the identity, and 6 refused? Do the same random words give the same bytes in any
    order, in threads, whatever the layout in memory? Is its input left alone, and global
    randomness? Are its promises (``keeps``) kept, and its dose finite, on hostile values? Does the
    mean dose rise from one severity to the next? Does its form for many samples at once give what
    it gives one by one?

    Args:
        name: Name of the corruption, as ``image/my_noise``.
        values: What to try it on; by default the values of `mmaudit.testing.values`, which know
            the kinds that come with mmaudit.
        skip: Names of questions that do not concern it.

    Raises:
        ContractError: It fails a question, which is named.

    Example:
        >>> check_corruption("vector/dropout")
    """
    ask(name, subject(name, values), QUESTIONS, skip)


def subject(name: str, sample: SampleValues | None = None) -> CorruptionSubject:
    """A corruption by name, with the values that it is tried on."""
    part = parts.load(KIND, name)
    corruption = getattr(part, "CORRUPTION", None)
    require(isinstance(corruption, Corruption), f"{name} is no corruption of one sample")
    return CorruptionSubject(name, part.CORRUPTION, sample or values(name.partition("/")[0]))


def it_says_what_it_is_and_where_it_comes_from(of: CorruptionSubject) -> None:
    """The first line of its docstring is ``Name: what it is.``, and its source is named."""
    summary = parts.summary(KIND, of.name)
    require(summary.endswith("."), f"the docstring begins with {summary!r}, no whole sentence")
    require(": " in summary, f"the docstring begins with {summary!r}, not with 'Name: …'")
    require(of.corruption.source, "no source")


def it_has_five_different_severities_with_units(of: CorruptionSubject) -> None:
    """Every parameter of every severity is finite and has a unit."""
    severities = of.corruption.severities
    require(len(set(severities)) == len(severities) == SEVERITIES, f"severities {severities}")
    fields = set(severities[0]._fields)
    require(set(of.corruption.units) == fields, f"units of {set(of.corruption.units)}, {fields}")
    require(of.corruption.pixels <= fields, f"pixels names {of.corruption.pixels - fields}")
    for severity in severities:
        require(type(severity) is type(severities[0]), "severities of several types")
        for value in severity:
            require(not isinstance(value, float) or math.isfinite(value), f"{severity}")


def severity_0_is_the_identity_and_6_is_refused(of: CorruptionSubject) -> None:
    """Severity 0 gives the very value back."""
    for clean in of.values.hostile:
        require(of.damaged(clean, 0) is clean, "severity 0 makes another value")
    try:
        of.damaged(of.values.typical[0], SEVERITIES + 1)
    except UsageError:
        return
    require(condition=False, what="severity 6 is not refused")


def the_same_words_give_the_same_bytes_in_any_order(of: CorruptionSubject) -> None:
    """Nothing is remembered from one sample to the next."""
    cells = [(c, s) for c in of.values.small for s in range(1, SEVERITIES + 1)]
    forward = [frozen(of.damaged(c, s)) for c, s in cells]
    backward = [frozen(of.damaged(c, s)) for c, s in reversed(cells)]
    require(forward == backward[::-1], "the order of the samples changes the bytes")


def threads_change_nothing(of: CorruptionSubject) -> None:
    """Several threads may share it."""
    clean = of.values.typical[0]
    cells = [(s, f"id{i}") for i in range(3) for s in (1, SEVERITIES)]
    alone = [frozen(of.damaged(clean, s, i)) for s, i in cells]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda cell: frozen(of.damaged(clean, *cell)), cells))
    require(alone == together, "threads change the bytes")


def read_only_input_is_accepted_and_left_alone(of: CorruptionSubject) -> None:
    """What comes out shares no memory with what came in, unless it is the same value."""
    for clean in of.values.hostile:
        before = frozen(clean)
        if isinstance(clean, np.ndarray):
            clean.flags.writeable = False
        for severity in (1, SEVERITIES):
            out = of.damaged(clean, severity)
            if isinstance(clean, np.ndarray):
                apart = out is clean or not np.shares_memory(out, clean)
                require(apart, "the corrupted value shares memory with the clean one")
        require(frozen(clean) == before, "the input was changed")


def the_layout_in_memory_does_not_matter(of: CorruptionSubject) -> None:
    """An array whose rows stand otherwise in memory is the same array."""
    if of.kind in OBJECTS:
        return
    for clean in of.values.small:
        turned = np.asfortranarray(clean)[::-1].copy(order="F")[::-1]
        same = frozen(of.damaged(clean, 3)) == frozen(of.damaged(turned, 3))
        require(same, "the layout in memory changes the bytes")


def global_randomness_is_untouched(of: CorruptionSubject) -> None:
    """All randomness comes from the words that it is given."""
    before = global_randomness()
    for clean in of.values.small:
        of.damaged(clean, 3)
    require(global_randomness() == before, "global randomness was drawn from")


def promises_hold_on_hostile_values(of: CorruptionSubject) -> None:
    """What it keeps it keeps, numbers stay finite, and so is the dose."""
    keeps, dose = of.corruption.keeps, of.corruption.dose
    for clean in of.values.hostile:
        for severity in range(1, SEVERITIES + 1):
            out = of.damaged(clean, severity)
            require(type(out) is type(clean), f"{type(clean)} became {type(out)}")
            if "shape" in keeps:
                require(out.shape == clean.shape, f"shape {clean.shape} became {out.shape}")
            if "dtype" in keeps:
                require(out.dtype == clean.dtype, f"{clean.dtype} became {out.dtype}")
            if "length" in keeps:
                require(len(out) == len(clean), f"length {len(clean)} became {len(out)}")
            if "cells" in keeps:
                require(_of_their_columns(of, clean, out), "a cell that its column does not have")
            floats = isinstance(out, np.ndarray) and out.dtype.kind == "f"
            if floats and np.isfinite(clean).all():
                require(np.isfinite(out).all(), "a finite value became one that is not")
            require(math.isfinite(dose.measure(clean, out)), "the dose is not finite")


def _of_their_columns(of: CorruptionSubject, clean: Any, out: Any) -> bool:
    """Whether every cell is empty, or a value of its column."""
    context = of.values.context(clean, of.corruption.donors)
    categories = context.column.categories if context.column else ()
    rows = [clean, *context.donors]
    return all(
        cell is None
        or any(cell is row[i] or cell == row[i] for row in rows if i < len(row))
        or (i < len(categories) and cell in categories[i])
        for i, cell in enumerate(out)
    )


def every_severity_changes_something_and_worse_is_worse(of: CorruptionSubject) -> None:
    """The mean dose over samples and draws rises strictly, where the reference is ordered."""
    corruption, typical = of.corruption, of.values.typical
    doses = np.zeros(SEVERITIES)
    for severity in range(1, SEVERITIES + 1):
        for clean in typical:
            outs = [of.damaged(clean, severity, f"d{i}") for i in range(DRAWS)]
            changed = any(frozen(out) != frozen(clean) for out in outs)
            require(changed, f"severity {severity} changes nothing")
            doses[severity - 1] += sum(corruption.dose.measure(clean, out) for out in outs)
    if not corruption.nested:
        require("order" in corruption.source, "say why the severities are not ordered")
        return
    sign = 1 if corruption.dose.rises else -1
    means = doses / (DRAWS * len(typical))
    require((sign * np.diff(doses) > 0).all(), f"mean doses by severity: {means.tolist()}")


def batches_are_their_samples_one_by_one(of: CorruptionSubject) -> None:
    """A form for many samples at once, where there is one, gives the same bytes."""
    corruption = of.corruption
    if corruption.batch is None:
        return
    cleans = [*of.values.small, *of.values.typical]
    keys = np.array([of.draw(str(i)).key for i in range(len(cleans))], np.uint64)
    context = of.values.context(cleans[0], corruption.donors)
    needs = {need: getattr(context, need) for need in corruption.needs}
    for severity in (1, SEVERITIES):
        at = corruption.at(severity)
        many = corruption.batch(cleans, at, keys, **needs)
        alone = [corruption.apply(c, at, of.draw(str(i)), **needs) for i, c in enumerate(cleans)]
        same = [frozen(x) for x in many] == [frozen(x) for x in alone]
        require(same, f"severity {severity} of a batch is not that of its samples")


QUESTIONS: tuple[Callable[[CorruptionSubject], None], ...] = (
    it_says_what_it_is_and_where_it_comes_from,
    it_has_five_different_severities_with_units,
    severity_0_is_the_identity_and_6_is_refused,
    the_same_words_give_the_same_bytes_in_any_order,
    threads_change_nothing,
    read_only_input_is_accepted_and_left_alone,
    the_layout_in_memory_does_not_matter,
    global_randomness_is_untouched,
    promises_hold_on_hostile_values,
    every_severity_changes_something_and_worse_is_worse,
    batches_are_their_samples_one_by_one,
)
