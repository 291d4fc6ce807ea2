"""Images: encoded bytes to ``(h, w, c)`` pixels and back.

What a file is, its first bytes say; its name does not matter. Pixels are as stored: EXIF
orientation is not applied (as Pillow and simplejpeg do by default). 8-bit images are uint8 and
16-bit ones uint16; grey keeps one channel, transparency keeps a fourth (grey with transparency
has two). CMYK becomes RGB, palettes become RGB or RGBA, of animations the first frame is taken.
AVIF of more than 8 bits is narrowed, which is counted.
"""

import importlib
import struct
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ball, Pixels
from mmaudit.kinds import (
    _arrays,
    _box_files,
    _jpeg_files,
    _media,
    _png_files,
    _rewriting,
    _weight,
)
from mmaudit.kinds._beyond import beyond
from mmaudit.kinds._image_features import features, mean_picture
from mmaudit.kinds._magic import JPEG, picture
from mmaudit.kinds._png_files import PNG
from mmaudit.kinds._rewriting import orientation, turned
from mmaudit.kinds.base import Fill, Kind, LooksLike, Pieces, Shape, Undecodable, content
from mmaudit.parsing.base import Parsing

if TYPE_CHECKING:
    from PIL import Image

NAME = "image"

BITS = 258  # tag of a TIFF: bits of each channel
# plugins of Pillow are called by name: `Image.open` would try every format that it knows
OTHERS = {b"GIF8": "Gif", b"BM": "Bmp", b"II*\0": "Tiff", b"MM\0*": "Tiff"}
OTHER = "not a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF image"
MODES = {"1": "L", "CMYK": "RGB", "YCbCr": "RGB", "LAB": "RGB", "HSV": "RGB", "RGBX": "RGB"}
SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
    *(".avif", ".heic", ".heif", ".jxl"),  # the last three are skipped with the reason, not lost
)
QUALITY, LOSSLESS = 95, 101  # of JPEG files that are written again; WebP without loss
GREY = 128
SIDE = 4  # patches a side
THUMBNAIL = 128  # pixels of the longer side


def decode(cell: Any, shape: Shape) -> Pixels | None:
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
        return _jpeg(data, shape.max_pixels)
    if data.startswith(PNG):
        return _png(data, shape.max_pixels)
    plugin = _plugin(data)
    if plugin:
        return _pillow(plugin, data, shape.max_pixels)
    raise Undecodable(_box_files.unread(data) or (OTHER if data else "empty file"))


def _plugin(data: bytes) -> str:
    """The plugin of Pillow that reads a file; empty for files that it does not read here."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP"
    if _box_files.is_avif(data):
        return "Avif"
    return next((plugin for magic, plugin in OTHERS.items() if data.startswith(magic)), "")


def encode(pixels: Pixels, format: str = "png", quality: int = 95) -> bytes:
    """The bytes of an image file.

    Args:
        pixels: ``(h, w, c)``, uint8, or uint16 for PNG and TIFF.
        format: ``png``, ``jpeg`` (with colours at full resolution, 4:4:4), ``webp``, ``bmp`` or
            ``tiff``.
        quality: 1 … 100 for JPEG and WebP; above 100, WebP is lossless.

    Raises:
        ValueError: The format cannot hold such pixels.
    """
    import cv2  # noqa: PLC0415  a part of a second to load, and `init` needs no pixels
    from PIL import Image  # noqa: PLC0415

    channels = pixels.shape[2]
    if format == "png" and channels == 2:
        file = BytesIO()
        Image.fromarray(pixels, "LA").save(file, "PNG")
        return file.getvalue()
    full = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
    options = {
        "png": [cv2.IMWRITE_PNG_COMPRESSION, 3],
        "jpeg": [cv2.IMWRITE_JPEG_QUALITY, quality, *full],
        "webp": [cv2.IMWRITE_WEBP_QUALITY, quality],
    }.get(format, [])
    deep = pixels.dtype != np.uint8
    if (format == "jpeg" and channels not in {1, 3}) or (deep and format not in _rewriting.DEEP):
        raise ValueError(f"{format} does not hold {channels} channels of {pixels.dtype}")
    orders = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    ordered = cv2.cvtColor(pixels, orders[channels]) if channels in orders else pixels
    done, data = cv2.imencode(f".{format}", ordered, options)
    if not done:
        raise ValueError(f"{format} does not hold an image of {pixels.shape}")
    return bytes(data)


def _jpeg(data: bytes, most: int) -> Pixels:
    import simplejpeg  # noqa: PLC0415

    with _jpeg_files.parsing():
        height, width, space, _ = simplejpeg.decode_jpeg_header(data)
    _bounded(height, width, most)
    if space in {"CMYK", "YCCK", "Unknown"}:
        return _pillow("Jpeg", data, most)
    return _jpeg_files.pixels(data, "GRAY" if space == "Gray" else "RGB")


def _png(data: bytes, most: int) -> Pixels:
    if len(data) < 33:
        raise Undecodable("not a whole PNG")
    width, height, depth = struct.unpack(">IIB", data[16:25])
    _bounded(height, width, most)
    _png_files.check(data)  # decoders fill what is missing and say nothing
    return _pillow("Png", data, most) if depth != 16 else _deep(data)


def _deep(data: bytes) -> Pixels:
    """Pixels of 16 bits a channel, which Pillow narrows to 8 where they are colours."""
    import cv2  # noqa: PLC0415

    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    with Parsing(lambda why: Undecodable(f"not a whole image: {why}")):
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if pixels is None:
        raise Undecodable("not a whole image")
    if pixels.dtype != np.uint16:
        raise Undecodable(f"colours of {pixels.dtype}, not of 8 or 16 bits")
    if pixels.ndim == 2:
        return pixels[..., None]
    orders = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}
    return cv2.cvtColor(pixels, orders[pixels.shape[2]])


def _pillow(format: str, data: bytes, most: int) -> Pixels:
    plugin = importlib.import_module(f"PIL.{format}ImagePlugin")
    with (
        Parsing(lambda why: Undecodable(f"not a whole image: {why}")),
        getattr(plugin, f"{format}ImageFile")(BytesIO(data)) as image,
    ):
        _bounded(image.height, image.width, most)
        bits = getattr(image, "tag_v2", {}).get(BITS, (8,))
        if max(bits) > 8 and image.mode.startswith("RGB"):
            return _deep(data)
        image.load()
        return _pixels(image)


def _pixels(image: "Image.Image") -> Pixels:
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


def rewrite(pixels: Pixels, cell: dict[str, Any], _rate: float = 0.0) -> dict[str, Any]:
    """A picture as a file of the form that it had, as far as that can hold it.

    JPEG stays JPEG (quality 95, 4:4:4), WebP becomes lossless, PNG, BMP and TIFF stay what they
    are, GIF and AVIF become PNG; a turned picture asks to be turned as before.

    Args:
        pixels: ``(h, w, c)``.
        cell: The clean cell, ``bytes`` and ``path``.
    """
    data = cell["bytes"]
    format_ = _rewriting.form(data, _plugin(data), pixels)
    quality = LOSSLESS if format_ == "webp" else QUALITY
    written = turned(encode(pixels, format_, quality), orientation(data))
    return {"bytes": written, "path": _media.renamed(cell.get("path"), _rewriting.WRITTEN[format_])}


def _empty(first: Pixels | None, shape: tuple[int, ...]) -> Pixels:
    return np.zeros(shape, np.uint8) if first is None else np.zeros_like(first)


def _blank(pictures: Sequence[Pixels]) -> Pixels:
    """Uniform grey; black where pixels are not of 8 bits."""
    first = pictures[0]
    return np.full_like(first, GREY if first.dtype == np.uint8 else 0)


def _patches(pixels: NDArray[np.uint8]) -> Pieces:
    """A picture cut into 4 x 4 patches; what is taken away is grey."""
    rows, columns = (_arrays.cuts(side, SIDE) for side in pixels.shape[:2])
    boxes = [(r, c) for r in rows for c in columns]
    names = tuple(f"rows {r.start}-{r.stop}, columns {c.start}-{c.stop}" for r, c in boxes)

    def without(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
        out = pixels.copy()
        for (r, c), keep in zip(boxes, mask, strict=True):
            if not keep:
                out[r, c] = GREY
        return out

    return Pieces(names, without, (len(rows), len(columns)))


def thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture of at most 128 pixels a side, each the mean of a square of the large one."""
    step = -(-max(pixels.shape[:2]) // THUMBNAIL)
    if step == 1:
        return pixels
    h, w = (max(1, side // step) for side in pixels.shape[:2])
    cut = pixels[: h * step, : w * step]
    squares = cut.reshape(h, cut.shape[0] // h, w, cut.shape[1] // w, -1)
    return np.ascontiguousarray(squares.mean(axis=(1, 3)).round().astype(pixels.dtype))


def _preview(_clean: Pixels, pixels: Pixels, size: tuple[int, int]) -> "Image.Image":
    from mmaudit.kinds import _drawing  # noqa: PLC0415  only previews need it

    return _drawing.picture(pixels, size)


KIND = Kind(
    decode=decode,
    encode=lambda pixels, _rate: encode(pixels),
    digest=_media.digest,
    arrays=_media.arrays,
    empty=_empty,
    listed=1,
    axes=3,
    media=True,
    rewrite=rewrite,
    suffixes=SUFFIXES,
    noun="picture",
    file_format=picture,
    beyond=beyond,
    looks_like=(LooksLike(0, _media.claims(NAME)),),
    fill=Fill(
        holds=lambda value: isinstance(value, np.ndarray) and value.ndim == 3,
        zeros=lambda pictures: np.zeros_like(pictures[0]),
        blank=_blank,
        mean=mean_picture,
    ),
    always_mean=True,
    pieces=_patches,
    features=features,
    size=_arrays.loudness,
    blocks=_arrays.blocks,
    show=lambda pixels, _rate: {"thumbnail": encode(thumbnail(pixels))},
    preview=_preview,
    weight=lambda data, of: _weight.picture(data, _plugin(data), of.max_pixels),
    encoders=True,
    ball=Ball(norm="linf", radii=(1.0, 2.0, 4.0, 8.0, 16.0)),
)
