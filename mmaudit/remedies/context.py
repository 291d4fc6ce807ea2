"""What a method may know while it is trained: task, options, what it draws, what it notes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from mmaudit.remedies.layers import TINY, Lanes, Parameters, cross_entropy, of_label
from mmaudit.seeds import words

BELOW_1 = float(np.nextafter(np.float32(1), np.float32(0)))
TIE = 1e-4  # of a loss, beside a share of errors: it decides between equals alone


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSetup:
    """What is the same for every method of one comparison: this is what fair means.

    Attributes:
        width: Numbers of each modality's encoding.
        steps: Updates, unless `epochs` are done before.
        epochs: How often every row is used at most.
        batch: Rows of an update.
        look: Updates between two looks at the validation rows.
        validation: Share of the training rows that are held out; best parameters are by these.
        settings: Learning rates, each with a smoothing of labels, that every point of every grid is
            tried with. A slow one that smooths is best where rows are few, a fast one that does not
            where they are many; were smoothing in some grids alone, these would be ahead by it.
    """

    width: int = 64
    steps: int = 400
    epochs: int = 200
    batch: int = 128
    look: int = 40
    validation: float = 0.15
    settings: tuple[tuple[float, float], ...] = ((3e-3, 0.1), (1e-2, 0.0))

    def for_rows(self, rows: int) -> "TrainingSetup":
        """The same with as many updates as are made with so many training rows."""
        return replace(self, steps=min(self.steps, self.epochs * max(1, rows // self.batch)))


@dataclass(frozen=True, slots=True)
class LaneBatch:
    """Rows in lanes.

    Attributes:
        values: Standardised features of each modality, ``(lane, n, d)``, 0 where absent.
        present: Which are there, ``(lane, n)`` bool.
        labels: Class, or standardised number, ``(lane, n)``.
        rows: Positions among the training rows, ``(lane, n)``.
    """

    values: Mapping[str, Lanes]
    present: Mapping[str, Lanes]
    labels: Lanes
    rows: Lanes


@dataclass(frozen=True, slots=True)
class Draws:
    """Random numbers of each lane, by its seed alone: the settings of a seed share theirs.

    Attributes:
        seeds: The different seeds.
        lane: Which of them each lane has, ``(lane,)``.
    """

    seeds: Sequence[int]
    lane: Lanes

    def uniform(self, purpose: str, at: int, *shape: int) -> Lanes:
        """Numbers strictly inside (0, 1), ``(lane, *shape)``, the same at each call.

        Args:
            purpose: What they are for.
            at: Which of many, as the step.
            shape: Shape for one lane.
        """
        drawn = self._stacked(
            [
                words(s, f"remedies/{purpose}", str(at)).uniforms(math.prod(shape))
                for s in self.seeds
            ],
            shape,
        )
        return drawn.clamp(max=BELOW_1)  # of which one in 2**25 is rounded to 1

    def normal(self, purpose: str, at: int, *shape: int) -> Lanes:
        """Standard normal numbers, ``(lane, *shape)``, the same at each call."""
        return self._stacked(
            [
                words(s, f"remedies/{purpose}", str(at)).normals(math.prod(shape))
                for s in self.seeds
            ],
            shape,
        )

    def _stacked(self, numbers: list[Any], shape: tuple[int, ...]) -> Lanes:
        stacked = np.stack(numbers).astype(np.float32).reshape(-1, *shape)
        return torch.from_numpy(stacked)[self.lane]


@dataclass(slots=True, kw_only=True)
class LaneContext:
    """What a method may know.

    Attributes:
        modalities: Names, in their order.
        widths: Features of each.
        steps: Steps of time that these are of, all of the first step first; 1 for none.
        outputs: Numbers in an answer: as many as classes, or one.
        task: ``class`` or ``number``.
        setup: What is the same for every method.
        options: The point of the grid of each lane, one tensor ``(lane,)`` an option.
        draws: Random numbers.
        rows: Training rows of a lane.
        step: Number of the update that is made, from 0.
        memory: What the method notes from one update to the next; empty before the first.
        base: Parameters of the training that the method reads, in the same lanes; None without one.
    """

    modalities: tuple[str, ...]
    widths: Mapping[str, int]
    steps: Mapping[str, int]
    outputs: int
    task: str
    setup: TrainingSetup
    options: Mapping[str, Lanes]
    draws: Draws
    rows: int = 0
    step: int = 0
    memory: dict[str, Any] = field(default_factory=dict)
    base: Parameters | None = None

    @property
    def lanes(self) -> int:
        """How many networks are trained beside one another."""
        return len(self.draws.lane)

    @property
    def progress(self) -> float:
        """Share of the updates that are done, in [0, 1)."""
        return self.step / self.setup.steps

    @property
    def epoch(self) -> int:
        """How often every training row was used, rounded down."""
        return self.step // max(1, self.rows // min(self.setup.batch, self.rows))

    def option(self, name: str, axes: int = 0) -> Lanes:
        """An option of each lane, ``(lane,)`` with so many further axes of length 1."""
        return self.options[name].view(-1, *(1,) * axes)

    def losses(self, outputs: Lanes, labels: Lanes) -> Lanes:
        """Loss of each row: cross-entropy, or squared error, ``(lane, n)``.

        Args:
            outputs: Logits or numbers, ``(lane, n, output)``.
            labels: ``(lane, n)``.
        """
        if self.task == "number":
            return (outputs.squeeze(-1) - labels) ** 2
        return cross_entropy(outputs, labels, self.option("smoothing", 1))

    def wrong(self, answers: Lanes, labels: Lanes) -> Lanes:
        """How wrong each answer is: an error, of equals by its loss; or its square; ``(lane, n)``.

        Args:
            answers: Probabilities or numbers, ``(lane, n, output)``.
            labels: ``(lane, n)``.
        """
        loss = self.answer_losses(answers, labels)
        if self.task == "number":
            return loss
        return (answers.argmax(-1) != labels).float() + TIE * loss

    def answer_losses(self, answers: Lanes, labels: Lanes) -> Lanes:
        """Loss of each answer: minus the logarithm of its probability, or its squared error.

        Args:
            answers: Probabilities or numbers, ``(lane, n, output)``.
            labels: ``(lane, n)``.
        """
        if self.task == "number":
            return (answers.squeeze(-1) - labels) ** 2
        return -of_label(answers, labels).clamp(min=TINY).log()

    def answer(self, outputs: Lanes) -> Lanes:
        """Logits as probabilities; numbers as they are; ``(lane, n, output)``."""
        return outputs.softmax(-1) if self.task == "class" else outputs

    def drop(self, share: Lanes | float, n: int) -> Lanes:
        """Which modalities of ``n`` rows stay where each is dropped by chance, never all of a row.

        Args:
            share: Chance of each, one number or ``(lane, 1, 1)``.
            n: Rows.

        Returns:
            ``(lane, n, modality)`` bool.
        """
        m = len(self.modalities)
        stays = self.draws.uniform("drop", self.step, n, m) >= share
        one = (self.draws.uniform("drop/one", self.step, n, 1) * m).long()
        return torch.where(
            stays.any(-1, keepdim=True), stays, functional.one_hot(one.squeeze(-1), m).bool()
        )
