"""What the numbers say of every pair: how suspicious it is, and whether it is flagged."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats
from mmaudit.errors import UsageError
from mmaudit.measures.pairs.evidence import statistics
from mmaudit.measures.pairs.evidence.learning import unlearnt
from mmaudit.measures.pairs.evidence.statistics import Statistics
from mmaudit.measures.pairs.nulls import Pairs
from mmaudit.measures.pairs.study import Study

T = TypeVar("T")
SELF = "self"
FROM_SCRATCH = (
    "the encoder was trained on nothing but these pairs, and what it does not recognise may be a "
    "match all the same; one that was trained elsewhere may recognise more of them"
)


def compared(
    options: Any, pairs: Pairs, study: Study, *, learning: bool = True
) -> Statistics | None:
    """Statistics against random re-pairings, with every reason to doubt what is not recognised.

    Args:
        options: The audit's options.
        pairs: The pairs.
        study: Their study.
        learning: Whether to look if a comparison that was learnt on the pairs is still learning,
            where they cannot be called clean.
    """
    if study.random is None:
        return None
    numbers = statistics.statistics(study, study.random)
    if options.encoder == SELF:
        return statistics.doubted(numbers, FROM_SCRATCH)
    undecided = numbers.upper > options.accept
    if learning and undecided and not study.shared and study.planted is None:
        doubt = unlearnt(pairs, study, options.method, options.seed)
        return statistics.doubted(numbers, doubt) if doubt else numbers
    return numbers


@dataclass(frozen=True, slots=True)
class Judgement(Generic[T]):
    """What the numbers and what is known by name say of every pair.

    Attributes:
        random: Statistics against random re-pairings; None for an in-sample method.
        looked: What was looked at for defects.
        named: Whether each pair is mismatched by a defect that has a name, ``(n,)``.
        suspicion: Score of each pair, higher is more suspicious, ``(n,)``.
        flagged: Whether each pair is flagged, ``(n,)``.
    """

    random: Statistics | None
    looked: T
    named: Bools
    suspicion: Floats
    flagged: Bools


def concluded(
    options: Any,
    pairs: Pairs,
    study: Study,
    look: Callable[[tuple[int, ...]], tuple[T, Bools]],
    *,
    learning: bool = True,
) -> Judgement[T]:
    """Compare, look for defects, count what they name, and flag.

    Args:
        options: The audit's options.
        pairs: The pairs.
        study: Their study.
        look: Looks for defects, given the content strata that do not fit their rows; returns what
            it saw, and which pairs a defect names.
        learning: As for `compared`.

    Raises:
        UsageError: As `judged`.
    """
    random = compared(options, pairs, study, learning=learning)
    looked, named = look(random.misfits if random else ())
    if random is not None:
        random = statistics.counting(random, named, study.observed)
    return Judgement(random, looked, named, *judged(options, study, random, named))


def judged(
    options: Any, study: Study, random: Statistics | None, named: Bools
) -> tuple[Floats, NDArray[np.bool_]]:
    """How suspicious each pair is, and whether it is flagged.

    Args:
        options: The audit's options.
        study: The study.
        random: Statistics against random re-pairings; None for an in-sample method.
        named: Pairs of a defect that has a name, ``(n,)``.

    Raises:
        UsageError: A threshold on the cosine was asked of sides that have none.
    """
    suspicion = _suspicion(study, random)
    if options.threshold is not None:
        if "similarity" not in study.columns:
            raise UsageError("the sides share no space, so there is no cosine", fix="--fraction")
        return suspicion, study.columns["similarity"] < options.threshold
    if options.fraction is not None:
        flagged = np.zeros(len(suspicion), np.bool_)
        most = round(options.fraction * len(suspicion))
        flagged[np.argsort(-suspicion, kind="stable")[:most]] = True
        return suspicion, flagged
    if random is None:
        if study.split is None:
            raise UsageError("nothing flags these pairs", fix="--method combined")
        return suspicion, study.split.noisy | named
    return suspicion, (random.lfdr if options.force else random.lfdr_low) > options.flag_at


def _suspicion(study: Study, random: Statistics | None) -> Floats:
    """Higher is more suspicious, ``(n,)``; it never falls with the local false discovery rate.

    Scores of pairs are above the middle of their own stratum's strangers. Where strata have local
    rates of their own, the scores are handed out in the order of these.
    """
    if random is None or study.random is None:
        return np.asarray(study.columns["loss_split"], np.float64)
    score = -statistics.scores_of(study, study.random).centred()[0]
    out = np.empty(len(score))
    out[np.lexsort((score, random.lfdr))] = np.sort(score)
    return out
