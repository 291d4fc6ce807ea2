"""Near uniform: nearly all of the picture is one tone."""

from mmaudit.checks._levels import most_within
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes

TONE = 5  # levels that pass for one tone


def measure(picture: Planes) -> float:
    """The largest share of pixels within five levels of luma that follow each other."""
    return int(most_within(picture.counts, TONE)) / picture.luma.size


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
