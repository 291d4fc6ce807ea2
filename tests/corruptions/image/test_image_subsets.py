"""Names of subsets, and parameters that follow the size of a picture."""

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.corruptions.groups import SUBSETS, expand
from mmaudit.corruptions.image import glass_blur, motion_blur, snow
from mmaudit.corruptions.sizes import scaled
from mmaudit.errors import UsageError
from mmaudit.seeds import words


def test_subsets_are_those_of_imagenet_c():
    sizes = {name: len(members) for name, members in SUBSETS.items()}
    assert sizes == {
        "common": 15,
        "validation": 4,
        "noise": 3,
        "blur": 4,
        "weather": 4,
        "digital": 4,
    }
    assert set(SUBSETS["common"]) | set(SUBSETS["validation"]) <= set(parts.names("corruptions"))


def test_patterns_and_subsets_mix_and_nothing_comes_twice():
    assert expand(("noise", "image/*_noise")) == (*SUBSETS["noise"], "image/speckle_noise")
    with pytest.raises(UsageError, match="there is no 'nois'"):
        expand(("nois",))


def test_pixels_follow_the_shorter_side_and_nothing_else_does():
    usual = motion_blur.CORRUPTION.at(1)
    assert scaled(motion_blur.CORRUPTION, usual, (224, 900, 3)) == usual
    assert scaled(motion_blur.CORRUPTION, usual, (448, 448, 3)) == (20, 6.0)
    assert scaled(motion_blur.CORRUPTION, usual, (8, 900, 1)) == (1, pytest.approx(3 / 28))
    glass = scaled(glass_blur.CORRUPTION, glass_blur.CORRUPTION.at(3), (448, 448, 3))
    assert glass == (2.0, 4, 3)


@pytest.mark.parametrize("name", [n for n in parts.names("corruptions") if n.startswith("image/")])
def test_scaled_severities_work_on_tiny_and_on_larger_pictures(name):
    corruption = parts.load("corruptions", name).CORRUPTION
    if not corruption.pixels:
        return
    for shape in ((1, 1, 3), (9, 300, 3), (400, 330, 1)):
        clean = np.arange(np.prod(shape), dtype=np.uint32).astype(np.uint8).reshape(shape)
        for severity in corruption.severities:
            out = corruption.apply(clean, scaled(corruption, severity, shape), words(0, name))
            assert out.shape == shape


def test_a_small_zoom_is_none():
    severity = snow.CORRUPTION.at(1)._replace(zoom=0.2)
    clean = np.zeros((6, 7, 3), np.uint8)
    assert snow.apply(clean, severity, words(0, "snow")).shape == clean.shape
