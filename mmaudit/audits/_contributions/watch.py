"""Asking for coalitions: what each is worth, and facts about the answers of a few of them."""

from dataclasses import dataclass

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
        loss: Negative log of the true class's probability in nats, or squared error, ``(sample,)``.
        beliefs: What else probabilities say; None for numbers.
    """

    loss: Numbers
    beliefs: Beliefs | None = None


class Watch:
    """The worth of coalitions by several value functions, asked for one after the other.

    Attributes:
        whole: The answer with everything that is present, ``(sample, …)``.
        everybody: Its worth, ``(sample, value)``.
        facts: Facts by coalition number, of those in ``kept``.
    """

    def __init__(
        self, asking: Asking, truth: Truth, worths: tuple[str, ...], kept: set[int]
    ) -> None:
        self.asking, self.truth, self.kept = asking, truth, kept
        self.functions = [WORTHS[truth.kind][name] for name in worths]
        self.present = asking.present
        self.facts: dict[int, Facts] = {}
        self.first = asking.answers(self.present)
        self.whole = _mean(self.first)
        self.everybody = self._valued(self.whole, self.present)
        self._keep((1 << self.present.shape[1]) - 1, self.whole)

    def worth(self, there: There) -> Numbers:
        """Worth of a coalition that may be another one for each sample, ``(sample, value)``."""
        if there.all():
            return self.everybody
        there = there & self.present
        return self._valued(_mean(self.asking.answers(there)), there)

    def coalition(self, row: There, number: int) -> tuple[Numbers, list[Numbers]]:
        """Worth of one coalition of all samples, and the same by each share of the donors."""
        there = row & self.present
        if row.all():
            shares, answers = self.first, self.whole
        else:
            shares = self.asking.answers(there)
            answers = _mean(shares)
            self._keep(number, answers)
        worth = self._valued(answers, there)
        if len(shares) == 1:
            return worth, [worth] * len(self.asking.models)
        return worth, [self._valued(share, there) for share in shares]

    def _valued(self, answers: NDArray[np.floating], there: There) -> Numbers:
        given = Given(truth=self.truth.labels, whole=self.whole, there=there)
        return np.stack([f(answers, given) for f in self.functions], axis=1)

    def _keep(self, number: int, answers: NDArray[np.floating]) -> None:
        labels = self.truth.labels
        if number not in self.kept or labels is None:
            return
        if self.truth.kind == "number":
            error = answers.reshape(len(answers), -1)[:, 0] - labels.astype(np.float64)
            self.facts[number] = Facts(error * error)
        elif self.truth.kind == "class":
            told = beliefs(answers, labels.astype(np.int64))
            self.facts[number] = Facts(told.loss, told)


def _mean(shares: list[NDArray[np.float32]]) -> NDArray[np.floating]:
    if len(shares) == 1:
        return shares[0]
    return np.mean(shares, axis=0, dtype=np.float64)
