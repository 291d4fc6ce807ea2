"""Opening says of every file, member, split, column and frame whether it is used, or why not."""

import csv
import io
import json
import re
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from command import mmaudit
from mmaudit import parts
from mmaudit.errors import InputError
from mmaudit.kinds import audio
from mmaudit.kinds.image import encode
from mmaudit.manifest import locate
from mmaudit.manifest.infer import infer
from mmaudit.samples import dataset as data
from mmaudit.samples.account import account, beyond
from mmaudit.samples.decode import decode

MODEL = """
import numpy as np


class Model:
    modalities, classes = ("text",), ("a", "b")

    def scores(self, batch, present):
        return np.tile([[0.6, 0.4]], (len(batch["text"]), 1))


def make():
    return Model()
"""
N = 6
CAPTION = "a few plain words of sample number"


def picture(i):
    return encode(np.full((8, 8, 3), 20 * i, np.uint8))


def pictures(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(names):
        (folder / name).write_bytes(picture(i))


def rows(folder="pics/"):
    return [
        {"id": str(i), "file_name": f"{folder}{i}.png", "caption": f"{CAPTION} {i}", "url": "u"}
        for i in range(N)
    ]


def as_csv(folder):
    pictures(folder / "pics", [f"{i}.png" for i in range(N + 2)])
    with (folder / "rows.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows()[0]))
        writer.writeheader()
        writer.writerows(rows())


def as_jsonl(folder):
    pictures(folder / "pics", [f"{i}.png" for i in range(N + 2)])
    (folder / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows()))


def as_parquet(folder):
    pictures(folder / "pics", [f"{i}.png" for i in range(N + 2)])
    parquet.write_table(pa.Table.from_pylist(rows()), folder / "rows.parquet")


def as_folder(folder):
    for split in ("train", "test"):
        pictures(folder / split, [f"{i}.png" for i in range(N // 2 + 1)])
        listed = [r | {"id": split + r["id"]} for r in rows("")[: N // 2]]
        (folder / split / "metadata.jsonl").write_text(
            "".join(json.dumps(r) + "\n" for r in listed)
        )


def as_archive(folder):
    with tarfile.open(folder / "0.tar", "w") as archive:
        for row in rows():
            content = {"png": picture(int(row["id"])), "txt": row["caption"].encode(), "url": b"u"}
            for ending, what in content.items():
                put(archive, f"{row['id']}.{ending}", what)
        put(archive, "README", b"about")
        put(archive, "LICENSE", b"about")


def as_saved(folder):
    listed = [{k: v for k, v in r.items() if k != "file_name"} for r in rows()]
    (folder / "own").mkdir()
    (folder / "dataset_dict.json").write_text('{"splits": ["own"]}')
    table = pa.Table.from_pylist(listed)
    for name in ("data-0", "cache-1"):
        path = str(folder / "own" / f"{name}.arrow")
        with pa.OSFile(path, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    state = {"_data_files": [{"filename": "data-0.arrow"}]}
    (folder / "own" / "state.json").write_text(json.dumps(state))


def as_coco(folder):
    pictures(folder / "val2017", [f"{i}.png" for i in range(N + 2)])
    images = [{"id": i, "file_name": f"{i}.png", "url": "u"} for i in range(N)]
    notes = [{"id": i, "image_id": i, "caption": f"{CAPTION} {i}"} for i in range(N)]
    boxes = [{"id": 90, "image_id": 0, "bbox": []}]
    (folder / "annotations").mkdir()
    text = json.dumps({"images": images, "annotations": [*notes, *boxes]})
    (folder / "annotations" / "captions_val2017.json").write_text(text)


def as_croissant(folder):
    as_csv(folder)
    names = [name for name in rows()[0] if name != "id"]
    fields = [
        {"name": name, "source": {"fileObject": {"@id": "f"}, "extract": {"column": name}}}
        for name in names
    ]
    files = [{"@id": "f", "@type": "cr:FileObject", "contentUrl": "rows.csv"}]
    text = {"@context": {}, "distribution": files, "recordSet": [{"field": fields}]}
    (folder / "croissant.json").write_text(json.dumps(text))


def columns():
    listed = rows()
    return {n: np.array([r[n] for r in listed]) for n in ("id", "caption")}


def as_npz(folder):
    shown = {"image": np.full((N, 8, 8, 3), 9, np.uint8), "mean": np.zeros(3), "size": np.int64(3)}
    np.savez(folder / "0.npz", **columns(), **shown)


def as_hdf5(folder):
    h5py = pytest.importorskip("h5py")
    with h5py.File(folder / "0.h5", "w") as file:
        for name, values in columns().items():
            file.create_dataset(name, data=values.tolist(), dtype=h5py.string_dtype())
        file["image"], file["mean"] = np.full((N, 8, 8, 3), 9, np.uint8), np.zeros(3)
        file["size"] = 3


def put(archive, name, content):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


WRITERS = {
    "csv": as_csv,
    "jsonl": as_jsonl,
    "parquet": as_parquet,
    "imagefolder": as_folder,
    "webdataset": as_archive,
    "arrow": as_saved,
    "coco": as_coco,
    "croissant": as_croissant,
    "npz": as_npz,
    "hdf5": as_hdf5,
}
PLANTED = {
    "csv": ["2 pictures that no row names (pics/6.png …)"],
    "jsonl": ["2 pictures that no row names (pics/6.png …)"],
    "parquet": ["2 pictures that no row names (pics/6.png …)"],
    "imagefolder": [
        "split test: 1 file, 3 rows, 3 used, set aside: 1 picture that no row names (test/3.png)",
        "split train: 1 file, 3 rows, 3 used, set aside: 1 picture that no row names (train/3.png)",
    ],
    "webdataset": ["2 members of a name without an ending (README …)"],
    "arrow": ["set aside: 4 files of no use (dataset_dict.json …)", "split own: 1 file, 6 rows"],
    "coco": ["2 pictures that no row names (val2017/6.png …)", "1 annotation without a caption"],
    "croissant": [
        "2 pictures that no row names (pics/6.png …)",
        "set aside: 1 column of the files that it does not describe (id)",
    ],
    "npz": ["2 arrays of another length than the others, or of no split (mean …)"],
    "hdf5": ["2 arrays of another length than the others, or of no split (mean …)"],
}


@pytest.mark.parametrize("reader", parts.names(locate.READERS))
def test_what_is_planted_beside_the_rows_is_said(reader, tmp_path):
    """Each reader is given files or members that are no rows, notes, a hidden file, a column."""
    WRITERS[reader](tmp_path)
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / ".hidden").write_text("")
    dataset = data.open(infer(tmp_path))
    lines = account(dataset)
    assert len(dataset) == N
    for planted in PLANTED[reader]:
        assert any(planted in line for line in lines), lines
    assert any(re.search("files? of no use", line) for line in lines)
    assert "set aside: 1 hidden file or folder (.hidden)" in lines
    unused = any(line.startswith("set aside: 1 column of no modality: url") for line in lines)
    assert unused == (reader not in {"npz", "hdf5"})


def test_no_reader_is_left_out():
    assert set(WRITERS) == set(parts.names(locate.READERS))


@pytest.mark.parametrize("name", ["a.jfif", "a.JPG_large", "a", "a.heic"])
def test_a_picture_is_one_whatever_its_name_ends_in(name, tmp_path):
    for label in ("cat", "dog"):
        pictures(tmp_path / label, ["0.png", "1.png"])
    (tmp_path / "cat" / name).write_bytes(picture(3))
    (tmp_path / "dog" / "notes").write_text("BMP and other words")
    dataset = data.open(infer(tmp_path))
    assert len(dataset) == 5
    assert "set aside: 1 file of no use (dog/notes)" in account(dataset)


def test_what_was_not_asked_for_is_said_for_each_split(tmp_path):
    as_folder(tmp_path)
    lines = account(data.open(infer(tmp_path)).select(split="test", limit=2))
    assert lines[0].startswith("split test: 1 file, 3 rows, 2 used, set aside: 1 row that was not")
    assert lines[1].startswith("split train: 1 file, 3 rows, 0 used, set aside: 3 rows that were")


def test_a_split_that_is_trained_on_is_not_set_aside(tmp_path):
    as_folder(tmp_path)
    lines = account(data.open(infer(tmp_path)).select(split="test"), "train")
    assert lines[0].startswith("split test: 1 file, 3 rows, 3 used")
    assert lines[1].startswith("split train: 1 file, 3 rows, 3 to train on")
    assert "not asked for" not in lines[1]


def test_a_link_to_a_folder_is_not_left_out_without_a_word(tmp_path):
    pictures(tmp_path / "elsewhere", ["0.png"])
    pictures(tmp_path / "data" / "cat", ["0.png", "1.png"])
    (tmp_path / "data" / "dog").symlink_to(tmp_path / "elsewhere")
    lines = account(data.open(infer(tmp_path / "data")))
    assert "set aside: 1 link to a folder, which is not followed (dog)" in lines


def test_two_formats_in_a_folder_are_refused(tmp_path):
    as_csv(tmp_path)
    as_parquet(tmp_path)
    with pytest.raises(InputError, match="data files of several formats: 1 of csv, 1 of parquet"):
        infer(tmp_path)


def test_one_is_no_plural(tmp_path):
    """Where there is one of everything: a row, a file, a picture beside it, a sample, a donor."""
    (tmp_path / "d" / "p").mkdir(parents=True)
    frames(tmp_path / "d" / "p")
    for name in ("2.webp", "3.png", "4.png", "5.jpg"):
        (tmp_path / "d" / "p" / name).unlink()
    for name in ("notes", ".hidden"):
        (tmp_path / "d" / name).write_text("")
    cells = "id,file_name,text,label,num,more\n"
    (tmp_path / "d" / "rows.csv").write_text(f"{cells}0,p/0.gif,some words of one,a,1.5,\n")
    (tmp_path / "d" / "none.csv").write_text(cells)
    (tmp_path / "m.py").write_text(MODEL)
    sweep = ("--corruptions", "text/keyboard", "--severities", "5", "--out", "run")
    for words in (
        ("init", "d", "-o", "d.toml"),
        ("corrupt", "d.toml", "out", "--apply", "image/fog:1"),
        ("robustness", "d.toml", "--model", "python:m.py:make", *sweep),
    ):
        done = mmaudit(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        lines = done.stderr.replace("1 of 1 units", "")
        assert not re.findall(r"\b1 (?:other |more )?[a-z]{3,}s\b", lines), lines
        assert "1 row" in lines
        assert "1 data file without rows" in lines
    assert "image: frames or pages after the first left aside: 3 in 1 of 1 file" in lines


def frames(folder):
    """A folder of pictures with four frames or pages, one without, and one with stray bytes."""
    several = [Image.new("RGB", (8, 8), (60 * i, 9, 9)) for i in range(4)]
    for name, more in (("0.gif", {}), ("1.tif", {}), ("2.webp", {"lossless": True}), ("3.png", {})):
        several[0].save(folder / name, save_all=True, append_images=several[1:], **more)
    several[0].save(folder / "4.png")
    jpeg = io.BytesIO()
    several[0].save(jpeg, "JPEG")
    # the decoder has looked at two of them when it meets the marker
    (folder / "5.jpg").write_bytes(jpeg.getvalue()[:-2] + bytes(36) + b"\xff\xd9")


def test_frames_pages_and_stray_bytes_are_counted_at_init_and_in_the_card(tmp_path):
    (tmp_path / "data").mkdir()
    frames(tmp_path / "data")
    done = mmaudit("init", "data", "-o", "d.toml", cwd=tmp_path)
    more = "image: frames or pages after the first left aside: 12 in 4 of 6 files"
    stray = "image: stray bytes before a marker left aside: 34 in 1 of 6 files"
    assert done.returncode == 0
    assert {more, stray} <= set(done.stderr.splitlines())
    done = mmaudit("corrupt", "d.toml", "out", "--apply", "image/fog:1", cwd=tmp_path)
    assert {more, stray, "data: 6 files, 6 rows, 6 used"} <= set(done.stderr.splitlines())
    card = json.loads(Path(tmp_path, "out", "card.json").read_text())
    assert card["opened"] == ["data: 6 files, 6 rows, 6 used"]
    assert card["beyond"] == {
        "image": {
            "frames or pages after the first left aside": {"files": 4, "count": 12},
            "stray bytes before a marker left aside": {"files": 1, "count": 34},
        }
    }
    assert list(beyond(data.open(tmp_path / "d.toml"))) == [more, stray]


def test_sounds_of_several_rates_are_resampled_and_counted(tmp_path):
    rates = (8000, 8000, 16000, 8000, 44100)
    for i, rate in enumerate(rates):
        (tmp_path / "data").mkdir(exist_ok=True)
        sound = np.sin(np.arange(rate) * 440 * 2 * np.pi / rate).astype(np.float32)[:, None]
        (tmp_path / "data" / f"{i}.wav").write_bytes(audio.encode(sound, rate))
    done = mmaudit("init", "data", "-o", "d.toml", cwd=tmp_path)
    note = "audio: resampled to 8000 samples a second: 2 in 2 of 5 files"
    assert note in done.stderr.splitlines()
    done = mmaudit("corrupt", "d.toml", "out", "--apply", "audio/white_noise:1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    card = json.loads(Path(tmp_path, "out", "card.json").read_text())
    assert card["beyond"]["audio"] == {
        "resampled to 8000 samples a second": {"files": 2, "count": 2}
    }
    dataset = data.open(tmp_path / "out")
    assert not list(beyond(dataset))
    assert {len(v) for v in decode(dataset, dataset.read(range(5))).values["audio"]} == {8000}


def test_names_that_no_folder_can_have_are_no_folders(tmp_path):
    """Rows name files in folders with a null byte, a line end, and a name that is too long."""
    pictures(tmp_path, ["a.png"])
    names = ["a.png", "x\0y/a.png", "x\ny/a.png", f"{'x' * 300}/a.png"]
    rows = pa.table({"id": list("abcd"), "picture": names})
    parquet.write_table(rows, tmp_path / "rows.parquet")
    (tmp_path / "dataset.toml").write_text(
        'schema = 1\nname = "odd"\n[source]\npath = "rows.parquet"\nid = "id"\n'
        '[modality.picture]\nkind = "image"\ncolumn = "picture"\n'
    )
    opened = data.open(tmp_path / "dataset.toml")
    assert account(opened)
    assert len(decode(opened, opened.read(range(4))).skipped) == 3
