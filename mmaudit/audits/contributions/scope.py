"""What was played, and by what its samples are drawn again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.inference.runs_of_donors import run_keys, words_of
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.samples.parts import units


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What was played.

    Attributes:
        values: Names of the worths, in the order of the row groups.
        policies: Absence policies, likewise; each has a row group for every worth.
        modalities: Names of the players.
        task: ``class``, ``number`` or ``embedding``.
        seed: Seed of the bootstrap.
        replicates: Bootstrap replicates of every interval.
        classes: How many classes the model has; 0 where it answers with something else.
        prior: Share of each class among the labels; empty without labels.
        training: Mean loss on training samples with everything (``""``) and with each modality
            alone; empty where it was not asked for.
        plan: Level of the training plan; empty where none is made.
        runs: How many runs of donors the samples share, by policy, where that is not nothing; 0
            where too few donors make no runs.
    """

    values: tuple[str, ...]
    policies: tuple[str, ...]
    modalities: tuple[str, ...]
    task: str
    seed: int
    replicates: int
    classes: int = 0
    prior: Mapping[str, float] = field(default_factory=dict)
    training: Mapping[str, Replicates] = field(default_factory=dict)
    plan: str = ""
    runs: Mapping[str, int] = field(default_factory=dict)
    _keys: list[NDArray[np.uint64]] = field(default_factory=list)  # of each unit, once hashed
    _words: list[NDArray[np.uint64]] = field(default_factory=list)

    def keys(self, place: int, table: pa.Table) -> NDArray[np.uint64]:
        """Bootstrap keys of the rows of one unit, ``(row,)``.

        The rows of every row group are the same samples, so they are hashed once for all numbers.

        Args:
            place: Which unit.
            table: Its rows; units come in order.
        """
        if place == len(self._keys):
            self._keys.append(unit_keys(self.seed, units(table)))
        return self._keys[place]

    def shared(
        self, place: int, table: pa.Table, groups: Sequence[int]
    ) -> NDArray[np.uint64] | None:
        """Keys of the runs of donors of the rows of one unit; None where intervals need none.

        Args:
            place: As of `keys`.
            table: Likewise.
            groups: The row groups that are looked at together.
        """
        policies = {self.policies[group // len(self.values)] for group in groups}
        runs = min((n for p, n in self.runs.items() if n and p in policies), default=0)
        if not runs:
            return None
        if place == len(self._words):
            self._words.append(words_of(self.seed, [str(unit) for unit in units(table)]))
        return run_keys(self.seed, self._words[place], runs)

    def group(self, policy: str, value: str) -> int:
        """The row group of one worth under one policy."""
        return self.policies.index(policy) * len(self.values) + self.values.index(value)
