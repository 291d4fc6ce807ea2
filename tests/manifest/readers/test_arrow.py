"""Arrow: what Hugging Face ``save_to_disk`` writes, and Feather."""

import json

import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from command import mmaudit
from mmaudit.errors import InputError
from mmaudit.manifest import locate
from mmaudit.manifest.infer import infer
from mmaudit.samples import dataset as data

LABELS = {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["cat", "dog"]}}}}


def saved(folder, n, **state):
    """One Dataset, with a label as Hugging Face declares it."""
    folder.mkdir(parents=True)
    columns = {"note": [f"a few plain words {i}" for i in range(n)], "label": [0, 1] * (n // 2)}
    table = pa.table(columns).replace_schema_metadata({"huggingface": json.dumps(LABELS)})
    path = str(folder / "data-00000-of-00001.arrow")
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)
    files = [{"filename": "data-00000-of-00001.arrow"}]
    (folder / "state.json").write_text(json.dumps({"_data_files": files, **state}))


def test_splits_are_those_of_the_dict_whatever_they_are_called(tmp_path):
    saved(tmp_path / "set" / "train_sft", 6)
    saved(tmp_path / "set" / "held", 4)
    (tmp_path / "set" / "dataset_dict.json").write_text('{"splits": ["train_sft", "held"]}')
    dataset = data.open(infer(tmp_path / "set"))
    assert dataset.splits == ("held", "train_sft")
    assert dataset.classes == ("cat", "dog")
    assert len(dataset.select(split="train_sft")) == 6


def test_rows_that_indices_choose_are_refused(tmp_path):
    saved(tmp_path / "set", 6, _indices_files=[{"filename": "indices.arrow"}])
    with pytest.raises(InputError, match="chosen by a file of indices"):
        infer(tmp_path / "set")


@pytest.mark.parametrize("compression", ["uncompressed", "zstd"])
def test_feather_is_read(tmp_path, compression):
    notes = pa.table({"note": ["a few plain words", "and some others more"]})
    feather.write_feather(notes, tmp_path / "a.feather", compression=compression)
    reader = locate.opened("a.feather", tmp_path).reader
    assert reader.column("note").to_pylist() == notes["note"].to_pylist()


def test_a_file_with_wrong_offsets_is_refused(tmp_path):
    saved(tmp_path / "set", 6)
    path = tmp_path / "set" / "data-00000-of-00001.arrow"
    content = path.read_bytes()
    offsets = (19).to_bytes(4, "little") + (38).to_bytes(4, "little")
    assert content.count(offsets)
    path.write_bytes(content.replace(offsets, b"\xff\xff\xff\x7f" + offsets[4:]))
    reader = locate.opened("set", tmp_path).reader
    with pytest.raises(InputError, match="damaged"):
        reader.column("note")


@pytest.mark.parametrize("labels", [[0, 1, 7, 0], [0, 2**54, 1, 0], ["cat", "dog", "cat", "x"]])
@pytest.mark.parametrize("ending", ["arrow", "parquet"])
def test_labels_that_are_no_numbers_of_their_classes_are_refused(tmp_path, labels, ending):
    columns = {"note": [f"a few plain words {i}" for i in range(4)], "label": labels}
    table = pa.table(columns).replace_schema_metadata({"huggingface": json.dumps(LABELS)})
    if ending == "arrow":
        feather.write_feather(table, tmp_path / "rows.arrow")
    else:
        parquet.write_table(table, tmp_path / "rows.parquet")
    done = mmaudit("init", f"rows.{ending}", "-o", "dataset.toml", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    what, where, fix = done.stderr.splitlines()[-3:]
    assert what.startswith("error: labels are not the numbers of the classes")
    assert "cat, dog" in where
    assert fix.startswith("try: ")
