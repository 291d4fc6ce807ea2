"""What an imputer is: it learns from training samples, and fills in by what a sample has.

An imputer is a part: the module ``imputers/ridge.py`` is the imputer ``ridge``, and ``--absent
ridge`` asks a model with what it fills in. It is handed decoded values and nothing else: no label,
no id, no sample that is audited.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from mmaudit import contract
from mmaudit.arrays import Bools, Words
from mmaudit.errors import InputError, UsageError
from mmaudit.models.base import Batch, Present

KIND = "imputers"


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """Training samples, in the order of permanent random numbers of their ids.

    Attributes:
        kinds: Kind of each modality.
        values: ``n`` decoded values of each modality, None where absent.
        present: Which are there, ``(n,)`` for each modality.
    """

    kinds: Mapping[str, str]
    values: Mapping[str, list[Any]]
    present: Mapping[str, Bools]

    def __len__(self) -> int:
        return len(next(iter(self.present.values())))

    def some(self, mask: Bools) -> "TrainingSet":
        """Those of a mask, ``(n,)``."""
        rows = np.flatnonzero(mask)
        return TrainingSet(
            self.kinds,
            {m: [values[i] for i in rows] for m, values in self.values.items()},
            {m: there[mask] for m, there in self.present.items()},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Incomplete:
    """Samples of which something is absent.

    Attributes:
        values: ``n`` decoded values of each modality; what is absent holds a place and is not
            looked at.
        present: Which are there, ``(n,)`` for each modality.
        words: Random number of each sample, ``(n,)``, the same whatever else is in the batch.
    """

    values: Batch
    present: Present
    words: Words

    def __len__(self) -> int:
        return self.words.size

    def pattern(self, row: int, but: str) -> tuple[str, ...]:
        """The modalities that a sample has, without one of them."""
        return tuple(m for m, there in self.present.items() if there[row] and m != but)


class Fitted(Protocol):
    """An imputer that has seen the training samples."""

    def fill(self, samples: Incomplete, modality: str) -> list[list[Any]]:
        """Fill in one modality wherever it is absent.

        Args:
            samples: The samples; row ``i`` is filled by row ``i`` alone.
            modality: What is filled in.

        Returns:
            ``[value][absent row]``: one value for each sample that lacks it, in their order, or
            as many as were asked for where the imputer is one of `Imputer.SEVERAL`.
        """
        ...


class Imputer(Protocol):
    """The module of an imputer."""

    SOURCE: str  # paper, and where we differ
    COUNT: int  # a usual number after the colon, as 5 in ``knn:5``; 0: it takes none
    SEVERAL: bool  # whether it fills in so many values, over which answers are averaged

    def fit(self, training: TrainingSet, count: int) -> Fitted:
        """Learn from training samples.

        Args:
            training: The samples, at least one, any of which may lack modalities.
            count: The number after the colon; 0 where it takes none.

        Raises:
            UsageError: It cannot fill in one of the modalities.
            InputError: Too few of the samples have one.
        """
        ...


def check(name: str, part: object) -> None:
    """Refuse a module that is no imputer.

    Raises:
        InputError: It lacks something; all of it is named.
    """
    contract.check(KIND, name, part, Imputer)


def check_there(training: TrainingSet, policy: str, fewest: int) -> None:
    """Refuse to fill in what too few training samples have.

    Raises:
        InputError: Fewer than so many have a modality.
    """
    for modality, there in training.present.items():
        count = int(there.sum())
        if count < fewest:
            raise InputError(
                f"{policy} needs {fewest} training samples with {modality!r} to fit on, and "
                f"{count} of {len(training):,} have it",
                fix="more training samples that have it, or --absent zeros",
            )


def refused(policy: str, modality: str, kind: str, why: str) -> UsageError:
    """The refusal of a modality that an imputer cannot fill in."""
    return UsageError(
        f"{policy} cannot fill in {modality!r} of the kind {kind}: {why}",
        fix="--absent conditional:16, which takes the values of other samples as they are",
    )
