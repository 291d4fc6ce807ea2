"""Checks of pictures: closed forms, and what must not change a number."""

import math

import cv2
import numpy as np
import pytest

from mmaudit import parts
from mmaudit.checks._differences import bends, phases_across, phases_down
from mmaudit.testing.clean_values import clean_values

SHAPES = {"aspect", "resolution", "size"}
OF_SINGLE_PIXELS = {"dark", "light", "contrast", "entropy", "clipped", "grayscale", "near_uniform"}


def check(name):
    return parts.load("checks", f"image/{name}").CHECK


def number(name, image):
    return check(name).measure(check(name).view(image, 0.0))


def numbers(image):
    names = [name.removeprefix("image/") for name in parts.own("checks") if name[:5] == "image"]
    return {name: number(name, image) for name in names}


@pytest.fixture(scope="module")
def scene():
    return clean_values("image", 3)[2]


def grey(luma):
    return np.asarray(luma, np.uint8)[..., None]


@pytest.mark.parametrize("sigma", [4, 10, 25])
def test_noise_is_its_standard_deviation(sigma):
    rng = np.random.default_rng(1)
    noisy = grey(np.clip(rng.normal(128, sigma, (256, 256)), 0, 255))
    # the 20 % quantile of blocks lies under the mean of all by some hundredths
    assert 0.88 * sigma < number("noise", noisy) < 1.02 * sigma


def test_texture_is_no_noise():
    rng = np.random.default_rng(2)
    half = np.where(np.arange(256) < 160, 0.5, 1.0) * rng.normal(0, 40, (256, 256))
    half[:, :160] = np.linspace(0, 60, 160)
    assert number("noise", grey(half + 120)) < 1


def test_contrast_changes_no_blur(scene):
    flatter = np.clip(100 + 0.5 * (scene.astype(float) - 128), 0, 255).astype(np.uint8)
    assert number("blur", flatter) == pytest.approx(number("blur", scene), abs=0.15)


def test_noise_does_not_pass_for_sharpness(scene):
    rng = np.random.default_rng(3)
    soft = cv2.GaussianBlur(scene, (0, 0), 3)
    noisy = np.clip(soft + rng.normal(0, 12, soft.shape[:2])[..., None], 0, 255).astype(np.uint8)
    assert number("blur", noisy) < number("blur", scene) - 1


def test_sharpness_does_not_go_with_size(scene):
    large = cv2.resize(scene, (512, 384), interpolation=cv2.INTER_CUBIC)
    larger = cv2.resize(scene, (2048, 1536), interpolation=cv2.INTER_CUBIC)
    assert number("blur", larger) == pytest.approx(number("blur", large), abs=0.3)


def test_16_bits_are_8(scene):
    assert numbers(scene.astype(np.uint16) * 257) == pytest.approx(numbers(scene), nan_ok=True)


def test_what_is_transparent_is_white(scene):
    opaque = np.full((*scene.shape[:2], 1), 255, np.uint8)
    assert numbers(np.concatenate([scene, opaque], 2)) == pytest.approx(numbers(scene))
    clear = np.concatenate([scene, 0 * opaque], 2)
    assert numbers(clear) == pytest.approx(numbers(np.full_like(scene, 255)), nan_ok=True)


def test_grey_is_grey_whatever_its_channels(scene):
    luma = cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY)[..., None]
    assert numbers(np.repeat(luma, 3, 2)) == pytest.approx(numbers(luma))
    assert number("grayscale", luma) == 0 < check("grayscale").limit < number("grayscale", scene)


def test_a_crop_does_not_hide_the_grid(scene):
    _, file = cv2.imencode(".jpg", scene, [cv2.IMWRITE_JPEG_QUALITY, 15])
    blocky = cv2.imdecode(file, cv2.IMREAD_COLOR)
    whole, cropped = number("blockiness", blocky), number("blockiness", blocky[3:, 5:])
    assert min(whole, cropped) > number("blockiness", scene) + 0.5
    assert cropped == pytest.approx(whole, abs=0.3)


def test_shares_are_what_they_say():
    ramp = grey(np.tile(np.arange(256), (64, 1)))
    assert number("clipped", ramp) == pytest.approx(2 / 256)
    assert number("entropy", ramp) == pytest.approx(8)
    assert number("empty_levels", ramp) == 0
    assert number("empty_levels", ramp // 2 * 2) == pytest.approx(0.5, abs=0.01)
    assert number("near_uniform", ramp) == pytest.approx(5 / 256)
    assert number("contrast", ramp) == pytest.approx(math.sqrt((256**2 - 1) / 12) / 255)
    assert number("dark", ramp) == pytest.approx(0.99, abs=0.01)
    assert number("light", ramp) == pytest.approx(0.05, abs=0.01)
    blocks = np.kron(np.eye(8), np.ones((8, 8)))
    striped = np.where(blocks > 0, np.arange(64) % 2 * 9, 77)
    assert number("flat_blocks", grey(striped)) == pytest.approx(56 / 64)
    spots = np.full((64, 64), 90)
    spots[::8, ::8] = 200
    assert number("impulses", grey(spots)) == pytest.approx(1 / 64)


def test_a_strip_is_odd_and_so_is_a_size_far_from_the_others():
    strip = np.zeros((20, 100, 3), np.uint8)
    assert number("aspect", strip) == 0.2 < check("aspect").limit
    assert number("resolution", strip) == 20
    sides = np.array([200.0, 220, 210, 205, 30, 900, 500])
    assert check("size").beyond(sides).tolist() == [False] * 4 + [True, True, False]
    assert check("size").past() == "more than 4 times larger or smaller than the median"
    assert check("aspect").past() == "below the limit of 0.35"
    assert check("size").beyond(sides, usual=30).tolist() == [True] * 4 + [False, True, True]


def test_a_pixel_has_no_sharpness():
    sole = numbers(np.array([[[9, 200, 30]]], np.uint8))
    assert {
        name for name, value in sole.items() if not math.isnan(value)
    } == SHAPES | OF_SINGLE_PIXELS


def test_a_flat_picture_is_neither_sharp_nor_blurred():
    flat = numbers(np.full((64, 64, 3), 50, np.uint8))
    assert math.isnan(flat["blur"])
    assert (flat["near_uniform"], flat["entropy"], flat["contrast"]) == (1, 0, 0)
    assert check("contrast").beyond(np.array([0.0, 0.2, np.nan])).tolist() == [True, False, False]


@pytest.mark.parametrize("size", [(33, 34), (48, 130), (1100, 40)])
def test_differences_are_those_of_opencv_to_the_bit(size):
    luma = np.random.default_rng(3).integers(0, 256, size, dtype=np.uint8)
    second = np.array([1, -2, 1], np.float32)
    energy, sums = bends(luma)
    curved = cv2.Laplacian(luma, cv2.CV_16S, ksize=1, borderType=cv2.BORDER_REFLECT_101)
    assert energy == np.square(curved.astype(np.int64)).sum()
    whole = np.abs(cv2.sepFilter2D(luma, cv2.CV_16S, second, second)[1:-1, 1:-1]).astype(int)
    high, wide = (side // 16 for side in whole.shape)
    blocks = whole[: high * 16, : wide * 16].reshape(high, 16, wide, 16)
    assert np.array_equal(sums, blocks.sum(axis=(1, 3)))


@pytest.mark.parametrize("size", [(33, 34), (48, 130), (1100, 40), (2075, 33)])
def test_steps_count_by_what_they_exceed_their_neighbours(size):
    luma = np.random.default_rng(4).integers(0, 256, size, dtype=np.uint8)
    for sums, along in ((phases_across(luma), 1), (phases_down(luma), 0)):
        steps = np.moveaxis(np.abs(np.diff(luma.astype(int), axis=along)), along, 0)
        beyond = np.clip(steps[1:-1] - np.maximum(steps[:-2], steps[2:]), 0, 32).sum(axis=1)
        whole = len(beyond) // 8 * 8
        assert np.array_equal(sums, beyond[:whole].reshape(-1, 8).sum(axis=0))


@pytest.mark.parametrize("levels", [1, 2, 256])
def test_contrast_is_that_of_opencv_to_the_bit(levels):
    luma = np.random.default_rng(levels).integers(0, levels, (61, 47), dtype=np.uint8)
    assert number("contrast", luma[..., None]) == cv2.meanStdDev(luma)[1][0, 0] / 255
