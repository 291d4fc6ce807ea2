import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mmaudit.kinds.base import Shape, Undecodable
from mmaudit.kinds.image import decode, encode, rewrite

ANY = Shape()
RNG = np.random.default_rng(0)


def smooth(h, w, c):
    y, x = np.mgrid[:h, :w]
    return np.stack([(5 * x + 3 * y + 40 * k) % 256 for k in range(c)], -1).astype(np.uint8)


def pillow(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (7, 5)])
def test_png_keeps_every_pixel(channels, size):
    pixels = RNG.integers(0, 256, (*size, channels), np.uint8)
    assert np.array_equal(decode(encode(pixels), ANY), pixels)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_png_keeps_16_bits(channels):
    pixels = RNG.integers(0, 2**16, (6, 5, channels), np.uint16)
    found = decode(encode(pixels), ANY)
    assert found.dtype == np.uint16
    assert np.array_equal(found, pixels)


def test_webp_without_loss_keeps_every_pixel():
    pixels = RNG.integers(0, 256, (6, 5, 3), np.uint8)
    assert np.array_equal(decode(encode(pixels, "webp", 101), ANY), pixels)


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_is_what_pillow_writes_and_reads(channels):
    pixels = smooth(17, 23, channels)
    data = encode(pixels, "jpeg", 90)
    squeezed = pixels[..., 0] if channels == 1 else pixels
    assert np.array_equal(
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED),
        cv2.imdecode(
            np.frombuffer(pillow(Image.fromarray(squeezed), "JPEG", quality=90), np.uint8),
            cv2.IMREAD_UNCHANGED,
        ),
    )
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(decode(data, ANY).squeeze(), np.asarray(image))


def test_orientation_is_not_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    for form in ("JPEG", "PNG", "WEBP"):
        data = pillow(Image.fromarray(smooth(8, 24, 3)), form, exif=exif)
        assert decode(data, ANY).shape == (8, 24, 3)


def test_other_formats_and_modes():
    rgb = smooth(6, 8, 3)
    for form in ("BMP", "TIFF"):
        assert np.array_equal(decode(pillow(Image.fromarray(rgb), form), ANY), rgb)
    assert decode(pillow(Image.fromarray(rgb).convert("CMYK"), "JPEG"), ANY).shape == (6, 8, 3)
    palette = Image.fromarray(rgb).quantize(16)
    assert decode(pillow(palette, "PNG"), ANY).shape == (6, 8, 3)
    assert decode(pillow(palette, "PNG", transparency=0), ANY).shape == (6, 8, 4)
    assert decode(pillow(palette, "GIF"), ANY).shape == (6, 8, 3)
    black_and_white = Image.fromarray(rgb[..., 0] > 20)
    assert set(np.unique(decode(pillow(black_and_white, "PNG"), ANY))) == {0, 255}


@pytest.mark.parametrize("form", ["BMP", "TIFF", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_picture_is_written_again_in_its_form_without_loss(form, channels):
    pixels = smooth(6, 8, 4)[..., :channels]
    picture = Image.fromarray(pixels.squeeze(), {1: "L", 3: "RGB", 4: "RGBA"}[channels])
    cell = {"bytes": pillow(picture, form, **({"lossless": True} if form == "WEBP" else {}))}
    read = decode(cell | {"path": None, "error": None}, ANY)
    again = rewrite(255 - read, cell | {"path": f"a.{form.lower()}"})
    assert np.array_equal(decode(again | {"error": None}, ANY), 255 - read)
    with Image.open(io.BytesIO(again["bytes"])) as image:
        kept = form != "GIF" and (form, channels) != ("TIFF", 4)
        assert image.format == (form if kept else "PNG")
    assert again["path"] == (f"a.{form.lower()}" if kept else "a.png")


@pytest.mark.parametrize("channels", [1, 3])
def test_a_tiff_of_16_bits_is_written_again_as_one(channels):
    deep = smooth(6, 8, channels).astype(np.uint16) * 257
    cell = {"bytes": encode(deep, "tiff"), "path": "a.tif"}
    again = rewrite(deep + 1, cell)
    assert again["path"] == "a.tif"
    assert np.array_equal(decode(again | {"error": None}, ANY), deep + 1)


def test_the_name_of_a_file_does_not_matter():
    cell = {"bytes": encode(smooth(4, 4, 3)), "path": "a.jpg", "error": None}
    assert np.array_equal(decode(cell, ANY), smooth(4, 4, 3))


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_an_image_over_the_limit_is_not_decoded(format):
    data = encode(smooth(40, 50, 3), format)
    assert decode(data, Shape(max_pixels=2000)) is not None
    with pytest.raises(Undecodable, match="50x40 pixels, more than max_pixels = 1999"):
        decode(data, Shape(max_pixels=1999))


def test_a_header_that_promises_too_much_is_refused_before_memory_is_taken():
    data = bytearray(encode(smooth(4, 4, 3)))
    data[16:24] = (60_000).to_bytes(4) + (60_000).to_bytes(4)
    with pytest.raises(Undecodable, match="60000x60000 pixels"):
        decode(bytes(data), ANY)


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "png16"])
def test_a_file_that_is_cut_off_is_refused(format):
    pixels = RNG.integers(0, 256, (64, 64, 3), np.uint8)
    data = encode(pixels.astype(np.uint16) * 257) if format == "png16" else encode(pixels, format)
    for share in (0.01, 0.3, 0.6, 0.97):
        with pytest.raises(Undecodable):
            decode(data[: int(len(data) * share)], ANY)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (b"", "empty file"),
        (b"ID3 this is a song", "not a JPEG"),
        ("a/b.png", "not the bytes of an image but str"),
        ({"bytes": None, "path": "a.png", "error": "gone"}, "a.png: gone"),
    ],
)
def test_what_is_no_image_is_refused(cell, why):
    with pytest.raises(Undecodable, match=why):
        decode(cell, ANY)


def test_absent_is_absent():
    assert decode(None, ANY) is None
    assert decode({"bytes": None, "path": "", "error": None}, ANY) is None


def test_what_a_format_cannot_hold_is_not_written():
    for pixels, form in ((smooth(4, 4, 4), "jpeg"), (np.zeros((4, 4, 3), np.uint16), "webp")):
        with pytest.raises(ValueError, match="does not hold"):
            encode(pixels, form)


WHOLE = [encode(smooth(16, 16, 3), f) for f in ("png", "jpeg", "webp")]
WHOLE += [encode(smooth(16, 16, 3).astype(np.uint16))]
WHOLE += [pillow(Image.fromarray(smooth(16, 16, 3)), f) for f in ("GIF", "BMP", "TIFF")]


@settings(derandomize=True, max_examples=400, deadline=None)
@given(
    data=st.sampled_from(WHOLE),
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6),
    cut=st.floats(0, 1),
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damaged_bytes_give_an_image_or_a_reason(data, changes, cut):
    damaged = bytearray(data)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    try:
        pixels = decode(bytes(damaged[: max(1, int(cut * len(damaged)))]), Shape(max_pixels=10**6))
    except Undecodable:
        return
    assert pixels.ndim == 3
