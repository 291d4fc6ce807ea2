"""Contributions: what each modality brings to the answers of a trained method, sample by sample."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Mask
from mmaudit.measures.games import paired
from mmaudit.measures.games.coalitions import members
from mmaudit.measures.games.shapley import shapley
from mmaudit.measures.games.worth import WORTHS, Reference

EXACT = 6  # modalities up to which every coalition is asked
BUDGET = 128  # passes a sample beyond that
VALUES = {"class": "p_true", "number": "neg_squared_error"}  # what an answer is worth
Answers = Callable[[Mask], Floats]  # from who is there to what is answered, (sample, output)


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionGame:
    """The game of each sample, whose players are the modalities that it has.

    Attributes:
        task: ``class`` or ``number``.
        truth: True class or number of each sample, ``(sample,)``.
        present: Which modalities each has, ``(sample, modality)``.
        keys: Words of each sample, by which coalitions are sampled, ``(sample,)``.
    """

    task: str
    truth: NDArray[np.generic]
    present: Mask
    keys: NDArray[np.uint64]

    def contributions(self, answers: Answers) -> Floats:
        """Shapley values of the worth of answers, ``(sample, modality)``; NaN where absent.

        Every coalition is asked up to `EXACT` modalities; beyond, some of each sample's own, as in
        `mmaudit.measures.games.paired`.
        """
        whole, count = answers(self.present), self.present.shape[1]
        worth = WORTHS[self.task][VALUES[self.task]]

        def valued(there: Bools) -> Floats:
            reference = Reference(truth=self.truth, whole=whole, there=there)
            return worth(answers(there), reference)

        if count <= EXACT:
            phi = shapley(np.stack([valued(self.present & some) for some in members(count)]))
        else:
            phi = self._sampled(lambda there: valued(there)[:, None])
        return np.where(self.present, phi, np.nan)

    def _sampled(self, valued: Callable[[Bools], Floats]) -> Floats:
        present, count = self.present, self.present.shape[1]
        alone = [valued(present & one) for one in np.eye(count, dtype=bool)]
        ends = valued(np.zeros_like(present)), valued(present), np.stack(alone, axis=1)
        pairs = max(paired.affordable(count, BUDGET), paired.least(count))
        return paired.sampled(valued, self.keys, present, pairs, ends).phi[..., 0]
