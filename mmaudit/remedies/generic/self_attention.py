"""Self-attention: one token a modality, a transformer block among them, a layer over their mean."""

from mmaudit.remedies.attention import DROPPED, ModalityTokens
from mmaudit.remedies.base import Remedy

REMEDY = Remedy(
    challenge="varying",
    head="mlp",
    source="Vaswani et al. 2017, arXiv:1706.03762, with a token a modality; one block of one "
    "head; trained with modalities left out",
    tasks=("class", "number"),
    grid=DROPPED,
)


class SelfAttention(ModalityTokens):
    """Tokens by a layer of each modality's own."""


METHOD = SelfAttention
