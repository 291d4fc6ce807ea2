"""Shot noise: few photons were counted, so dark parts are grainy.

Every value becomes a Poisson count over the count of white: `floor(F min(Poisson(c x / F) / c, 1))`
with `c` photons at white. In a 16-bit picture the rate is that of the value's top byte.
The severities of one sample share their quantiles.
"""

from typing import NamedTuple

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import on_colour
from mmaudit.corruptions.image._kernels.counts import expose
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How few photons there were."""

    photons: int


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Count photons in every colour value."""
    full = full_scale(clean)
    return on_colour(
        clean, lambda image: expose(image, words.u32(image.size), severity.photons, full)
    )


CORRUPTION = Corruption(
    apply=apply,
    severities=tuple(map(Severity, (60, 25, 12, 5, 3))),
    units={"photons": "expected photons at white"},
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
)
