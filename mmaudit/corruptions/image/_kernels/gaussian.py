"""Gaussian: separable Gaussian blur in float32, with the same bits on any machine."""

from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mmaudit.kernels import kernel

Edge = Literal["nearest", "reflect"]  # as scipy.ndimage names them


@lru_cache(maxsize=64)
def half_window(sigma: float, truncate: float) -> NDArray[np.float32]:
    """Weights of the centre and of the pixels to one side of it; the whole window adds to 1."""
    steps = np.arange(int(truncate * sigma + 0.5) + 1)
    weights = np.exp(-0.5 * (steps / sigma) ** 2) if sigma else np.ones(1)
    return (weights / (2 * weights.sum() - weights[0])).astype(np.float32)


def outside(size: int, reach: int, edge: Edge) -> NDArray[np.int64]:
    """Which pixel stands at each place from ``-reach`` to ``size + reach - 1``."""
    places = np.arange(-reach, size + reach)
    if edge == "nearest":
        return np.clip(places, 0, size - 1)
    places %= 2 * size
    return np.minimum(places, 2 * size - 1 - places)


@kernel
def _add_pairs(total, rows, window, centre, step):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Add the weighted neighbours along a flat row, whose neighbours lie ``step`` apart."""
    n, t = total.size, 1
    while t + 1 < window.size:
        k, m = window[t], window[t + 1]
        near, far = t * step, (t + 1) * step
        a, b = rows[centre - near : centre - near + n], rows[centre + near : centre + near + n]
        c, d = rows[centre - far : centre - far + n], rows[centre + far : centre + far + n]
        for i in range(n):
            total[i] += k * (a[i] + b[i]) + m * (c[i] + d[i])
        t += 2
    if t < window.size:
        k, near = window[t], t * step
        a, b = rows[centre - near : centre - near + n], rows[centre + near : centre + near + n]
        for i in range(n):
            total[i] += k * (a[i] + b[i])


@kernel
def _blur(image, down, right, ys, xs, channels, guard, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height, width = image.shape
    above, beside = down.size - 1, (right.size - 1) * channels
    lines = np.empty((height + 2 * above) * width, np.float32)
    for y in range(height + 2 * above):
        row, line = image[ys[y]], lines[y * width : (y + 1) * width]
        for i in range(width):
            line[i] = np.float32(row[i])
    wide, total = np.empty(width + 2 * beside, np.float32), np.empty(width, np.float32)
    inner = wide[beside : beside + width]
    for y in range(height):
        centre = (y + above) * width
        k, line = down[0], lines[centre : centre + width]
        for i in range(width):
            inner[i] = k * line[i]
        _add_pairs(inner, lines, down, centre, width)
        for t in range(right.size - 1):
            last = right.size - 1 + width // channels + t
            for c in range(channels):
                wide[t * channels + c] = inner[xs[t] * channels + c]
                wide[last * channels + c] = inner[xs[last] * channels + c]
        k, to = right[0], out[y]
        for i in range(width):
            total[i] = guard + k * inner[i]
        _add_pairs(total, wide, right, beside, channels)
        for i in range(width):
            to[i] = min(total[i], full)


def blur(
    image: NDArray[Any],
    sigma: float | tuple[float, float],
    *,
    truncate: float = 4.0,
    edge: Edge = "nearest",
    guard: float = 0.0,
    full: float = np.inf,
) -> NDArray[Any]:
    """Blur a picture or a field.

    Args:
        image: ``(h, w)`` or ``(h, w, c)``, contiguous, any real dtype, which the answer has too.
        sigma: Standard deviation in pixels, or one down and one right.
        truncate: Standard deviations after which the window ends.
        edge: What is outside: the border pixels, or the picture mirrored with them repeated.
        guard: Added before the answer is cast, for float32 sums that fall short.
        full: Largest value.
    """
    both = sigma if isinstance(sigma, tuple) else (sigma, sigma)
    down, right = (half_window(s, truncate) for s in both)
    height, width = image.shape[:2]
    ys, xs = outside(height, down.size - 1, edge), outside(width, right.size - 1, edge)
    out = np.empty_like(image)
    flat = image.reshape(height, -1)
    scale = flat.shape[1] // width, np.float32(guard), np.float32(full)
    _blur(flat, down, right, ys, xs, *scale, out.reshape(height, -1))
    return out
