"""Groups: sets of corruptions that the literature names, for ``--corruptions common``.

References:
    Hendrycks & Dietterich 2019, "Benchmarking neural network robustness to common corruptions and
    perturbations", arXiv:1903.12261: four groups, and four corruptions kept for validation
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mmaudit import parts

NOISE = ("image/gaussian_noise", "image/shot_noise", "image/impulse_noise")
BLUR = ("image/defocus_blur", "image/glass_blur", "image/motion_blur", "image/zoom_blur")
WEATHER = ("image/snow", "image/frost", "image/fog", "image/brightness")
DIGITAL = (
    "image/contrast",
    "image/elastic_transform",
    "image/pixelate",
    "image/jpeg_compression",
)
VALIDATION = ("image/speckle_noise", "image/gaussian_blur", "image/spatter", "image/saturate")

SUBSETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "common": NOISE + BLUR + WEATHER + DIGITAL,
        "validation": VALIDATION,
        "noise": NOISE,
        "blur": BLUR,
        "weather": WEATHER,
        "digital": DIGITAL,
    }
)


def expand(patterns: Sequence[str]) -> tuple[str, ...]:
    """Names of corruptions that subsets and shell-style patterns stand for, each once, in order.

    Raises:
        UsageError: A pattern is no subset and matches no corruption.

    Example:
        >>> expand(("noise", "text/case"))
        ('image/gaussian_noise', 'image/shot_noise', 'image/impulse_noise', 'text/case')
    """
    names: dict[str, None] = {}
    for pattern in patterns:
        names |= dict.fromkeys(SUBSETS.get(pattern) or parts.match("corruptions", (pattern,)))
    return tuple(names)
