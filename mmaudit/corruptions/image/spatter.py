"""Spatter: drops of water, or mud, on the lens.

Smooth normal noise above a threshold is wet. Water is bright and has edges; mud covers. On a grey
picture their colours are their luma.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Pixels
from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.image._kernels.channels import GUARD, on_colour, tint
from mmaudit.corruptions.image._kernels.gaussian import blur
from mmaudit.corruptions.image._kernels.mixing import splash
from mmaudit.corruptions.image._kernels.normals import normals
from mmaudit.doses.image import SSIM
from mmaudit.doses.pixels import check, full_scale
from mmaudit.seeds import Words

WATER, MUD = (175, 238, 238), (63, 42, 20)  # RGB
DEEPEST = 20.0  # pixels from an edge beyond which a drop is no brighter
THIN = 0.8  # cover below which mud is not seen
EMBOSS = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])


class Severity(NamedTuple):
    """How much, how large the drops are, and of what."""

    mean: float
    sd: float
    sigma: float
    threshold: float
    intensity: float
    mud: int


def spattered(clean: Pixels, severity: Severity, layer: NDArray[np.float32]) -> Pixels:
    """Spatter a picture where a layer of independent normal noise, ``(h, w)``, says so."""
    full = full_scale(clean)
    smooth = blur(layer, severity.sigma)
    mask = _mud(smooth, severity) if severity.mud else _water(smooth, severity)
    colour = MUD if severity.mud else WATER
    return on_colour(
        clean,
        lambda image: splash(
            image,
            mask,
            tint(colour, image),
            opaque=bool(severity.mud),
            guard=full * GUARD,
            full=full,
        ),
    )


def apply(clean: Pixels, severity: Severity, words: Words) -> Pixels:
    """Spatter a picture at random."""
    check(clean)
    shape = clean.shape[:2]
    noise = normals(words.u32(shape[0] * shape[1])).reshape(shape)
    layer = np.float32(severity.mean) + np.float32(severity.sd) * noise
    return spattered(clean, severity, layer)


def _water(smooth: NDArray[np.float32], severity: Severity) -> NDArray[np.float32]:
    """Brighter towards the middle of a drop, by the distance from the edges of the drops."""
    drops = np.where(smooth < severity.threshold, 0, smooth * 255).astype(np.uint8)
    away = cv2.distanceTransform(255 - cv2.Canny(drops, 50, 150), cv2.DIST_L2, 5)
    away = cv2.blur(np.minimum(away, DEEPEST), (3, 3)).astype(np.uint8)
    embossed = cv2.filter2D(cv2.equalizeHist(away), cv2.CV_8U, EMBOSS)
    mask = drops * cv2.blur(embossed, (3, 3)).astype(np.float32)
    return mask * np.float32(severity.intensity / max(1.0, float(mask.max())))


def _mud(smooth: NDArray[np.float32], severity: Severity) -> NDArray[np.float32]:
    mask = blur((smooth > severity.threshold).astype(np.float32), severity.intensity)
    mask[mask < THIN] = 0
    return mask


CORRUPTION = Corruption(
    apply=apply,
    severities=(
        Severity(0.65, 0.3, 4, 0.69, 0.6, 0),
        Severity(0.65, 0.3, 3, 0.68, 0.6, 0),
        Severity(0.65, 0.3, 2, 0.68, 0.5, 0),
        Severity(0.65, 0.3, 1, 0.65, 1.5, 1),
        Severity(0.67, 0.4, 1, 0.65, 1.5, 1),
    ),
    units={
        "mean": "of the noise",
        "sd": "of the noise",
        "sigma": "pixels",
        "threshold": "of the noise",
        "intensity": "water: share of full scale; mud: pixels of blur of its edges",
        "mud": "1 mud, 0 water",
    },
    keeps=frozenset({"shape", "dtype", "range"}),
    pixels=frozenset({"sigma"}),
    dose=SSIM,
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
)
