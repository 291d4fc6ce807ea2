"""Self-attention: one token a modality, a transformer block among them, a layer over their mean."""

from mmaudit.remedies.attention import ModalityTokens
from mmaudit.remedies.base import Remedy

REMEDY = Remedy(
    challenge="varying",
    head="mlp",
    source="Vaswani et al. 2017, arXiv:1706.03762, with a token a modality; one block of one "
    "head; trained with modalities left out",
    tasks=("class", "number"),
    grid=({"chance": 0.0}, {"chance": 0.15}, {"chance": 0.3}),
)


class SelfAttention(ModalityTokens):
    """Tokens by a layer of each modality's own."""


METHOD = SelfAttention
