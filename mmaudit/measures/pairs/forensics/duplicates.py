"""How alike matched pairs are and how alike strangers are: the odds of a partner."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Reals

STEEPEST = 400.0  # log odds a unit of cosine


@dataclass(frozen=True, slots=True)
class Alike:
    """Two normal distributions of the cosine with one variance.

    Attributes:
        matched: Mean cosine of matched pairs.
        strange: Mean cosine of strangers.
        variance: Variance of the latter.
    """

    matched: float
    strange: float
    variance: float

    @classmethod
    def of(cls, own: Reals, strange: Reals) -> "Alike":
        """From cosines of pairs, some of them mismatched, and cosines of strangers.

        The share of mismatches among the pairs is Storey's: twice the share below the strangers'
        median.
        """
        share = min(0.95, 2.0 * float((own <= np.median(strange)).mean()))
        usual = float(strange.mean(dtype=np.float64))
        matched = (float(own.mean(dtype=np.float64)) - share * usual) / (1.0 - share)
        return cls(matched, usual, float(strange.var(dtype=np.float64)) + 1e-12)

    @property
    def slope(self) -> float:
        """Log odds of a match that a unit of cosine brings."""
        return float(np.clip((self.matched - self.strange) / self.variance, 0.0, STEEPEST))

    def log_odds(self, cosines: Reals) -> NDArray[np.float64]:
        """Log likelihood ratio of a match against a stranger."""
        middle = (self.matched + self.strange) / 2.0
        return self.slope * (np.asarray(cosines, np.float64) - middle)
