"""Breaking points: which severities a sweep asks, found by bisection of every curve at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmaudit.audits.base import Outcome, Read, Stage
from mmaudit.audits.robustness.answers import Task
from mmaudit.audits.robustness.answers_by_condition import frame, gather
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.metrics import Meter, shared_modalities
from mmaudit.errors import UsageError
from mmaudit.measures.tasks.severity.breaking import Threshold, excess, next_severity, parse
from mmaudit.samples.parts import WHOLE


def limit_of(text: str | None) -> Threshold | None:
    """The limit that an option asks for; None where it asks for none.

    Raises:
        UsageError: It is not one.
    """
    limit = None if text is None else parse(text)
    if text is not None and limit is None:
        raise UsageError(
            f"{text!r} is not a limit",
            fix="a value of the primary metric, as 0.8, or a drop of it, as drop:0.1",
        )
    return limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Bisection:
    """The plan: the middle severity of every curve, then the half in which it crosses the limit.

    Attributes:
        conditions: All conditions that may be asked, clean first.
        task: What the columns mean.
        limit: The limit.
        seed: The run's seed.
    """

    conditions: Sequence[Condition]
    task: Task
    limit: Threshold
    seed: int

    order = None  # samples stay as they are

    @property
    def identity(self) -> Mapping[str, Any]:
        """Nothing beside the options of the audit."""
        return {}

    def next(self, read: Read, answered: Sequence[tuple[int, ...]]) -> Stage | None:
        """All samples under the next severity of each curve that is not yet bracketed."""
        done = {group for groups in answered for group in groups}
        crossed = self._crossed(read, sorted(done)) if done else {}
        numbers = {(c.series, c.severity): g for g, c in enumerate(self.conditions)}
        wanted = {g for g, c in enumerate(self.conditions) if c.severity is None} - done
        for name in dict.fromkeys(c.series for c in self.conditions if c.severity is not None):
            severity = next_severity(crossed.get(name, {}))
            if severity is not None:
                wanted.add(numbers[name, severity])
        return Stage(None, tuple(sorted(wanted))) if wanted else None

    def _crossed(self, read: Read, groups: Sequence[int]) -> dict[str, dict[int, bool]]:
        """Whether each severity of each curve that was asked crosses the limit."""
        whole = frame(read, self.seed)
        clean = gather(read, 0, self.task)
        if not clean:
            return {}
        shared = shared_modalities(self.task, whole, clean)
        meter = Meter(task=self.task, frame=whole, replicates=1, shared=shared)
        primary = meter.primary
        start = meter.measure(clean, WHOLE)[primary]
        crossed: dict[str, dict[int, bool]] = {}
        for group in groups:
            condition = self.conditions[group]
            if condition.severity is not None:
                there = meter.measure(gather(read, group, self.task), WHOLE)[primary]
                past = excess(start, there, self.limit, better=meter.better(primary))
                crossed.setdefault(condition.series, {})[condition.severity] = past.point > 0
        return crossed

    def finish(self, outcome: Outcome) -> Outcome:
        """What was found is in the summary."""
        return outcome
