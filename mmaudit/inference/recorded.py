"""Recorded: answers that were made elsewhere with every subset of the modalities, looked up.

The conditions are those of a sweep over subsets: ``clean`` with everything, ``present:a,b`` with
some, ``present:none`` with nothing, modalities in the order of the manifest.
"""

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.errors import IncompleteError, UsageError
from mmaudit.inference.ask import Asking, There
from mmaudit.inference.check import check_answers
from mmaudit.measures.games.coalitions import members
from mmaudit.models.adapters.predictions import Predictions
from mmaudit.models.load import Loaded

CLEAN = "clean"
NOBODY = "none"
SHOWN = 3  # missing conditions that are named
HOW = (
    "mmaudit robustness DATASET --missing --export FOLDER writes the samples under every one of "
    "them; ask the model there, and add its answers"
)


def is_recorded(loaded: Loaded) -> bool:
    """Whether a model is a table of answers."""
    return isinstance(loaded.model, Predictions)


def condition(modalities: Sequence[str], row: Sequence[bool]) -> str:
    """The condition under which only some modalities were there."""
    if all(row):
        return CLEAN
    return f"present:{','.join(compress(modalities, row)) or NOBODY}"


def check_recorded(loaded: Loaded, modalities: Sequence[str], asked: Mapping[str, Any]) -> None:
    """Refuse a table that lacks a subset, and what a table cannot be asked.

    Args:
        loaded: The table.
        modalities: The players.
        asked: What was asked for beside the coalitions, by the name of its flag.

    Raises:
        UsageError: Something was asked for that only a model that runs can answer.
        IncompleteError: There are no answers for some subset.
    """
    for flag, value in asked.items():
        if value:
            raise UsageError(
                f"a table of answers cannot be asked with --{flag}",
                where=loaded.info.spec,
                fix=f"no --{flag}, or a model that runs here",
            )
    wanted = [condition(modalities, row) for row in members(len(modalities)).tolist()]
    lacking = [name for name in wanted if name not in loaded.model.conditions]  # type: ignore[attr-defined]
    if lacking:
        more = " …" if len(lacking) > SHOWN else ""
        raise IncompleteError(
            f"there are no answers for {len(lacking)} of the {len(wanted)} subsets of "
            f"{', '.join(modalities)}: {', '.join(map(repr, lacking[:SHOWN]))}{more}",
            where=loaded.info.spec,
            fix=HOW,
        )


class Recorded(Asking):
    """A table of answers, and the samples of one unit; nothing is stacked, nothing is encoded."""

    def __post_init__(self) -> None:
        """Nothing is made ready: a table is only looked into."""

    def answers(self, there: There) -> list[NDArray[np.float32]]:
        """The answers with everything that each sample has.

        Raises:
            ValueError: Something else is asked for; then it must be a coalition.
        """
        if not (there == self.present).all():
            raise ValueError("a table of answers knows coalitions, and not single samples' masks")
        return [self._found(CLEAN)]

    def coalitions(self, rows: Sequence[Sequence[bool]]) -> list[list[NDArray[np.float32]]]:
        """The answers when everyone has no more than some modalities."""
        return [[self._found(condition(tuple(self.kinds), row))] for row in rows]

    def lengths(self) -> None:
        """Nothing is encoded."""

    def _found(self, name: str) -> NDArray[np.float32]:
        ids = self.samples.ids
        scores = self.loaded.model.answers(ids, name)  # type: ignore[attr-defined]
        return check_answers(scores, len(ids), self.loaded.info)
