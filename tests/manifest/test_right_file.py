"""Names of files in the data mean the files beside them, never others of the same name."""

import io
import json

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from command import mmaudit
from mmaudit.manifest.infer import infer
from mmaudit.samples import dataset as data

COLOURS = {"train": (200, 20, 20), "test": (20, 20, 200)}


def pictures(folder, split, n=4):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(n):
        Image.new("RGB", (24, 24), COLOURS[split]).save(folder / f"{i}.png")


def write(file, rows):
    if file.suffix == ".jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif file.suffix == ".parquet":
        large = pa.schema([(name, pa.large_string()) for name in rows[0]])
        parquet.write_table(pa.Table.from_pylist(rows, large), file)
    else:
        lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
        file.write_text("\n".join(lines) + "\n")


def captions(split, n=4):
    words = "a small plain picture of the split called"
    return [{"file_name": f"{i}.png", "caption": f"{words} {split} {i}"} for i in range(n)]


def colours(folder):
    """Mean colours of the pictures that rows have, by their split, as ``corrupt`` wrote them."""
    done = mmaudit("corrupt", "d.toml", "out", "--apply", "text/keyboard:5", cwd=folder)
    assert done.returncode == 0, done.stderr
    copy = data.open(folder / "out")
    found = {}
    for row in copy.read(range(len(copy))).to_pylist():
        picture = np.asarray(Image.open(io.BytesIO(row["image"]["bytes"])))
        found.setdefault(row["split"], set()).add(tuple(picture[0, 0].tolist()))
    return found


OWN = {split: {colour} for split, colour in COLOURS.items()}


@pytest.mark.parametrize(
    ("suffixes", "prefix"),
    [
        ((".csv", ".csv"), ""),
        ((".csv", ".jsonl"), "split="),
        ((".parquet", ".parquet"), ""),
    ],
)
def test_folders_of_splits_with_metadata_have_their_own_pictures(tmp_path, suffixes, prefix):
    for split, suffix in zip(COLOURS, suffixes, strict=True):
        pictures(tmp_path / "data" / f"{prefix}{split}", split)
        write(tmp_path / "data" / f"{prefix}{split}" / f"metadata{suffix}", captions(split))
    done = mmaudit("init", "data", "-o", "d.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert colours(tmp_path) == OWN


def test_a_split_without_metadata_is_not_left_out_without_a_word(tmp_path):
    for split in COLOURS:
        pictures(tmp_path / "data" / split, split)
    write(tmp_path / "data" / "train" / "metadata.csv", captions("train"))
    done = mmaudit("init", "data", cwd=tmp_path)
    assert done.returncode == 3
    assert "test has 4 pictures or sounds and no file of metadata, as train has" in done.stderr


@pytest.mark.parametrize("deeper", ["train/metadata.jsonl", "metadata.jsonl"])
def test_one_of_two_files_of_metadata_is_not_left_out_without_a_word(tmp_path, deeper):
    pictures(tmp_path / "data" / "train", "train")
    write(tmp_path / "data" / "metadata.csv", captions("train"))
    write(tmp_path / "data" / deeper, captions("train"))
    done = mmaudit("init", "data", cwd=tmp_path)
    assert done.returncode == 3
    assert f"both metadata.csv and {deeper}" in done.stderr


def test_tables_of_several_folders_that_name_files_need_a_root(tmp_path):
    for split in COLOURS:
        pictures(tmp_path / "data" / split, split)
        write(tmp_path / "data" / split / "rows.csv", captions(split))
    assert mmaudit("init", "data", "-o", "d.toml", cwd=tmp_path).returncode == 0
    done = mmaudit("corrupt", "d.toml", "out", "--apply", "text/keyboard:5", cwd=tmp_path)
    assert done.returncode == 3
    assert "names files and the source's files are in several folders" in done.stderr


@pytest.mark.parametrize("more", [(), ("format = 'csv'",)])
def test_tables_of_two_formats_are_not_half_read(tmp_path, more):
    rows = [{"id": str(i), "caption": f"a few plain words of number {i}"} for i in range(4)]
    for file in ("a.csv", "b.csv", "c.jsonl"):
        (tmp_path / "data").mkdir(exist_ok=True)
        write(tmp_path / "data" / file, [row | {"id": file + row["id"]} for row in rows])
    text = ["schema = 1", "[source]", "path = 'data'", *more, "[modality.text]", "kind = 'text'"]
    (tmp_path / "d.toml").write_text("\n".join([*text, "column = 'caption'"]) + "\n")
    done = mmaudit("corrupt", "d.toml", "out", "--apply", "text/keyboard:5", cwd=tmp_path)
    assert done.returncode == (0 if more else 3), done.stderr
    assert more or "data files of several formats: 2 of csv, 1 of jsonl" in done.stderr


def test_folders_of_keys_and_values_are_columns_of_pictures(tmp_path):
    for split in COLOURS:
        for label in ("cat", "a%20dog"):
            pictures(tmp_path / "data" / f"split={split}" / f"label={label}", split)
    dataset = data.open(infer(tmp_path / "data"))
    assert dataset.splits == ("test", "train")
    assert dataset.classes == ("a dog", "cat")


def test_folders_of_keys_and_values_are_columns_of_tables(tmp_path):
    rows = [{"caption": f"a few plain words of number {i}"} for i in range(4)]
    for folder in ("split=train/label=cat", "split=train/label=dog", "split=test/label=dog"):
        (tmp_path / "data" / folder).mkdir(parents=True)
        write(tmp_path / "data" / folder / "0.parquet", rows)
    dataset = data.open(infer(tmp_path / "data"))
    assert dataset.splits == ("test", "train")
    assert dataset.column("label").to_pylist() == ["dog"] * 4 + ["cat"] * 4 + ["dog"] * 4
