"""Datasets in an object store: the same samples and bytes as on a disk, and no file too many."""

import pickle
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
import two_vectors
from mmaudit.errors import InputError, UsageError
from mmaudit.samples import dataset as data
from named_pictures import pictures, put


def fetched(s3):
    return {key for method, key in s3.asked if method == "GET" and s3.has(key)}


@pytest.fixture
def local(tmp_path):
    return pictures(tmp_path / "local")


@pytest.mark.parametrize("where", ["sets/one/dataset.toml", "sets/one"])
def test_a_manifest_in_a_store_is_the_dataset_that_it_is_on_a_disk(s3, local, where):
    put(s3, local)
    there, here = mm.load(f"s3://bucket/{where}"), mm.load(local / "dataset.toml")
    assert there.digests == here.digests
    assert there.read(range(6)).equals(here.read(range(6)))
    assert "sets/one/other.bin" not in fetched(s3)
    s3.asked.clear()
    again = mm.load(f"s3://bucket/{where}")
    assert again.digests == here.digests
    assert fetched(s3) == set()


def test_only_what_is_opened_is_fetched(s3, local):
    put(s3, local)
    few = mm.load("s3://bucket/sets/one").select(limit=2)
    few.read(range(2))
    assert sum("pictures" in key for key in fetched(s3)) <= 4  # with those that are looked at


@pytest.mark.parametrize("named", ["rows.parquet", "*.parquet"])
def test_data_without_a_manifest(s3, tmp_path, named):
    two_vectors.make(tmp_path / "local", 24)
    put(s3, tmp_path / "local", "local")
    (tmp_path / "local" / "dataset.toml").unlink()
    there, here = mm.load(f"s3://bucket/local/{named}"), mm.load(tmp_path / "local" / named)
    assert there.digests == here.digests


def test_a_folder_of_pictures(s3, tmp_path):
    folder = pictures(tmp_path / "local") / "pictures"
    put(s3, folder, "photos/set")
    assert len(mm.load("s3://bucket/photos/set")) == len(mm.load(folder)) == 6
    s3.remove("photos/set/deep/0.png")
    assert len(mm.load("s3://bucket/photos/set")) == 5


def test_another_picture_is_another_dataset(s3, local):
    put(s3, local)
    before = mm.load("s3://bucket/sets/one").digests
    s3.put("sets/one/pictures/deep/0.png", (local / "pictures/deep/1.png").read_bytes())
    now = mm.load("s3://bucket/sets/one").digests
    assert now["manifest"] == before["manifest"]
    assert now["data"] != before["data"]


def test_data_that_changed_between_kill_and_resume_is_refused(s3, tmp_path):
    two_vectors.make(tmp_path / "local", 24)
    put(s3, tmp_path / "local")

    def sweep(**more):
        return mm.robustness(
            "s3://bucket/sets/one",
            two_vectors.Nearest(),
            out="s3://bucket/run",
            corruptions=["vector/dropout"],
            severities=[1],
            replicates=10,
            quiet=True,
            **more,
        )

    sweep()
    two_vectors.make(tmp_path / "local", 24, noise=2.0)
    put(s3, tmp_path / "local")
    with pytest.raises(UsageError, match="digests: data changed"):
        sweep(resume=True)


def test_other_processes_read_what_this_one_reads(s3, local):
    put(s3, local)
    dataset = mm.load("s3://bucket/sets/one")
    before = dataset.read(range(6))
    s3.asked.clear()
    assert pickle.loads(pickle.dumps(dataset)).read(range(6)).equals(before)
    assert not s3.asked


@pytest.mark.parametrize("key", ["path", "root"])
@pytest.mark.parametrize("path", ["../elsewhere", "/etc", "https://host/a.parquet"])
def test_a_manifest_in_a_store_stays_in_its_folder(s3, local, key, path):
    old = {"path": "tables/rows.parquet", "root": "pictures"}[key]
    manifest = local / "dataset.toml"
    manifest.write_text(manifest.read_text().replace(f'{key} = "{old}"', f'{key} = "{path}"'))
    put(s3, local)
    with pytest.raises(InputError, match="leads out of its folder"):
        mm.load("s3://bucket/sets/one")


def test_names_in_the_data_lead_nowhere_else(s3, local, tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes((local / "pictures/deep/0.png").read_bytes())
    table = parquet.read_table(local / "tables/rows.parquet")
    names = pa.array([str(secret), "../../../secret.png", *table["file"].to_pylist()[2:]])
    parquet.write_table(table.set_column(2, "file", names), local / "tables/rows.parquet")
    put(s3, local)
    cells = data.open("s3://bucket/sets/one").cells("photo", range(3)).to_pylist()
    assert [cell["bytes"] is None for cell in cells] == [True, True, False]
    assert secret.exists()


def test_what_is_not_there_is_said_with_its_address(s3):
    with pytest.raises(InputError, match="no such file or folder in the store") as refusal:
        mm.load("s3://bucket/nothing/here.toml")
    assert refusal.value.where == "s3://bucket/nothing/here.toml"


def test_a_corrupted_copy_of_a_dataset_in_a_store(s3, local, tmp_path):
    put(s3, local)
    copies = [
        mm.corrupt(where, tmp_path / name, apply="image/gaussian_noise:3", quiet=True).path
        for name, where in (("a", "s3://bucket/sets/one"), ("b", local / "dataset.toml"))
    ]
    one, other = (
        {p.relative_to(c).as_posix(): p.read_bytes() for p in Path(c).rglob("*") if p.is_file()}
        for c in copies
    )
    different = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
    assert different <= {"card.json", "plan.json"}
    assert str(tmp_path / "cache").encode() not in one["card.json"]
