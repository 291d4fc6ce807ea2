"""Near uniform: nearly all of the picture is one tone."""

import numpy as np

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.image._planes import Planes, planes

WINDOW = np.ones(5)  # levels that pass for one tone


def measure(picture: Planes) -> float:
    """The largest share of pixels within five levels of luma that follow each other."""
    return min(float(np.convolve(picture.shares, WINDOW).max()), 1.0)


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="1",
    bad="high",
    source="ours",
    finding="nearly all one tone",
    suggestion="look for blank, black or placeholder pictures",
    sees=("image/contrast",),
    limit=0.95,
    scale="share",
)
