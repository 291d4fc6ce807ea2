"""Copies in forms of their own open in the library that opens the source, as the source does."""

import json
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

import hub
import own_sources
from mmaudit.errors import UsageError
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset
from mmaudit.kinds.base import load_kind
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.tables import store

N = 6
NOISE = ("image/gaussian_noise:3",)
TAKEN = ("missing/mcar:4",)


def facts(n=N):
    return [
        {"id": f"s{i}", "caption": f"a text of {i}", "x": i / 4, "age": i, "kind": "uv"[i % 2]}
        for i in range(n)
    ]


def picture(i):
    """A small picture that is none of the others."""
    pixels = np.random.default_rng(i).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    return hub.encoded(Image.fromarray(pixels), "JPEG" if i % 2 else "PNG")


def copy(path, out, apply=NOISE, **more):
    corrupt_dataset(path, out, CorruptOptions(apply=apply, **more), quiet=True)
    return out / "data"


def test_coco_is_the_same_but_for_what_is_touched(tmp_path):
    own_sources.coco(tmp_path, facts(), picture)
    name = "annotations/captions_val2017.json"
    was = json.loads((tmp_path / name).read_text())
    out = copy(tmp_path / "dataset.toml", tmp_path / "pixels")
    assert json.loads((out / name).read_text()) == was
    same = [(out / p).read_bytes() == (tmp_path / p).read_bytes() for p in pictures(was)]
    assert not any(same)
    out = copy(tmp_path / "dataset.toml", tmp_path / "text", ("text/keyboard:5",), fraction=0.5)
    now = json.loads((out / name).read_text())
    assert [{**a, "caption": ""} for a in now["annotations"]] == [
        {**a, "caption": ""} for a in was["annotations"]
    ]
    differ = [a for a, b in zip(was["annotations"], now["annotations"], strict=True) if a != b]
    assert len(differ) == N // 2
    assert all(a["caption"].startswith("a text") for a in differ)  # the first of each picture
    assert all((out / p).read_bytes() == (tmp_path / p).read_bytes() for p in pictures(was))


def pictures(entries):
    return [f"val2017/{image['file_name']}" for image in entries["images"]]


def test_each_caption_of_coco_as_a_sample_is_an_image_of_its_own(tmp_path):
    path = own_sources.coco(tmp_path, facts(), picture)
    path.write_text(path.read_text().replace('"captions"\n', '"captions"\nmany = "all"\n'))
    out = copy(path, tmp_path / "out", (*NOISE, "text/keyboard:5"), fraction=0.5)
    now = json.loads((out / "annotations" / "captions_val2017.json").read_text())
    ids = [image["id"] for image in now["images"]]
    assert len(set(ids)) == len(ids) == len(now["annotations"]) == 12
    assert {a["image_id"] for a in now["annotations"]} == {*ids}
    clean, worse = open_dataset(path), open_dataset(tmp_path / "out")
    for column in ("id", "group", "label"):
        assert worse.column(column).equals(clean.column(column)), column
    assert worse.manifest.modalities["text"].many == "first"


def test_what_is_taken_from_coco_is_not_there(tmp_path):
    path = own_sources.coco(tmp_path, facts(), picture)
    out = copy(path, tmp_path / "out", (*TAKEN, "pairing/shuffle:5@text"))
    now = json.loads((out / "annotations" / "captions_val2017.json").read_text())
    dataset = open_dataset(tmp_path / "out")
    absent = [c is None for c in dataset.cells("image", range(N)).to_pylist()]
    assert [image["file_name"] is None for image in now["images"]] == absent
    assert len({a["id"] for a in now["annotations"]}) == len(now["annotations"])


def arrays(path):
    with np.load(path) as file:  # never with pickles
        return {name: file[name] for name in file.files}


def test_arrays_that_no_step_touches_are_the_same_bytes(tmp_path):
    path = own_sources.npz(tmp_path, facts())
    was = arrays(tmp_path / "rows.npz")
    now = arrays(copy(path, tmp_path / "out") / "rows.npz")
    assert [*now] == [*was]
    for name, array in now.items():
        assert (array.dtype, array.shape) == (was[name].dtype, was[name].shape)
        assert (array.tobytes() == was[name].tobytes()) == (name != "image"), name
    now = arrays(copy(path, tmp_path / "some", limit=4) / "rows.npz")
    rows = [int(i[1:]) for i in now["id"]]
    for name in {*was} - {"image", "names"}:
        assert now[name].dtype == was[name].dtype
        assert now[name].tobytes() == was[name][rows].tobytes(), name
    assert now["names"].tolist() == ["u", "v"]


def test_numbers_of_16_bits_are_measured_as_they_are_stored(tmp_path):
    rows = own_sources.arrays(facts()) | {"vector": np.eye(N, 4, dtype=np.float16)}
    np.savez(tmp_path / "rows.npz", **rows)
    path = own_sources.declared(tmp_path, "rows.npz")
    with path.open("a") as file:
        file.write('[modality.v]\nkind = "vector"\ncolumn = "vector"\n')
    now = arrays(copy(path, tmp_path / "out", ("vector/gaussian_noise:3",)) / "rows.npz")
    assert now["vector"].dtype == np.float16
    hashes = store.read(tmp_path / "out" / "hashes.parquet").to_pylist()
    digest = load_kind("vector").digest
    assert [r["sha256"] for r in hashes if r["modality"] == "v"] == [
        digest(row.astype(np.float32)) for row in now["vector"]
    ]


def test_a_run_that_was_killed_while_it_wrote_its_file_leaves_nothing_of_it(tmp_path, monkeypatch):
    path = own_sources.npz(tmp_path, facts())

    class KilledError(BaseException):
        """What ends a process at once: nothing is cleared away."""

    def cut_off(_form, _source, home, _changes):
        (home.parent / f".{home.name}.abc.half").write_bytes(b"PK")
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("mmaudit.injection.write.forms.npz.OwnForm.copy", cut_off)
        with pytest.raises(KilledError):
            copy(path, tmp_path / "out")
    corrupt_dataset(path, tmp_path / "out", CorruptOptions(apply=NOISE), resume=True, quiet=True)
    assert [p.name for p in (tmp_path / "out" / "data").iterdir()] == ["rows.npz"]
    whole = copy(path, tmp_path / "whole") / "rows.npz"
    assert (tmp_path / "out" / "data" / "rows.npz").read_bytes() == whole.read_bytes()


def test_splits_in_names_of_arrays_stay_there(tmp_path):
    rows = {
        f"{k}_{s}": v for s in ("train", "test") for k, v in own_sources.arrays(facts()).items()
    }
    del rows["id_train"], rows["id_test"]
    np.savez(tmp_path / "rows.npz", **rows)
    path = own_sources.declared(tmp_path, "rows.npz")
    path.write_text(path.read_text().replace('id = "id"', 'split = "split"'))
    copy(path, tmp_path / "out", TAKEN)
    now = arrays(tmp_path / "out" / "data" / "rows.npz")
    new = {f"{k}_{s}" for s in ("train", "test") for k in ("id", "image_present")}
    assert {*now} == {*rows} | new
    clean, worse = open_dataset(path), open_dataset(tmp_path / "out")
    assert worse.column("id").equals(clean.column("id"))
    assert worse.column("split").equals(clean.column("split"))
    there = worse.cells("image", range(2 * N)).is_valid().to_pylist()
    assert there == [*now["image_present_train"].tolist(), *now["image_present_test"].tolist()]
    assert 0 < sum(there) < 2 * N


def test_what_no_array_holds_is_refused_before_anything_is_made(tmp_path):
    rows = own_sources.arrays(facts()) | {"age": 2**60 + np.arange(N)}
    np.savez(tmp_path / "rows.npz", **rows)
    path = own_sources.declared(tmp_path, "rows.npz")
    with pytest.raises(UsageError, match="no float holds, and an array has no null"):
        copy(path, tmp_path / "out", TAKEN)
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").glob("[a-z]*"))
    copy(path, tmp_path / "out", TAKEN, format="parquet")


def test_hdf5_keeps_groups_attributes_and_storage(tmp_path):
    h5py = pytest.importorskip("h5py")
    path = own_sources.hdf5(tmp_path, facts())
    out = copy(path, tmp_path / "out", (*NOISE, "text/keyboard:5"))
    with h5py.File(tmp_path / "rows.h5", locking=False) as was, h5py.File(out / "rows.h5") as now:
        assert [*now] == [*was]
        assert dict(now.attrs) == dict(was.attrs)
        assert now["about/names"][()].tolist() == [b"u", b"v"]
        for name in {*was} - {"about"}:
            for key in ("dtype", "shape", "chunks", "compression", "maxshape"):
                assert getattr(now[name], key) == getattr(was[name], key), (name, key)
            assert now[name].attrs["unit"] == was[name].attrs["unit"]
            same = np.array_equal(now[name][()], was[name][()])
            assert same == (name not in {"image", "caption"}), name


def test_hdf5_that_points_is_refused(tmp_path):
    h5py = pytest.importorskip("h5py")
    path = own_sources.hdf5(tmp_path, facts())
    with h5py.File(tmp_path / "rows.h5", "a") as file:
        file["about"].attrs["of"] = file["image"].ref
    with pytest.raises(UsageError, match="'/about' points to other datasets"):
        copy(path, tmp_path / "out")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_description_is_true_of_the_copy(tmp_path, ending):
    path = own_sources.croissant(tmp_path, facts(), picture, ending)
    out = copy(path, tmp_path / "out", (*NOISE, "table/gaussian_noise:3"), fraction=0.5)
    was, now = (json.loads((p / "croissant.json").read_text()) for p in (tmp_path, out))
    assert {k: v for k, v in now.items() if k != "distribution"} == {
        k: v for k, v in was.items() if k != "distribution"
    } or ending != "csv"
    for file in now["distribution"]:
        data = (out / file["contentUrl"]).read_bytes()
        assert file["sha256"] == sha256(data).hexdigest()
        assert file["contentSize"] == f"{len(data)} B"
    assert (out / "README.txt").read_text() == "what it is"
    clean = open_dataset(tmp_path / f"rows.{ending}").source.reader
    copied = open_dataset(out / f"rows.{ending}").source.reader
    assert copied.schema.names == clean.schema.names
    assert copied.column("note").equals(clean.column("note"))  # no field names it
    ages = next(f for f in now["recordSet"][0]["field"] if f["@id"] == "rows/age")
    changed = pa.types.is_floating(copied.schema.field("age").type)
    assert ages["dataType"] == ("sc:Float" if changed else "sc:Integer")


def test_mlcroissant_opens_the_copy(tmp_path):
    library = pytest.importorskip("mlcroissant")
    path = own_sources.croissant(tmp_path, facts(), picture)
    out = copy(path, tmp_path / "out")
    records = [*library.Dataset(out / "croissant.json").records("rows")]
    assert len(records) == N


@pytest.mark.long
def test_load_from_disk_opens_the_copy_with_the_same_features(tmp_path):
    rows = {
        s: [{**f, "emb": [f["x"], 1.0]} for f in facts(n)] for s, n in (("train", 6), ("test", 4))
    }
    hub.save(rows, [picture(i) for i in range(N)], tmp_path / "saved")
    was = hub.saved(tmp_path / "saved")
    out = copy(tmp_path / "saved", tmp_path / "out")
    now = hub.saved(out)
    assert [*now] == [*was] == ["train", "test"]
    for split, (features, rows, mark) in now.items():
        assert features == was[split][0]
        assert mark != was[split][2]  # which `datasets` name their caches by
        assert [r["caption"] for r in rows] == [r["caption"] for r in was[split][1]]
        assert [r["kind"] for r in rows] == [r["kind"] for r in was[split][1]]
        assert all(
            r["image"].tobytes() != o["image"].tobytes()
            for r, o in zip(rows, was[split][1], strict=True)
        )
    apply = ("text/keyboard:5", "label/symmetric:5", "missing/mcar:3")
    changed = hub.saved(copy(tmp_path / "saved", tmp_path / "more", apply))["train"]
    assert changed[0] == was["train"][0]
    assert any(row["image"] is None for row in changed[1])
