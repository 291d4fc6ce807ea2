"""Defects that other libraries have, one test each: what they do is in the docstring.

Those of one kind alone are with that kind (``test_image_peers``, ``test_text_peers``,
``test_audio_peers``); the whole list, with the test of each, is in ``docs/traps.md``.
"""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmaudit import parts
from mmaudit.corruptions.base import Rows
from mmaudit.corruptions.missing import mcar
from mmaudit.corruptions.pairing import caption_level
from mmaudit.corruptions.sizes import scaled
from mmaudit.doses.base import Column, Context
from mmaudit.doses.image import psnr_db
from mmaudit.seeds import words
from places import FIXTURES

NAMES = parts.names("corruptions")
GOLDEN = FIXTURES / "golden_corruptions" / "golden.npz"
IMAGES = [n for n in NAMES if n.startswith("image/")]
SMALL_PLACES = {  # these spoil a part of the picture on purpose
    "image/cutout",
    "image/coarse_dropout",
    "image/occlusion_by_other_sample",
    "image/text_overlay",
}
KEYS = range(400)


def corruption(name):
    return parts.load("corruptions", name).CORRUPTION


def sample(kind):
    rng = np.random.default_rng(3)
    if kind == "image":
        y, x = np.mgrid[0:260, 0:330]
        waves = [np.sin(x / (5 + c) + y / 9) + np.cos(y / (4 + c) - x / 13) for c in range(3)]
        return ((np.stack(waves, 2) / 4 + 0.5) * 255).astype(np.uint8)
    if kind == "text":
        return " ".join(f"The {a} dog did not see {i} birds." for i, a in enumerate("abcdefgh"))
    if kind == "table":
        return np.array([1.0, 2.0, 3.0, 4.0], object)
    shape = {"audio": (4000, 1), "series": (300, 3), "vector": (64,)}[kind]
    return rng.normal(0, 0.2, shape).astype(np.float32)


def worse(name, clean, severity=3, sample_id="a"):
    kind = name.partition("/")[0]
    part = corruption(name)
    width = np.asarray(clean).shape[-1] if kind in {"series", "vector", "table"} else 1
    column = Column(sd=np.ones(width), low=-np.ones(width), high=np.ones(width))
    other = sample(kind)[::-1]
    donors = tuple(np.ascontiguousarray(other) if kind != "text" else other for _ in range(8))
    around = Context(rate=8000.0, column=column, donors=donors[: max(part.donors, 1)])
    return part.damage(clean, severity, words(0, name, sample_id), around)


@pytest.mark.parametrize("name", ["image/impulse_noise", "image/glass_blur", "text/keyboard"])
def test_a_global_seed_neither_helps_nor_hurts(name):
    """imagecorruptions: impulse_noise and glass_blur differ under the same np.random.seed."""
    clean, made = sample(name.partition("/")[0]), []
    for seed in (0, 0, 1):
        np.random.seed(seed)  # the very thing that must not matter
        made.append(np.asarray(worse(name, clean)).tobytes())
    assert len(set(made)) == 1


@pytest.mark.parametrize(
    "name",
    [n for n in NAMES if n.endswith("noise") and not n.endswith("noise_file")]
    + ["vector/dropout", "series/random_drop", "image/elastic_transform", "text/char_swap"],
)
def test_samples_have_noise_of_their_own(name):
    """QMF: seeds inside the call, so that every picture gets the very same noise."""
    clean = sample(name.partition("/")[0])
    made = {repr(np.asarray(worse(name, clean, 3, str(i))).tolist()) for i in range(6)}
    assert len(made) == 6


@pytest.mark.parametrize("name", sorted(set(IMAGES) - SMALL_PLACES))
def test_all_quarters_of_a_picture_are_corrupted(name):
    """MM_Robustness: 7 of 480 rows in glass blur, the upper left 224 by 224 in others."""
    clean = sample("image")
    changed = (worse(name, clean) != clean).any(2)
    for quarter in (
        changed[:130, :165],
        changed[:130, 165:],
        changed[130:, :165],
        changed[130:, 165:],
        changed[224:, 224:],
    ):
        assert quarter.mean() > 0.02


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith("text/")])
def test_a_long_text_is_hit_up_to_its_end(name):
    """nlpaug: 10 words at most, so that a long text is clean but for its share of them."""
    clean = " ".join(["The old dog did not see 12 birds near the small house."] * 30)
    made = worse(name, clean, 5)
    half = len(clean) // 2
    assert made[-half:] != clean[-half:]
    if name not in {"text/truncation", "text/caption_of_other_sample"}:
        assert made[: half // 2] != clean[: half // 2]


@pytest.mark.parametrize("name", IMAGES)
def test_pictures_that_are_large_or_narrow_or_small(name):
    """imagecorruptions: fog ends with an error at 1200 by 1600, and all below 32 pixels."""
    for shape in ((1200, 1600, 1), (1, 1500, 3), (20, 20, 3), (31, 33, 4)):
        clean = np.zeros(shape, np.uint8) + np.arange(shape[1], dtype=np.uint8)[:, None]
        out = worse(name, clean)
        assert out.shape == shape
        assert out.dtype == np.uint8


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_salt_is_white(dtype):
    """MultiBench: salt is the value 1 of 255, and so is pepper to the eye."""
    most = np.iinfo(dtype).max
    clean = np.full((60, 60, 3), most // 2, dtype)
    assert set(np.unique(worse("image/salt_and_pepper", clean, 5))) == {0, most // 2, most}


def test_noise_can_be_seen():
    """MultiBench: a sigma of 0.1 … 0.9 is added to values up to 255."""
    clean = sample("image")
    for name in (n for n in IMAGES if n.endswith("noise")):
        doses = [psnr_db(clean, worse(name, clean, severity)) for severity in (1, 5)]
        assert doses[0] < 30
        assert doses[1] < 15


@pytest.mark.parametrize("name", ["gaussian_blur", "defocus_blur", "motion_blur", "glass_blur"])
def test_pixels_can_follow_the_size(name):
    """imagecorruptions: at 512 the same severity is milder by decibels than at 224."""
    part = corruption(f"image/{name}")
    with np.load(GOLDEN) as golden:
        small = golden["astronaut/clean"]
    large = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    at = scaled(part, part.at(3), (112, 112, 3))
    twice = scaled(part, part.at(3), (224, 224, 3))

    def done(clean, severity):
        return psnr_db(clean, part.apply(clean, severity, words(0, name)))

    kept = abs(done(large, twice) - done(small, at))
    assert kept < abs(done(large, at) - done(small, at))


def test_a_swap_of_fields_loses_no_value():
    """MultiBench: [1, 2, 3, 4] becomes [1, 1, 1, 1]."""
    for i in KEYS:
        assert sorted(worse("table/swap_entry", sample("table"), 5, str(i))) == [1, 2, 3, 4]


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith(("series/", "table/"))])
def test_the_callers_arrays_are_left_alone(name):
    """MultiBench: its functions for time series write into what they are given."""
    clean = sample(name.partition("/")[0])
    before = clean.copy()
    for severity in range(1, 6):
        worse(name, clean, severity)
        assert np.array_equal(clean, before)


def test_every_step_and_channel_has_noise_of_its_own():
    """MultiBench: white noise adds one number to all features of a step."""
    noise = worse("series/gaussian_noise", sample("series"), 5) - sample("series")
    assert np.abs(np.corrcoef(noise.T)[np.triu_indices(3, 1)]).max() < 6 / np.sqrt(300)


@pytest.mark.parametrize("words_of", [10, 60])
def test_each_severity_changes_more_words_than_the_one_before(words_of):
    """nlpaug and EDA: 1, 1, 2, 2, 3, 4, 4 words of a caption, and 10 at most of a long text."""
    clean = " ".join(["street"] * words_of)
    means = []
    for severity in range(1, 6):
        made = [worse("text/keyboard", clean, severity, str(i)) for i in KEYS]
        means.append(np.mean([sum(w != "street" for w in m.split()) for m in made]))
    expected = 0.05 * words_of * np.arange(1, 6)
    assert np.abs(means - expected).max() < 5 * 0.5 / np.sqrt(len(KEYS))


@pytest.mark.parametrize("n", [17, 1000])
def test_a_missing_rate_is_what_it_says_and_0_is_none(n):
    """CPM-Nets and IMDer: within 0.005 by luck, and at rate 0 a negative index takes all."""
    rows = Rows(
        ids=[f"{i}" for i in range(n)], modalities=("a", "b", "c"), present=np.ones((n, 3), bool)
    )
    for rate in (0.0, 0.1, 0.33, 0.5):
        assert mcar.mask(rows, mcar.Severity(rate), 0).sum() == int(rate * n * 3 + 0.5)


def test_captions_of_one_picture_are_no_mismatch():
    """NCR: what stays right by chance counts as noise, so that the noise is less than said."""
    rows = Rows(
        ids=[f"{i}" for i in range(500)],
        modalities=("image", "text"),
        present=np.ones((500, 2), bool),
        groups=np.array([f"photo {i // 5}" for i in range(500)], object),
    )
    donors = caption_level.PLAN.plan(rows, caption_level.PLAN.at(5), 0)
    touched = (donors != np.arange(500)).sum()
    wrong = (rows.groups[donors] != rows.groups).sum()
    assert 0 < wrong < touched


def test_the_page_about_traps_names_tests_that_exist():
    """A defect without a test is a promise; the page cannot outlive its tests."""
    root = Path(__file__).parents[2]
    page = (root / "docs" / "traps.md").read_text("utf-8")
    named = re.findall(r"`(\w+)::(\w+)`", page)
    assert len(set(named)) >= 45
    files = {path.name: path.read_text("utf-8") for path in (root / "tests").rglob("test_*.py")}
    asked_of_every_part = (root / "mmaudit" / "testing" / "corruptions.py").read_text("utf-8")
    for file, test in named:
        if file == "corruptions":
            assert f"\ndef {test}(" in asked_of_every_part, test
        else:
            assert f"\ndef test_{test}(" in files[f"test_{file}.py"], (file, test)
