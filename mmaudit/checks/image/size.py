"""Size: the picture is much larger or much smaller than the others of the dataset.

Sides are compared by their ratio to the median picture. A quarter or four times its side is odd
whatever the others are like: where nearly all have one size, quartiles would call every other one
odd.
"""

import math

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes


def measure(picture: Planes) -> float:
    """Square root of the number of pixels, in pixels."""
    height, width = picture.sides
    return math.sqrt(height * width)


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="px",
    bad="either",
    source="the side of cleanvision 0.3.7, which takes quartiles; the factor of 4: ours",
    finding="of an odd size",
    suggestion="look for thumbnails and for originals that were not scaled",
    limit=math.log(4),
    scale="log",
)
