import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from mmaudit.errors import InputError, UsageError
from mmaudit.manifest.model import Manifest
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode, stack
from places import SHARED


def opened(folder, columns, target=None, modality=None, **source):
    parquet.write_table(pa.table(columns), folder / "data.parquet", row_group_size=7)
    manifest = Manifest.model_validate(
        {
            "source": {"path": "data.parquet"} | source,
            "modality": modality or {"x": {"kind": "vector", "column": "x"}},
            "target": target,
        }
    )
    return data.open(manifest.placed(folder))


def plain(n=50):
    return {
        "id": [f"s{i}" for i in range(n)],
        "split": [["train", "test", None][i % 3] for i in range(n)],
        "label": [["10", "9", "a"][i % 3] for i in range(n)],
        "site": [None if i % 7 == 0 else f"site{i % 4}" for i in range(n)],
        "x": [[float(i), 0.5] for i in range(n)],
    }


CLASS = {"column": "label", "kind": "class"}


def test_a_split_is_its_rows_in_order(tmp_path):
    dataset = opened(tmp_path, plain(), id="id", split="split")
    chosen = dataset.select(split="test")
    assert dataset.splits == ("test", "train")
    assert chosen.column("id").to_pylist() == [f"s{i}" for i in range(50) if i % 3 == 1]
    assert set(chosen.column("split").to_pylist()) == {"test"}


def test_an_unknown_split_is_refused_with_those_there_are(tmp_path):
    dataset = opened(tmp_path, plain(), id="id", split="split")
    with pytest.raises(UsageError) as caught:
        dataset.select(split="dev")
    assert caught.value.fix == "one of test, train"
    with pytest.raises(UsageError, match="no split column"):
        opened(tmp_path, plain(), id="id").select(split="test")
    with pytest.raises(InputError, match="none of the selected"):
        dataset.select(split="train").select(split="test")


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_leaves_nothing_is_refused(tmp_path, limit):
    with pytest.raises(UsageError, match="leaves nothing"):
        opened(tmp_path, plain(), id="id").select(limit=limit)


def test_a_limit_depends_on_ids_and_seed_alone_and_is_nested(tmp_path):
    (tmp_path / "b").mkdir()
    columns = plain()
    order = np.random.default_rng(0).permutation(50)
    turned = {k: [v[i] for i in order] for k, v in columns.items()}
    one, other = opened(tmp_path, columns, id="id"), opened(tmp_path / "b", turned, id="id")
    chosen = [set(one.select(limit=k).column("id").to_pylist()) for k in (5, 20, 50, 99)]
    assert [len(c) for c in chosen] == [5, 20, 50, 50]
    assert chosen[0] < chosen[1] < chosen[2]
    assert set(other.select(limit=20).column("id").to_pylist()) == chosen[1]
    assert set(one.select(limit=20, seed=1).column("id").to_pylist()) != chosen[1]
    rows = one.select(limit=20).rows
    assert (np.diff(rows) > 0).all()


def test_labels_are_indices_of_classes_in_natural_order(tmp_path):
    dataset = opened(tmp_path, plain(), CLASS, id="id")
    assert dataset.classes == ("9", "10", "a")
    samples = decode(dataset, dataset.read([0, 1, 2]))
    assert samples.labels.tolist() == [1, 0, 2]
    few = dataset.select(limit=1)
    assert few.classes == dataset.classes  # those of the source, whatever is selected


def test_the_manifest_may_order_the_classes(tmp_path):
    target = CLASS | {"classes": ["b", "a", "10", "9"]}
    dataset = opened(tmp_path, plain(), target, id="id")
    assert decode(dataset, dataset.read([0, 1, 2])).labels.tolist() == [2, 3, 1]


def test_several_classes_and_numbers(tmp_path):
    columns = plain(4) | {"tags": ["a|b", "b", "", None], "y": [1, 2, 3, 4]}
    dataset = opened(tmp_path, columns, {"column": "tags", "kind": "multilabel"}, id="id")
    samples = decode(dataset, dataset.read(range(4)))
    assert samples.labels.tolist() == [[True, True], [False, True], [False, False]]
    assert [s.modality for s in samples.skipped] == ["target"]
    dataset = opened(tmp_path, columns, {"column": "y", "kind": "number"}, id="id")
    assert decode(dataset, dataset.read([3, 0])).labels.tolist() == [4.0, 1.0]
    assert dataset.classes is None


def test_groups_and_slices(tmp_path):
    dataset = opened(tmp_path, plain(8), id="id", group="site", slices=["site", "split"])
    samples = decode(dataset, dataset.read([0, 1, 2]))
    assert samples.groups.tolist() == ["s0", "site1", "site2"]
    assert samples.slices["site"].tolist() == ["", "site1", "site2"]
    assert samples.slices["split"].tolist() == ["train", "test", ""]
    assert dataset.column("slice:site").to_pylist()[:2] == [None, "site1"]
    with pytest.raises(UsageError, match="no column 'slice:x'"):
        dataset.column("slice:x")


def test_without_ids_rows_are_numbered(tmp_path):
    dataset = opened(tmp_path, plain(3))
    assert dataset.read([2, 0]).column("id").to_pylist() == ["data.parquet:2", "data.parquet:0"]
    assert dataset.column("id").to_pylist() == [f"data.parquet:{i}" for i in range(3)]
    assert dataset.column("label").null_count == 3


def test_a_mask_and_a_failed_download_are_absence(tmp_path):
    columns = plain(4) | {
        "there": [True, False, None, True],
        "pic": ["0.png", "1.png", "2.png", None],
        "status": ["success", "failed_to_download", "closed", "success"],
        "error_message": [None, "404", None, None],
    }
    modality = {
        "x": {"kind": "vector", "column": "x", "mask": "there"},
        "pic": {"kind": "image", "column": "pic"},
    }
    (tmp_path / "0.png").write_bytes(b"x")
    batch = opened(tmp_path, columns, modality=modality).read(range(4))
    assert batch.column("x").is_valid().to_pylist() == [True, False, False, True]
    pictures = batch.column("pic").to_pylist()
    assert [cell and cell["bytes"] for cell in pictures] == [b"x", None, None, None]
    assert [cell is None for cell in pictures] == [False, True, False, True]


def test_a_failed_download_hides_no_value_that_is_there(tmp_path):
    """As where pictures moved to other rows, and where a table of one's own has such columns."""
    columns = plain(3) | {"pic": [b"a", b"b", None], "error_message": ["404", None, None]}
    columns |= {"status": ["failed_to_download", "closed", "success"]}
    modality = {"pic": {"kind": "image", "column": "pic"}}
    cells = opened(tmp_path, columns, modality=modality).read(range(3)).column("pic").to_pylist()
    assert [cell and cell["bytes"] for cell in cells] == [b"a", b"b", None]


def test_the_first_of_several_columns_that_is_there_counts(tmp_path):
    columns = plain(3) | {"a": [b"1", None, None], "b": [b"2", b"3", None]}
    columns |= {"u": [[1.0], None, None], "v": [[2.0], [3.0], None]}
    modality = {
        "pic": {"kind": "image", "column": "a|b|c"},
        "vec": {"kind": "vector", "column": "u|v"},
    }
    batch = opened(tmp_path, columns, modality=modality).read(range(3))
    pictures = [c and c["bytes"] for c in batch.column("pic").to_pylist()]
    assert pictures == [b"1", b"3", None]
    assert batch.column("vec").to_pylist() == [[1.0], [3.0], None]


def test_a_mask_over_vectors_of_fixed_length(tmp_path):
    x = pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float32(), 2))
    modality = {"x": {"kind": "vector", "column": "x", "mask": "m"}}
    dataset = opened(tmp_path, {"x": x, "m": ["no", "yes"]}, modality=modality)
    samples = decode(dataset, dataset.read(range(2)))
    assert samples.present["x"].tolist() == [False, True]
    assert stack(samples.values["x"], "vector").tolist() == [[0.0, 0.0], [3.0, 4.0]]


def test_tables_and_vectors_of_several_columns(tmp_path):
    columns = plain(3) | {"age": [1, 2, None], "sex": ["f", None, None], "y": [0.5, 1.5, None]}
    modality = {
        "t": {"kind": "table", "columns": ["sex", "age"], "categorical": ["sex"]},
        "v": {"kind": "vector", "columns": ["age", "y"]},
    }
    dataset = opened(tmp_path, columns, modality=modality)
    samples = decode(dataset, dataset.read(range(3)))
    assert [None if v is None else v.tolist() for v in samples.values["t"]] == [
        ["f", 1.0],
        [None, 2.0],
        None,
    ]
    assert samples.present["v"].tolist() == [True, True, False]
    assert stack(samples.values["v"], "vector").tolist() == [[1, 0.5], [2, 1.5], [0, 0]]


def test_a_modality_may_have_a_light_columns_values(tmp_path):
    columns = {"name": ["a.png", "b.png"], "text": ["x", "y"]}
    modality = {"m": {"kind": "text", "column": "name"}}
    dataset = opened(tmp_path, columns, modality=modality, id="name", group="name")
    assert dataset.read([1]).column("m").to_pylist() == ["b.png"]


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("source.id", {"id": "idd"}),
        ("source.split", {"split": "idd"}),
        ("source.group", {"group": "idd"}),
        ("source.slices", {"slices": ["site", "idd"]}),
        ("target.column", {"target": {"column": "idd", "kind": "class"}}),
        ("modality.x", {"modality": {"x": {"kind": "vector", "column": "idd"}}}),
        ("modality.x", {"modality": {"x": {"kind": "vector", "column": "x", "mask": "idd"}}}),
        ("modality.x", {"modality": {"x": {"kind": "table", "columns": ["x", "idd"]}}}),
    ],
)
def test_a_column_that_is_not_there_is_refused_with_the_close_one(tmp_path, key, change):
    with pytest.raises(UsageError, match=f"{key} names the column 'idd'") as caught:
        opened(tmp_path, plain(), **change)
    assert "id" in caught.value.fix.split(" or ")


def test_pickles_are_small_and_spawned_processes_read_the_same(tmp_path):
    dataset = opened(tmp_path, plain(5000), CLASS, id="id", split="split")
    assert len(pickle.dumps(dataset)) < 2000
    chosen = dataset.select(split="train")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(chosen.read, [5, 3]).result().equals(chosen.read([5, 3]))


def test_a_file_that_changed_is_opened_again(tmp_path):
    assert len(opened(tmp_path, plain(5))) == 5
    assert len(opened(tmp_path, plain(6))) == 6


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    st.lists(st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=6),
    st.sampled_from(["image", "series", "audio"]),
)
def test_stacks_are_arrays_where_shapes_agree(shapes, kind):
    values = [None if s is None else np.ones(s, np.float32) for s in shapes]
    found = stack(values, kind)
    assert len(found) == len(values)
    there = [s for s in shapes if s is not None]
    assert isinstance(found, list) == (len(set(there)) > 1 or not values)
    for value, given_ in zip(found, values, strict=True):
        assert np.array_equal(value, given_ if given_ is not None else np.zeros(there[0] if there else ()))  # fmt: skip


def test_texts_and_tables_have_fillers_of_their_own():
    assert stack([None, "a"], "text") == ["", "a"]
    rows = [None, np.array([1.0, "a"], object)]
    assert stack(rows, "table").tolist() == [[None, None], [1.0, "a"]]
    assert stack([None], "vector", (3,)).shape == (1, 3)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "n", "classes"),
    [
        ("handwritten", 2000, 10),
        ("scene15", 4485, 15),
        ("msrc", 210, 7),
        ("flickr8k_1k", 5000, None),
        ("spoken_digits", 1000, 10),
        ("emoji", 1265, None),
    ],
)
def test_real_datasets_open_and_decode(name, n, classes):
    if not SHARED.is_dir():
        pytest.skip("the real datasets are not here")
    dataset = data.open(SHARED / name / "dataset.toml")
    assert len(dataset) == n
    assert (classes and len(dataset.classes)) == classes
    samples = decode(dataset, dataset.read(range(0, n, n // 50)))
    assert not samples.skipped
    assert all(p.all() for p in samples.present.values())
