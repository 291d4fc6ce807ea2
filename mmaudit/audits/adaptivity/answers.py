"""Answers: what the model says of some samples with every subset of their modalities."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Ints, Mask, Scores
from mmaudit.inference.averages import mean_of_shares
from mmaudit.inference.base import Asking
from mmaudit.measures.games import paired
from mmaudit.measures.games.coalitions import members
from mmaudit.measures.games.shapley import arrival_weights
from mmaudit.measures.trust.shares import centred_logs, log_odds
from mmaudit.models.calls.quiet import without_gradients
from mmaudit.seeds import digests

TOGETHER = 1 << 21  # bytes of answers that are looked at together
Vector = Callable[[NDArray[np.floating]], Floats]  # an answer ``(n, …)`` as a vector ``(n, k)``


def column(answers: NDArray[np.floating]) -> Floats:
    """Numbers as vectors of one entry, ``(sample, 1)``."""
    return answers.reshape(len(answers), 1).astype(np.float64)


VECTORS: dict[str, Vector] = {"class": centred_logs, "number": column, "multilabel": log_odds}


@dataclass(frozen=True, slots=True)
class SubsetAnswers:
    """What the model says of some samples, all of it as vectors.

    Attributes:
        whole: The answer with everything that a sample has, less that with nothing,
            ``(sample, k)``.
        alone: That with each modality alone, less that with nothing, ``(sample, modality, k)``.
        phi: Shapley values of the modalities, ``(sample, modality, k)``.
        weights: The model's own fusion weights, ``(sample, modality)``; None where it has none.
        present: Which modalities each has, ``(sample, modality)``.
        scores: The answers by number of the coalition, as far as they were kept: with nothing, with
            each modality alone, and with everything.
        right: Whether the answer of each coalition is right, ``(sample, coalition)``; None without
            labels of classes, or where coalitions are sampled.
        evidence: Of each modality for each class, ``(sample, modality, class)``; None where the
            model says none.
    """

    whole: Floats
    alone: Floats
    phi: Floats
    weights: Floats | None
    present: Mask
    scores: dict[int, NDArray[np.floating]]
    right: Bools | None = None
    evidence: Floats | None = None


def ask(
    asking: Asking, task: str, pairs: int, seed: int, labels: Ints | None = None
) -> SubsetAnswers:
    """Ask about some samples with every subset of their modalities, or with some of them.

    Args:
        asking: The model and the samples.
        task: ``class``, ``number`` or ``multilabel``.
        pairs: How many pairs of coalitions are sampled; 0 asks every coalition.
        seed: Seed of the coalitions.
        labels: The model's column of each true class, ``(sample,)``; None where answers are not
            judged.
    """
    vector = VECTORS[task]
    with without_gradients(asking.loaded.model):
        play = _sampled if pairs else _every
        out = play(asking, vector, pairs, seed, labels)
        weights = asking.weights()
        evidence = asking.evidence() if task == "class" else None
    phi = np.where(asking.present[..., None], out.phi, 0.0)  # sums leave a trace of what is absent
    return replace(out, phi=phi, weights=weights, evidence=evidence)


def passes(modalities: int, pairs: int) -> int:
    """How often the model is asked about a sample, clean or damaged."""
    return paired.passes(modalities, pairs) if pairs else 1 << modalities


def _every(
    asking: Asking, vector: Vector, _pairs: int, _seed: int, labels: Ints | None
) -> SubsetAnswers:
    """Every coalition; what each adds to the Shapley values is added up as it comes."""
    count, present = len(asking.kinds), asking.present
    there, worth = members(count), arrival_weights(count)
    size = there.sum(axis=1)
    last = (1 << count) - 1
    right = None if labels is None else np.zeros((len(present), last + 1), np.bool_)
    scores: dict[int, NDArray[np.floating]] = {}
    whole = alone = phi = nobody = np.zeros(0)
    for number, answers in _numbered(asking, last):
        value = vector(answers)
        if number == last:  # it comes first
            whole, shape = value, (len(present), count, value.shape[1])
            alone, phi = np.zeros(shape), np.zeros(shape)
        joined = there[number]
        for m in range(count):
            if joined[m]:
                phi[:, m] += worth[size[number] - 1] * value
            else:
                phi[:, m] -= worth[size[number]] * value
        if number == 0:
            nobody = value
        if size[number] == 1:
            alone[:, int(np.flatnonzero(joined)[0])] = value
        if number == last or size[number] <= 1:
            scores[number] = answers
        if right is not None and labels is not None:
            right[:, number] = answers.argmax(axis=1) == labels
    return SubsetAnswers(whole - nobody, alone - nobody[:, None], phi, None, present, scores, right)


def _numbered(asking: Asking, last: int) -> Iterator[tuple[int, NDArray[np.floating]]]:
    """The answer of each coalition, that of all first."""
    first = mean_of_shares(asking.answers(asking.present))
    yield last, first
    rows = members(len(asking.kinds))[:last].tolist()
    step = max(1, TOGETHER // max(1, asking.shares * first.nbytes))
    for start in range(0, last, step):
        several = asking.coalitions(rows[start : start + step])
        for number, shares in enumerate(several, start):
            yield number, mean_of_shares(shares)


def _sampled(
    asking: Asking, vector: Vector, pairs: int, seed: int, _labels: Ints | None
) -> SubsetAnswers:
    """Some coalitions with their complements, by least squares."""
    count, present = len(asking.kinds), asking.present

    def answers(there: Mask) -> NDArray[np.floating]:
        return mean_of_shares(asking.answers(there & present))

    def evaluate(there: Bools) -> Floats:
        return vector(answers(there))

    last, one = (1 << count) - 1, np.eye(count, dtype=bool)
    scores = {0: answers(np.zeros_like(present)), last: answers(present)}
    scores |= {1 << m: answers(np.broadcast_to(one[m], present.shape)) for m in range(count)}
    whole, nobody = vector(scores[last]), vector(scores[0])
    alone = np.stack([vector(scores[1 << m]) for m in range(count)], axis=1)
    keys = digests(seed, "adaptivity/coalitions", asking.samples.ids)
    games = paired.sampled(evaluate, keys, present, pairs, (nobody, whole, alone))
    return SubsetAnswers(whole - nobody, alone - nobody[:, None], games.phi, None, present, scores)


def labels_of(labels: Scores | None, order: Ints | None) -> Ints | None:
    """The model's column of each true class; None without labels of classes."""
    return None if labels is None or order is None else np.asarray(order[labels])
