"""SSIM and PSNR against their formulas, written with scipy in float64."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from mmaudit.doses.image import psnr_db, ssim


def noisy(shape, dtype=np.uint8, seed=0):
    rng = np.random.default_rng(seed)
    full = np.iinfo(dtype).max
    smooth = gaussian_filter(rng.normal(size=shape), (3, 3, 0))
    clean = np.clip(full / 2 + smooth * full, 0, full).astype(dtype)
    worse = np.clip(clean + rng.normal(0, full / 12, shape), 0, full).astype(dtype)
    return clean, worse


def by_the_paper(clean, worse, full):
    """As scikit-image with Gaussian weights, sigma 1.5, population covariance, on the luma."""
    x, y = (
        i[..., :3] @ [0.299, 0.587, 0.114] if i.shape[2] >= 3 else i[..., 0] for i in (clean, worse)
    )
    x, y = x.astype(float), y.astype(float)

    def mean(field):
        return gaussian_filter(field, 1.5, truncate=3.5, mode="reflect")

    mx, my = mean(x), mean(y)
    vx, vy, vxy = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = (0.01 * full) ** 2, (0.03 * full) ** 2
    field = (2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    down, right = (5 if side > 10 else 0 for side in field.shape)
    return field[down : field.shape[0] - down, right : field.shape[1] - right].mean()


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((40, 53, 3), np.uint8),
        ((30, 21, 1), np.uint8),
        ((25, 64, 4), np.uint16),
        ((33, 17, 1), np.uint16),
        ((7, 40, 3), np.uint8),
        ((3, 4, 1), np.uint8),
    ],
)
def test_ssim_is_that_of_the_paper(shape, dtype):
    clean, worse = noisy(shape, dtype)
    expected = by_the_paper(clean, worse, np.iinfo(dtype).max)
    assert 0.05 < expected < 0.95
    assert ssim(clean, worse) == pytest.approx(expected, abs=3e-4)
    assert ssim(clean, clean) == pytest.approx(1, abs=1e-6)


def test_psnr_of_a_known_error():
    clean = np.full((5, 6, 3), 100, np.uint8)
    worse = clean.copy()
    worse[0, 0, 0] = 109
    assert psnr_db(clean, worse) == pytest.approx(10 * np.log10(255**2 * 90 / 81))
    assert psnr_db(clean, clean) == 100.0
    deep = clean.astype(np.uint16) * 257
    assert psnr_db(deep, worse.astype(np.uint16) * 257) == pytest.approx(psnr_db(clean, worse))


def test_alpha_is_not_looked_at():
    clean, worse = noisy((20, 20, 4))
    see_through = worse.copy()
    see_through[..., 3] = 0
    assert ssim(clean, worse) == ssim(clean, see_through)
    assert psnr_db(clean, worse) == psnr_db(clean, see_through)
