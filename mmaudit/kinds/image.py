"""Images: encoded bytes to ``(h, w, c)`` pixels and back.

What a file is, its first bytes say; its name does not matter. Pixels are as stored: EXIF
orientation is not applied (as Pillow and simplejpeg do by default). 8-bit images are uint8 and
16-bit ones uint16; grey keeps one channel, transparency keeps a fourth (grey with transparency
has two). CMYK becomes RGB, palettes become RGB or RGBA, of animations the first frame is taken.
"""

import struct
import zlib
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from mmaudit.kinds.base import Undecodable, Usual, content

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
# plugins are called by name: `Image.open` would try every format that Pillow knows
OTHERS = {
    b"GIF8": GifImagePlugin.GifImageFile,
    b"BM": BmpImagePlugin.BmpImageFile,
    b"II*\0": TiffImagePlugin.TiffImageFile,
    b"MM\0*": TiffImagePlugin.TiffImageFile,
}
MODES = {"1": "L", "CMYK": "RGB", "YCbCr": "RGB", "LAB": "RGB", "HSV": "RGB", "RGBX": "RGB"}
TO_FILE = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
FROM_FILE = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}


def decode(cell: Any, usual: Usual) -> Pixels | None:
    """One image, ``(h, w, c)``; None where absent.

    Raises:
        Undecodable: It is not a whole image of a known format, or it has too many pixels.
    """
    data = content(cell)
    if data is None:
        return None
    if not isinstance(data, bytes):
        raise Undecodable(f"not the bytes of an image but {type(data).__name__}")
    if data.startswith(JPEG):
        return _jpeg(data, usual.max_pixels)
    if data.startswith(PNG):
        return _png(data, usual.max_pixels)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _pillow(WebPImagePlugin.WebPImageFile, data, usual.max_pixels)
    for magic, plugin in OTHERS.items():
        if data.startswith(magic):
            return _pillow(plugin, data, usual.max_pixels)
    raise Undecodable("empty file" if not data else "not a JPEG, PNG, WebP, GIF, BMP or TIFF image")


def encode(pixels: Pixels, format: str = "png", quality: int = 95) -> bytes:
    """The bytes of an image file.

    Args:
        pixels: ``(h, w, c)``, uint8, or uint16 for PNG.
        format: ``png``, ``jpeg`` or ``webp``.
        quality: 1 … 100 for JPEG and WebP; above 100, WebP is lossless.

    Raises:
        ValueError: The format cannot hold such pixels.
    """
    channels = pixels.shape[2]
    if format == "png" and channels == 2:
        file = BytesIO()
        Image.fromarray(pixels, "LA").save(file, "PNG")
        return file.getvalue()
    options = {
        "png": [cv2.IMWRITE_PNG_COMPRESSION, 3],
        "jpeg": [cv2.IMWRITE_JPEG_QUALITY, quality],
        "webp": [cv2.IMWRITE_WEBP_QUALITY, quality],
    }[format]
    if (format == "jpeg" and channels not in {1, 3}) or (
        format != "png" and pixels.dtype != np.uint8
    ):
        raise ValueError(f"{format} does not hold {channels} channels of {pixels.dtype}")
    turned = cv2.cvtColor(pixels, TO_FILE[channels]) if channels in TO_FILE else pixels
    done, data = cv2.imencode(f".{format}", turned, options)
    if not done:
        raise ValueError(f"{format} does not hold an image of {pixels.shape}")
    return bytes(data)


def _jpeg(data: bytes, most: int) -> Pixels:
    try:
        height, width, space, _ = simplejpeg.decode_jpeg_header(data)
    except ValueError as error:
        raise Undecodable(f"not a whole JPEG: {error}") from error
    _bounded(height, width, most)
    if space in {"CMYK", "YCCK", "Unknown"}:
        return _pillow(JpegImagePlugin.JpegImageFile, data, most)
    try:
        return simplejpeg.decode_jpeg(data, "GRAY" if space == "Gray" else "RGB")
    except ValueError as error:
        raise Undecodable(f"not a whole JPEG: {error}") from error


def _png(data: bytes, most: int) -> Pixels:
    if len(data) < 33:
        raise Undecodable("not a whole PNG")
    width, height, depth = struct.unpack(">IIB", data[16:25])
    _bounded(height, width, most)
    _whole_png(data)  # decoders fill what is missing and say nothing
    if depth != 16:
        return _pillow(PngImagePlugin.PngImageFile, data, most)
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if pixels is None:
        raise Undecodable("not a whole PNG")
    if pixels.ndim == 2:
        return pixels[..., None]
    return cv2.cvtColor(pixels, FROM_FILE[pixels.shape[2]])


def _whole_png(data: bytes) -> None:
    at = len(PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        end = at + 8 + length
        if zlib.crc32(data[at + 4 : end]).to_bytes(4) != data[end : end + 4]:
            break
        if data[at + 4 : at + 8] == b"IEND":
            return
        at = end + 4
    raise Undecodable(f"not a whole PNG: damaged at byte {at}")


def _pillow(plugin: Any, data: bytes, most: int) -> Pixels:
    try:
        with plugin(BytesIO(data)) as image:
            _bounded(image.height, image.width, most)
            image.load()
            return _pixels(image)
    except Undecodable:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError) as error:
        raise Undecodable(f"not a whole image: {error}") from error


def _pixels(image: Image.Image) -> Pixels:
    mode = MODES.get(image.mode, image.mode)
    if mode in {"P", "PA"}:
        mode = "RGBA" if mode == "PA" or "transparency" in image.info else "RGB"
    if mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)[..., None]
    if mode not in {"L", "LA", "RGB", "RGBA"}:
        raise Undecodable(f"pixels of mode {image.mode} are not 8 or 16 bit colours")
    pixels = np.asarray(image if image.mode == mode else image.convert(mode))
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _bounded(height: int, width: int, most: int) -> None:
    if height * width > most:
        raise Undecodable(f"{width}x{height} pixels, more than max_pixels = {most}")
    if not height * width:
        raise Undecodable(f"{width}x{height} pixels")
