"""Files as telephones, cameras and tools leave them are read, through the real command."""

import io
import json
import os

import numpy as np
import pytest
import soundfile
from PIL import Image
from pyarrow import parquet

from command import mmaudit
from mmaudit.kinds import audio, image
from mmaudit.kinds.base import Shape, Undecodable


def jpeg(seed=0):
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 24, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((48, 48)).save(file, "JPEG")
    return file.getvalue()


def stray(data):
    """The file with bytes before its last marker."""
    return data[:-2] + b"\x12\x34\x56" + data[-2:]


def test_stray_bytes_before_a_marker_take_nothing_away():
    clean = jpeg()
    got = image.decode({"bytes": stray(clean), "path": "0.jpg"}, Shape())
    assert np.array_equal(got, np.asarray(Image.open(io.BytesIO(stray(clean)))))
    with pytest.raises(Undecodable, match="not a whole JPEG"):
        image.decode({"bytes": stray(clean)[: len(clean) // 2], "path": "0.jpg"}, Shape())


def test_pictures_of_any_ending_are_rows(tmp_path):
    (tmp_path / "p").mkdir()
    for i, ending in enumerate(("jfif", "jpe", "jpg")):
        (tmp_path / "p" / f"{i}.{ending}").write_bytes(stray(jpeg(i)))
    (tmp_path / "p" / "3.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(32))
    assert mmaudit("init", "p", "-o", "d.toml", cwd=tmp_path).returncode == 0
    words = ("d.toml", "out", "--apply", "image/fog:1", "--max-skipped", "1")
    done = mmaudit("corrupt", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    ledger = parquet.read_table(tmp_path / "out" / "ledger.parquet").to_pylist()
    assert {row["id"] for row in ledger if row["changed"]} == {"0.jfif", "1.jpe", "2.jpg"}
    skipped = parquet.read_table(tmp_path / "out" / "skipped.parquet").to_pylist()
    assert [row["id"] for row in skipped] == ["3.heic"]
    assert "convert it" in skipped[0]["reason"]


def avif(turn=1, frames=1):
    """An AVIF of a gradient, turned by its boxes, or an animation."""
    across = np.tile(np.arange(0, 240, 10, dtype=np.uint8), (32, 1))
    pictures = [Image.fromarray(np.stack([across + i] * 3, -1)) for i in range(frames)]
    exif = Image.Exif()
    exif[0x0112] = turn
    file, options = io.BytesIO(), {"save_all": True, "append_images": pictures[1:]}
    pictures[0].save(file, "AVIF", exif=exif.tobytes(), **(options if frames > 1 else {}))
    return file.getvalue()


def test_avif_is_read_by_its_content_and_what_is_left_aside_is_counted():
    got = image.decode({"bytes": avif(), "path": "0.jpg"}, Shape())
    assert np.array_equal(got, np.asarray(Image.open(io.BytesIO(avif()))))
    several = avif(frames=4)
    assert image.decode({"bytes": several, "path": None}, Shape()).shape == (32, 24, 3)
    at = several.index(b"av1C")
    deep = several[: at + 6] + bytes([several[at + 6] | 0x40]) + several[at + 7 :]
    counts = image.KIND.beyond(deep, Shape())
    assert counts == {
        "frames or pages after the first left aside": 3,
        "bits of a channel after the eighth left aside": 2,
    }
    assert image.KIND.weight(several, Shape()) == 32 * 24 * 4
    with pytest.raises(Undecodable, match="not a whole image"):
        image.decode({"bytes": several[:200], "path": None}, Shape())


def test_a_turned_avif_asks_for_the_same_where_it_is_written_again():
    cell = {"bytes": avif(turn=6), "path": "0.avif"}
    pixels = image.decode(cell, Shape())
    assert pixels.shape == (32, 24, 3)
    again = image.KIND.rewrite(pixels, cell, 0.0)
    assert again["path"] == "0.png"
    with Image.open(io.BytesIO(again["bytes"])) as opened:
        assert opened.getexif()[0x0112] == 6
        assert np.array_equal(np.asarray(opened), pixels)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "a HEIC image"),
        (b"\xff\x0a" + bytes(20), "a JPEG XL image"),
        (b"\0\0\0\x0cJXL " + bytes(20), "a JPEG XL image"),
    ],
)
def test_a_picture_that_is_not_read_says_what_it_is_and_what_to_do(data, what):
    with pytest.raises(Undecodable, match=f"{what}, which is not read: convert it, as to"):
        image.decode({"bytes": data, "path": "0.jpg"}, Shape())


@pytest.mark.parametrize("form", ["ULAW", "ALAW", "IMA_ADPCM"])
def test_telephone_recordings_are_read(form):
    sound = np.sin(np.arange(4000) / 20).astype(np.float32) * 0.5
    file = io.BytesIO()
    soundfile.write(file, sound, 8000, format="WAV", subtype=form)
    got, rate = audio.decode_with_rate({"bytes": file.getvalue(), "path": "0.wav"})
    assert rate == 8000
    expected, _ = soundfile.read(io.BytesIO(file.getvalue()), dtype="float32", always_2d=True)
    assert np.array_equal(got, expected)
    with pytest.raises(Undecodable, match="not a whole WAV"):
        audio.decode_with_rate({"bytes": file.getvalue()[:-500], "path": "0.wav"})


@pytest.mark.parametrize("file", ["rows.csv", "rows.jsonl", "rows.parquet"])
def test_a_folder_whose_name_is_not_utf8_is_no_bug(tmp_path, file):
    folder = os.path.join(os.fsencode(tmp_path), b"caf\xe9")
    try:
        os.mkdir(folder)
    except OSError:
        pytest.skip("this file system refuses such names")
    rows = [{"id": str(i), "text": f"a few plain words of number {i}"} for i in range(4)]
    place = os.path.join(folder, os.fsencode(file))
    if file.endswith("parquet"):
        import pyarrow as pa

        parquet.write_table(pa.Table.from_pylist(rows), tmp_path / file)
        os.rename(tmp_path / file, place)
    else:
        text = "\n".join(
            [json.dumps(row) for row in rows]
            if file.endswith("jsonl")
            else ["id,text", *(",".join(row.values()) for row in rows)]
        )
        with open(place, "w") as opened:
            opened.write(text)
    for words, cwd in (((os.fsdecode(place),), tmp_path), ((file,), os.fsdecode(folder))):
        for more in (("init", *words), ("corrupt", *words, "out", "--apply", "text/keyboard:5")):
            done = mmaudit(*more, cwd=cwd)
            inside = cwd != tmp_path and not file.endswith("parquet")
            assert done.returncode == (0 if inside else 3), done.stderr
            assert inside or "is not UTF-8" in done.stderr


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("ending", [".tiff", ".png"])
def test_colours_of_16_bits_stay_so(channels, ending):
    import cv2

    pixels = np.random.default_rng(0).integers(0, 65536, (8, 9, channels)).astype(np.uint16)
    order = [2, 1, 0, 3][:channels]
    _, data = cv2.imencode(ending, pixels[..., order])
    got = image.decode({"bytes": bytes(data), "path": f"0{ending}"}, Shape())
    assert got.dtype == np.uint16
    assert np.array_equal(got, pixels)
