"""What a sweep does with the samples of a unit beside its damages: worst cases and attacks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from mmaudit.audits.robustness.answers import Task
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.worst.attacks import Attack, Attacked
from mmaudit.audits.robustness.worst.cases import WORST, WorstAnswers
from mmaudit.samples.decode import Samples
from mmaudit.seeds import words

ZERO = "zero_gradient"  # column of the answers: whether no gradient showed an attack a way
Answers = Callable[[Condition, int], pa.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a sweep asks beside its damages.

    Attributes:
        worst: Whether worst cases are asked for.
        seeds: Seed of each draw of the randomness that these choose among, the run's own first.
        attack: What attacks; None where nothing is attacked.
    """

    worst: bool
    seeds: tuple[int, ...]
    attack: Attack | None

    def columns(self, n: int) -> dict[str, pa.Array]:
        """The columns that only some conditions fill, for ``n`` samples."""
        out: dict[str, pa.Array] = {}
        if self.worst:
            out[WORST] = pa.nulls(n, pa.string())
        if self.attack is not None:
            out[ZERO] = pa.nulls(n, pa.bool_())
        return out


def seeds_of_draws(seed: int, draws: int) -> tuple[int, ...]:
    """The run's seed, then one for each further draw of every corruption's randomness."""
    further = (words(seed, f"draw {k} of the worst case").key >> 1 for k in range(1, draws))
    return (seed, *further)


def tables(
    conditions: Sequence[Condition], task: Task, draws: int, answers: Answers
) -> Iterator[pa.Table]:
    """The answers under every condition, in their order; worst cases are kept up on the way.

    Args:
        conditions: The conditions; members of worst cases that are not among them are asked too.
        task: What is asked.
        draws: Draws of the randomness that worst cases choose among.
        answers: The answers under a condition that is no worst case, with one of the draws.
    """
    waiting = [WorstAnswers(c, task) for c in conditions if c.worst_of]

    def answered(condition: Condition, draw: int) -> pa.Table:
        table = answers(condition, draw)
        for one in waiting:
            if one.lacks(condition, draw):
                one.add(condition, draw, table)
        return table

    for condition in conditions:
        if not condition.worst_of:
            yield answered(condition, 0)
            continue
        one = waiting[0]
        for draw in range(draws):
            for member in condition.worst_of:
                if one.lacks(member, draw):
                    answered(member, draw)
        yield one.table()
        del waiting[0]


@dataclass(frozen=True, slots=True)
class UnitAttacks:
    """The attacks on the samples of a unit, each modality once for all severities.

    Attributes:
        samples: The decoded samples.
        conditions: The conditions of the sweep.
    """

    samples: Samples
    conditions: Sequence[Condition]
    _done: dict[str, list[Attacked]] = field(default_factory=dict)

    def under(self, condition: Condition, attack: Attack) -> Attacked:
        """The answers under one condition."""
        modality = condition.modality
        if modality not in self._done:
            severities = (c.severity or 0 for c in self.conditions if c.attacks)
            self._done[modality] = attack.on(modality, self.samples, max(severities))
        return self._done[modality][(condition.severity or 1) - 1]


def zero_gradients(attacked: Attacked) -> pa.Array:
    """The column of whether no gradient showed a way; null where the modality is absent."""
    return pa.array(attacked.unmoved, pa.bool_(), mask=np.isnan(attacked.distance))
