"""What one answer of probabilities says about one sample: right or not, how sure, how strongly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.kernels import kernel
from mmaudit.measures.games.ties import share_right
from mmaudit.measures.tasks.base import FLOOR


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What the answers of ``n`` samples say, each ``(n,)``.

    Attributes:
        right: 1 where the most probable class is the true one, else 0; a share of a tie.
        p_true: Probability of the true class.
        entropy: Entropy of the answer, in nats; None where it was not asked for.
        strength: Mean distance of the log probabilities from their mean, in nats; likewise.
    """

    right: Floats
    p_true: Floats
    entropy: Floats | None = None
    strength: Floats | None = None

    @property
    def loss(self) -> Floats:
        """Negative log of the true class's probability, in nats."""
        return -np.log(np.maximum(self.p_true, FLOOR))


def beliefs(
    answers: NDArray[np.floating], labels: NDArray[np.int64], *, spread: bool = True
) -> Beliefs:
    """Read the answers.

    Args:
        answers: Probabilities, ``(n, class)``.
        labels: Column of the true class, ``(n,)``.
        spread: Whether entropy and strength are told, which take most of the time.
    """
    right, p_true = share_right(answers, labels), _at(answers, labels)
    if not spread:
        return Beliefs(right, p_true)
    single = np.ascontiguousarray(answers, np.float32)
    # logarithms in single precision are several times faster and off by less than 1e-6
    return Beliefs(right, p_true, *_spread(single, np.log(np.maximum(single, np.float32(FLOOR)))))


def sound(answers: NDArray[np.float32], tolerance: float) -> bool:
    """Whether rows are finite, not negative and sum to 1 within a tolerance: one quick look."""
    return bool(_sound(answers, tolerance))


@kernel
def _sound(answers: NDArray[np.float32], tolerance: float) -> bool:
    for i in range(answers.shape[0]):
        total = 0.0
        for k in range(answers.shape[1]):
            p = answers[i, k]
            if not p >= -tolerance:  # NaN fails as well
                return False
            total += p
        if not abs(total - 1.0) <= tolerance:
            return False
    return True


def _at(answers: NDArray[np.floating], labels: NDArray[np.int64]) -> Floats:
    return np.asarray(answers[np.arange(labels.size), labels], np.float64)


@kernel
def _spread(answers: NDArray[np.float32], logs: NDArray[np.float32]) -> tuple[Floats, Floats]:
    n, classes = answers.shape
    entropy, strength = np.empty(n), np.empty(n)
    for i in range(n):
        row, log = answers[i], logs[i]
        total, mean = 0.0, 0.0
        for k in range(classes):
            total -= np.float64(row[k]) * np.float64(log[k])
            mean += np.float64(log[k])
        mean /= classes
        apart = 0.0
        for k in range(classes):
            apart += abs(np.float64(log[k]) - mean)
        entropy[i] = total
        strength[i] = apart / classes
    return entropy, strength
