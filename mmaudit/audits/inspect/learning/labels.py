"""Labels: which of them what was learnt of the others speaks against."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mmaudit import seeds
from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.audits.inspect.contents import Contents, ranked
from mmaudit.audits.inspect.learning.features import FeatureReader, ValueFeatures
from mmaudit.measures.balance.probe import probe
from mmaudit.measures.data.disagreement import Disagreement, disagreement
from mmaudit.measures.data.label_errors import LabelErrors, joined, label_errors

PURPOSE = "inspect labels"  # of random numbers
MOST = 4_000  # samples that are looked at
FEWEST = 100  # samples, and of a class `FEWEST_OF_CLASS`
FEWEST_OF_CLASS = 10


@dataclass(frozen=True, slots=True)
class Labels:
    """What was learnt of labels.

    Attributes:
        positions: The samples that were looked at, ``(m,)``.
        names: Names of the classes.
        labels: Their labels, ``(m,)``.
        taken_for: Class that the held-out models find likeliest, ``(m,)``.
        errors: Labels that are spoken against.
        accuracies: How often a probe of each modality alone is right.
        disagreements: Of each pair of modalities, whose answers contradict each other.
    """

    positions: Ints
    names: tuple[str, ...]
    labels: Ints
    taken_for: Ints
    errors: LabelErrors
    accuracies: Mapping[str, float]
    disagreements: Mapping[tuple[str, str], Disagreement]


def labels(contents: Contents, features: FeatureReader) -> Labels | None:
    """Learn classes from plain features of each modality, and hold each label against the others.

    Every sample is judged by probes that did not see it, nor another of its group.

    Args:
        contents: What the units wrote.
        features: Reads plain features of the samples.

    Returns:
        None without classes, without features, or of too few samples.
    """
    if contents.labels is None:
        return None
    rows = _looked_at(contents)
    classes, numbers = np.unique(contents.labels[rows], return_inverse=True)
    if len(rows) < FEWEST or len(classes) < 2:
        return None
    groups = None if contents.groups is None else contents.groups[rows]
    every = {m: features.of(m, rows) for m in contents.dataset.modalities}
    answers = {
        m: _held_out(f, numbers, len(classes), groups) for m, f in every.items() if f is not None
    }
    if not answers:
        return None
    both = joined(list(answers.values()))
    judged = ~np.isnan(both).any(axis=1)
    rng = np.random.default_rng([contents.seed, seeds.digest(PURPOSE)])
    names = contents.coded("label")[0]
    return Labels(
        positions=rows[judged],
        names=tuple(str(names[c]) for c in classes),
        labels=numbers[judged],
        taken_for=both[judged].argmax(axis=1),
        errors=label_errors(both[judged], numbers[judged], rng),
        accuracies={m: _accuracy(p, numbers) for m, p in answers.items()},
        disagreements={
            (a, b): disagreement(answers[a][judged], answers[b][judged], numbers[judged])
            for a, b in combinations(answers, 2)
        },
    )


def among_all(labels: Labels, those: Bools, n: int) -> Bools:
    """Which of all samples, ``(n,)``, are some of those that were looked at, ``(m,)``."""
    every = np.zeros(n, np.bool_)
    every[labels.positions] = those
    return every


def _looked_at(contents: Contents) -> Ints:
    """Positions of some samples that have such a class, by hash of the id, ``(at most MOST,)``."""
    order = ranked(contents, PURPOSE)
    return order[_usable(contents)[order]][:MOST].copy()  # a view would keep all of them


def _usable(contents: Contents) -> Bools:
    """Which samples have a class that enough others have too, ``(n,)``."""
    numbers = contents.labels
    if numbers is None:
        return np.zeros(0, np.bool_)
    counts = np.bincount(numbers[numbers >= 0], minlength=int(numbers.max(initial=0)) + 1)
    return (numbers >= 0) & (counts[numbers] >= FEWEST_OF_CLASS)


def _held_out(features: ValueFeatures, numbers: Ints, classes: int, groups: Ints | None) -> Floats:
    """Probabilities by probes that did not see the sample, ``(n, class)``; NaN without a value."""
    there = features.there
    some = None if groups is None else groups[there]
    scores = probe(features.rows[there], numbers[there], classes, some).held_out
    shares = np.clip(scores, 1e-3, 1.0)
    answers = np.full((len(numbers), classes), np.nan)
    answers[there] = shares / shares.sum(axis=1, keepdims=True)
    return answers


def _accuracy(answers: Floats, numbers: Ints) -> float:
    there = ~np.isnan(answers).any(axis=1)
    return float((answers[there].argmax(axis=1) == numbers[there]).mean())
