"""Policies: which absence policy is better under which subset of modalities, on the same samples.

References:
    Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x (many comparisons at once)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import pyarrow as pa

from mmaudit.audits.base import Read
from mmaudit.audits.robustness.answers_by_condition import Arrays, gather
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.interactions import estimate
from mmaudit.audits.robustness.metrics import Meter
from mmaudit.audits.robustness.numbers.subsets import SUBSET, SubsetNumber
from mmaudit.measures.intervals.evidence import Mean
from mmaudit.measures.tasks.absence.policies import GAIN, shown
from mmaudit.names import ALL, subset
from mmaudit.rows import Estimate
from mmaudit.samples.parts import Part

HEADS = ("present", "policy", "over", "value", "low", "high", "n", "better")
Present = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duel:
    """Two policies under one subset.

    Attributes:
        present: The subset.
        policy: The first policy.
        over: The second one.
    """

    present: Present
    policy: str
    over: str

    @property
    def condition(self) -> Condition:
        """The key of its row."""
        return Condition(
            name=f"{subset(self.present)} ({self.policy} over {self.over})",
            corruption=SUBSET,
            present=self.present,
            absent=self.policy,
        )


@dataclass(frozen=True, slots=True)
class Duels:
    """All comparisons of policies.

    Attributes:
        numbers: How much better the first of two policies is, by part of the samples.
        signs: 1 where the first is shown to be better, -1 where the second is, else 0.
    """

    numbers: tuple[SubsetNumber, ...]
    signs: Mapping[Duel, int]

    @property
    def table(self) -> pa.Table:
        """One row a comparison of all samples; ``better`` is empty where neither is shown to be."""
        of_all = {n.condition.name: n.estimate for n in self.numbers if n.slice == ALL}
        rows = [_row(duel, sign, of_all[duel.condition.name]) for duel, sign in self.signs.items()]
        return pa.table({name: [row[i] for row in rows] for i, name in enumerate(HEADS)})

    @property
    def says(self) -> tuple[str, ...]:
        """How many comparisons show a better policy, one sentence; at most 5 % say so of none."""
        if not self.signs:
            return ()
        wins: dict[str, int] = {}
        for duel, sign in self.signs.items():
            if sign:
                better = duel.policy if sign > 0 else duel.over
                wins[better] = wins.get(better, 0) + 1
        count = len(self.signs)
        if not wins:
            return (f"No absence policy is shown to be better than another ({count} compared).",)
        named = ", ".join(f"{policy} in {wins[policy]}" for policy in sorted(wins))
        return (f"Absence policies shown to be better, of {count} comparisons: {named}.",)


def duels(conditions: Sequence[Condition], meter: Meter, read: Read) -> Duels:
    """Compare every two policies under every subset, the answers to one subset in memory.

    The family of all comparisons of all samples is corrected together.

    Args:
        conditions: The conditions of the sweep, clean first.
        meter: Measures the answers of all samples.
        read: Reads back the units' tables.
    """
    some = replace(meter, replicates=2)  # no interval is made of the draws
    sign = 1.0 if meter.better(meter.primary) == "higher" else -1.0
    numbers: list[SubsetNumber] = []
    family: dict[Duel, Mean] = {}
    for present, groups in subsets_by_policy(conditions).items():
        answers = {policy: gather(read, g, meter.task) for policy, g in groups.items()}
        whole = {p: a for p, a in answers.items() if _size(a) == meter.frame.keys.size}
        for part in meter.frame.parts:
            mains = {p: _main(some, a, part) for p, a in whole.items()}
            for first, second in combinations(mains, 2):
                one, other = mains[first], mains[second]
                if one is None or other is None:
                    continue
                gain = one.minus(other) if sign > 0 else other.minus(one)
                duel, metric = Duel(present, first, second), f"{meter.primary}{GAIN}"
                numbers.append(SubsetNumber(duel.condition, part.name, metric, estimate(gain)))
                if part.name == ALL:
                    family[duel] = gain
    signs = shown(list(family.values()))
    return Duels(tuple(numbers), dict(zip(family, signs, strict=True)))


def subsets_by_policy(conditions: Sequence[Condition]) -> Mapping[Present, dict[str, int]]:
    """The numbers of the conditions by subset, then by policy; where there are several."""
    by: dict[Present, dict[str, int]] = {}
    for group, c in enumerate(conditions):
        if c.corruption == SUBSET and c.absent:
            by.setdefault(c.present, {})[c.absent] = group
    return {present: groups for present, groups in by.items() if len(groups) > 1}


def _size(answers: Arrays) -> int:
    return len(next(iter(answers.values()))) if answers else 0


def _main(meter: Meter, answers: Arrays, part: Part) -> Mean | None:
    """The main metric of a part, where it is a mean of one value a sample."""
    main = meter.measure(answers, part).get(meter.primary)
    evidence = None if main is None else main.evidence
    return evidence if isinstance(evidence, Mean) and evidence.rows is None else None


def _row(duel: Duel, sign: int, gain: Estimate) -> Sequence[object]:
    better = {1: duel.policy, -1: duel.over}.get(sign, "")
    numbers = (gain.value, gain.low, gain.high, gain.n)
    return (",".join(duel.present), duel.policy, duel.over, *numbers, better)
