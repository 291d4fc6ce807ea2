"""Forms in which pictures are written again: those that they had, where these hold them."""

from mmaudit.arrays import Pixels
from mmaudit.kinds._magic import JPEG

WRITTEN = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "png": (".png",),
    "webp": (".webp",),
    "bmp": (".bmp",),
    "tiff": (".tif", ".tiff"),
}
DEEP = ("png", "tiff")  # hold 16 bits a channel
CHANNELS = {"jpeg": (1, 3), "webp": (3, 4), "bmp": (1, 3, 4), "tiff": (1, 3)}


def form(data: bytes, plugin: str, pixels: Pixels) -> str:
    """The form of a file, or PNG where that cannot hold some pixels, or only with loss.

    Args:
        data: The file.
        plugin: Who reads it, where that is a plugin of Pillow.
        pixels: ``(h, w, c)``.
    """
    own = "jpeg" if data.startswith(JPEG) else plugin.lower()
    deep = pixels.dtype.itemsize > 1 and own not in DEEP
    return own if pixels.shape[2] in CHANNELS.get(own, ()) and not deep else "png"
