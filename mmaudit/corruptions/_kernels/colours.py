"""Colours: brightness and saturation in HSV, in closed form without going there."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_ZERO, _ONE = np.float32(0), np.float32(1)


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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
