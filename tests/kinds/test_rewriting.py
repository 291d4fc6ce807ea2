"""Orientation: viewers turn a corrupted picture as they turned the clean one."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from mmaudit.kinds import image
from mmaudit.kinds._rewriting import orientation, turned
from mmaudit.kinds.base import Shape
from mmaudit.kinds.image import decode, rewrite

PIXELS = np.random.default_rng(0).integers(1, 255, (10, 24, 4), np.uint8)
FORMS = [("JPEG", 1), ("JPEG", 3), ("PNG", 1), ("PNG", 3), ("PNG", 4), ("WEBP", 3), ("WEBP", 4)]


def written(form, channels, asked, order="<"):
    pixels = PIXELS[..., :channels].squeeze()
    exif = Image.Exif()
    exif.endian = order
    exif[0x010F] = "a camera"
    exif[0x0112] = asked
    file = BytesIO()
    Image.fromarray(pixels).save(file, form, exif=exif, lossless=True)
    return file.getvalue()


@pytest.mark.parametrize(("form", "channels"), FORMS)
@pytest.mark.parametrize("asked", [1, 3, 6, 8])
def test_a_corrupted_picture_asks_for_what_the_clean_one_asked_for(form, channels, asked):
    data = written(form, channels, asked)
    assert orientation(data) == asked
    value = decode(data, Shape())
    made = rewrite(255 - value, {"bytes": data, "path": "a"})["bytes"]
    with Image.open(BytesIO(made)) as seen:
        assert seen.getexif().get(0x0112, 1) == asked
        assert seen.format == form
        assert seen.size == (24, 10)
        seen.load()
    assert decode(made, Shape()).shape == value.shape
    if form != "JPEG":
        assert np.array_equal(decode(made, Shape()), 255 - value)


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_orders_of_bytes_are_read(order):
    assert orientation(written("JPEG", 3, 5, order)) == 5


def test_sixteen_bits_and_no_header_before_it():
    deep = image.encode(PIXELS[..., :3].astype(np.uint16) * 257, "png")
    made = turned(deep, 6)
    assert orientation(made) == 6
    assert np.array_equal(decode(made, Shape()), decode(deep, Shape()))
    plain = image.encode(PIXELS[..., :3], "jpeg")
    start = 4 + int.from_bytes(plain[4:6]) if plain[2:4] == b"\xff\xe0" else 2
    bare = plain[:2] + plain[start:]
    assert orientation(turned(bare, 8)) == 8
    assert np.array_equal(decode(turned(bare, 8), Shape()), decode(bare, Shape()))


def test_broken_exif_is_upright():
    data = written("JPEG", 3, 6)
    at = data.index(b"Exif\0\0") + 6
    for broken in (
        data[: at + 9],
        data[:at] + b"II*\0" + b"\xff" * 40,
        data[:at] + b"XX*\0" + data[at + 4 :],
        data.replace(
            b"\x12\x01\x03\x00\x01\x00\x00\x00\x06", b"\x12\x01\x03\x00\x01\x00\x00\x00\x63"
        ),
        data.replace(b"\x12\x01\x03\x00", b"\x12\x01\x04\x00"),
        b"",
    ):
        assert orientation(broken) == 1
    assert turned(data, 1) is data
