"""A trained method: one network, which encodes each modality and fuses what it encoded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from mmaudit.arrays import Bools, Floats, Vectors
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.data import FeatureSource, Standard
from mmaudit.remedies.layers import Lanes, Parameters
from mmaudit.remedies.method import Encoded, Evidential, Method, There, Trusting


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingFacts:
    """How a method was trained.

    Attributes:
        seed: The seed.
        point: The setting that was best on held-out rows.
        updates: Updates after which its parameters were the best.
        bound: Whether these were the last, so that more updates might do better.
        score: Share of errors, or mean squared error, on held-out rows.
        parameters: How many numbers were fitted.
        passes: Forward and backward passes of a batch, over all settings, and those of the
            training that was read.
    """

    seed: int
    point: Mapping[str, float]
    updates: int
    bound: bool
    score: float
    parameters: int
    passes: int


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """What was trained without some rows, and these rows: what is fitted after training sees them.

    Attributes:
        parameters: Of one network, or one a fold.
        context: Of these.
        rows: The rows of each.
    """

    parameters: Parameters
    context: LaneContext
    rows: LaneBatch


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FittedFusion:
    """A trained method.

    Attributes:
        name: Name of the remedy.
        method: Its functions.
        parameters: Of one lane.
        context: What the method may know.
        scales: How each modality is standardised.
        sources: How the features of each are made.
        classes: Names of the classes; None where it answers with numbers.
        number: Mean and deviation by which a number is no longer standardised.
        facts: How it was trained.
        held_out: What methods that are fitted after this training see; None once it was opened
            from a file.
        seconds: What it took of the processor, over all settings, and what the training that was
            read took; no part of the file, for it changes from run to run.
    """

    name: str
    method: Method
    parameters: Parameters
    context: LaneContext
    scales: Mapping[str, Standard]
    sources: Mapping[str, FeatureSource]
    classes: tuple[str, ...] | None
    number: tuple[float, float]
    facts: TrainingFacts
    held_out: HeldOut | None = None
    seconds: float = 0.0

    def encode(self, modality: str, features: Vectors) -> Vectors:
        """Encode features ``(n, d)`` in their own units, ``(n, width)``; each row by itself."""
        x = self.scales[modality](features, np.ones(len(features), np.bool_))
        return self._encoded(modality, torch.from_numpy(x)[None])[0].numpy()

    def fuse(self, encoded: Mapping[str, Vectors], present: Mapping[str, Bools]) -> Floats:
        """Answer from encoded modalities.

        Args:
            encoded: ``(n, width)`` of each modality; what is absent is not looked at.
            present: Which are there, ``(n,)``.

        Returns:
            Probabilities ``(n, class)``, or numbers ``(n, 1)``.
        """
        answer = self._answer(self.method.fuse, encoded, present)
        if self.classes is not None:
            return answer
        return answer * self.number[1] + self.number[0]

    def trust(self, encoded: Mapping[str, Vectors], present: Mapping[str, Bools]) -> Floats | None:
        """Weight of each modality, as `Trusting`, ``(n, modality)``; None where it says none."""
        if not isinstance(self.method, Trusting):
            return None
        trust = self._answer(self.method.trust, encoded, present)
        return np.broadcast_to(trust, (len(next(iter(encoded.values()))), trust.shape[1]))

    def evidence(
        self, encoded: Mapping[str, Vectors], present: Mapping[str, Bools]
    ) -> Floats | None:
        """Evidence, as `Evidential`, ``(n, modality, class)``; None where it says none."""
        if not isinstance(self.method, Evidential):
            return None
        return self._answer(self.method.evidence, encoded, present)

    @torch.no_grad()
    def _answer(
        self,
        question: Callable[[Parameters, LaneContext, Encoded, There], Lanes],
        encoded: Mapping[str, Vectors],
        present: Mapping[str, Bools],
    ) -> Floats:
        """What the method says of encoded modalities, ``(n, …)``."""
        h, there = {}, {}
        for m in self.context.modalities:
            there[m] = torch.from_numpy(np.asarray(present[m], np.bool_).copy())[None]
            own = torch.from_numpy(np.asarray(encoded[m], np.float32))[None]
            mean = self._encoded(m, torch.zeros(1, 1, self.context.widths[m]))
            h[m] = torch.where(there[m].unsqueeze(-1), own, mean)
        said = question(self.parameters, self.context, h, there)[0].numpy()
        return said.astype(np.float64)

    @torch.no_grad()
    def _encoded(self, modality: str, x: Lanes) -> Lanes:
        return self.method.encode(self.parameters, self.context, modality, x)
