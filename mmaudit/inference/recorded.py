"""Recorded: answers that were made elsewhere, looked up by the names of conditions.

The conditions of coalitions are those of a sweep over subsets: ``clean`` with everything,
``present:a,b`` with some, ``present:none`` with nothing, modalities in the order of the manifest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, ClassVar

import numpy as np

from mmaudit.arrays import Mask, Scores
from mmaudit.errors import IncompleteError, UsageError
from mmaudit.inference.base import Asking, Changed
from mmaudit.inference.check import check_answers
from mmaudit.measures.games.coalitions import members
from mmaudit.models.adapters.predictions import Predictions
from mmaudit.models.base import Present
from mmaudit.models.load import Loaded
from mmaudit.names import CLEAN, subset

SHOWN = 3  # missing conditions that are named
HOW = (
    "mmaudit robustness DATASET --missing --export FOLDER writes the samples under every one of "
    "them; ask the model there, and add its answers"
)


def table_of(loaded: Loaded) -> Predictions | None:
    """The table of answers that was loaded; None where a model was, which is asked with values."""
    return loaded.model if isinstance(loaded.model, Predictions) else None


def condition(modalities: Sequence[str], row: Sequence[bool]) -> str:
    """The condition under which only some modalities were there."""
    return CLEAN if all(row) else subset(compress(modalities, row))


def check_recorded(
    table: Predictions, spec: str, modalities: Sequence[str], flags: Mapping[str, Any]
) -> None:
    """Refuse a table that lacks a subset, and what a table cannot be asked.

    Args:
        table: The table.
        spec: How it was asked for, for messages.
        modalities: The players.
        flags: What is wanted beside the coalitions, by the name of its flag.

    Raises:
        UsageError: Something is wanted that only a model that runs can answer.
        IncompleteError: There are no answers for some subset.
    """
    for flag, value in flags.items():
        if value:
            raise UsageError(
                f"a table of answers cannot be asked with --{flag}",
                where=spec,
                fix=f"no --{flag}, or a model that runs here",
            )
    wanted = [condition(modalities, row) for row in members(len(modalities)).tolist()]
    lacking = [name for name in wanted if name not in table.conditions]
    if lacking:
        more = " …" if len(lacking) > SHOWN else ""
        raise IncompleteError(
            f"there are no answers for {len(lacking)} of the {len(wanted)} subsets of "
            f"{', '.join(modalities)}: {', '.join(map(repr, lacking[:SHOWN]))}{more}",
            where=spec,
            fix=HOW,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAsking(Asking):
    """A table of answers, and the samples of one unit; nothing is stacked, nothing is encoded.

    Attributes:
        table: The answers by id and condition.
    """

    table: Predictions
    needs_values: ClassVar[bool] = False

    def under(self, condition: str, present: Present, changed: Changed) -> list[Scores]:
        """The answers under one condition, checked as those of any model."""
        del present, changed
        return [self._checked(condition)]

    def answers(self, there: Mask) -> list[Scores]:
        """The answers with everything that each sample has.

        Raises:
            ValueError: Something else is asked for; then it must be a coalition.
        """
        if not np.array_equal(there, self.present):
            raise ValueError("a table of answers knows coalitions, and not single samples' masks")
        return [self._checked(CLEAN)]

    def coalitions(self, rows: Sequence[Sequence[bool]]) -> list[list[Scores]]:
        """The answers when everyone has no more than some modalities, by coalition."""
        return [[self._checked(condition(tuple(self.kinds), row))] for row in rows]

    def _checked(self, name: str) -> Scores:
        ids = self.samples.ids
        named = [f"{one} under {name}" for one in ids]
        return check_answers(self.table.answers(ids, name), len(ids), self.loaded.info, named)
