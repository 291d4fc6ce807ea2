"""Asking for coalitions: what each is worth, and facts about the answers of a few of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Mask, Scores
from mmaudit.inference.averages import mean_of_shares, without_each
from mmaudit.inference.base import Asking
from mmaudit.measures.balance.beliefs import Beliefs, beliefs
from mmaudit.measures.games.worth import Reference, worths_of

TOGETHER = 1 << 19  # bytes of answers that are judged at once, so that they stay in the cache;
# as often more as an answer takes passes, beside which that is nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is right, in the columns of the model.

    Attributes:
        kind: ``class``, ``number``, ``embedding`` or ``multilabel``.
        labels: Column of the true class, or the true number, ``(sample,)``, or which of several
            labels are true ``(sample, label)``; None without labels.
        names: Names of the model's columns.
    """

    kind: str
    labels: NDArray[np.generic] | None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What one coalition's answers say, whatever the worth.

    Attributes:
        error: Squared error of a number, or mean squared error of the probabilities of several
            labels, ``(sample,)``; None for probabilities of classes.
        beliefs: What probabilities say; None for numbers.
    """

    error: Floats | None = None
    beliefs: Beliefs | None = None

    @property
    def loss(self) -> Floats:
        """Negative log of the true class's probability in nats, or squared error, ``(sample,)``."""
        if self.beliefs is not None:
            return self.beliefs.loss
        if self.error is None:
            raise ValueError("facts are of a number or of probabilities")
        return self.error


class CoalitionWorths:
    """The worth of coalitions by several value functions.

    Attributes:
        recorded: Numbers of the coalitions whose facts are kept.
        anywhere: Number of the coalition of all that any sample has.
        whole: The answer with everything that is present, ``(sample, …)``.
        facts: Facts by coalition number, of those in ``recorded`` that were asked for.
    """

    def __init__(
        self, asking: Asking, truth: Truth, worths: tuple[str, ...], recorded: set[int]
    ) -> None:
        self.asking, self.truth, self.recorded = asking, truth, recorded
        own = worths_of(truth.kind, truth.names)
        self.functions = [own[name] for name in worths]
        self.present = asking.present
        self.anywhere = sum(1 << m for m in np.flatnonzero(self.present.any(axis=0)).tolist())
        self.labels = _labels(truth)
        self.facts: dict[int, Facts] = {}
        self.first = asking.answers(self.present)
        self.whole = mean_of_shares(self.first)

    def worth(self, there: Mask) -> Floats:
        """Worth of a coalition that may be another one for each sample, ``(sample, value)``."""
        there = there & self.present
        shares = self.first if there.all() else self.asking.answers(there)
        return np.stack(self._valued(mean_of_shares(shares), there), axis=1)

    def worths(self, numbers: Sequence[int]) -> tuple[Floats, Floats | None]:
        """Worth of coalitions.

        Args:
            numbers: Their numbers, in any order.

        Returns:
            ``(value, coalition, sample)``, and the same without each share of the donors, with
            another axis in front; None where there are no shares.
        """
        same = self._same(numbers)  # what no sample has makes no difference
        alike = list(same)
        count = self.asking.shares
        table = np.empty((len(self.functions), len(alike), len(self.present)))
        by_share = np.empty((count, *table.shape)) if count > 1 else None
        size = max(1, self.asking.passes * TOGETHER // max(1, count * self.whole.nbytes))
        for start in range(0, len(alike), size):
            for place, (row, shares) in enumerate(
                self._answers(alike[start : start + size]), start
            ):
                answers = mean_of_shares(shares)
                for number in same[alike[place]]:
                    self._keep(number, answers)
                for k, worth in enumerate(self._valued(answers, self.present, row)):
                    table[k, place] = worth
                if by_share is not None:
                    rest = without_each(shares)
                    by_value = [self._valued(some, self.present, row) for some in rest]
                    by_share[:, :, place] = by_value
        if len(alike) == len(numbers):
            return table, by_share
        places = {number: place for place, number in enumerate(alike)}
        at = [places[number & self.anywhere] for number in numbers]
        return table[:, at], None if by_share is None else by_share[:, :, at]

    def _same(self, numbers: Sequence[int]) -> dict[int, list[int]]:
        """Which coalitions are alike, by the smallest of them: they differ by who is nowhere."""
        same: dict[int, list[int]] = {}
        for number in numbers:
            same.setdefault(number & self.anywhere, []).append(number)
        return same

    def _answers(self, numbers: Sequence[int]) -> Iterator[tuple[list[bool], list[Scores]]]:
        """Who is in each coalition, and the answers of each share."""
        rows = [
            [bool(number >> m & 1) for m in range(len(self.asking.kinds))] for number in numbers
        ]
        whole = [number == self.anywhere for number in numbers]
        some = [row for row, every in zip(rows, whole, strict=True) if not every]
        answers = iter(self.asking.coalitions(some))
        for row, every in zip(rows, whole, strict=True):
            yield row, self.first if every else next(answers)

    def _valued(
        self, answers: NDArray[np.floating], there: Mask, joined: Sequence[bool] | None = None
    ) -> list[Floats]:
        reference = Reference(truth=self.labels, whole=self.whole, there=there, joined=joined)
        return [f(answers, reference) for f in self.functions]

    def _keep(self, number: int, answers: NDArray[np.floating]) -> None:
        if number not in self.recorded or self.labels is None:
            return
        if self.truth.kind == "number":
            error = answers.reshape(len(answers), -1)[:, 0] - self.labels
            self.facts[number] = Facts(error=error * error)
        elif self.truth.kind == "multilabel":
            self.facts[number] = Facts(error=np.nanmean((answers - self.labels) ** 2, axis=1))
        elif self.truth.kind == "class":
            alone = number.bit_count() == 1
            self.facts[number] = Facts(beliefs=beliefs(answers, self.labels, spread=alone))


def _labels(truth: Truth) -> NDArray[Any] | None:
    """The labels in the type that is reckoned with, once for all coalitions."""
    if truth.labels is None:
        return None
    return truth.labels.astype(np.int64 if truth.kind == "class" else np.float64, copy=False)
