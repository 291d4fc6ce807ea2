"""Blur: the picture is out of focus, was moved, or was enlarged, and has no fine detail.

The logarithm of the energy of the Laplacian of luma over the variance of luma, both without what
noise of the estimated deviation σ adds to them (20 σ² and σ²): contrast and noise do not pass for
sharpness. It is taken at no more than 512 pixels. An enlarged picture counts as blurred: it has no
detail at its size.
"""

import math

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.planes import Planes, planes

FLAT = 2.55  # levels: a picture of less contrast is neither sharp nor blurred
OF_NOISE = 20.0  # variance of the Laplacian of white noise of variance 1: 4² + 4


def measure(picture: Planes) -> float:
    """Log ratio of fine detail to contrast; low is blurred."""
    detail = picture.detail
    if not detail.large_enough or detail.contrast < FLAT:
        return math.nan
    noise = detail.noise**2
    fine = max(detail.curvature - OF_NOISE * noise, 0.0)
    return math.log((fine + 1) / (max(detail.contrast**2 - noise, 0.0) + 1))


CHECK = QualityCheck(
    view=planes,
    measure=measure,
    unit="log ratio",
    bad="low",
    source="variance of the Laplacian: Pech-Pacheco et al. 2000, doi:10.1109/ICPR.2000.903548; "
    "over the variance of luma, and without noise (Immerkær 1996): ours",
    finding="blurred",
    suggestion="look at it at full size; take it again, or leave it out",
    sees=(
        "image/gaussian_blur",
        "image/defocus_blur",
        "image/motion_blur",
        "image/glass_blur",
        "image/zoom_blur",
        "image/resolution",
    ),
)
