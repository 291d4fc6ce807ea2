"""Pixelate: a small picture enlarged without smoothing.

The mean of boxes, as Pillow computes it, and back by repeating pixels.
"""

from mmaudit.corruptions.image._kernels.boxes import blocks, small_and_back

CORRUPTION = small_and_back(
    blocks,
    scales=(0.6, 0.5, 0.4, 0.3, 0.25),
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C, with NEAREST "
    "upwards as in imagecorruptions c959e65",
)
