"""Asking for coalitions: what each is worth, and facts about the answers of a few of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.audits._contributions.asking import Asking, There
from mmaudit.measures.beliefs import Beliefs, beliefs
from mmaudit.measures.worth import WORTHS, Given

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is right, in the columns of the model.

    Attributes:
        kind: ``class``, ``number`` or ``embedding``.
        labels: Column of the true class, or the true number, ``(sample,)``; None without labels.
    """

    kind: str
    labels: NDArray[np.generic] | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What one coalition's answers say, whatever the worth.

    Attributes:
        error: Squared error of a number, ``(sample,)``; None for probabilities.
        beliefs: What probabilities say; None for numbers.
    """

    error: Numbers | None = None
    beliefs: Beliefs | None = None

    @property
    def loss(self) -> Numbers:
        """Negative log of the true class's probability in nats, or squared error, ``(sample,)``."""
        if self.beliefs is not None:
            return self.beliefs.loss
        if self.error is None:
            raise ValueError("facts are of a number or of probabilities")
        return self.error


class Watch:
    """The worth of coalitions by several value functions, asked for one after the other.

    Attributes:
        whole: The answer with everything that is present, ``(sample, …)``.
        everybody: Its worth, one ``(sample,)`` a value.
        facts: Facts by coalition number, of those in ``kept``.
    """

    def __init__(
        self, asking: Asking, truth: Truth, worths: tuple[str, ...], kept: set[int]
    ) -> None:
        self.asking, self.truth, self.kept = asking, truth, kept
        self.functions = [WORTHS[truth.kind][name] for name in worths]
        self.present = asking.present
        self.labels = _labels(truth)
        self.alone = {1 << m for m in range(self.present.shape[1])}
        self.facts: dict[int, Facts] = {}
        self.first = asking.answers(self.present)
        self.whole = _mean(self.first)
        self.everybody = self._valued(self.whole, self.present)
        self._keep((1 << self.present.shape[1]) - 1, self.whole)

    def worth(self, there: There) -> Numbers:
        """Worth of a coalition that may be another one for each sample, ``(sample, value)``."""
        if there.all():
            return np.stack(self.everybody, axis=1)
        there = there & self.present
        return np.stack(self._valued(_mean(self.asking.answers(there)), there), axis=1)

    def coalition(self, number: int) -> tuple[list[Numbers], list[list[Numbers]]]:
        """Worth of one coalition, one ``(sample,)`` a value; the same by each share of donors."""
        count = self.present.shape[1]
        row = [bool(number >> m & 1) for m in range(count)]
        if all(row):
            shares, worth = self.first, self.everybody
        else:
            shares = self.asking.coalition(row)
            answers = _mean(shares)
            self._keep(number, answers)
            worth = self._valued(answers, self.present, row)
        if len(shares) == 1:
            return worth, [worth] * len(self.asking.models)
        return worth, [self._valued(share, self.present, row) for share in shares]

    def _valued(
        self, answers: NDArray[np.floating], there: There, joined: list[bool] | None = None
    ) -> list[Numbers]:
        given = Given(truth=self.labels, whole=self.whole, there=there, joined=joined)
        return [f(answers, given) for f in self.functions]

    def _keep(self, number: int, answers: NDArray[np.floating]) -> None:
        if number not in self.kept or self.labels is None:
            return
        if self.truth.kind == "number":
            error = answers.reshape(len(answers), -1)[:, 0] - self.labels
            self.facts[number] = Facts(error=error * error)
        elif self.truth.kind == "class":
            told = beliefs(answers, self.labels, spread=number in self.alone)
            self.facts[number] = Facts(beliefs=told)


def _labels(truth: Truth) -> NDArray[Any] | None:
    """The labels in the type that is reckoned with, once for all coalitions."""
    if truth.labels is None:
        return None
    return truth.labels.astype(np.int64 if truth.kind == "class" else np.float64)


def _mean(shares: list[NDArray[np.float32]]) -> NDArray[np.floating]:
    if len(shares) == 1:
        return shares[0]
    return np.mean(shares, axis=0, dtype=np.float64)
