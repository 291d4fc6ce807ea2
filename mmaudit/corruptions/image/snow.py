"""Snow: flakes driven by wind, in pale light.

A layer of normal noise is enlarged about its centre, cut at a threshold and dragged along a random
direction; the picture becomes paler and the layer is added twice, the second time upside down.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour
from mmaudit.corruptions.image._kernels.lines import drag, taps
from mmaudit.corruptions.image._kernels.mixing import whiten
from mmaudit.corruptions.image._kernels.normals import normals
from mmaudit.corruptions.image._kernels.zooms import axis, enlarge
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import full_scale
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How many flakes, how large, how far they fell, and how pale it is."""

    mean: float
    sd: float
    zoom: float
    threshold: float
    radius: int
    sigma: float
    keep: float


def snowed(clean: Pixels, severity: Severity, layer: NDArray[np.float32], angle: float) -> Pixels:
    """Let it snow.

    Args:
        clean: A picture.
        severity: How hard.
        layer: Noise of the centre of the picture, as large as `centre` says.
        angle: Direction in degrees, counted from the horizontal.
    """
    full = full_scale(clean)
    rows, columns = axis(clean.shape[0], severity.zoom), axis(clean.shape[1], severity.zoom)
    flakes = np.minimum(enlarge(layer, rows, columns), np.float32(1))
    flakes[flakes < severity.threshold] = 0
    line = taps(severity.radius, severity.sigma, angle)
    fallen = drag(flakes[:, :, None], line, 0.0, np.inf)[:, :, 0]
    return on_colour(
        clean,
        lambda image: whiten(image, fallen, keep=severity.keep, guard=full * GUARD, full=full),
    )


def centre(clean: Pixels, severity: Severity) -> tuple[slice, slice]:
    """The part of a layer as large as the picture that is ever seen."""
    rows, columns = axis(clean.shape[0], severity.zoom), axis(clean.shape[1], severity.zoom)
    across = slice(columns.start, columns.start + columns.size)
    return slice(rows.start, rows.start + rows.size), across


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Let it snow from a random direction."""
    rows, columns = centre(clean, severity)
    shape = rows.stop - rows.start, columns.stop - columns.start
    noise = normals(words.u32(shape[0] * shape[1], stream=1)).reshape(shape)
    layer = np.float32(severity.mean) + np.float32(severity.sd) * noise
    return snowed(clean, severity, layer, 90 * float(words.uniforms(1)[0]) - 135)


CORRUPTION = Corruption(
    apply=apply,
    severities=(
        Severity(0.1, 0.3, 3, 0.5, 10, 4, 0.8),
        Severity(0.2, 0.3, 2, 0.5, 12, 4, 0.7),
        Severity(0.55, 0.3, 4, 0.9, 12, 8, 0.7),
        Severity(0.55, 0.3, 4.5, 0.85, 12, 8, 0.65),
        Severity(0.55, 0.3, 2.5, 0.85, 12, 12, 0.55),
    ),
    units={
        "mean": "of the noise, share of full scale",
        "sd": "of the noise, share of full scale",
        "zoom": "factor",
        "threshold": "share of full scale",
        "radius": "pixels",
        "sigma": "pixels",
        "keep": "share of the picture that is not paler",
    },
    keeps=frozenset({"shape", "dtype", "range"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C; the "
    "reference's severities are not ordered: 2 has more snow than 3",
    nested=False,
    pixels=frozenset({"zoom", "radius", "sigma"}),
)
