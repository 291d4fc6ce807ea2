"""Attacks: the conditions of an attack through gradients, and the answers of a unit under them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ball, Bools, Floats, Ints, Scores
from mmaudit.audits.robustness.answers import Classes, Labelled, Task
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.worst.pgd import Reached, Responses, Search, Victim, pgd
from mmaudit.audits.robustness.worst.rank import badness
from mmaudit.audits.robustness.worst.slopes import Slopes, filled
from mmaudit.errors import UsageError
from mmaudit.inference.averages import mean_of_shares
from mmaudit.inference.base import Asking
from mmaudit.inference.models import Models
from mmaudit.kinds.base import load_kind
from mmaudit.models.batches import by_shape
from mmaudit.names import CLEAN
from mmaudit.samples.decode import Samples, stack
from mmaudit.seeds import words

CORRUPTION = "attack/pgd"
VERSION = "1"
NUMBERS = 2**22  # of the values that are attacked at a time: eight such arrays are 256 MiB


def attacked(kinds: Mapping[str, str], patterns: Sequence[str]) -> dict[str, Ball]:
    """The modalities that patterns name, with how far each may be moved.

    Args:
        kinds: Kind of each modality.
        patterns: Names of modalities, or patterns of them.

    Raises:
        UsageError: A pattern names none, or only such as have no gradient.
    """
    balls = {m: load_kind(k).ball for m, k in kinds.items()}
    out: dict[str, Ball] = {}
    for pattern in patterns:
        named = [m for m in kinds if fnmatchcase(m, pattern)]
        fitting = {m: ball for m in named if (ball := balls[m]) is not None}
        if not fitting:
            why = "; ".join(f"{m} is of kind {kinds[m]}, which has no gradient" for m in named)
            raise UsageError(
                f"--attack {pattern}: {why or 'there is no such modality'}",
                fix=" or ".join(m for m, ball in balls.items() if ball) or "no --attack",
            )
        out |= fitting
    return out


def attack_conditions(
    balls: Mapping[str, Ball], severities: Sequence[int], every: tuple[str, ...]
) -> tuple[Condition, ...]:
    """One condition for each attacked modality and severity."""
    return tuple(
        Condition(
            name=f"{CORRUPTION}:{severity}@{modality}",
            modality=modality,
            corruption=CORRUPTION,
            severity=severity,
            present=every,
            attacks=ball.radii,
        )
        for modality, ball in balls.items()
        for severity in severities
    )


def says(
    balls: Mapping[str, Ball], kinds: Mapping[str, str], search: Search, top: int
) -> Iterator[str]:
    """What an attack does and costs, and what it leaves out, for the person who waits."""
    for modality, ball in balls.items():
        radii = ", ".join(f"{r:g}" for r in ball.radii[:top])
        yield f"attack on {modality}: {ball.norm} within {radii} {ball.unit} at severity 1 to {top}"
    each = search.steps * search.restarts * top
    yield (
        f"gradients: {each} a sample and attacked modality ({search.steps} steps from "
        f"{search.restarts} start{'s' if search.restarts > 1 else ''} at each of {top} severities)"
    )
    rest = [f"{m} ({k})" for m, k in kinds.items() if load_kind(k).ball is None]
    if rest:
        yield f"not attacked, because it has no gradient: {', '.join(rest)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacked:
    """The answers about a unit's samples at one severity.

    Attributes:
        answers: The worst that was found, the clean ones where the modality is absent, ``(n, …)``.
        distance: How far the values were moved; NaN where the modality is absent, ``(n,)``.
        touched: Whether they were, ``(n,)``.
        unmoved: Whether no gradient showed a way, ``(n,)``; False where the modality is absent.
    """

    answers: Scores
    distance: Floats
    touched: Bools
    unmoved: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """Attacks the samples of a unit, batch by batch.

    Attributes:
        models: The model under each absence policy.
        task: What is asked.
        kinds: Kind of each of the model's modalities.
        balls: How far each attacked modality may be moved.
        search: How hard to try.
        batch_size: Samples a pass.
        seed: The run's seed.
    """

    models: Models
    task: Task
    kinds: Mapping[str, str]
    balls: Mapping[str, Ball]
    search: Search
    batch_size: int
    seed: int

    def on(self, modality: str, samples: Samples, top: int) -> list[Attacked]:
        """The answers at the severities 1 … top."""
        n, size = len(samples), self.batch_size
        rows = [np.arange(s, min(s + size, n)) for s in range(0, n, size)]
        batches = [self._batch(modality, some_of(samples, some), top) for some in rows]
        return [
            Attacked(
                **{
                    name: np.concatenate([getattr(batch[s], name) for batch in batches])
                    for name in ("answers", "distance", "touched", "unmoved")
                }
            )
            for s in range(top if batches else 0)
        ]

    def _batch(self, modality: str, samples: Samples, top: int) -> list[Attacked]:
        asking = self._asking(samples)
        clean = mean_of_shares(asking.under(CLEAN, samples.present, {}))
        n = len(samples)
        out = [
            Attacked(
                answers=clean.copy(),
                distance=np.full(n, np.nan),
                touched=np.zeros(n, np.bool_),
                unmoved=np.zeros(n, np.bool_),
            )
            for _ in range(top)
        ]
        there = np.flatnonzero(samples.present[modality])
        if not there.size:
            return out
        stacks = {m: stack([samples.values[m][i] for i in there], k) for m, k in self.kinds.items()}
        for group in self._pieces(stacks, modality):
            rows = there[group]
            for at, reached in zip(
                out, self._group(modality, some_of(samples, rows), top), strict=True
            ):
                at.answers[rows], at.distance[rows] = reached.answers, reached.distance
                at.touched[rows], at.unmoved[rows] = reached.touched, reached.unmoved
        return out

    @staticmethod
    def _pieces(stacks: Mapping[str, Any], modality: str) -> Iterator[Ints]:
        """Samples whose values have one shape, as many as fit beside their iterates."""
        for group in by_shape(stacks):
            most = max(1, NUMBERS // max(1, int(np.size(stacks[modality][int(group[0])]))))
            yield from (group[s : s + most] for s in range(0, group.size, most))

    def _group(self, modality: str, samples: Samples, top: int) -> list[Reached]:
        """Attack samples whose values of every modality have one shape."""
        asking = self._asking(samples)
        stacks = {m: stack(samples.values[m], kind) for m, kind in self.kinds.items()}
        clean = np.asarray(stacks[modality])
        present = {m: samples.present[m] for m in self.kinds}
        batch, there = filled(self.models.under[self.models.policy][0], stacks, present)
        slope = Slopes(
            loaded=self.models.loaded,
            modality=modality,
            batch=batch,
            present=there,
            labels=self._truth(samples.labels),
        )

        def judge(values: NDArray[Any]) -> Responses:
            answers = mean_of_shares(
                asking.under(CORRUPTION, samples.present, {modality: list(values)})
            )
            columns = self.task.columns(answers, samples.labels, samples.ids)
            return Responses(answers, badness(self.task, columns))

        def noise(severity: int, restart: int) -> Floats:
            purpose = f"{CORRUPTION}:{severity}.{restart}@{modality}"
            size = int(np.prod(clean.shape[1:]))
            some = [words(self.seed, purpose, one).normals(size) for one in samples.ids]
            return np.stack(some).reshape(clean.shape)

        victim = Victim(slope=slope, judge=judge, noise=noise)
        return pgd(clean, self.balls[modality], top, victim, self.search)

    def _asking(self, samples: Samples) -> Asking:
        return self.models.asking(self.models.policy, samples, self.kinds, self.batch_size)

    def _truth(self, labels: NDArray[Any] | None) -> NDArray[Any]:
        """The labels as the model's gradients are asked for with them."""
        if labels is None:
            raise ValueError("what is attacked has labels")
        if isinstance(self.task, Classes):
            return np.asarray(self.task.order, np.int64)[labels.astype(np.int64)]
        if isinstance(self.task, Labelled):
            width = len(self.models.loaded.info.classes or ())
            truth = np.full((len(labels), width), np.nan)
            truth[:, list(self.task.order)] = labels
            return truth
        return labels.astype(np.float64)


def some_of(samples: Samples, rows: Ints) -> Samples:
    """Some samples of a unit, in the order of ``rows``."""
    return replace(
        samples,
        ids=[samples.ids[i] for i in rows],
        labels=None if samples.labels is None else samples.labels[rows],
        groups=None if samples.groups is None else samples.groups[rows],
        slices={name: values[rows] for name, values in samples.slices.items()},
        values={m: [values[i] for i in rows] for m, values in samples.values.items()},
        present={m: there[rows] for m, there in samples.present.items()},
    )
