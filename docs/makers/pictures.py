"""Pictures: strips of four tiles, clean and at severities 1, 3 and 5, of images and of sounds."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from makers import shown
from mmaudit.arrays import Pixels

GAP = 4  # white pixels between tiles
HALF = 2  # pictures of 224 are shown at half their size
TILE = 64, 112  # rows (frequencies, the highest on top) and columns (time) of a spectrogram
WINDOW = 512
RANGE_DB = 70.0
SHADES = 32
INK = np.array([[12, 8, 38], [96, 22, 110], [200, 62, 76], [250, 160, 50], [252, 250, 190]])


def photographs(name: str) -> bytes:
    """An image corruption as WebP."""
    tiles = []
    for value in shown.values(name):
        h, w = value.shape[0] // HALF, value.shape[1] // HALF
        blocks = value.reshape(h, HALF, w, HALF, 3).astype(np.float64)
        tiles.append(blocks.mean(axis=(1, 3)).round().astype(np.uint8))
    out = BytesIO()
    Image.fromarray(_strip(tiles)).save(out, "WEBP", quality=72, method=6)
    return out.getvalue()


def spectrograms(name: str) -> bytes:
    """An audio corruption as a PNG of few colours; all four tiles are on one scale of loudness."""
    powers = [_power(value[:, 0].astype(np.float64)) for value in shown.values(name)]
    full = 10 * np.log10(powers[0].max())
    shades = [
        np.clip((10 * np.log10(p + 1e-12) - full) / RANGE_DB + 1, 0, 1) * (SHADES - 1)
        for p in powers
    ]
    ramp = np.linspace(0, len(INK) - 1, SHADES)
    colours = [np.interp(ramp, range(len(INK)), INK[:, c]) for c in range(3)]
    palette = np.stack(colours, axis=1).round().astype(np.uint8)
    strip = _strip([palette[s.round().astype(np.int64)] for s in shades])
    image = Image.fromarray(strip).quantize(SHADES + 1, dither=Image.Dither.NONE)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _power(clip: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean power of bands of equal width over time, ``(frequency, time)``, high ones first."""
    rows, columns = TILE
    starts = np.linspace(0, clip.size - WINDOW, columns).astype(np.int64)
    frames = clip[starts[:, None] + np.arange(WINDOW)] * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(frames, axis=1))[:, : WINDOW // 2] ** 2
    return np.asarray(power.reshape(columns, rows, -1).mean(axis=2).T[::-1])


def _strip(tiles: list[Pixels]) -> Pixels:
    """Tiles beside each other."""
    gap = np.full((tiles[0].shape[0], GAP, 3), 255, np.uint8)
    pieces = [piece for tile in tiles for piece in (tile, gap)]
    return np.concatenate(pieces[:-1], axis=1)
