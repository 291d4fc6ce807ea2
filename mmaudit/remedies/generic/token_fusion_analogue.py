"""Token fusion: pieces of a modality that score low are replaced by the others', projected."""

import torch

from mmaudit.remedies.attention import PIECES, of_each, pieces, unfolded
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneBatch, LaneContext
from mmaudit.remedies.exchange import ensemble, ensemble_shapes, mean_of_others, sum_of_losses
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

LOW = 2e-2  # score below which a piece is replaced

REMEDY = Remedy(
    challenge="varying",
    head="additive",
    source="Wang et al. 2022 (TokenFusion), arXiv:2204.08721; for more than two modalities, a "
    "piece is replaced by the mean of the others'",
    analogue="tokens are pieces of an encoding, which have no place, so that which replaces which "
    "is a learned projection's affair",
    grid=({"penalty": 1e-4}, {"penalty": 1e-3}, {"penalty": 1e-2}),
)


class TokenExchange(Method):
    """A score a piece, projections of each modality, and branches that vote."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders; scores and projections of each modality; heads and votes."""
        wide = c.setup.width // PIECES
        own = mlp_shapes("piece.score", wide, wide, 1) | linear_shapes("piece.handed", wide, wide)
        own = of_each(own, len(c.modalities))
        return self.encoder_shapes(c) | own | ensemble_shapes(c, c.setup.width)

    def tokens(self, p: Parameters, c: LaneContext, h: Encoded) -> tuple[Encoded, Lanes]:
        """Pieces of each modality after the exchange, side by side, and all scores in (0, 1)."""
        q, x = unfolded(p, "piece"), pieces(c, h)
        flat = x.flatten(0, 1).flatten(1, 2)
        score = mlp(q, "piece.score", flat).sigmoid().view(*x.shape[:-1], 1)
        handed = linear(q, "piece.handed", flat).view_as(x)
        scaled = dict(zip(c.modalities, (x * score).unbind(1), strict=True))
        other = mean_of_others(dict(zip(c.modalities, handed.unbind(1), strict=True)))
        low = dict(zip(c.modalities, (score < LOW).unbind(1), strict=True))
        after = {m: torch.where(low[m], other[m], scaled[m]).flatten(-2) for m in c.modalities}
        return after, score.squeeze(-1)

    def logits(self, p: Parameters, c: LaneContext, h: Encoded, present: There) -> Lanes:
        """Logits of the branches' vote, ``(lane, n, class)``."""
        del present
        return ensemble(p, c, self.tokens(p, c, h)[0])[1]

    def loss(self, p: Parameters, c: LaneContext, batch: LaneBatch) -> Lanes:
        """Losses of every branch and of their vote, and what scores cost."""
        tokens, score = self.tokens(p, c, self.encoded(p, c, batch))
        cost = c.option("penalty") * score.mean(2).sum((1, 2))
        return sum_of_losses(p, c, tokens, batch) + cost


METHOD = TokenExchange
