"""Asking about the samples of a unit: whatever answers, a model or a table, is asked in one way."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from mmaudit.arrays import Floats, Mask, Scores
from mmaudit.models.base import Present
from mmaudit.models.load import Loaded
from mmaudit.samples.decode import Samples

Changed = Mapping[str, list[Any]]  # values of the modalities that a condition touches


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(ABC):
    """Something that answers, under one absence policy, and the samples of one unit.

    Every answer is a list with one entry for each share of the donors, one where there are no
    shares: probabilities ``(sample, class)``, numbers ``(sample,)``, or embeddings ``(sample,
    modality, d)``.

    Attributes:
        loaded: What answers, for what it says of itself.
        samples: The decoded samples.
        kinds: Kind of each of the modalities that it is asked about, in its order.
        needs_values: Whether it looks at values; a table of answers goes by names of conditions.
    """

    loaded: Loaded
    samples: Samples
    kinds: Mapping[str, str]
    needs_values: ClassVar[bool] = True

    @property
    def present(self) -> Mask:
        """Which modalities each sample has; each column lies in one piece, as models get it."""
        columns = [self.samples.present[m] for m in self.kinds]
        return np.array(columns, bool).reshape(len(columns), len(self.samples)).T

    @property
    def shares(self) -> int:
        """How many shares of the donors there are."""
        return 1

    @property
    def passes(self) -> int:
        """How often the model is asked for one answer of a share."""
        return 1

    @abstractmethod
    def under(self, condition: str, present: Present, changed: Changed) -> list[Scores]:
        """The answers under one condition of a sweep.

        Args:
            condition: Its name.
            present: Which values are there, ``(sample,)`` for each modality.
            changed: Values of the modalities that it touches, None where absent.
        """

    @abstractmethod
    def answers(self, there: Mask) -> list[Scores]:
        """The answers when only these modalities are there."""

    @abstractmethod
    def coalitions(self, rows: Sequence[Sequence[bool]]) -> list[list[Scores]]:
        """The answers when everyone has no more than some modalities, by coalition.

        Args:
            rows: Which modalities each coalition has, in the order of ``kinds``; none has all.
        """

    def lengths(self) -> Floats | None:
        """Length of each encoded modality, ``(sample, modality)``; None without two stages."""
        return None

    def weights(self) -> Floats | None:
        """Fusion weights on the samples as they are, ``(sample, modality)``; None without any."""
        return None

    def evidence(self) -> Floats | None:
        """Evidence for each class, ``(sample, modality, class)``; None without any."""
        return None
