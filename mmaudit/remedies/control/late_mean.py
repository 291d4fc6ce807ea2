"""Late mean: one network a modality, trained each by itself; their answers are averaged.

The floor of every dynamic method: whoever does not beat it under damage has shown nothing.
"""

from mmaudit.remedies.base import Remedy
from mmaudit.remedies.late import LateFusion

REMEDY = Remedy(
    challenge="",
    head="late",
    source="late fusion by the mean of probabilities; Kittler et al. 1998, doi:10.1109/34.667881",
    tasks=("class", "number"),
)


class LateMean(LateFusion):
    """Late fusion, as it is."""


METHOD = LateMean
