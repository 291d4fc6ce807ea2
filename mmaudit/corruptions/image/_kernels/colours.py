"""Colours: brightness and saturation in HSV, in closed form without going there."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mmaudit.doses.pixels import LUMA
from mmaudit.kernels import kernel

_ZERO, _ONE = np.float32(0), np.float32(1)
_RED, _GREEN, _BLUE = (np.float32(part) for part in LUMA)


@kernel
def _brighten(clean, shift, guard, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for i in range(clean.size // 3):
        j = 3 * i
        r, g, b = np.float32(clean[j]), np.float32(clean[j + 1]), np.float32(clean[j + 2])
        value = max(r, g, b)
        target = min(value + shift, full)
        gain = target / max(value, _ONE)
        rest = guard if value > _ZERO else target + guard  # black has no colour: it becomes grey
        out[j] = min(r * gain + rest, full)
        out[j + 1] = min(g * gain + rest, full)
        out[j + 2] = min(b * gain + rest, full)


@kernel
def _lift(clean, shift, guard, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for i in range(clean.size):
        out[i] = min(np.float32(clean[i]) + shift + guard, full)


def brighten(image: NDArray[np.uint8], shift: float, guard: float, full: int) -> NDArray[np.uint8]:
    """Add to V of HSV: every channel is multiplied by V'/V, and grey stays grey.

    Args:
        image: Contiguous, ``(h, w, 1)`` or ``(h, w, 3)``, uint8 or uint16.
        shift: What is added to V, at least 0, in units of the values.
        guard: Added before truncation, for float32 products that fall short.
        full: Largest value.
    """
    out = np.empty_like(image)
    kernel = _lift if image.shape[2] == 1 else _brighten
    kernel(image.ravel(), np.float32(shift), np.float32(guard), np.float32(full), out.ravel())
    return out


@kernel
def _saturate(clean, gain, shift, guard, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for i in range(clean.size // 3):
        j = 3 * i
        r, g, b = np.float32(clean[j]), np.float32(clean[j + 1]), np.float32(clean[j + 2])
        value, least = max(r, g, b), min(r, g, b)
        chroma = value - least  # S V
        target = min(max(chroma * gain + shift * value, _ZERO), value)  # S' V
        share = target / max(chroma, _ONE)
        red = target if chroma == _ZERO else _ZERO  # grey has hue 0, which is red
        out[j] = max(value - (value - r) * share, _ZERO) + guard
        out[j + 1] = max(value - (value - g) * share - red, _ZERO) + guard
        out[j + 2] = max(value - (value - b) * share - red, _ZERO) + guard


def saturate(
    image: NDArray[np.uint8], gain: float, shift: float, guard: float
) -> NDArray[np.uint8]:
    """S of HSV becomes ``gain S + shift``, clipped: colours move away from or towards V.

    Args:
        image: ``(h, w, 3)``, uint8 or uint16.
        gain: Factor of S.
        shift: What is added to S.
        guard: Added before truncation, for float32 products that fall short.
    """
    out = np.empty_like(image)
    _saturate(image.ravel(), np.float32(gain), np.float32(shift), np.float32(guard), out.ravel())
    return out


@kernel
def _scale(clean, gain, offset, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for y in range(clean.shape[0]):
        row, to = clean[y], out[y]
        for i in range(row.size):
            to[i] = min(max(np.float32(row[i]) * gain + offset[i], _ZERO), full)


def flatten(image: NDArray[np.uint8], gain: float, guard: float, full: int) -> NDArray[np.uint8]:
    """Every channel moves towards its mean: ``gain (x - mean) + mean``.

    Args:
        image: ``(h, w, c)`` uint8 or uint16.
        gain: Factor in [0, 1].
        guard: Added before truncation, for float32 products that fall short.
        full: Largest value.
    """
    height, width, channels = image.shape
    means = np.array(cv2.mean(image)[:channels])
    offset = np.tile((means * (1 - gain) + guard).astype(np.float32), width)
    out = np.empty_like(image)
    rows = image.reshape(height, -1), out.reshape(height, -1)
    _scale(rows[0], np.float32(gain), offset, np.float32(full), rows[1])
    return out


@kernel
def _fade(clean, amount, guard, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for i in range(clean.size // 3):
        j = 3 * i
        r, g, b = np.float32(clean[j]), np.float32(clean[j + 1]), np.float32(clean[j + 2])
        grey = _RED * r + _GREEN * g + _BLUE * b
        out[j] = r + amount * (grey - r) + guard
        out[j + 1] = g + amount * (grey - g) + guard
        out[j + 2] = b + amount * (grey - b) + guard


def fade(image: NDArray[np.uint8], amount: float, guard: float) -> NDArray[np.uint8]:
    """Every channel moves by a share of the way to the luma of Rec. 601.

    Args:
        image: ``(h, w, 3)``, uint8 or uint16.
        amount: In [0, 1]; at 1 the picture is grey.
        guard: Added before truncation, for float32 sums that fall short.
    """
    out = np.empty_like(image)
    _fade(image.ravel(), np.float32(amount), np.float32(guard), out.ravel())
    return out
