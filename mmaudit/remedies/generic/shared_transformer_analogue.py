"""Shared transformer: the same layers for every modality's encoding, which has a mark."""

from typing import ClassVar

from mmaudit.remedies.attention import ModalityTokens
from mmaudit.remedies.base import Remedy

REMEDY = Remedy(
    challenge="varying",
    head="mlp",
    source="Akbari et al. 2021 (VATT, modality-agnostic), arXiv:2104.11178; one block of one "
    "head; trained with modalities left out",
    analogue="it has one token a modality and not one a patch, and is not pretrained",
    tasks=("class", "number"),
    grid=({"chance": 0.0}, {"chance": 0.15}, {"chance": 0.3}),
)


class SharedTransformer(ModalityTokens):
    """Tokens by one layer for all modalities."""

    SHARED: ClassVar[bool] = True


METHOD = SharedTransformer
