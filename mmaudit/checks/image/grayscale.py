"""Grayscale: the picture has no colour, whatever its file says.

The largest difference between two channels of a pixel, in every fourth row of a picture of 64
rows or more. A picture of one channel has 0; grey pictures that are stored as RGB are seen.
"""

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.image._channels import apart
from mmaudit.checks.planes import Planes, planes

ROWS = 16  # at least, of those that are looked at
STEP = 4


def measure(picture: Planes) -> float:
    """Largest difference between two channels, in levels of 255."""
    colour = picture.colour
    if colour.shape[2] == 1:
        return 0.0
    step = STEP if len(colour) >= ROWS * STEP else 1
    return float(apart(colour.reshape(len(colour), -1), step))


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="levels of 255",
    bad="low",
    source="ours; cleanvision 0.3.7 asks for the mode of the file",
    finding="without colour",
    suggestion="look for scans and for another camera; a model learns what goes with grey",
    sees=("image/grayscale",),
    limit=2.5,
    scale="counts",
)
