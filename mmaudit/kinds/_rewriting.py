"""Rewriting: pictures are written again in the form that they had, and turned as they were.

Pixels are corrupted as they are stored. Without its tag a turned photograph would lie on its side
in every program that honours the tag, and be worse in a way that nobody asked for.

References:
    Exif 2.32 (CIPA DC-008-2019): tag 0x0112 of the first directory; in JPEG the segment APP1, in
    PNG the chunk ``eXIf``, in WebP the chunk ``EXIF``
"""

import re
import struct
import zlib
from io import BytesIO

from mmaudit.arrays import Pixels
from mmaudit.kinds import _magic
from mmaudit.kinds._box_files import is_avif
from mmaudit.parsing.base import Parsing

WRITTEN = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "png": (".png",),
    "webp": (".webp",),
    "bmp": (".bmp",),
    "tiff": (".tif", ".tiff"),
}
DEEP = ("png", "tiff")  # hold 16 bits a channel
CHANNELS = {"jpeg": (1, 3), "webp": (3, 4), "bmp": (1, 3, 4), "tiff": (1, 3)}

UPRIGHT, ORIENTATIONS = 1, range(1, 9)
TAG, SHORT = 0x0112, 3
EXIF = re.compile(rb"(?:Exif\0\0|eXIf|EXIF....)(II\*\0|MM\0\*)", re.DOTALL)
NAMES = (b"Exif\0\0", b"eXIf", b"EXIF")
PNG_HEADER = 33  # bytes of the signature and IHDR
JPEG, APP0, APP1 = b"\xff\xd8", b"\xff\xe0", b"\xff\xe1"
WITH_EXIF, WITH_ALPHA = 0x08, 0x10


def orientation(data: bytes) -> int:
    """The orientation that a file asks for, 1 … 8; 1 is upright, and what is not said."""
    if is_avif(data):
        return _avif(data)
    if not any(name in data for name in NAMES):
        return UPRIGHT
    match = EXIF.search(data)
    if match is None:
        return UPRIGHT
    tiff = data[match.start(1) :]
    order = "<" if tiff.startswith(b"II") else ">"
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for i in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * i)
            if (tag, kind) == (TAG, SHORT):
                return value if value in ORIENTATIONS else UPRIGHT
    except struct.error:  # the directory ends before it should
        return UPRIGHT
    return UPRIGHT


def _avif(data: bytes) -> int:
    """What the boxes ``irot`` and ``imir`` ask for, in numbers of Exif."""
    from PIL import AvifImagePlugin  # noqa: PLC0415  an AVIF is read by it before

    with Parsing(ValueError), AvifImagePlugin.AvifImageFile(BytesIO(data)) as image:
        return int(image.getexif().get(TAG, UPRIGHT))


def turned(data: bytes, place: int) -> bytes:
    """A JPEG, PNG or WebP without Exif, as one that asks for an orientation; others as they are."""
    if place == UPRIGHT or not data.startswith((JPEG, b"RIFF", b"\x89PNG")):
        return data
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, TAG, SHORT, 1, place, 0, 0)
    if data.startswith(JPEG):
        at = 4 + int.from_bytes(data[4:6]) if data[2:4] == APP0 else 2
        body = b"Exif\0\0" + tiff
        return data[:at] + APP1 + struct.pack(">H", len(body) + 2) + body + data[at:]
    if data.startswith(b"RIFF"):
        return _webp(data, tiff)
    chunk = b"eXIf" + tiff
    whole = struct.pack(">I", len(tiff)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return data[:PNG_HEADER] + whole + data[PNG_HEADER:]


def _webp(data: bytes, tiff: bytes) -> bytes:
    """A lossless WebP in the extended form, which can hold Exif."""
    (packed,) = struct.unpack_from("<I", data, 21)  # behind the signature byte of VP8L
    width, height = packed & 0x3FFF, packed >> 14 & 0x3FFF  # each less 1
    flags = WITH_EXIF | (WITH_ALPHA if packed >> 28 & 1 else 0)
    sizes = width.to_bytes(3, "little") + height.to_bytes(3, "little")
    head = b"VP8X" + struct.pack("<II", 10, flags) + sizes
    exif = b"EXIF" + struct.pack("<I", len(tiff)) + tiff
    body = b"WEBP" + head + data[12:] + exif
    return b"RIFF" + struct.pack("<I", len(body)) + body


def form(data: bytes, plugin: str, pixels: Pixels) -> str:
    """The form of a file, or PNG where that cannot hold some pixels, or only with loss.

    Args:
        data: The file.
        plugin: Who reads it, where that is a plugin of Pillow.
        pixels: ``(h, w, c)``.
    """
    own = "jpeg" if data.startswith(_magic.JPEG) else plugin.lower()
    deep = pixels.dtype.itemsize > 1 and own not in DEEP
    return own if pixels.shape[2] in CHANNELS.get(own, ()) and not deep else "png"
