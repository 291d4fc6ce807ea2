"""Cross-attention: the pieces of each modality read those of all others, by layers of its own."""

from mmaudit.remedies.attention import (
    PIECES,
    MaskedTokens,
    across,
    block,
    block_shapes,
    of_each,
    others,
    pieces,
    unfolded,
)
from mmaudit.remedies.base import Remedy
from mmaudit.remedies.context import LaneContext
from mmaudit.remedies.layers import Lanes, Parameters, Shapes, linear, linear_shapes
from mmaudit.remedies.method import Encoded

REMEDY = Remedy(
    challenge="varying",
    head="mlp",
    source="Tsai et al. 2019 (MulT), arXiv:1906.00295",
    analogue="tokens are pieces of an encoding, not moments of a series, and a modality reads all "
    "others by one block, not each by one of its own",
    tasks=("class", "number"),
    grid=({"chance": 0.0}, {"chance": 0.15}, {"chance": 0.3}),
)


class CrossAttention(MaskedTokens):
    """A block a modality, whose queries are its own and whose keys are the others'."""

    def shapes(self, c: LaneContext) -> Shapes:
        """Encoders, a block a modality, and the head."""
        blocks = block_shapes("block", c.setup.width // PIECES)
        head = linear_shapes("head", c.setup.width * len(c.modalities), c.outputs)
        return self.encoder_shapes(c) | of_each(blocks, len(c.modalities)) | head

    def joined(self, p: Parameters, c: LaneContext, h: Encoded, there: Lanes) -> Lanes:
        """Logits, or numbers, ``(lane, n, output)``."""
        tokens = pieces(c, h)
        attend = across(len(c.modalities), others(there))
        read = block(unfolded(p, "block"), "block", tokens.flatten(0, 1), attend)
        own = read.unflatten(0, tokens.shape[:2]).flatten(-2).transpose(1, 2)
        return linear(p, "head", (own * there.unsqueeze(-1)).flatten(2))


METHOD = CrossAttention
