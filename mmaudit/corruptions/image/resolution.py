"""Resolution: a small picture enlarged smoothly, as a thumbnail is.

The mean of boxes, and back by linear interpolation.
"""

from mmaudit.corruptions.image._kernels.boxes import small_and_back, smooth

CORRUPTION = small_and_back(
    smooth,
    scales=(0.5, 0.35, 0.25, 0.18, 0.12),
    source="Downscale of albumentations 2.0.8 (0.25); grid of our own",
)
