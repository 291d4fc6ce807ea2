"""Mixing: pictures laid over each other or seen through something.

The three channels are written out in every loop: with a function for them, even an inlined one, the
compiler makes no vectors of the loop, and snow takes half as long again.
"""

import numpy as np
from numpy.typing import NDArray

from mmaudit.doses.pixels import LUMA
from mmaudit.kernels import kernel

_ONE = np.float32(1)
_RED, _GREEN, _BLUE = (np.float32(part) for part in LUMA)
_HALF_MORE, _HALF = np.float32(1.5), np.float32(0.5)


@kernel
def _veil(clean, field, thickness, share, guard, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width, channels = clean.shape
    n = field.shape[0] - 1  # a power of two less one: the field has no seam
    light = np.empty(width, np.float32)
    for y in range(height):
        line, row, to = field[y & n], clean[y].ravel(), out[y].ravel()
        for x in range(width):
            light[x] = line[x & n] * thickness
        if channels == 3:
            for x in range(width):
                j, add = 3 * x, light[x]
                to[j] = min((np.float32(row[j]) + add) * share + guard, full)
                to[j + 1] = min((np.float32(row[j + 1]) + add) * share + guard, full)
                to[j + 2] = min((np.float32(row[j + 2]) + add) * share + guard, full)
        else:
            for x in range(width):
                to[x] = min((np.float32(row[x]) + light[x]) * share + guard, full)


def veil(
    image: NDArray[np.uint8],
    field: NDArray[np.float32],
    *,
    strength: float,
    guard: float,
    full: int,
) -> NDArray[np.uint8]:
    """Add a cloudy field, and scale back so that the brightest value could stay what it is.

    Args:
        image: ``(h, w, c)`` uint8 or uint16.
        field: In [0, 1], ``(n, n)`` with n a power of two; repeated where the picture is larger.
        strength: The field's weight, of full scale.
        guard: Added before truncation, for float32 sums that fall short.
        full: Largest value.
    """
    most = float(image.max()) / full
    scale = np.float32(full * strength), np.float32(most / (most + strength))
    out = np.empty_like(image)
    _veil(image, field, *scale, np.float32(guard), np.float32(full), out)
    return out


@kernel
def _whiten(clean, flakes, keep, guard, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width, channels = clean.shape
    pale, tint, levels = _ONE - keep, _HALF * full, np.float32(255)
    step = full / levels  # the snow of the reference has 8 bits
    snow = np.empty(width, np.float32)
    for y in range(height):
        row, to, upright, turned = (
            clean[y].ravel(),
            out[y].ravel(),
            flakes[y],
            flakes[height - 1 - y],
        )
        for x in range(width):
            snow[x] = np.rint(upright[x] * levels)
        for x in range(width):
            snow[x] = (snow[x] + np.rint(turned[width - 1 - x] * levels)) * step + guard
        if channels == 3:
            for x in range(width):
                j, add = 3 * x, snow[x]
                r, g, b = np.float32(row[j]), np.float32(row[j + 1]), np.float32(row[j + 2])
                light = (_RED * r + _GREEN * g + _BLUE * b) * _HALF_MORE + tint
                to[j] = min(keep * r + pale * max(r, light) + add, full)
                to[j + 1] = min(keep * g + pale * max(g, light) + add, full)
                to[j + 2] = min(keep * b + pale * max(b, light) + add, full)
        else:
            for x in range(width):
                grey = np.float32(row[x])
                light = max(grey, grey * _HALF_MORE + tint)
                to[x] = min(keep * grey + pale * light + snow[x], full)


def whiten(
    image: NDArray[np.uint8],
    flakes: NDArray[np.float32],
    *,
    keep: float,
    guard: float,
    full: int,
) -> NDArray[np.uint8]:
    """Make a picture paler, and lay snow and the same snow upside down over it.

    Args:
        image: ``(h, w, 1)`` or ``(h, w, 3)``, uint8 or uint16.
        flakes: Snow in [0, 1], ``(at least h, at least w)``.
        keep: Share of the picture that does not become paler.
        guard: Added before truncation, for float32 sums that fall short.
        full: Largest value.
    """
    out = np.empty_like(image)
    inner = flakes[: image.shape[0], : image.shape[1]]
    _whiten(image, inner, np.float32(keep), np.float32(guard), np.float32(full), out)
    return out


@kernel
def _splash(clean, mask, gain, colour, opaque, guard, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width, channels = clean.shape
    hides, red = np.float32(opaque), colour[0]
    for y in range(height):
        row, to, line = clean[y].ravel(), out[y].ravel(), mask[y]
        if channels == 3:
            green, blue = colour[1], colour[2]
            for x in range(width):
                j, cover = 3 * x, line[x] * gain
                through = _ONE - cover * hides
                to[j] = min(np.float32(row[j]) * through + red * cover + guard, full)
                to[j + 1] = min(np.float32(row[j + 1]) * through + green * cover + guard, full)
                to[j + 2] = min(np.float32(row[j + 2]) * through + blue * cover + guard, full)
        else:
            for x in range(width):
                cover = line[x] * gain
                through = _ONE - cover * hides
                to[x] = min(np.float32(row[x]) * through + red * cover + guard, full)


def splash(
    image: NDArray[np.uint8],
    mask: NDArray[np.float32],
    colour: NDArray[np.float32],
    *,
    gain: float = 1.0,
    opaque: bool,
    guard: float,
    full: int,
) -> NDArray[np.uint8]:
    """Lay a colour over a picture where a mask says so.

    Args:
        image: ``(h, w, c)`` uint8 or uint16.
        mask: How much of the colour, ``(h, w)``.
        colour: One value a channel, ``(c,)``, in the picture's scale.
        gain: Factor of the mask.
        opaque: Whether the colour takes the picture's place, or is added to it.
        guard: Added before truncation, for float32 sums that fall short.
        full: Largest value.
    """
    out = np.empty_like(image)
    scale = np.float32(guard), np.float32(full)
    _splash(image, mask, np.float32(gain), colour, opaque, *scale, out)
    return out


@kernel
def _add(clean, texture, rows, columns, keep, gain, guard, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width, channels = clean.shape
    for y in range(height):
        line, row, to = texture[rows[y]], clean[y].ravel(), out[y].ravel()
        for x in range(width):
            i, j = columns[x], channels * x
            if channels == 3:
                r, g, b = np.float32(line[i, 0]), np.float32(line[i, 1]), np.float32(line[i, 2])
                to[j] = min(keep * np.float32(row[j]) + gain * r + guard, full)
                to[j + 1] = min(keep * np.float32(row[j + 1]) + gain * g + guard, full)
                to[j + 2] = min(keep * np.float32(row[j + 2]) + gain * b + guard, full)
            else:
                light = np.float32(line[i, 0])
                to[j] = min(keep * np.float32(row[j]) + gain * light + guard, full)


def add(
    image: NDArray[np.uint8],
    texture: NDArray[np.uint8],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    *,
    keep: float,
    gain: float,
    guard: float,
    full: int,
) -> NDArray[np.uint8]:
    """Weighted sum of a picture and of chosen rows and columns of a texture.

    Args:
        image: ``(h, w, c)`` uint8 or uint16.
        texture: With at least as many channels, ``(rows, columns, c)`` uint8.
        rows: Row of the texture for each row of the picture, ``(h,)``.
        columns: Likewise, ``(w,)``.
        keep: Weight of the picture.
        gain: Weight of the texture, in the picture's units of value.
        guard: Added before truncation, for float32 sums that fall short.
        full: Largest value.
    """
    out = np.empty_like(image)
    scale = np.float32(keep), np.float32(gain), np.float32(guard), np.float32(full)
    _add(image, texture, rows, columns, *scale, out)
    return out
