"""Subsets: what a sweep over all subsets of modalities says of every number of absent ones.

Conditions go by one after another; of each policy and number of absent modalities there is kept
which answers held so far and the sum of the main metric, so memory does not grow with the subsets.
A modality that a sample lacks anyway is absent under every subset.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mmaudit.arrays import Bools
from mmaudit.audits.robustness.answers_by_condition import Arrays
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.metrics import Meter
from mmaudit.audits.robustness.numbers.flips import correct, same
from mmaudit.bounds.means import TAIL
from mmaudit.measures.intervals.bootstrap import groups_of
from mmaudit.measures.intervals.evidence import Mean
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.measures.tasks.absence import subsets
from mmaudit.names import ALL, absent, under, up_to
from mmaudit.rows import Estimate

SUBSET = "missing/subset"


@dataclass(frozen=True, slots=True)
class SubsetNumber:
    """One number of the subsets of a policy.

    Attributes:
        condition: The row's key.
        slice: Part of the samples.
        metric: What was measured.
        estimate: The number.
    """

    condition: Condition
    slice: str
    metric: str
    estimate: Estimate


@dataclass(slots=True)
class _Level:
    """What is kept of the subsets with so many modalities absent.

    Attributes:
        same: Which answers were the clean one under all so far, ``(n,)``; None where none can be.
        right: Which were right under all so far, likewise.
        conditions: The subsets, in the order in which they were asked.
        heights: What is kept of each subset, by part of the samples.
        total: Sum of the main metric over them, by part.
    """

    same: Bools | None
    right: Bools | None
    conditions: list[Condition] = field(default_factory=list)
    heights: dict[str, list[subsets.Height]] = field(default_factory=dict)
    total: dict[str, Mean] = field(default_factory=dict)


def _both(first: Bools | None, second: Bools | None) -> Bools | None:
    return None if first is None or second is None else first & second


@dataclass(slots=True, kw_only=True)
class Subsets:
    """All subsets of a sweep.

    Attributes:
        meter: Measures the answers of all samples.
        clean: The clean answers.
        modalities: All modalities.
    """

    meter: Meter
    clean: Arrays
    modalities: tuple[str, ...]
    _levels: dict[tuple[str | None, int], _Level] = field(default_factory=dict)

    def add(self, condition: Condition, answers: Arrays, mains: Mapping[str, Replicates]) -> None:
        """Look at one condition; what is no subset, or was not asked of all samples, is passed by.

        Args:
            condition: The condition.
            answers: The answers under it.
            mains: The main metric under it, by part of the samples.
        """
        count = len(self.modalities) - len(condition.present)
        size = len(next(iter(answers.values())))
        if condition.corruption != SUBSET or not 0 < count < len(self.modalities):
            return
        if size != self.meter.frame.keys.size:
            return
        key = condition.absent, count
        if key not in self._levels:
            before = correct(self.meter.task, self.clean)
            every = None if before is None else np.ones(size, np.bool_)
            self._levels[key] = _Level(every, before)
        level = self._levels[key]
        level.conditions.append(condition)
        after, unchanged = (
            correct(self.meter.task, answers),
            same(self.meter.task, self.clean, answers),
        )
        level.same = _both(level.same, unchanged)
        level.right = _both(level.right, after)
        for part, main in mains.items():
            if isinstance(main.evidence, Mean):
                evidence, of = main.evidence, self._of(count)
                heights = level.heights.setdefault(part, [])
                heights.append(subsets.height(main.point, main.n, evidence, of))
                level.total[part] = subsets.summed(level.total.get(part), evidence)

    def _of(self, count: int) -> int:
        return math.comb(len(self.modalities), count)

    @property
    def policies(self) -> tuple[str | None, ...]:
        """The absence policies under which subsets were asked."""
        return tuple(dict.fromkeys(policy for policy, _ in self._levels))

    def numbers(self) -> Iterator[SubsetNumber]:
        """All numbers, of every policy and part; only of what was asked of every subset."""
        for policy in self.policies:
            whole = self._whole(policy)
            for part in self.meter.frame.parts:
                yield from self._certificates(policy, whole, part.name)
                for count in whole:
                    yield from self._level(policy, count, part.name)
                yield from self._area(policy, whole, part.name)

    def _whole(self, policy: str | None) -> tuple[int, ...]:
        """Of which numbers of absent modalities every subset was asked, from 1 on."""
        counts = range(1, len(self.modalities))
        full = [
            (policy, k) in self._levels and len(self._levels[policy, k].conditions) == self._of(k)
            for k in counts
        ]
        return tuple(k for k, there in zip(counts, full, strict=True) if there)

    def _certificates(
        self, policy: str | None, whole: Sequence[int], name: str
    ) -> Iterator[SubsetNumber]:
        """Under every subset with at most so many absent: from 1 on, as far as all were asked."""
        part = next(p for p in self.meter.frame.parts if p.name == name)
        holds: dict[str, Bools] = {}
        for count in range(1, len(self.modalities)):
            if count not in whole:
                return
            level = self._levels[policy, count]
            for metric, now in ((subsets.SAME, level.same), (subsets.RIGHT, level.right)):
                if now is None:
                    return
                holds[metric] = holds[metric] & now if metric in holds else now
                there = part.of(holds[metric])
                estimate = subsets.certificate(there, groups_of(part.of(self.meter.frame.keys)))
                yield SubsetNumber(self._row(up_to(count), policy), name, metric, estimate)

    def _level(self, policy: str | None, count: int, name: str) -> Iterator[SubsetNumber]:
        """The worst, the mean and the equity of the subsets with so many absent."""
        level = self._levels[policy, count]
        heights = level.heights.get(name, [])
        if len(heights) != self._of(count):
            return
        at, worst = subsets.worst(heights, better=self.meter.better(self.meter.primary))
        title = absent(count)
        condition = self._row(title, policy, level.conditions[at])
        yield SubsetNumber(condition, name, f"{self.meter.primary}{subsets.WORST}", worst)
        condition = self._row(title, policy)
        mean = self._estimate(subsets.averaged(level.total[name], len(heights)), heights)
        yield SubsetNumber(condition, name, f"{self.meter.primary}{subsets.MEAN}", mean)
        equity = subsets.equity(heights) if len(heights) > 1 else None
        if equity is not None:
            yield SubsetNumber(condition, name, f"{self.meter.primary}{subsets.EQUITY}", equity)

    def _area(self, policy: str | None, whole: Sequence[int], name: str) -> Iterator[SubsetNumber]:
        """The mean over the numbers of absent modalities of the mean over their subsets."""
        levels = [self._levels[policy, k] for k in whole]
        if len(whole) < len(self.modalities) - 1 or not all(name in x.total for x in levels):
            return
        total: Mean | None = None
        for level in levels:
            mean = subsets.averaged(level.total[name], len(level.conditions))
            total = subsets.summed(total, mean)
        if total is not None:
            mean = subsets.averaged(total, len(levels))
            estimate = self._estimate(mean, levels[0].heights[name])
            condition = self._row(SUBSET, policy)
            yield SubsetNumber(condition, name, f"{self.meter.primary}{subsets.AREA}", estimate)

    def _estimate(self, mean: Mean, heights: Sequence[subsets.Height]) -> Estimate:
        value = math.fsum(np.asarray(mean.values, np.float64).tolist()) / mean.values.size
        low, high = mean.ends(TAIL)
        return Estimate(value, min(low, value), max(high, value), heights[0].n)

    def _row(self, title: str, policy: str | None, one: Condition | None = None) -> Condition:
        """The key of a row, which names a subset where it is about one."""
        return Condition(
            name=under(title, policy),
            modality=one.modality if one else "",
            corruption=SUBSET,
            present=one.present if one else (),
            absent=policy,
        )

    def left_out(self, conditions: Sequence[Condition]) -> Iterator[str]:
        """Of which subsets nothing holds for all, as not each was asked of all samples.

        Args:
            conditions: Those of the sweep.
        """
        counts: dict[tuple[str | None, int], int] = {}
        for c in conditions:
            count = len(self.modalities) - len(c.present)
            if c.corruption == SUBSET and 0 < count < len(self.modalities):
                counts[c.absent, count] = counts.get((c.absent, count), 0) + 1
        for policy in dict.fromkeys(policy for policy, _ in counts):
            for count in (k for p, k in counts if p == policy and k not in self._whole(policy)):
                level = self._levels.get((policy, count))
                some = f"{len(level.conditions) if level else 0} of {self._of(count)}"
                how = f" (absent values: {policy})" if policy else ""
                yield (
                    f"Nothing is told of all subsets with {count} absent{how}: "
                    f"{some} were asked of all samples."
                )

    def says(self, numbers: Sequence[SubsetNumber]) -> tuple[str, ...]:
        """How many answers are right whichever one modality is absent, one sentence a policy."""
        return tuple(
            f"Whichever one modality is absent, {one.estimate} of the answers are right each time"
            + (f" (absent values: {one.condition.absent})." if one.condition.absent else ".")
            for one in numbers
            if one.slice == ALL
            and one.metric == subsets.RIGHT
            and one.condition.name.partition(" (")[0] == up_to(1)
        )
