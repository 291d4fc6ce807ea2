import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit.errors import InputError
from mmaudit.manifest.readers import parquet as reader_of


def features(**entries):
    return {"huggingface": json.dumps({"info": {"features": entries}})}


def test_class_labels_of_hugging_face_are_their_names(tmp_path):
    table = pa.table({"y": pa.array([1, -1, 0]), "x": [1.0, 2.0, 3.0]})
    told = features(y={"_type": "ClassLabel", "names": ["cat", "dog"]}, x={"_type": "Value"})
    parquet.write_table(table.replace_schema_metadata(told), tmp_path / "a.parquet")
    reader = reader_of.open((tmp_path / "a.parquet",))
    assert reader.features["y"].classes == ("cat", "dog")
    assert reader.column("y").to_pylist() == ["dog", None, "cat"]
    assert reader.take(["y"], np.array([2, 0])).column(0).to_pylist() == ["cat", "dog"]
    assert reader.schema.field("y").type == pa.string()


def test_dictionaries_are_what_they_stand_for(tmp_path):
    table = pa.table({"y": pa.array(["a", "b", "a"]).dictionary_encode()})
    parquet.write_table(table, tmp_path / "a.parquet")
    reader = reader_of.open((tmp_path / "a.parquet",))
    assert reader.schema.field("y").type == pa.string()
    assert reader.column("y").to_pylist() == ["a", "b", "a"]


def test_rows_run_over_files(tmp_path):
    for name, values in (("a", [0, 1]), ("b", [2, 3, 4])):
        parquet.write_table(pa.table({"x": values}), tmp_path / f"{name}.parquet")
    reader = reader_of.open((tmp_path / "a.parquet", tmp_path / "b.parquet"))
    assert reader.take(["x"], np.array([4, 0, 2])).column(0).to_pylist() == [4, 0, 2]
    assert reader.place(3) == f"{tmp_path / 'b.parquet'} row 1"


def test_files_with_other_columns_are_refused(tmp_path):
    parquet.write_table(pa.table({"x": [1]}), tmp_path / "a.parquet")
    parquet.write_table(pa.table({"x": ["1"]}), tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"differ from those of a\.parquet: x: int64, x: string"):
        reader_of.open((tmp_path / "a.parquet", tmp_path / "b.parquet"))


@pytest.mark.parametrize("damage", ["cut", "not", "page"])
def test_a_damaged_file_is_refused_by_name(tmp_path, damage):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"x": np.random.default_rng(0).random(5000)}), path)
    content = bytearray(path.read_bytes())
    if damage == "page":
        content[4:60] = bytes(56)
    path.write_bytes({"cut": content[:-9], "not": b"PAR1 but not", "page": content}[damage])
    with pytest.raises(InputError, match="not a whole Parquet file") as caught:
        reader_of.open((path,)).take(["x"], np.arange(10))
    assert caught.value.where == str(path)


@pytest.mark.parametrize("large", [reader_of.LARGE, 1])
def test_large_row_groups_and_donors_from_all_over_give_the_same_rows(tmp_path, large):
    x = np.random.default_rng(0).random((1000, 8), np.float32)
    table = pa.table({"i": np.arange(1000), "x": list(x)})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=100)
    reader = reader_of.ParquetReader((tmp_path / "a.parquet",), large)
    for seed in range(3):
        rows = np.random.default_rng(seed).integers(0, 1000, 300)
        found = reader.take(["i", "x"], rows)
        assert found.column("i").to_pylist() == rows.tolist()
        assert np.array_equal(np.stack(found.column("x").to_numpy()), x[rows])


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view()])
def test_any_form_of_text_is_text(tmp_path, kind):
    parquet.write_table(pa.table({"y": pa.array(["a", None], kind)}), tmp_path / "a.parquet")
    reader = reader_of.open((tmp_path / "a.parquet",))
    assert reader.schema.field("y").type == pa.string()
    assert reader.take(["y"], np.array([1, 0])).column(0).to_pylist() == [None, "a"]
    assert reader.column("y").type == pa.string()
