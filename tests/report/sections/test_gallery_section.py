"""Galleries show what an audit chose, and carry nothing but what is needed to show it."""

import io
import re
import struct
import zlib

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import run_folders
from mmaudit.kinds import image
from mmaudit.report.formats import page
from mmaudit.report.read import read
from mmaudit.report.sections import gallery
from mmaudit.tables import store
from mmaudit.tables.provenance import Provenance

SECRET = "GPS 59.33 18.06"


def png(**more):
    info = PngInfo()
    info.add_text("Comment", SECRET)
    out = io.BytesIO()
    Image.new("RGB", (24, 16), (200, 30, 30)).save(out, "PNG", pnginfo=info, **more)
    return out.getvalue()


def webp():
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x9286] = SECRET
    Image.new("RGB", (24, 16), (30, 200, 30)).save(out, "WEBP", exif=exif.tobytes(), lossless=True)
    return out.getvalue()


def wav(samples=b"\0\1" * 100):
    listed = b"LIST" + struct.pack("<I", len(SECRET) + 1) + SECRET.encode() + b"\0"
    listed += b"\0" * (len(listed) % 2)
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    body = b"WAVE" + form + listed + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bytes_of(uri):
    import base64

    return base64.b64decode(uri.partition(",")[2])


def test_a_large_picture_is_whole_on_the_page(tmp_path):
    run = run_folders.noisy(run_folders.make(tmp_path / "run"))
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    large = image.encode(pixels)
    rows = [{"id": "a", "modality": "photo", "kind": "image", "thumbnail": large, "note": ""}]
    table = pa.Table.from_pylist(rows)
    table = table.replace_schema_metadata(Provenance(audit="noisy_pairs").metadata())
    store.write(table, run / "noisy_pairs" / "gallery.parquet")
    (uri,) = re.findall(r'<img src="([^"]*)"', page.page(read(run)))
    assert bytes_of(uri) == large


def test_a_suspect_and_its_partner_are_one_card_and_the_heading_says_what_it_shows(tmp_path):
    run = run_folders.noisy(run_folders.make(tmp_path / "run"))
    names = ("id", "modality", "kind", "text", "note", "card")
    rows = [
        ("a", "caption", "text", "a cat", "suspect 1: lfdr 0.9", "suspect 1"),
        ("b", "caption", "text", "a dog", "suggested partner", "suspect 1"),
        ("c", "caption", "text", "a cow", "suspect 2: lfdr 0.8", "suspect 2"),
        ("d", "caption", "text", "a hen", "", None),
        ("e", "caption", "text", "an owl", "", None),
    ]
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    table = table.replace_schema_metadata(Provenance(audit="noisy_pairs").metadata())
    store.write(table, run / "noisy_pairs" / "gallery.parquet")
    shown = gallery.gallery(read(run), "noisy_pairs")
    assert [item.id for item in shown.items] == ["a", "c", "d", "e"]
    assert [item.id for item in shown.items[0].beside] == ["b"]
    html = page.page(read(run))
    assert html.count('<li class="item">') == 4
    assert "Pairs that look mismatched" in html


@pytest.mark.parametrize(("make", "size"), [(png, (24, 16)), (webp, (24, 16))])
def test_a_picture_keeps_its_pixels_and_loses_its_secrets(make, size):
    data = make()
    assert SECRET.encode() in data
    kept = bytes_of(gallery.picture(data))
    assert SECRET.encode() not in kept
    before, after = (Image.open(io.BytesIO(d)).convert("RGB") for d in (data, kept))
    assert after.size == size
    assert before.tobytes() == after.tobytes()


def test_a_clip_keeps_its_sound_and_loses_its_secrets():
    import wave

    kept = bytes_of(gallery.clip(wav()))
    assert SECRET.encode() not in kept
    with wave.open(io.BytesIO(kept)) as sound:
        assert (sound.getframerate(), sound.readframes(1000)) == (8000, b"\0\1" * 100)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg onload=alert(1)>",
        b"GIF89a",
        png()[:40],
        webp()[:30],
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0xFFFFFFFF) + b"IHDR",
        b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff",
    ],
)
def test_what_is_not_a_whole_picture_is_not_shown(data):
    assert gallery.picture(data) == ""
    assert gallery.clip(data) == ""


def test_a_broken_checksum_is_not_our_concern_but_length_is():
    data = bytearray(png())
    assert zlib.crc32(bytes(data)) != 0
    assert gallery.picture(bytes(data) + b"<script>") == gallery.picture(bytes(data))


def with_gallery(folder, rows):
    run = run_folders.make(folder)
    names = {"id": pa.string(), "modality": pa.string(), "kind": pa.string(), "text": pa.string()}
    names |= {"thumbnail": pa.binary(), "sound": pa.binary(), "note": pa.string()}
    schema = pa.schema(list(names.items()), Provenance(audit="robustness").metadata())
    store.write(pa.Table.from_pylist(rows, schema), run / "robustness" / "gallery.parquet")
    return run


def test_the_page_shows_pictures_texts_and_sounds(tmp_path):
    rows = [
        {"id": "a", "modality": "camera", "kind": "image", "thumbnail": png(), "note": "suspect"},
        {"id": "b", "modality": "mic", "kind": "audio", "sound": wav()},
        {"id": "c", "modality": "text", "kind": "text", "text": "a seven"},
    ]
    told = page.page(read(with_gallery(tmp_path / "r", rows)))
    assert told.count("<img ") == 1
    assert 'alt="image camera a"' in told
    assert told.count("<audio ") == 1
    assert "a seven" in told
    assert "suspect" in told


def test_a_gallery_is_bounded_and_says_what_is_left(tmp_path):
    rows = [{"id": str(i), "modality": "text", "kind": "text", "text": "x"} for i in range(250)]
    told = page.page(read(with_gallery(tmp_path / "r", rows)))
    assert told.count('class="item"') == 200
    assert "50 more are in the Parquet file" in told
    large = [{"id": str(i), "kind": "audio", "sound": wav(b"\0" * 400_000)} for i in range(9)]
    told = page.page(read(with_gallery(tmp_path / "s", large)))
    assert told.count("<audio ") == 3
    assert "6 more are in the Parquet file" in told


def test_the_modalities_of_a_sample_share_one_card_and_reasons_do_not(tmp_path):
    rows = [
        {"id": "a", "modality": "camera", "kind": "image", "thumbnail": png(), "note": "suspect 1"},
        {"id": "a", "modality": "text", "kind": "text", "text": "a seven", "note": "suspect 1"},
        {"id": "b", "modality": "text", "kind": "text", "text": "a nine", "note": "its partner"},
        {"id": "a", "modality": "text", "kind": "text", "text": "a seven", "note": "a partner"},
    ]
    told = page.page(read(with_gallery(tmp_path / "r", rows)))
    cards = told.split('class="item"')[1:]
    assert [("<img " in c, "a seven" in c, "suspect 1" in c) for c in cards] == [
        (True, True, True),
        (False, False, False),
        (False, True, False),
    ]
