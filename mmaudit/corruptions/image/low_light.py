"""Low light: the picture was taken again with a fraction of the light.

Values are made linear, darkened, given photon noise and read noise in the normal approximation, and
encoded again. The severities of one sample share their noise.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.corruptions.image._kernels.levels import relight
from mmaudit.doses.image import PSNR
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much light is left, and how noisy the sensor is."""

    exposure: float
    photons: float
    read: float


GAMMA = 2.2


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Take the picture again in the dark."""
    full = full_scale(clean)
    return on_colour(
        clean,
        lambda image: relight(
            image, words.u32(image.size), full=full, gamma=GAMMA, **severity._asdict()
        ),
    )


CORRUPTION = Corruption(
    apply=apply,
    severities=(
        Severity(0.5, 500, 4),
        Severity(0.3, 400, 5),
        Severity(0.16, 300, 6),
        Severity(0.08, 200, 7),
        Severity(0.04, 150, 8),
    ),
    units={
        "exposure": "share of the light",
        "photons": "at white in full light",
        "read": "photons, standard deviation",
    },
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=PSNR,
    source="Photon and read noise as in Foi et al. 2008, doi:10.1109/TIP.2008.2001399; grid of "
    "our own",
)
