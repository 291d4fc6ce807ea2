import io
import json
import tarfile

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit.audits.declaration import Common
from mmaudit.inference.donors import Donors
from mmaudit.manifest import locate
from mmaudit.manifest.infer import infer
from mmaudit.manifest.splits import named
from mmaudit.runs.selection import select
from mmaudit.samples import dataset as data
from mmaudit.samples.account import account


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"], ["train", "train"]),
        (["/a/test-00000-of-00001-0a1b2c3d4e.parquet"], ["test"]),
        (["mnist-train-00000-of-00001.parquet"], ["train"]),
        (["train_sft-00000-of-00001.parquet"], ["train_sft"]),
        (["train.csv", "test.csv", "validation.csv"], ["train", "test", "validation"]),
        (["d/train/0000.parquet", "d/test/0000.parquet"], ["train", "test"]),
        (["d/train/x/0.parquet", "d/val/x/0.parquet"], ["train", "val"]),
        (["test/train/0.parquet", "test/train/1.parquet"], []),  # folders that all files share
        (["train.csv"], []),
        (["train.csv", "more.csv"], []),
        (["shard-00000-of-00002.tar", "shard-00001-of-00002.tar"], []),
        (["retrain-00000-of-00001.tar", "test-00000-of-00001.tar"], []),
        (["trainer/0.csv", "tester/0.csv"], []),
    ],
)
def test_names_say_splits(names, splits):
    assert named(names) == splits


def rows(split, n):
    return {"id": [f"{split}{i}" for i in range(n)], "text": [f"it is the {split} {i}" for i in range(n)]}  # fmt: skip


def write_parquet(path, columns):
    parquet.write_table(pa.table(columns), path, row_group_size=2)


def write_jsonl(path, columns):
    listed = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    path.write_text("\n".join(json.dumps(row) for row in listed))


def write_csv(path, columns):
    lines = [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines))


def write_tar(path, columns):
    with tarfile.open(path, "w") as archive:
        for id_, text in zip(columns["id"], columns["text"], strict=True):
            info = tarfile.TarInfo(f"{id_}.json")
            content = json.dumps({"id": id_, "text": text}).encode()
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


WRITERS = {"parquet": write_parquet, "jsonl": write_jsonl, "csv": write_csv, "tar": write_tar}


@pytest.mark.parametrize("suffix", WRITERS)
def test_rows_are_in_the_split_of_their_file(suffix, tmp_path):
    for split, shards in {"train": 2, "test": 1}.items():
        for i in range(shards):
            path = tmp_path / f"{split}-{i:05}-of-{shards:05}.{suffix}"
            WRITERS[suffix](path, rows(f"{split}{i}x", 3 + i))
    manifest = infer(tmp_path)
    assert "split: 'split', the names of the files say it" in manifest.reasons
    assert manifest.source.split == "split"
    dataset = data.open(manifest)
    found = dict(zip(dataset.column("id").to_pylist(), dataset.column("split").to_pylist(), strict=True))  # fmt: skip
    assert len(found) == 10
    assert all(id_.startswith(split) for id_, split in found.items())
    assert dataset.splits == ("test", "train")
    order = np.random.default_rng(0).permutation(10)
    assert dataset.read(order).equals(dataset.read(range(10)).take(pa.array(order)))
    reader = dataset.source.reader
    assert reader.take(["split"], np.array([9, 0])).column(0).to_pylist() == ["train", "test"]
    with pytest.raises(IndexError):
        reader.take(["split"], np.array([10]))


def test_a_column_of_splits_counts_before_names(tmp_path):
    for split in ("train", "test"):
        write_parquet(tmp_path / f"{split}.parquet", rows(split, 2) | {"fold": ["a", "b"]})
    manifest = infer(tmp_path)
    assert manifest.source.split == "fold"
    assert "split" not in locate.opened(str(tmp_path), tmp_path).reader.schema.names


def test_an_empty_shard_takes_no_rows(tmp_path):
    sizes = {"test": 2, "train": 0, "validation": 1}
    for split, n in sizes.items():
        columns = {k: pa.array(v, pa.string()) for k, v in rows(split, n).items()}
        write_parquet(tmp_path / f"{split}.parquet", columns)
    reader = locate.opened(str(tmp_path), tmp_path).reader
    assert reader.column("split").to_pylist() == ["test", "test", "validation"]
    assert reader.take(["id", "split"], np.array([2])).to_pylist() == [
        {"id": "validation0", "split": "validation"}
    ]
    lines = account(data.open(infer(tmp_path)))
    assert "set aside: 1 data file without rows (train.parquet)" in lines


@pytest.mark.parametrize(("test", "train"), [("Test", "Train"), ("testing", "TRAINING")])
def test_splits_serve_their_purpose_whatever_their_case(tmp_path, test, train):
    """An audit is of the held-out rows, and donors are not from them."""
    columns = {"split": [test] * 3 + [train] * 5, "text": [f"it is the row {i}" for i in range(8)]}
    write_parquet(tmp_path / "d.parquet", columns)
    selected = select(infer(tmp_path / "d.parquet"), Common())
    assert selected.dataset.column("split").unique().to_pylist() == [test]
    donors = Donors(selected.whole, ("text",), 0)
    assert donors.training == 5
    assert sorted(donors.some(5, 5)["text"]) == [f"it is the row {i}" for i in range(3, 8)]


def test_urls_say_splits_by_their_folders(tmp_path, monkeypatch):
    import fsspec

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    files = fsspec.filesystem("memory")
    files.store.clear()
    for split in ("train", "test"):
        files.pipe_file(f"/splits/{split}/0000.csv", b"id,text\n%b,it is a day\n" % split.encode())
    reader = locate.opened("memory://splits", tmp_path).reader
    assert reader.column("split").to_pylist() == ["test", "train"]
    assert reader.column("id").to_pylist() == ["test", "train"]
    files.store.clear()
