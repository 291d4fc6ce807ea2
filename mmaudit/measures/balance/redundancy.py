"""Redundancy: how much of what each modality tells of the label the others tell too.

What is told is how many bits of the label small models save that did not see the sample, beside the
shares of the classes: no more than the modality holds. What a modality and the others tell apart,
less what all tell together, is redundant; below 0 it is synergy: only together they tell it.

What all tell is the better of two answers: of a model of all features side by side, and of the
product of what each tells. The product is right where modalities are independent given the label
and where each tells another part of it, so that more features alone make nothing look redundant.

References:
    Barber, Agakov 2003, "The IM algorithm" (a model's log-loss bounds information from below)
    McGill 1954, doi:10.1007/BF02289159 (interaction information; here its negative)
    Genest, Zidek 1986, doi:10.1214/ss/1177013825 (products of opinions)
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.measures.balance.axes import axes, scaled
from mmaudit.measures.balance.probe import landmarks
from mmaudit.rows import Estimate, Metric

OF_SMALL_MODELS = "it is of small models of these samples, and no more than a bound of what is told"
METRICS = {
    "label_information": Metric(
        "bits of the label that small models of plain features tell, held out",
        "bit",
        "neither",
        unsure=OF_SMALL_MODELS,
    ),
    "label_redundancy": Metric(
        "bits of the label that a modality tells and the others tell too; below 0, that only "
        "together tell",
        "bit",
        "neither",
        unsure=OF_SMALL_MODELS,
    ),
}
WIDTH, LANDMARKS = 64, 150  # main axes of a modality; features in a kernel
FOLDS = 5
PENALTIES = (0.001, 0.01, 0.1, 1.0)  # of the mean variance of what is learnt from, a row
SHARPNESS = (0.0, *(2.0 ** (k / 2) for k in range(-2, 15)))  # of a model's scores, as logits
TEMPER = (0.5, 0.75, 1.0, 1.25)  # of a product: of opinions that repeat each other less counts
SURE = 2.0
TAIL = 0.025
Candidate = tuple[Floats, Sequence[float]]  # logits beside the shares, and what scales them


@dataclass(frozen=True, slots=True)
class Redundancy:
    """What a modality tells of the label, in bits a sample, with 95 % intervals over samples.

    Attributes:
        alone: What it tells alone.
        rest: What the others tell.
        both: What all tell.
        redundant: `alone` and `rest` less `both`.
    """

    alone: Estimate
    rest: Estimate
    both: Estimate
    redundant: Estimate

    @property
    def informative(self) -> bool:
        """Whether both sides surely tell something: else nothing can be in both."""
        return self.alone.low > 0 and self.rest.low > 0


def redundancies(
    features: Mapping[str, Floats], labels: Ints, classes: int, groups: Ints | None
) -> dict[str, Redundancy]:
    """What each of several modalities tells of the label, and how much of it the others tell.

    Args:
        features: Of each modality, ``(n, d)``, finite, rows in an order that is random.
        labels: Class of each row, ``(n,)``, from 0.
        classes: How many classes there are.
        groups: Number of the group of each row, ``(n,)``; None where rows stand alone.
    """
    units = np.arange(len(labels)) if groups is None else _numbered(groups)
    judge = _Judge(labels, classes, units % FOLDS)  # the order of the rows is random
    columns = {m: _level(axes(scaled(rows), WIDTH)) for m, rows in features.items()}
    alone = {m: judge.answers([*judge.fitted([rows])]) for m, rows in columns.items()}

    def joint(names: Sequence[str]) -> Floats:
        if len(names) == 1:
            return alone[names[0]]
        beside: Floats = np.sum([alone[m] - judge.shares for m in names], axis=0)
        sides = [columns[m] for m in names]
        single = [(alone[m] - judge.shares, (1.0,)) for m in names]  # all tell as much as the best
        return judge.answers([*judge.fitted(sides), (beside, TEMPER), *single])

    every = joint([*columns])
    result = {}
    for modality, own in alone.items():
        others = joint([m for m in columns if m != modality])
        bits = [judge.bits(answers) for answers in (own, others, every)]
        redundant = bits[0] + bits[1] - bits[2]
        result[modality] = Redundancy(*(_mean(each, units) for each in (*bits, redundant)))
    return result


def _numbered(groups: Ints) -> Ints:
    return np.asarray(np.unique(groups, return_inverse=True)[1].reshape(-1), np.int64)


def _level(rows: Floats) -> Floats:
    """Rows whose mean square is 1, so that each modality counts alike."""
    size = math.sqrt(float((rows**2).mean())) if rows.size else 0.0
    return rows / size if size > 0 else rows


class _Judge:
    """Holds answers against labels that they did not see.

    Attributes:
        shares: Log-shares of the classes in other folds, ``(n, class)``.
    """

    def __init__(self, labels: Ints, classes: int, fold: Ints) -> None:
        self._labels, self._target = labels, np.eye(classes)[labels]
        self._folds = [fold == k for k in range(FOLDS)]
        self.shares = np.zeros((len(labels), classes))
        for own in self._folds:
            counts = self._target[~own].sum(axis=0) + 1.0
            self.shares[own] = np.log(counts / counts.sum())

    def fitted(self, sides: Sequence[Floats]) -> Iterator[Candidate]:
        """Scores by ridge regressions of features side by side, as they are and in a kernel."""
        rows = np.concatenate(sides, axis=1)
        if not rows.shape[1]:
            return
        for columns in (rows, _level(landmarks(rows, LANDMARKS))):
            scores = np.zeros((len(PENALTIES), *self.shares.shape))
            for own in self._folds:
                scores[:, own] = _ridge(columns[~own], self._target[~own], columns[own])
            yield from ((one, SHARPNESS) for one in scores)

    def answers(self, candidates: Sequence[Candidate]) -> Floats:
        """Log-probabilities, ``(n, class)``: of the candidate that is best in the other folds.

        The shares of the classes where it saves less there than `SURE` of its standard errors:
        the best of many that say nothing is better than nothing by chance.
        """
        some = [(logits, scale) for logits, scales in candidates for scale in scales]
        saved = [self.bits(_log_softmax(self.shares + scale * logits)) for logits, scale in some]
        result = self.shares.copy()
        for own in self._folds if some else ():
            means = [float(one[~own].mean()) for one in saved]
            best = int(np.argmax(means))
            error = float(saved[best][~own].std()) / math.sqrt(int((~own).sum()))
            if means[best] > SURE * error:
                logits, scale = some[best]
                result[own] = _log_softmax(self.shares[own] + scale * logits[own])
        return result

    def bits(self, answers: Floats) -> Floats:
        """Bits of each label that answers save beside the shares of the classes, ``(n,)``."""
        at = np.arange(len(self._labels)), self._labels
        return np.asarray((answers[at] - self.shares[at]) / math.log(2))


def _ridge(rows: Floats, target: Floats, new: Floats) -> Floats:
    """Scores of new rows beside the mean, by each penalty, ``(penalty, m, class)``."""
    middle = rows.mean(axis=0)
    near, far = rows - middle, new - middle
    value, vectors = np.linalg.eigh(near.T @ near)
    inner = vectors.T @ (near.T @ (target - target.mean(axis=0)))
    size = max(float(value.sum()) / len(value), 1e-12)
    along = far @ vectors
    return np.stack([along @ (inner / (value + p * size)[:, None]) for p in PENALTIES])


def _log_softmax(logits: Floats) -> Floats:
    logits = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))


def _mean(bits: Floats, units: Ints) -> Estimate:
    """A mean with Student's interval of sums over units."""
    from scipy.special import stdtrit  # noqa: PLC0415  quantile of Student's t

    sizes = np.bincount(units)
    mean, count = float(bits.mean()), len(sizes)
    off = np.bincount(units, bits) - mean * sizes
    error = math.sqrt(count / (count - 1) * float(np.square(off).sum())) / len(bits)
    half = float(stdtrit(count - 1, 1 - TAIL)) * error
    return Estimate(mean, mean - half, mean + half, count)
