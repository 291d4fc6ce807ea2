"""JPEG compression: the picture was saved with a low quality to save space.

The picture is written as baseline JPEG with 4:2:0 chroma and the tables of libjpeg, and read back.
A 16-bit picture goes through its nearest 8-bit one.
"""

from mmaudit.corruptions.image._kernels.codecs import compression, jpeg

CORRUPTION = compression(
    jpeg,
    qualities=(25, 18, 15, 10, 7),
    library="libjpeg",
    source="Hendrycks & Dietterich 2019, arXiv:1903.12261; constants of ImageNet-C",
)
