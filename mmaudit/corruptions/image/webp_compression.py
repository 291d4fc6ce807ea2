"""WebP compression: the picture was saved as WebP with a low quality.

The picture is written as lossy WebP and read back. A 16-bit picture goes through its nearest 8-bit
one, and a grey one as grey.
"""

from mmaudit.corruptions.image._kernels.codecs import compression, webp

CORRUPTION = compression(
    webp,
    qualities=(40, 25, 15, 8, 2),
    library="libwebp",
    source="ImageCompression of albumentations 2.0.8; grid of our own",
)
