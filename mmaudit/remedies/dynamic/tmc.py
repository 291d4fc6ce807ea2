"""TMC: each modality gives evidence, and Dempster's rule joins it; the unsure have little say."""

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.evidence import EvidenceFusion

REMEDY = Remedy(
    challenge="varying",
    head="late",
    source=(
        "Han et al., Trusted Multi-View Classification, ICLR 2021, arXiv:2102.02051; the weight of "
        "the divergence grows over a share of the updates, not over 50 epochs"
    ),
    grid=({"anneal": 0.25}, {"anneal": 0.5}, {"anneal": 1.0}),
)


class TrustedViews(EvidenceFusion):
    """One view a modality."""


METHOD = TrustedViews
