"""What single corruptions promise: closed forms and invariants."""

import colorsys

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, zoom

from mmaudit import parts
from mmaudit.corruptions.image import frost
from mmaudit.corruptions.image._kernels import crystals
from mmaudit.corruptions.image._kernels.disks import disk
from mmaudit.corruptions.image._kernels.gaussian import blur
from mmaudit.corruptions.image._kernels.lines import taps
from mmaudit.corruptions.image._kernels.places import centres, rectangle
from mmaudit.corruptions.image._kernels.plasma import plasma, uniforms
from mmaudit.corruptions.image._kernels.warps import turn
from mmaudit.corruptions.image._kernels.zooms import mean
from mmaudit.doses.base import Context
from mmaudit.doses.image import ssim
from mmaudit.seeds import words

RNG = np.random.default_rng(5)
NOISE = RNG.integers(0, 256, (30, 37, 3), dtype=np.uint8)


def worse(name, clean, severity, sample_id="", donors=()):
    corruption = parts.load("corruptions", f"image/{name}").CORRUPTION
    return corruption.damage(clean, severity, words(1, name, sample_id), Context(donors=donors))


def hsv(pixels, change):
    rows = [
        colorsys.hsv_to_rgb(*change(*colorsys.rgb_to_hsv(*p))) for p in pixels.reshape(-1, 3) / 255
    ]
    return np.array(rows).reshape(pixels.shape) * 255


@pytest.mark.parametrize("severity", [1, 5])
def test_brightness_adds_to_v(severity):
    shift = parts.load("corruptions", "image/brightness").CORRUPTION.at(severity).shift
    expected = hsv(NOISE, lambda h, s, v: (h, s, min(v + shift, 1)))
    assert np.abs(worse("brightness", NOISE, severity) + 0.5 - expected).max() < 0.51


@pytest.mark.parametrize("severity", [1, 4, 5])
def test_saturate_changes_s(severity):
    at = parts.load("corruptions", "image/saturate").CORRUPTION.at(severity)
    expected = hsv(NOISE, lambda h, s, v: (h, min(max(s * at.gain + at.shift, 0), 1), v))
    assert np.abs(worse("saturate", NOISE, severity) + 0.5 - expected).max() < 0.51


def test_grayscale_ends_in_the_luma():
    luma = np.floor(NOISE @ [0.299, 0.587, 0.114] + 1e-3)
    np.testing.assert_array_equal(worse("grayscale", NOISE, 5), np.repeat(luma[..., None], 3, 2))


def test_contrast_moves_to_the_mean():
    means = NOISE.mean((0, 1))
    expected = np.floor((NOISE - means) * 0.2 + means)
    assert np.abs(worse("contrast", NOISE, 3) - expected).max() <= 1
    assert np.mean(worse("contrast", NOISE, 3) != expected) < 0.01


def test_gamma_keeps_black_and_white_and_their_order():
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    for severity in range(1, 6):
        out = worse("gamma", ramp, severity).ravel().astype(int)
        exponent = parts.load("corruptions", "image/gamma").CORRUPTION.at(severity).exponent
        np.testing.assert_array_equal(out, np.rint(255 * (np.arange(256) / 255) ** exponent))
        assert (np.diff(out) >= 0).all()


@pytest.mark.parametrize(("severity", "levels"), [(1, 16), (2, 8), (3, 5), (4, 3), (5, 2)])
def test_color_quantization_leaves_as_many_levels_as_it_says(severity, levels):
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    left = np.unique(worse("color_quantization", ramp, severity))
    assert len(left) == levels
    assert (left[0], left[-1]) == (0, 65535)


def test_low_light_has_the_mean_and_noise_that_it_says():
    """200,000 values: 5 standard errors of the mean and of the standard deviation."""
    clean = np.full((500, 400, 1), 45000, np.uint16)
    at = parts.load("corruptions", "image/low_light").CORRUPTION.at(1)
    light = (worse("low_light", clean, 1) / 65535) ** 2.2
    signal = (45000 / 65535) ** 2.2 * at.exposure
    sd = (signal * at.photons + at.read**2) ** 0.5 / at.photons
    assert light.mean() == pytest.approx(signal, abs=5 * sd / 200_000**0.5)
    assert light.std() == pytest.approx(sd, abs=5 * sd / 400_000**0.5)


@pytest.mark.parametrize("sigma", [0.4, 1.0, 3.3])
@pytest.mark.parametrize("edge", ["nearest", "reflect"])
def test_blur_is_that_of_scipy(sigma, edge):
    field = RNG.normal(size=(19, 11, 3)).astype(np.float32)
    ours = blur(field, (sigma, 2 * sigma), truncate=3.0, edge=edge)
    theirs = gaussian_filter(field.astype(float), (sigma, 2 * sigma, 0), truncate=3.0, mode=edge)
    assert np.abs(ours - theirs).max() < 1e-6 * np.abs(field).max()


def test_a_disk_weighs_one_and_is_round():
    for radius, smooth in ((3, 0.1), (6, 0.5), (1, 0.5)):
        lens = disk(radius, smooth)
        sizes = np.diff(lens.starts.astype(int))
        assert sizes @ lens.weights == pytest.approx(1, abs=1e-5)
        rows, columns = (side.astype(int) - lens.reach for side in (lens.rows, lens.columns))
        assert (rows**2 + columns**2).max() <= (radius + 3) ** 2
        assert set(zip(rows, columns, strict=True)) == set(zip(columns, -rows, strict=True))


def test_the_widest_disk_is_as_heavy_as_that_of_the_reference():
    """Its edge is smoothed on a grid that ends where the disk does, which mirrors it back."""
    lens = disk(10, 0.5)
    assert np.diff(lens.starts.astype(int)) @ lens.weights == pytest.approx(1.0108, abs=1e-4)


@pytest.mark.parametrize("angle", [-45.0, 0.0, 30.0, 45.0, -135.0])
def test_a_line_goes_where_it_says(angle):
    rows, columns, weights = taps(10, 3, angle)
    assert weights.sum() == pytest.approx(1, abs=1e-6)
    assert (np.diff(weights) <= 0).all()
    away = np.hypot(rows, columns)
    assert away[-1] == pytest.approx(20, abs=1)
    turned = rows[-1] * np.cos(np.radians(angle)) - columns[-1] * np.sin(np.radians(angle))
    assert abs(turned) < 1


def test_zoom_blur_is_the_mean_of_the_picture_and_its_enlargements():
    field = NOISE[:, :, :1].astype(np.uint16) * 257
    ours = mean(np.ascontiguousarray(field), (1.0, 1.5), 0.0, 65535)[:, :, 0]
    crop = field[5:25, 6:31, 0].astype(float)  # ceil(30 / 1.5) and ceil(37 / 1.5) from the centre
    large = zoom(crop, 1.5, order=1)[:30, :37]
    expected = (2 * field[:, :, 0].astype(float) + large) / 3
    assert np.abs(ours - expected).max() < 1.1


def test_plasma_fills_its_range_and_needs_no_more_numbers_than_it_has_places():
    numbers = uniforms(words(0, "plasma").u32(64 * 64 - 1), -1, 1)
    field = plasma(64, numbers, 2.0)
    assert (field.min(), field.max()) == (0.0, 1.0)
    jumps = np.abs(np.diff(np.vstack([field, field[:1]]), axis=0)).max(1)
    assert jumps[-1] <= 2 * np.median(jumps)  # the last row goes on in the first


def test_turning_there_and_back_and_by_nothing():
    clean = np.ascontiguousarray(blur(NOISE.astype(np.float32), 3.0)).astype(np.uint8)
    np.testing.assert_array_equal(turn(clean, 0.0, 1e-3, 255), clean)
    quarter = np.ascontiguousarray(clean[:29, :29])
    turned = turn(quarter, 90.0, 1e-3, 255).astype(int)
    assert np.abs(turned - np.rot90(quarter, -1)).max() <= 1
    there = turn(turn(clean, 5.0, 0.5, 255), -5.0, 0.5, 255)
    assert np.abs(there.astype(int) - clean)[8:-8, 8:-8].max() <= 3


def test_rectangles_lie_inside_and_within_larger_ones():
    for number, centre in enumerate(centres(words(0, "places"), 200)):
        before = set()
        for side in (0.0, 3.0, 7.4, 40.0):
            down, across = rectangle((12, 20, 3), (side, side), centre)
            inside = {
                (y, x)
                for y in range(down.start, down.stop)
                for x in range(across.start, across.stop)
            }
            assert inside
            assert max(y for y, _ in inside) < 12
            assert max(x for _, x in inside) < 20
            assert before <= inside, number
            before = inside


@pytest.mark.parametrize("name", ["cutout", "coarse_dropout"])
def test_holes_are_black_and_nested_and_nothing_else_changes(name):
    clean = RNG.integers(1, 256, (50, 80, 3), dtype=np.uint8)
    before = np.zeros((50, 80), bool)
    for severity in range(1, 6):
        out = worse(name, clean, severity)
        hole = (out == 0).all(2)
        np.testing.assert_array_equal(out[~hole], clean[~hole])
        assert (hole >= before).all()
        assert hole.sum() > before.sum()
        before = hole
    if name == "cutout":
        assert before.sum() == (0.6 * 50) ** 2


def test_occlusion_shows_the_donor_and_keeps_the_rest():
    donor = np.full((9, 13, 4), 200, np.uint8)
    clean = np.full((60, 40, 3), 10, np.uint8)
    out = worse("occlusion_by_other_sample", clean, 5, donors=(donor,))
    hidden = (out == 200).all(2)
    np.testing.assert_array_equal(out[~hidden], clean[~hidden])
    assert hidden.mean() == pytest.approx(0.5, abs=0.02)
    deep = np.full((60, 40, 1), 10, np.uint16)
    assert worse("occlusion_by_other_sample", deep, 5, donors=(donor,)).max() == 200 * 257


def test_lettering_is_white_on_black_and_leaves_the_rest():
    clean = np.full((120, 160, 3), 90, np.uint8)
    out = worse("text_overlay", clean, 2)
    assert set(np.unique(out)) == {0, 90, 255}
    faint = worse("watermark", clean, 1)
    assert set(np.unique(faint)) == {90, int(90 + 0.15 * 165)}


def test_frost_takes_textures_of_any_size():
    texture = np.zeros((7, 300, 3), np.uint8)
    texture[:, :, 1] = 100
    given = frost.with_textures(1, lambda _: texture)
    out = given.apply(np.zeros((40, 500, 3), np.uint8), given.at(1), words(0, "frost"))
    np.testing.assert_array_equal(out[..., 1], 40)
    assert out[..., [0, 2]].max() == 0


# of the five textures that ImageNet-C draws from (two are one): mean grey, and the standard
# deviation of the grey and of its means over squares of 4, 16 and 64 pixels
PANES = [
    (131, 18, 16, 15, 13),
    (207, 22, 19, 16, 13),
    (207, 22, 19, 16, 13),
    (152, 29, 23, 19, 17),
    (124, 43, 37, 31, 27),
]
# SSIM of twenty pictures under those textures, severities 1 to 5; a pane of ours before: .66 to .29
SSIM_OF_REFERENCE = [0.851, 0.748, 0.675, 0.671, 0.626]


def blocks(grey, side):
    h, w = (n // side for n in grey.shape)
    return grey[: h * side, : w * side].reshape(h, side, w, side).mean((1, 3))


@pytest.mark.parametrize("number", range(5))
def test_a_pane_of_frost_is_distributed_as_that_of_the_reference(number):
    grey = crystals.pane(number).mean(2)
    mean, *spreads = PANES[number]
    assert grey.mean() == pytest.approx(mean, abs=1)
    for side, spread in zip((1, 4, 16, 64), spreads, strict=True):
        assert blocks(grey, side).std() == pytest.approx(spread, rel=0.3, abs=1), side
    assert grey.std() == pytest.approx(spreads[0], abs=1)


def clouds(seed):
    """A picture whose spectrum falls as that of photographs does."""
    rng = np.random.default_rng(seed)
    f = [np.fft.fftfreq(n) for n in (224, 224)]
    radius = np.hypot(f[0][:, None], f[1])
    radius[0, 0] = 1
    waves = np.fft.fft2(rng.normal(size=(224, 224, 3)), axes=(0, 1)) / radius[..., None] ** 1.1
    x = np.fft.ifft2(waves, axes=(0, 1)).real
    x = (x - x.mean()) / x.std()
    x = 0.8 * x.mean(2, keepdims=True) + 0.35 * x
    return np.clip(x * 55 + 115, 0, 255).astype(np.uint8)


def test_frost_is_as_strong_as_that_of_the_reference():
    pictures = [clouds(i) for i in range(20)]
    for severity, expected in enumerate(SSIM_OF_REFERENCE, 1):
        at = frost.CORRUPTION.at(severity)
        worse = [
            frost.CORRUPTION.apply(p, at, words(0, "f", str(i))) for i, p in enumerate(pictures)
        ]
        mean = np.mean([ssim(p, w) for p, w in zip(pictures, worse, strict=True)])
        assert mean == pytest.approx(expected, abs=0.04), severity


def test_frost_never_leaves_a_texture_out():
    """Of 5 numbers for 6 textures the reference never shows the last."""
    asked = set()
    given = frost.with_textures(
        6, lambda number: asked.add(number) or np.zeros((9, 9, 3), np.uint8)
    )
    for i in range(100):
        given.apply(np.zeros((4, 4, 3), np.uint8), given.at(1), words(0, "frost", str(i)))
    assert asked == set(range(6))
