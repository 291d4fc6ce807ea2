"""Attention over time: each step of a modality reads the steps of all, by what they say and when.

Modalities need not be in step. How far before or after its own time a step is read has a weight,
which begins alike for every distance, so that a lag between modalities can be learned. These
weights are no measurement of the lag: one modality may read ahead, or the other one back.
"""

import torch
from torch.nn import functional

from mmaudit.remedies.attention import MaskedTokens, attention
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded

REMEDY = Remedy(
    challenge="imbalanced",
    head="mlp",
    source="He et al., Multimodal Temporal Attention in Sentiment Analysis, MuSe 2022, "
    "doi:10.1145/3551876.3554811, of which the abstract was read: the formulas are ours",
    analogue="steps are those of plain features, an answer is one of the whole and not one a step, "
    "and the weights of lags are ours",
    tasks=("class", "number"),
    timed=True,
    grid=({"chance": 0.0}, {"chance": 0.15}, {"chance": 0.3}),
)
PACE = 3.0  # scores of lags per parameter, which moves by its rate at most in an update


class TemporalAttention(MaskedTokens):
    """A token a step, attention among those of all modalities, and the mean of a layer over each.

    A modality without steps is one token, in the middle of the time.
    """

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders with a bias a step, attention, weights of lags, layers of steps, the head."""
        wide, joined = c.setup.width // 2, (1 + len(c.modalities)) * (c.setup.width // 2)
        shapes: Shapes = {}
        for m in c.modalities:
            shapes |= {
                f"encoder.{m}.w": (c.widths[m] // c.steps[m], wide),
                f"encoder.{m}.b": (c.steps[m], wide),
                **linear_shapes(f"qkv.{m}", wide, 3 * wide),
                **linear_shapes(f"step.{m}", joined, c.setup.width),
                **{f"lag.{m}.{n}.zero": (2 * most(c) + 1,) for n in c.modalities},
            }
        return shapes | linear_shapes("head", c.setup.width, c.outputs)

    def encode(self, p: Parameters, c: LaneContext, modality: str, x: Lanes) -> Lanes:
        """Encode each step by the same weights, ``(lane, n, d) -> (lane, n, step * width)``."""
        steps = x.unflatten(-1, (c.steps[modality], -1))
        own = torch.bmm(steps.flatten(1, 2), p[f"encoder.{modality}.w"])
        biased = own.unflatten(1, steps.shape[1:3]) + p[f"encoder.{modality}.b"].unsqueeze(1)
        return functional.relu(biased).flatten(2)

    def joined(self, p: Parameters, c: LaneContext, h: Encoded, there: Lanes) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``."""
        tokens = {m: h[m].unflatten(-1, (c.steps[m], -1)) for m in c.modalities}
        three = {m: _each(p, f"qkv.{m}", x).chunk(3, -1) for m, x in tokens.items()}
        means = []
        for m in c.modalities:
            reads = [tokens[m]]
            for i, n in enumerate(c.modalities):
                sees = there[..., i, None, None]
                _, key, value = three[n]
                reads.append(attention(three[m][0], key, value, sees, self.bias(p, c, m, n)))
            steps = functional.relu(_each(p, f"step.{m}", torch.cat(reads, -1)))
            means.append(steps.mean(2))
        weights = there.float().unsqueeze(-1)
        return linear(p, "head", (torch.stack(means, 2) * weights).sum(2) / weights.sum(2))

    def bias(self, p: Parameters, c: LaneContext, reads: str, read: str) -> Lanes:
        """What lags add to scores, ``(lane, 1, step, step)``.

        Args:
            p: Parameters.
            c: The context.
            reads: The modality whose steps read, the first axis of steps.
            read: The modality whose steps are read, the second.
        """
        return PACE * p[f"lag.{reads}.{read}.zero"][:, lags(c, reads, read) + most(c)].unsqueeze(1)


def most(c: LaneContext) -> int:
    """The greatest lag, in steps of the modality that has most."""
    return max(c.steps.values()) - 1


def lags(c: LaneContext, reads: str, read: str) -> Lanes:
    """How much later each step of a modality is than each of another, ``(step, step)`` whole.

    In steps of the modality that has most, from the middle of a step to the middle of the other.
    """
    here, other = c.steps[reads], c.steps[read]
    # twice the middles, over the common denominator of both
    later = (2 * torch.arange(other) + 1) * here - (2 * torch.arange(here)[:, None] + 1) * other
    both = 2 * here * other
    return (2 * later * (most(c) + 1) + both).div(2 * both, rounding_mode="floor")


def _each(p: Parameters, name: str, x: Lanes) -> Lanes:
    """A layer at each step, ``(lane, n, step, width)``."""
    return linear(p, name, x.flatten(1, 2)).unflatten(1, x.shape[1:3])


METHOD = TemporalAttention
