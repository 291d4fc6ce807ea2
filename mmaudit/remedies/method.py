"""A method in lanes: parameters, encoders, fusion, loss. What it does not say is concatenation."""

from collections.abc import Mapping
from typing import ClassVar, Protocol, runtime_checkable

import torch
from torch.nn import functional

from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes

Encoded = dict[str, Lanes]  # (lane, n, width) of each modality
There = Mapping[str, Lanes]  # (lane or 1, n) bool of each modality


class Method:
    """Encodings of all modalities side by side under one linear layer: the plainest early fusion.

    The layer is kept as one matrix a modality, so that an answer is the sum of one term each.

    Attributes:
        MASKS: Whether `fuse` looks at what is present; else what is absent is encoded as the mean
            of the training rows.
        BASE: The remedy whose training it reads; empty for none.
        TRAINS: Whether it is trained itself; else it is `after` its base, and costs no training.
        PASSES: Backward passes of one update.
    """

    MASKS: ClassVar[bool] = False
    BASE: ClassVar[str] = ""
    TRAINS: ClassVar[bool] = True
    PASSES: ClassVar[int] = 1

    def shapes(self, c: LaneContext) -> Shapes:
        """Shape of each parameter, without the lane."""
        head = {f"head.{m}.w": (c.setup.width, c.outputs) for m in c.modalities}
        return self.encoder_shapes(c) | head | {"head.b": (c.outputs,)}

    def encoder_shapes(self, c: LaneContext) -> Shapes:
        """Shapes of one encoder a modality."""
        layers = [linear_shapes(f"encoder.{m}", c.widths[m], c.setup.width) for m in c.modalities]
        return {name: shape for layer in layers for name, shape in layer.items()}

    def encode(self, p: Parameters, c: LaneContext, modality: str, x: Lanes) -> Lanes:
        """Encode one modality, ``(lane, n, d) -> (lane, n, width)``; each row by itself."""
        del c
        return functional.relu(linear(p, f"encoder.{modality}", x))

    def encoded(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Encoded:
        """Encode every modality of some rows."""
        return {m: self.encode(p, c, m, batch.values[m]) for m in c.modalities}

    def terms(self, p: Parameters, c: LaneContext, h: Encoded) -> dict[str, Lanes]:
        """What each modality adds to the logits, ``(lane, n, output)``, beside the bias."""
        return {m: torch.bmm(h[m], p[f"head.{m}.w"]) for m in c.modalities}

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``."""
        del present
        return sum(self.terms(p, c, h).values()) + p["head.b"].unsqueeze(1)

    def fuse(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Probabilities, or numbers, ``(lane, n, output)``: all that judging looks at."""
        return c.answer(self.logits(p, c, h, present))

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``."""
        h = self.encoded(p, c, batch)
        return c.losses(self.logits(p, c, h, batch.present), batch.labels).mean(1)

    def gradients(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Parameters:
        """Gradient of each parameter; by default of the sum over lanes of `loss`."""
        loss = self.loss(p, c, batch).sum()
        return dict(zip(p, torch.autograd.grad(loss, list(p.values())), strict=True))

    def factors(self, p: Parameters, c: LaneContext) -> dict[str, Lanes]:
        """Factors ``(lane,)`` on the updates of parameters whose names begin so.

        On the update and not on the gradient, from which Adam takes every constant factor out.
        """
        del p, c
        return {}

    def step_done(self, p: Parameters, c: LaneContext) -> None:
        """Called after each update; parameters may be changed in place."""

    def after(self, p: Parameters, c: LaneContext, held_out: LaneBatch) -> Parameters:
        """Further parameters, fitted on rows that were held out of training; none by default."""
        del p, c, held_out
        return {}


@runtime_checkable
class Trusting(Protocol):
    """A method whose answer goes by how far it trusts each modality of a row, and that says so."""

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Weight of each modality, at least 0, ``(lane, n, modality)``.

        They sum to 1, and what is absent has 0, in a row that has anything its answer goes by.
        """


@runtime_checkable
class Evidential(Protocol):
    """A method that says what each modality speaks for."""

    def evidence(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Evidence of each modality for each class, at least 0, ``(lane, n, modality, class)``."""


def trunk(name: str, parameter: str) -> bool:
    """Whether a parameter belongs to a layer of a name, as ``encoder.image`` to its weights."""
    return parameter.startswith(f"{name}.")
