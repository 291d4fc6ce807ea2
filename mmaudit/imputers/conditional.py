"""Answers averaged over the k training samples nearest by what is present: ``conditional:16``.

Any kind: each absent value is replaced by those of ``k`` donors as they are, one after the other,
so that what comes out is spread as the modality is spread among samples that look alike. It looks
at values alone: donors of the same label would tell the model the answer. With nothing present
each sample has donors of its own by chance, as of ``marginal``.
"""

from dataclasses import dataclass
from typing import Any

from mmaudit.imputers.base import Incomplete, TrainingSet, check_there
from mmaudit.imputers.numbers.neighbours import Neighbours, neighbours

SOURCE = (
    "Frye et al. 2021, arXiv:2006.01272 (values conditional on what is present); by nearest "
    "donors as in UIMC (CVPR 2023, arXiv:2304.05165), as they are and not by a normal fit to them"
)
COUNT = 16
SEVERAL = True


@dataclass(frozen=True, slots=True, eq=False)
class Conditional:
    """The training samples, and how many stand in for each absent value."""

    near: Neighbours
    k: int

    def fill(self, samples: Incomplete, modality: str) -> list[list[Any]]:
        """``k`` values for each absent one, as `mmaudit.imputers.base.Fitted.fill`."""
        values = self.near.training.values[modality]
        donors = self.near.each(samples, modality, lambda order, _: order[: self.k])
        return [[values[order[i]] for order in donors] for i in range(self.k)]


def fit(training: TrainingSet, count: int) -> Conditional:
    """Describe the training samples, as `mmaudit.imputers.base.Imputer.fit`."""
    check_there(training, f"conditional:{count}", count)
    return Conditional(neighbours(training), count)
