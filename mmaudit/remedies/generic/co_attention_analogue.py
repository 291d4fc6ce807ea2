"""Co-attention: pieces of a modality are weighed by what they have to do with the others."""

import torch

from mmaudit.remedies.attention import (
    PIECES,
    MaskedTokens,
    apart,
    beside,
    of_each,
    others,
    pieces,
    unfolded,
)
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.layers import (
    Lanes,
    Parameters,
    Shapes,
    linear,
    linear_shapes,
    mlp,
    mlp_shapes,
)
from mmaudit.remedies.method import Encoded

REMEDY = Remedy(
    challenge="varying",
    head="mlp",
    source="Lu et al. 2016 (parallel co-attention), arXiv:1606.00061",
    analogue="tokens are pieces of an encoding, not words and places of a picture; of several "
    "others, what they say is averaged",
    tasks=("class", "number"),
    grid=({"chance": 0.0}, {"chance": 0.15}, {"chance": 0.3}),
)


class CoAttention(MaskedTokens):
    """Affinities between pieces, a weight a piece, and a network over the weighted modalities."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders; affinity, own and other layers and scores of each modality; the network."""
        wide, count = c.setup.width // PIECES, len(c.modalities)
        own = (
            linear_shapes("piece.affinity", wide, wide)
            | linear_shapes("piece.own", wide, wide)
            | linear_shapes("piece.other", wide, wide)
            | {"piece.score.w": (wide, 1)}
        )
        head = mlp_shapes("head", wide * count, c.setup.width, c.outputs)
        return self.encoder_shapes(c) | of_each(own, count) | head

    def joined(self, p: Parameters, c: LaneContext, h: Encoded, there: Lanes) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``."""
        tokens = pieces(c, h) * there.transpose(1, 2)[..., None, None]
        weights = self.weights(p, tokens, there)
        own = (tokens * weights.unsqueeze(-1)).sum(-2).transpose(1, 2)
        return mlp(p, "head", own.flatten(2))

    def weights(self, p: Parameters, tokens: Lanes, there: Lanes) -> Lanes:
        """Weight of each piece within its modality, ``(lane, modality, n, piece)``.

        Args:
            p: Parameters.
            tokens: Pieces, 0 where absent, ``(lane, modality, n, piece, width)``.
            there: ``(lane or 1, n, modality)`` bool.
        """
        q = unfolded(p, "piece")
        flat = tokens.flatten(0, 1).flatten(1, 2)

        def each(name: str) -> Lanes:
            return beside(linear(q, name, flat).view_as(tokens))

        sees = others(there)
        affinity = (each("piece.affinity") @ beside(tokens).transpose(-1, -2)).tanh() * sees
        read = affinity @ each("piece.other") / sees.sum(-1, keepdim=True).clamp(min=1)
        hidden = apart((each("piece.own") + read).tanh(), tokens.shape[1])
        score = torch.bmm(hidden.flatten(0, 1).flatten(1, 2), q["piece.score.w"])
        return score.view(tokens.shape[:-1]).softmax(-1)


METHOD = CoAttention
