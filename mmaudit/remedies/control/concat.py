"""Concatenation: the encodings of all modalities side by side under one linear layer.

The control of every method with an additive head: an answer is a sum of one term a modality, so
that no method of its kind sees what only two modalities together say.
"""

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.method import Method

REMEDY = Remedy(
    challenge="",
    head="additive",
    source="early fusion by concatenation; Baltrušaitis et al. 2019, arXiv:1705.09406",
    tasks=("class", "number"),
)


class Concat(Method):
    """The plainest method, as it is."""


METHOD = Concat
