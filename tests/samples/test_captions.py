import pickle

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from mmaudit.errors import InputError, UsageError
from mmaudit.manifest.model import Manifest
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode

COLUMNS = {
    "name": ["a", "b", "c", "d", "e"],
    "split": ["train", "test", "train", "test", "train"],
    "site": ["x", "y", "x", None, "y"],
    "label": ["cat", "dog", "cat", "dog", "cat"],
    "x": [[float(i), 0.5] for i in range(5)],
    "captions": [["a0", "a1", "a2"], ["b0"], [], None, ["e0", None, "e2"]],
}
IDS = ["a#0", "a#1", "a#2", "b#0", "c#0", "d#0", "e#0", "e#2"]
TEXTS = ["a0", "a1", "a2", "b0", None, None, "e0", "e2"]
SOURCES = ["a", "a", "a", "b", "c", "d", "e", "e"]
ROWS = [0, 0, 0, 1, 2, 3, 4, 4]


def opened(folder, columns=COLUMNS, text=None, modality=None, **source):
    parquet.write_table(pa.table(columns), folder / "data.parquet", row_group_size=2)
    text = {"kind": "text", "column": "captions", "many": "all"} | (text or {})
    told = {
        "source": {"path": "data.parquet"} | source,
        "modality": {"text": text, "x": {"kind": "vector", "column": "x"}} | (modality or {}),
        "target": {"column": "label", "kind": "class"},
    }
    return data.open(Manifest.model_validate(told).placed(folder))


def test_each_text_is_a_sample_of_the_group_of_its_row(tmp_path):
    dataset = opened(tmp_path, id="name", split="split", slices=["site"])
    batch = dataset.read(range(len(dataset)))
    assert batch.column("id").to_pylist() == IDS
    assert batch.column("text").to_pylist() == TEXTS
    assert batch.column("group").to_pylist() == SOURCES
    for made, column in {
        "label": "label",
        "split": "split",
        "slice:site": "site",
        "x": "x",
    }.items():
        assert batch.column(made).to_pylist() == [COLUMNS[column][row] for row in ROWS]
    for name in ("id", "label", "split", "group", "slice:site"):
        assert dataset.column(name).to_pylist() == batch.column(name).to_pylist()


def test_decoded_samples_have_groups_and_absent_texts(tmp_path):
    dataset = opened(tmp_path, id="name")
    samples = decode(dataset, dataset.read(range(8)))
    assert samples.groups.tolist() == SOURCES
    assert samples.values["text"] == TEXTS
    assert samples.present["text"].tolist() == [t is not None for t in TEXTS]
    assert not samples.skipped


def test_ids_and_groups_follow_the_row_where_no_column_holds_ids(tmp_path):
    dataset = opened(tmp_path)
    rows = [f"data.parquet:{row}" for row in ROWS]
    assert dataset.column("group").to_pylist() == rows
    made = [f"{row}#{i.partition('#')[2]}" for row, i in zip(rows, IDS, strict=True)]
    assert dataset.column("id").to_pylist() == made
    assert dataset.read([7, 0]).column("id").to_pylist() == [made[7], made[0]]


def test_a_group_that_the_manifest_names_stays(tmp_path):
    dataset = opened(tmp_path, id="name", group="site")
    assert dataset.column("group").to_pylist() == [COLUMNS["site"][row] for row in ROWS]


def test_any_order_gives_what_the_order_of_the_file_gives(tmp_path):
    dataset = opened(tmp_path, id="name")
    whole = dataset.read(range(8))
    wanted = np.random.default_rng(0).integers(0, 8, 50)
    assert dataset.read(wanted).equals(whole.take(pa.array(wanted)))
    assert dataset.cells("text", wanted).to_pylist() == [TEXTS[i] for i in wanted]
    assert dataset.read([]).num_rows == 0
    with pytest.raises(IndexError):
        dataset.source.reader.take(["x"], np.array([8]))
    with pytest.raises(IndexError):
        dataset.source.reader.take(["x"], np.array([-1]))


def test_splits_and_other_processes_see_the_same_samples(tmp_path):
    chosen = opened(tmp_path, id="name", split="split").select(split="train")
    assert chosen.column("id").to_pylist() == ["a#0", "a#1", "a#2", "c#0", "e#0", "e#2"]
    travelled = pickle.loads(pickle.dumps(chosen))
    assert travelled.read(range(6)).equals(chosen.read(range(6)))
    assert travelled.digests == chosen.digests
    assert travelled.column("group").to_pylist() == chosen.column("group").to_pylist()


def test_a_column_of_the_reader_is_what_its_rows_say(tmp_path):
    reader = opened(tmp_path, id="name").source.reader
    rows = reader.take(reader.schema.names, np.arange(8))
    for name in reader.schema.names:
        assert reader.column(name).to_pylist() == rows.column(name).to_pylist()
    assert reader.place(1).endswith("data.parquet row 0 text 1")


def test_a_file_is_the_picture_of_each_of_its_texts(tmp_path):
    (tmp_path / "p.png").write_bytes(b"one")
    columns = COLUMNS | {"file_name": ["p.png", None, None, None, "p.png"]}
    image = {"image": {"kind": "image", "column": "file_name"}}
    cells = opened(tmp_path, columns, modality=image, id="name")
    found = [c and c["bytes"] for c in cells.cells("image", range(8)).to_pylist()]
    assert found == [b"one"] * 3 + [None] * 3 + [b"one"] * 2


def test_ids_that_are_there_twice_are_refused_with_both_places(tmp_path):
    columns = COLUMNS | {"name": ["a", "b", "c", "d", "a"]}
    with pytest.raises(InputError, match="'a#0' is there more than once") as caught:
        opened(tmp_path, columns, id="name")
    assert "row 0 text 0" in caught.value.where
    assert "row 4 text 0" in caught.value.where


def test_an_id_that_is_missing_is_refused_by_its_column(tmp_path):
    with pytest.raises(InputError, match="the id in column 'name' is missing"):
        opened(tmp_path, COLUMNS | {"name": ["a", None, "c", "d", "e"]}, id="name")


@pytest.mark.parametrize(
    ("text", "modality", "source", "what"),
    [
        ({"column": "name"}, {}, {}, "holds string, no lists of texts"),
        ({"column": "x"}, {}, {}, "no lists of texts"),
        ({"column": "caption"}, {}, {}, "'caption', which the data does not have"),
        ({}, {"t": {"kind": "text", "column": "captions"}}, {}, "is used twice"),
        ({}, {}, {"slices": ["captions"]}, "is used twice"),
        ({}, {"t": {"kind": "text", "column": "name", "many": "all"}}, {}, "both modality.text"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, text, modality, source, what):
    with pytest.raises(UsageError, match=what):
        opened(tmp_path, text=text, modality=modality, **source)


def test_only_texts_of_one_column_may_be_many():
    for told in ({"kind": "vector", "column": "x"}, {"kind": "text", "column": "a|b"}):
        entry = {"source": {"path": "a"}, "modality": {"m": told | {"many": "all"}}}
        with pytest.raises(ValueError, match="kind text with one column"):
            Manifest.model_validate(entry)


texts = st.one_of(st.none(), st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=4))


@settings(derandomize=True, max_examples=40, deadline=None)
@given(lists=st.lists(texts, min_size=1, max_size=12), seed=st.integers(0, 100))
def test_any_lists_are_read_as_they_are(tmp_path_factory, lists, seed):
    columns = {
        "x": [[1.0]] * len(lists),
        "label": ["a"] * len(lists),
        "captions": pa.array(lists, pa.list_(pa.string())),
    }
    dataset = opened(tmp_path_factory.mktemp("any"), columns)
    wanted = []
    for row, listed in enumerate(lists):
        there = [
            (f"data.parquet:{row}#{k}", t) for k, t in enumerate(listed or []) if t is not None
        ]
        wanted += there or [(f"data.parquet:{row}#0", None)]
    order = np.random.default_rng(seed).permutation(len(wanted))
    batch = dataset.read(order)
    found = list(zip(batch.column("id").to_pylist(), batch.column("text").to_pylist(), strict=True))
    assert found == [wanted[i] for i in order]


def test_texts_of_shards_that_are_named_by_split(tmp_path):
    for split in ("train", "test"):
        columns = {"name": [split], "captions": [["one", "two"]]}
        parquet.write_table(pa.table(columns), tmp_path / f"{split}-00000-of-00001.parquet")
    told = {
        "source": {"path": "*.parquet", "id": "name", "split": "split"},
        "modality": {"text": {"kind": "text", "column": "captions", "many": "all"}},
    }
    dataset = data.open(Manifest.model_validate(told).placed(tmp_path))
    assert dataset.select(split="train").column("id").to_pylist() == ["train#0", "train#1"]
    assert dataset.column("split").to_pylist() == ["test", "test", "train", "train"]
    assert dataset.source.form == "parquet"
