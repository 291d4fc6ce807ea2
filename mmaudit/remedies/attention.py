"""Attention over tokens in lanes: a token is one modality's encoding, or a piece of it.

What is absent is no key, so it has no say; methods of this kind are trained with modalities left
out by chance, for a mask that was never there in training means nothing after it.

References:
    Vaswani et al. 2017, arXiv:1706.03762; normalised before each half of a block, as by Xiong et
    al. 2020, arXiv:2002.04745.
"""

import math
from collections.abc import Callable, Mapping
from typing import ClassVar

import torch

from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.late import stacked
from mmaudit.remedies.layers import (
    Lanes,
    Parameters,
    Shapes,
    linear,
    linear_shapes,
    mlp,
    mlp_shapes,
    norm,
    norm_shapes,
)
from mmaudit.remedies.method import Encoded, Method, There

PIECES = 4  # tokens into which an encoding is cut where one token has nothing to choose from
Attend = Callable[[Lanes, Lanes, Lanes], Lanes]  # queries, keys and values to what is read


def attention(
    query: Lanes, key: Lanes, value: Lanes, sees: Lanes, bias: Lanes | float = 0.0
) -> Lanes:
    """What each query reads, ``(…, query, width)``; 0 where it sees no key.

    Args:
        query: ``(…, query, width)``.
        key: ``(…, key, width)``.
        value: ``(…, key, width)``.
        sees: Whether a query may read a key, bool, broadcast to ``(…, query, key)``.
        bias: What is added to the score of each key, broadcast likewise.
    """
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1]) + bias
    return (scores.masked_fill(~sees, -1e9).softmax(-1) * sees) @ value


def block_shapes(name: str, width: int) -> Shapes:
    """Shapes of a transformer block."""
    return (
        linear_shapes(f"{name}.qkv", width, 3 * width)
        | linear_shapes(f"{name}.join", width, width)
        | mlp_shapes(f"{name}.feed", width, 2 * width, width)
        | norm_shapes(f"{name}.first", width)
        | norm_shapes(f"{name}.last", width)
    )


def block(
    p: Mapping[str, Lanes], name: str, tokens: Lanes, attend: Attend, first: int | None = None
) -> Lanes:
    """A transformer block, ``(lane, n, token, width)`` to the same.

    Args:
        p: Parameters.
        name: Name of the block.
        tokens: The tokens.
        attend: Queries, keys and values to what each query reads.
        first: How many tokens come out, where what becomes of the others is not looked at.
    """
    flat, shape = tokens.flatten(1, 2), tokens.shape[1:3]
    query, key, value = (
        linear(p, f"{name}.qkv", norm(p, f"{name}.first", flat)).unflatten(1, shape).chunk(3, -1)
    )
    read, own = attend(query[:, :, :first], key, value), tokens[:, :, :first]
    flat = own.flatten(1, 2) + linear(p, f"{name}.join", read.flatten(1, 2))
    flat = flat + mlp(p, f"{name}.feed", norm(p, f"{name}.last", flat))
    return flat.unflatten(1, own.shape[1:3])


def of_each(shapes: Shapes, modalities: int) -> Shapes:
    """Shapes of layers that every modality has one of its own of, stacked."""
    return {name: (modalities, *shape) for name, shape in shapes.items()}


def unfolded(p: Mapping[str, Lanes], name: str) -> Parameters:
    """Layers that each modality has of its own as those of ``lane * modality`` lanes."""
    own = {key: value for key, value in p.items() if key.startswith(f"{name}.")}
    return {key: value.flatten(0, 1) for key, value in own.items()}


class MaskedTokens(Method):
    """A method that looks at what is there, and is trained with modalities left out by chance."""

    MASKS = True

    def joined(self, p: Parameters, c: LaneContext, h: Encoded, there: Lanes) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``.

        Args:
            p: Parameters.
            c: The context.
            h: Encodings.
            there: What is there, bool, ``(lane or 1, n, modality)``; at least one of a row.
        """
        raise NotImplementedError

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``; with nothing there, of the training mean."""
        return self.joined(p, c, h, stacked(c, present) > 0)

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Loss of each lane, ``(lane,)``, with modalities left out."""
        there = stacked(c, batch.present) > 0
        stays = there & c.drop(c.option("chance", 2), batch.labels.shape[1])
        stays = torch.where(stays.any(-1, keepdim=True), stays, there)
        z = self.joined(p, c, self.encoded(p, c, batch), stays)
        return c.losses(z, batch.labels).mean(1)


class ModalityTokens(MaskedTokens):
    """One token a modality, a block of attention among them, and their mean under one layer.

    Attributes:
        SHARED: Whether one layer makes the tokens of all modalities.
    """

    SHARED: ClassVar[bool] = False

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, layers that make tokens, what marks each modality, the block, the head."""
        wide = c.setup.width // 2
        makers = {self._maker(m) for m in c.modalities}
        layers = [linear_shapes(name, c.setup.width, wide) for name in sorted(makers)]
        return (
            self.encoder_shapes(c)
            | {name: shape for layer in layers for name, shape in layer.items()}
            | {f"mark.{m}": (wide,) for m in c.modalities}
            | block_shapes("block", wide)
            | linear_shapes("head", wide, c.outputs)
        )

    def tokens(self, p: Parameters, c: LaneContext, h: Encoded) -> Lanes:
        """The token of each modality, ``(lane, n, modality, width)``."""
        each = [linear(p, self._maker(m), h[m]) + p[f"mark.{m}"].unsqueeze(1) for m in c.modalities]
        return torch.stack(each, 2)

    def joined(self, p: Parameters, c: LaneContext, h: Encoded, there: Lanes) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``."""

        def attend(query: Lanes, key: Lanes, value: Lanes) -> Lanes:
            return attention(query, key, value, there.unsqueeze(2))

        tokens = block(p, "block", self.tokens(p, c, h), attend)
        weights = there.float().unsqueeze(-1)
        return linear(p, "head", (tokens * weights).sum(2) / weights.sum(2))

    def _maker(self, modality: str) -> str:
        """Name of the layer that makes a modality's token."""
        return "token" if self.SHARED else f"token.{modality}"


def pieces(c: LaneContext, h: Encoded) -> Lanes:
    """Encodings cut into tokens, ``(lane, modality, n, piece, width)``."""
    return torch.stack([h[m] for m in c.modalities], 1).unflatten(-1, (PIECES, -1))


def beside(x: Lanes) -> Lanes:
    """Pieces of all modalities beside one another.

    ``(lane, modality, n, piece, width)`` to ``(lane, n, modality * piece, width)``.
    """
    return x.transpose(1, 2).flatten(2, 3)


def apart(x: Lanes, modalities: int) -> Lanes:
    """The inverse of `beside`."""
    return x.unflatten(2, (modalities, -1)).transpose(1, 2)


def across(modalities: int, sees: Lanes) -> Attend:
    """Attention among the pieces of all modalities, for blocks that each has one of its own of.

    Args:
        modalities: How many there are.
        sees: As of `attention`, over pieces that are `beside` one another.
    """

    def attend(query: Lanes, key: Lanes, value: Lanes) -> Lanes:
        query, key, value = (beside(x.unflatten(0, (-1, modalities))) for x in (query, key, value))
        return apart(attention(query, key, value, sees), modalities).flatten(0, 1)

    return attend


def same(modalities: int, each: int) -> Lanes:
    """Which of so many pieces each belong to one modality, ``(piece, piece)`` bool."""
    one = torch.eye(modalities, dtype=torch.bool)
    return one.repeat_interleave(each, 0).repeat_interleave(each, 1)


def others(there: Lanes) -> Lanes:
    """Which pieces each piece may read: those of other modalities that are there.

    Args:
        there: ``(lane or 1, n, modality)`` bool.

    Returns:
        ``(lane or 1, n, modality * piece, modality * piece)`` bool.
    """
    there = there.repeat_interleave(PIECES, -1)
    return there.unsqueeze(2) & ~same(there.shape[-1] // PIECES, PIECES)
