"""Rows of all subsets of modalities together, which need all samples under each of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.numbers.policies import Duel, subsets_by_policy
from mmaudit.audits.robustness.numbers.subsets import SUBSET
from mmaudit.measures.tasks.absence.policies import GAIN
from mmaudit.measures.tasks.absence.subsets import AREA, EQUITY, MEAN, RIGHT, SAME, WORST
from mmaudit.names import absent, under, up_to


@dataclass(frozen=True, slots=True)
class SubsetRow:
    """One row that the summary may have.

    Attributes:
        name: Its condition.
        metric: Its metric.
        groups: Numbers of the conditions that it is made of.
    """

    name: str
    metric: str
    groups: list[int]


def subset_rows(conditions: Sequence[Condition], metrics: Sequence[str]) -> Iterator[SubsetRow]:
    """The rows of what holds under every subset, and of policies against each other.

    Args:
        conditions: The conditions of the sweep, clean first.
        metrics: The metrics of the task.
    """
    every = len(conditions[0].present)
    by: dict[tuple[str | None, int], list[int]] = {}
    for group, c in enumerate(conditions):
        gone = every - len(c.present)
        if c.corruption == SUBSET and gone < every:
            by.setdefault((c.absent, gone), []).append(group)
    for (policy, count), groups in by.items():
        some = [0, *(g for (p, k), own in by.items() if p == policy and k <= count for g in own)]
        for metric in (f"{m}{end}" for m in metrics for end in (WORST, MEAN, EQUITY)):
            yield SubsetRow(under(absent(count), policy), metric, [0, *groups])
        for metric in (SAME, RIGHT):
            yield SubsetRow(under(up_to(count), policy), metric, some)
        if count == every - 1:
            for metric in metrics:
                yield SubsetRow(under(SUBSET, policy), f"{metric}{AREA}", some)
    for present, policies in subsets_by_policy(conditions).items():
        for first, second in combinations(policies, 2):
            name = Duel(present, first, second).condition.name
            both = [policies[first], policies[second]]
            yield from (SubsetRow(name, f"{m}{GAIN}", both) for m in metrics)
