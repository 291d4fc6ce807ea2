"""What shards are: files of any format, or the values of a column."""

import io
import json
import tarfile

import numpy as np
import pytest

import mmaudit as mm
from mmaudit.audits.noisy_pairs.shards import shards
from mmaudit.errors import UsageError

MANIFEST = """schema = 1
name = "shards"
[source]
path = "{path}"
{source}
[modality.text]
kind = "text"
column = "{column}"
{rest}
"""


def manifest(folder, path, column="text", source="", rest=""):
    told = MANIFEST.format(path=path, column=column, source=source, rest=rest)
    (folder / "dataset.toml").write_text(told)
    return mm.load(folder / "dataset.toml")


def archives(folder, sizes):
    for k, size in enumerate(sizes):
        with tarfile.open(folder / f"shard-{k:03d}.tar", "w") as archive:
            for i in range(size):
                member = tarfile.TarInfo(f"{k}-{i}.txt")
                member.size = len(b"words")
                archive.addfile(member, io.BytesIO(b"words"))


def found(dataset, column=None, positions=None):
    at = np.arange(len(dataset)) if positions is None else positions
    return {s.name: s.rows.tolist() for s in shards(dataset, at, column)}


def test_archives_are_shards(tmp_path):
    archives(tmp_path, [3, 2])
    dataset = manifest(tmp_path, "shard-{000..001}.tar", column="txt")
    expected = {"shard-000.tar": [0, 1, 2], "shard-001.tar": [3, 4]}
    assert found(dataset) == expected


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_files_of_lines_are_shards_whatever_their_folder(tmp_path, form):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        rows = [{"text": f"{folder} {i}"} for i in range(2)]
        lines = [json.dumps(r) for r in rows]
        if form == "csv":
            lines = ["text", *(r["text"] for r in rows)]
        (tmp_path / folder / f"x.{form}").write_text("\n".join(lines) + "\n")
    dataset = manifest(tmp_path, f"*/x.{form}")
    assert found(dataset) == {f"a/x.{form}": [0, 1], f"b/x.{form}": [2, 3]}


def test_lists_of_texts_are_in_the_shard_of_their_row(tmp_path):
    for k in range(2):
        rows = [{"text": ["one", "two"]}, {"text": ["three"]}]
        text = "\n".join(json.dumps(r) for r in rows)
        (tmp_path / f"{k}.jsonl").write_text(text + "\n")
    dataset = manifest(tmp_path, "*.jsonl", rest='many = "all"')
    assert found(dataset) == {"0.jsonl": [0, 1, 2], "1.jsonl": [3, 4, 5]}


def test_a_column_names_shards_whose_rows_are_anywhere(tmp_path):
    lines = ["text,day", "a,mon", "b,tue", "c,mon", "d,tue"]
    (tmp_path / "x.csv").write_text("\n".join(lines) + "\n")
    dataset = manifest(tmp_path, "x.csv")
    assert found(dataset, "day") == {"day mon": [0, 2], "day tue": [1, 3]}
    assert found(dataset, "day", np.array([0, 1, 3])) == {"day mon": [0], "day tue": [1, 2]}
    assert found(dataset) == {}
    with pytest.raises(UsageError, match="no column 'night'"):
        found(dataset, "night")
