"""DUA-Nets: one encoding from which every modality is rebuilt, sure or unsure of each by the row.

It is found by descent, in which a modality counts by how sure its rebuilding is, and answers.
"""

from typing import ClassVar

import torch

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import normalised, stacked
from mmaudit.remedies.layers import (
    Lanes,
    Parameters,
    Shapes,
    linear,
    linear_shapes,
    mlp,
    mlp_shapes,
)
from mmaudit.remedies.method import Encoded, Method, There

DESCENT = 20  # steps of the search for an encoding, from 0
LEAST, MOST = -2.0, 4.0  # of the logarithm of a variance

REMEDY = Remedy(
    challenge="varying",
    head="mlp",
    source="Geng et al. 2021, doi:10.1609/aaai.v35i9.16924, arXiv:2201.05776",
    analogue="an encoding is found anew for each row by a fixed number of steps from 0, in "
    "training as after it; the published one keeps an encoding of every row, those that it judges "
    "among them, and learns it beside the networks, after a training without uncertainty; the "
    "classifier learns beside them and does not change them",
    tasks=("class", "number"),
    grid=({"stride": 0.1}, {"stride": 0.3}, {"stride": 1.0}),
)


class UncertainRebuilding(Method):
    """Networks that rebuild a modality and say how unsure they are, and a layer that answers."""

    MASKS = True
    PASSES: ClassVar[int] = 1 + DESCENT

    def shapes(self, c: LaneContext) -> Shapes:
        """Of each modality a network that rebuilds and one that says its variance; the head."""
        latent, own = c.setup.width // 2, Shapes()
        for m in c.modalities:
            for what, outputs in (("rebuilt", c.widths[m]), ("unsure", 1)):
                own |= linear_shapes(f"{what}.{m}", latent, c.setup.width)
                own |= linear_shapes(f"{what}.{m}.out", c.setup.width, outputs)
        return own | mlp_shapes("head", latent, c.setup.width, c.outputs)

    def encode(self, p: Parameters, c: LaneContext, modality: str, x: Lanes) -> Lanes:
        """Features as they are: only all modalities of a row together have an encoding."""
        del p, c, modality
        return x

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``."""
        return mlp(p, "head", self.descended(p, c, h, present))

    def trust(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Share of each modality in the sum of inverse variances, ``(lane, n, modality)``."""
        logs = self.variances(p, c, self.descended(p, c, h, present))
        return normalised((-logs).exp() * stacked(c, present))

    def variances(self, p: Parameters, c: LaneContext, latent: Lanes) -> Lanes:
        """Logarithm of the variance of each modality's features, ``(lane, n, modality)``."""
        logs = [_network(p, f"unsure.{m}", latent) for m in c.modalities]
        return torch.cat(logs, -1).clamp(LEAST, MOST)

    def unlikely(
        self, p: Parameters, c: LaneContext, latent: Lanes, h: Encoded, present: There
    ) -> Lanes:
        """Minus the logarithm of the likelihood of what is there, a feature, ``(lane, n)``.

        Args:
            p: Parameters.
            c: The context.
            latent: Encodings, ``(lane, n, width)``.
            h: Features.
            present: Which are there.
        """
        away = [(h[m] - _network(p, f"rebuilt.{m}", latent)).square().mean(-1) for m in h]
        there = torch.stack([present[m] for m in h], -1).float()
        return (gaussian(torch.stack(away, -1), self.variances(p, c, latent)) * there).sum(-1)

    @torch.no_grad()
    def descended(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """The encoding of each row, ``(lane, n, width)``, each by itself."""
        lanes, n, _ = h[c.modalities[0]].shape
        rows = Descent(p, c, h, present)
        latent = torch.zeros(lanes, c.setup.width // 2, n)
        for _ in range(DESCENT):
            latent -= c.option("stride", 2) * rows.slope(latent)
        return latent.transpose(1, 2).contiguous()

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """What is unlikely of the rows, and the loss of the head, ``(lane,)``."""
        latent = self.descended(p, c, dict(batch.values), batch.present)
        unlikely = self.unlikely(p, c, latent, dict(batch.values), batch.present)
        return (unlikely + c.losses(mlp(p, "head", latent), batch.labels)).mean(1)


class Descent:
    """The slope of what is unlikely of some rows, in their encodings, without automatic gradients.

    A modality ``x`` is rebuilt as ``W'h`` from a hidden layer ``h``. As ``|W'h - x|²`` is
    ``h'WW'h - 2h'Wx + |x|²``, products over features are made once and not in every step.
    Numbers of a row stand below one another, so that all modalities are one product a layer.

    Args:
        p: Parameters.
        c: The context.
        h: Features.
        present: Which are there.
    """

    def __init__(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> None:
        def each(name: str) -> Lanes:
            return torch.stack([p[name.replace("*", m)] for m in c.modalities], 1)

        self._lanes = len(h[c.modalities[0]])
        rebuilt, unsure, out = each("rebuilt.*.w"), each("unsure.*.w"), each("unsure.*.out.w")
        self._layers = torch.cat([rebuilt, unsure]).transpose(2, 3).flatten(1, 2)
        biases = torch.cat([each("rebuilt.*.b"), each("unsure.*.b")])
        self._biases = biases.flatten(1).unsqueeze(2)
        self._back = torch.cat([rebuilt, unsure * out.transpose(2, 3)]).flatten(0, 1)
        self._steady = self._back.chunk(2)[1].sum(2, keepdim=True)
        self._unsure = out.flatten(0, 1).transpose(1, 2).contiguous()
        self._unsure_bias = each("unsure.*.out.b").flatten(0, 1).unsqueeze(2)
        products = [self._of_features(p, m, h[m]) for m in c.modalities]
        self._square, self._drawn, self._own = (
            torch.stack(product, 1).flatten(0, 1) for product in zip(*products, strict=True)
        )
        there = torch.stack([present[m] for m in c.modalities], 1).float()
        self._there = there.expand(self._lanes, -1, -1).flatten(0, 1).unsqueeze(1)

    def slope(self, latent: Lanes) -> Lanes:
        """The slope at some encodings, both ``(lane, width, n)``."""
        layer = torch.baddbmm(self._biases, self._layers, latent.repeat(2, 1, 1)).tanh_()
        hidden = layer.view(2, *self._drawn.shape)
        rebuilt, unsure = hidden
        logs = torch.baddbmm(self._unsure_bias, self._unsure, unsure)
        pull = torch.bmm(self._square, rebuilt).sub_(self._drawn)
        away = (pull - self._drawn).mul_(rebuilt).sum(1, keepdim=True).add_(self._own)
        sure = (-logs.clamp(LEAST, MOST)).exp_()
        free = (logs >= LEAST) & (logs <= MOST)
        hidden.square_()
        torch.addcmul(pull, pull, rebuilt, value=-1, out=rebuilt)
        back, bent = torch.bmm(self._back, hidden.flatten(0, 1)).chunk(2)
        back.mul_(sure * self._there)
        back.addcmul_(self._steady - bent, (1 - sure * away) * free * self._there, value=0.5)
        return back.unflatten(0, (self._lanes, -1)).sum(1)

    def _of_features(self, p: Parameters, m: str, x: Lanes) -> tuple[Lanes, Lanes, Lanes]:
        """``WW'``, ``Wx`` and ``|x|²`` of a modality, a feature; ``x`` without the bias."""
        weights = p[f"rebuilt.{m}.out.w"]
        x = (x - p[f"rebuilt.{m}.out.b"].unsqueeze(1)).transpose(1, 2)
        square, drawn = torch.bmm(weights, weights.transpose(1, 2)), torch.bmm(weights, x)
        return square / x.shape[1], drawn / x.shape[1], x.square().mean(1, keepdim=True)


def gaussian(away: Lanes, logs: Lanes) -> Lanes:
    """Minus the logarithm of a normal density, without its constant.

    It is least where the variance is the squared distance.

    Args:
        away: Squared distance.
        logs: Logarithm of the variance.
    """
    return ((-logs).exp() * away + logs) / 2


def _network(p: Parameters, name: str, x: Lanes) -> Lanes:
    """A hidden layer that has a slope at 0, where the descent begins."""
    return linear(p, f"{name}.out", torch.tanh(linear(p, name, x)))


METHOD = UncertainRebuilding
