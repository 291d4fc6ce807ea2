"""What other libraries get wrong, as tests of every image corruption."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from mmaudit import parts
from mmaudit.corruptions.image import fog, glass_blur, jpeg_compression, pixelate
from mmaudit.doses.base import Context
from mmaudit.errors import InputError
from mmaudit.seeds import words

NAMES = [n for n in parts.names("corruptions") if n.startswith("image/")]
CODECS = {"image/jpeg_compression", "image/webp_compression"}
COLOUR_ONLY = {"image/saturate", "image/grayscale"}
every = pytest.mark.parametrize("name", NAMES)


def picture(height, width, channels, dtype=np.uint8):
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / (5 + c) + y / 9) + np.cos(y / (4 + c) - x / 13) for c in range(channels)]
    return ((np.stack(waves, 2) / 4 + 0.5) * np.iinfo(dtype).max).astype(dtype)


def worse(name, clean, severity=3):
    donor = np.ascontiguousarray(picture(31, 47, 3)[::-1])
    corruption = parts.load("corruptions", name).CORRUPTION
    return corruption.damage(clean, severity, words(3, name), Context(donors=(donor,)))


@every
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_is_kept_and_colours_do_not_depend_on_it(name, dtype):
    clean = picture(40, 36, 4, dtype)
    out = worse(name, clean)
    np.testing.assert_array_equal(out[..., 3], clean[..., 3])
    np.testing.assert_array_equal(out[..., :3], worse(name, clean[..., :3]))
    assert (out[..., :3] != clean[..., :3]).any()


@every
def test_grey_stays_grey_and_is_changed(name):
    clean = picture(40, 36, 1)
    out = worse(name, clean)
    assert out.shape == clean.shape
    assert (out != clean).any() == (name not in COLOUR_ONLY)


@every
def test_sixteen_bits_look_as_eight_bits_do(name):
    """The same picture in both depths stays the same, but for rounding and the grain of counts."""
    clean = picture(48, 40, 3)
    eight = worse(name, clean).astype(float)
    sixteen = worse(name, clean.astype(np.uint16) * 257) / 257
    assert np.abs(eight - sixteen).mean() < 1.5
    if name not in CODECS | {
        "image/pixelate",
        "image/grayscale",
        "image/occlusion_by_other_sample",
    }:
        assert len(np.unique(sixteen % 1)) > 1 or np.abs(eight - sixteen).max() < 1


@every
@pytest.mark.parametrize("shape", [(1, 1, 3), (20, 20, 3), (31, 1, 1), (5, 300, 3)])
def test_any_size_at_every_severity(name, shape):
    for severity in range(1, 6):
        assert worse(name, picture(*shape), severity).shape == shape


@pytest.mark.parametrize("shape", [(1200, 1600, 3), (2100, 40, 1)])
def test_large_pictures_get_fog(shape):
    clean = picture(*shape)
    out = fog.apply(clean, fog.CORRUPTION.at(3), words(0, "fog"))
    rows = np.abs(out.astype(int) - clean).mean((1, 2))
    assert rows.min() > 1


def test_fog_repeats_without_a_seam_beyond_its_field():
    clean = np.full((1, 5000, 1), 40000, np.uint16)
    out = fog.apply(clean, fog.CORRUPTION.at(1), words(0, "fog"))[0, :, 0].astype(int)
    np.testing.assert_array_equal(out[:2048], out[2048:4096])
    assert abs(out[2047] - out[2048]) <= np.abs(np.diff(out[:2048])).max()


@pytest.mark.parametrize(
    "name", ["glass_blur", "motion_blur", "elastic_transform", "spatter", "snow"]
)
def test_the_whole_picture_is_touched(name):
    """A known port of glass blur shuffles 7 of 480 rows."""
    clean = np.random.default_rng(0).integers(0, 256, (96, 64, 3), dtype=np.uint8)
    changed = (worse(f"image/{name}", clean, 5) != clean).any(2)
    assert changed.any(1).mean() > 0.95
    assert changed.any(0).mean() > 0.95


def test_glass_blur_takes_pixels_from_as_far_as_it_says():
    """A picture of its own row numbers shows how far a value came."""
    clean = np.repeat(np.arange(200, dtype=np.uint16)[:, None], 90, 1)[:, :, None] * 256
    at = glass_blur.Severity(0.01, 4, 1)
    moved = glass_blur.apply(clean, at, words(0, "glass")) // 256 - clean // 256.0
    assert 1 < np.abs(moved).mean() < 8
    assert (moved[4:-4, 4:-4] != 0).mean() > 0.7


@pytest.mark.parametrize("shape", [(37, 61, 3), (61, 37, 3), (16, 16, 1), (7, 5, 3), (224, 224, 3)])
@pytest.mark.parametrize("severity", [1, 3, 5])
def test_jpeg_and_pixelate_are_pillow_bit_for_bit(shape, severity):
    clean = np.random.default_rng(severity).integers(0, 256, shape, dtype=np.uint8)
    pillow = Image.fromarray(clean[:, :, 0] if shape[2] == 1 else clean)
    file = BytesIO()
    pillow.save(file, "JPEG", quality=jpeg_compression.CORRUPTION.at(severity).quality)
    theirs = np.asarray(Image.open(file)).reshape(shape)
    np.testing.assert_array_equal(worse("image/jpeg_compression", clean, severity), theirs)
    scale = pixelate.CORRUPTION.at(severity).scale
    small = pillow.resize((int(shape[1] * scale), int(shape[0] * scale)), Image.Resampling.BOX)
    theirs = np.asarray(small.resize(pillow.size, Image.Resampling.NEAREST)).reshape(shape)
    np.testing.assert_array_equal(worse("image/pixelate", clean, severity), theirs)


@pytest.mark.parametrize(
    "name",
    [
        "gaussian_blur",
        "defocus_blur",
        "motion_blur",
        "zoom_blur",
        "glass_blur",
        "elastic_transform",
        "rotation",
        "resolution",
        "pixelate",
        "contrast",
    ],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_flat_picture_stays_flat_and_as_bright(name, dtype):
    """The reference darkens pictures smaller than the blur."""
    for value in (0, 1, 77, np.iinfo(dtype).max):
        for shape in ((1, 1, 3), (9, 12, 1), (30, 41, 3)):
            clean = np.full(shape, value, dtype)
            for severity in (1, 3):
                np.testing.assert_array_equal(worse(f"image/{name}", clean, severity), clean)


@pytest.mark.parametrize(
    "broken",
    [
        np.zeros((4, 4, 3)),
        np.zeros((4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((2, 2, 5), np.uint8),
        np.zeros((2, 2, 3), np.int16),
    ],
    ids=["float64", "flat", "empty", "five channels", "int16"],
)
@every
def test_what_is_not_a_picture_is_refused(name, broken):
    with pytest.raises(InputError, match="a picture cannot"):
        worse(name, broken)


@pytest.mark.parametrize(
    ("name", "side"), [("jpeg_compression", 65501), ("webp_compression", 16384)]
)
def test_a_picture_that_the_format_cannot_hold_is_refused(name, side):
    with pytest.raises(InputError, match="holds no picture"):
        worse(f"image/{name}", np.zeros((1, side, 1), np.uint8))
    assert worse(f"image/{name}", np.zeros((1, side - 1, 1), np.uint8)).shape == (1, side - 1, 1)
