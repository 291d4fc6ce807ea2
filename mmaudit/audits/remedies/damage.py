"""Damage that methods are judged under, or trained with: one corruption of one modality."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmaudit.arrays import Bools, Ints
from mmaudit.errors import UsageError
from mmaudit.injection.assignment import Assignment, assign
from mmaudit.injection.context import Surroundings
from mmaudit.injection.effects.chain import Setting, make_worse
from mmaudit.injection.effects.lineage import lineage
from mmaudit.injection.steps import Step, resolve
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples

USUAL = (1, 3, 5)  # severities where none is said
SAID = re.compile(r"^[^@]*:")


def damages(texts: Sequence[str], dataset: Dataset) -> tuple[Step, ...]:
    """The corruptions that are asked for, each at its severities.

    Args:
        texts: As ``image/fog:3@camera``; without a severity at each of `USUAL`.
        dataset: The dataset.

    Raises:
        UsageError: There is no such corruption or modality, or it is no change of single values.
    """
    steps: dict[str, Step] = {}
    for text in texts:
        for one in _severities(text):
            for step in resolve([one], dataset):
                _check(step, text)
                steps[step.spec] = step
    return tuple(steps.values())


def _severities(text: str) -> list[str]:
    if SAID.match(text):
        return [text]
    part, at, modality = text.partition("@")
    return [f"{part}:{severity}{at}{modality}" for severity in USUAL]


def _check(step: Step, text: str) -> None:
    if step.makes != "values" or step.draw is not None:
        raise UsageError(
            f"methods are judged under one change of single values at a time, and {text!r} is "
            "another",
            fix="a corruption by its name, as image/fog:3@camera; subsets of modalities are judged "
            "in any case",
        )


@dataclass(frozen=True, slots=True)
class Damager:
    """Makes one modality of samples worse.

    Attributes:
        assignments: What each damage does to every sample, by its spec.
        surroundings: What corruptions may know of the set around a sample, by modality.
        seed: The run's seed.
    """

    assignments: Mapping[str, Assignment]
    surroundings: Mapping[str, Surroundings]
    seed: int

    def worse(self, step: Step, samples: Samples, rows: Ints) -> tuple[list[Any], Bools]:
        """The values of the step's modality, and which of them are there, ``(n,)``.

        Args:
            step: What is done, to every sample.
            samples: The decoded samples.
            rows: Their positions in the dataset, ``(n,)``.
        """
        modality = step.modality
        names = dict(zip(rows.tolist(), samples.ids, strict=True))
        setting = Setting(
            surroundings=self.surroundings[modality],
            ids=lambda at: [names[row] for row in at.tolist()],
            seed=self.seed,
            measured="nothing",
        )
        values, there, _ = make_worse(
            samples.values[modality],
            samples.present[modality],
            lineage([self.assignments[step.spec]], modality, rows),
            setting,
        )
        return values, there & np.array([v is not None for v in values], np.bool_)


def damage_of(steps: Sequence[Step], dataset: Dataset, whole: Dataset, seed: int) -> Damager:
    """What each damage does to the samples of a selection, decided once for all of them.

    Args:
        steps: The damages.
        dataset: The samples.
        whole: The dataset before the selection, for statistics.
        seed: The run's seed.
    """
    every = (
        assign(dataset, steps, seed=seed, fraction=1.0, severity_per_sample=False, plans={})
        if steps
        else ()
    )
    modalities = dict.fromkeys(step.modality for step in steps)
    return Damager(
        {assignment.step.spec: assignment for assignment in every},
        {m: Surroundings(dataset, whole, m, seed) for m in modalities},
        seed,
    )
