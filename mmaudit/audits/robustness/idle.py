"""Idle: corruptions that changed no sample of this data, as what greys a grey picture.

One that a pattern alone chose was never meant for this data, and is left out, aloud: what it did
stays in the table, and no number of the model under it. One that was named was asked about and not
tested, and so was a pattern of which nothing changed anything: then the run has no answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.touched import TOUCHED_RATE
from mmaudit.corruptions.groups import expand
from mmaudit.names import ALL, outright
from mmaudit.rows import Estimate

Done = Mapping[str, Mapping[str, Mapping[str, Estimate]]]  # by condition, part and metric
SHOWN = 3  # conditions that a refusal names


@dataclass(frozen=True, slots=True)
class Idle:
    """What did nothing.

    Attributes:
        aside: Series that are left out, with the pattern that chose them.
        untested: What was asked and not tested, in words; empty where the run has an answer.
    """

    aside: Mapping[str, str]
    untested: str = ""

    @property
    def says(self) -> tuple[str, ...]:
        """One sentence for all that is left out."""
        if not self.aside:
            return ()
        by: dict[str, list[str]] = {}
        for series, pattern in self.aside.items():
            by.setdefault(pattern, []).append(series)
        named = "; ".join(f"{', '.join(names)} (of {pattern})" for pattern, names in by.items())
        return (f"Left out, because no sample is changed by it: {named}.",)


def idle(conditions: Sequence[Condition], done: Done, patterns: Sequence[str]) -> Idle:
    """What changed no sample, as far as that was looked at.

    Args:
        conditions: The conditions of the sweep, clean first.
        done: What each condition that was asked did.
        patterns: The corruptions that were asked for, as names or patterns.
    """
    series: dict[str, list[Condition]] = {}
    for c in conditions:
        if c.severity is not None and not (c.crossed or c.attacks) and c.name in done:
            series.setdefault(c.series, []).append(c)
    aside = {
        name: _pattern(some[0], patterns)
        for name, some in series.items()
        if not outright(some[0].corruption, patterns)
        and all(not _moved(done[c.name]) for c in some)
    }
    rest = [c for name, some in series.items() if name not in aside for c in some]
    named = [c for c in rest if outright(c.corruption, patterns) and not _moved(done[c.name])]
    return Idle(aside, _untested([c.name for c in named], aside, rest, patterns))


def moved(numbers: Mapping[str, Mapping[str, Estimate]] | None) -> bool:
    """Whether a condition changed a sample, or may have: where it was not looked at."""
    return numbers is None or _moved(numbers)


def _moved(numbers: Mapping[str, Mapping[str, Estimate]]) -> bool:
    rate = numbers.get(ALL, {}).get(TOUCHED_RATE)
    return rate is None or rate.value > 0


def _untested(
    named: Sequence[str],
    aside: Mapping[str, str],
    rest: Sequence[Condition],
    patterns: Sequence[str],
) -> str:
    if named:
        more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
        return f"{', '.join(named[:SHOWN])}{more} changed no sample"
    for pattern in patterns:
        if pattern in aside.values() and not any(_chose(pattern, c) for c in rest):
            return f"nothing that {pattern!r} stands for changed a sample"
    return ""


def _pattern(condition: Condition, patterns: Sequence[str]) -> str:
    """The first pattern that chose a condition."""
    return next((p for p in patterns if _chose(p, condition)), "")


def _chose(pattern: str, condition: Condition) -> bool:
    names = set(expand((pattern,)))
    parts = [m.corruption for m in condition.worst_of] or condition.corruption.split("+")
    return any(name in names for name in parts)
