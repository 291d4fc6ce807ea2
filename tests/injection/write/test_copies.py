"""A copy obeys the laws that memory obeys: every form of source, written in every form, is asked."""

import csv
import io
import json
import tarfile

import numpy as np
import pyarrow as pa
import pytest
import soundfile
from PIL import Image
from pyarrow import parquet

import hub
import own_sources
from mmaudit.doses.image import psnr_db, ssim
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.record.verify import verify
from mmaudit.injection.run import corrupt_dataset
from mmaudit.kinds.base import load_kind
from mmaudit.manifest.readers.base import stored
from mmaudit.samples.captions import ID, SOURCE
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode
from mmaudit.tables import store

N = 6
FORMS = ("same", "parquet", "folder", "webdataset")
APPLY = ("image/gaussian_noise:3",)
MEASURES = {"ssim": ssim, "psnr_db": psnr_db}


def picture(i):
    """A JPEG with colours at half the resolution, as cameras write it, or a PNG."""
    ramp = np.linspace(20 + 9 * i, 200, 32, dtype=np.uint8)
    pixels = np.stack([np.tile(ramp, (32, 1)), np.tile(ramp, (32, 1)).T, np.full((32, 32), 30 * i)])
    file = io.BytesIO()
    form = {"quality": 95, "subsampling": 2} if i % 2 else {}
    image = Image.fromarray(np.moveaxis(pixels, 0, 2).astype(np.uint8))
    image.save(file, "JPEG" if i % 2 else "PNG", **form)
    return file.getvalue()


def name(i):
    return f"{'ab'[i % 2]}/photo {i}.{'jpg' if i % 2 else 'png'}"


def facts(i):
    """What a row says besides its picture, of which nothing is touched."""
    return {"id": f"s{i}", "caption": f"a text of {i}", "x": i / 4, "age": i, "kind": "uv"[i % 2]}


HEAD = (
    '[source]\npath = "{path}"\nid = "{id}"\n[modality.image]\nkind = "image"\ncolumn = "{image}"\n'
)
TEXT = '[modality.text]\nkind = "text"\ncolumn = "{text}"\n'
TABLE = '[modality.table]\nkind = "table"\ncolumns = ["x", "age"]\n'
LABEL = '[target]\nkind = "class"\ncolumn = "{label}"\n'


def declared(folder, path, image, id_="id", text="caption", label="kind", more=TABLE):
    text = HEAD + TEXT + more + LABEL if text else HEAD + LABEL
    (folder / "dataset.toml").write_text(
        text.format(path=path, id=id_, image=image, text="caption", label=label)
    )
    return folder / "dataset.toml"


def hugging_face(folder):
    features = {
        "id": {"dtype": "string", "_type": "Value"},
        "image": {"_type": "Image"},
        "kind": {"names": ["u", "v"], "_type": "ClassLabel"},
    }
    meta = {"huggingface": json.dumps({"info": {"features": features}})}
    rows = [facts(i) for i in range(N)]
    table = pa.table(
        {
            "id": [r["id"] for r in rows],
            "image": pa.array(
                [{"bytes": picture(i), "path": name(i)} for i in range(N)],
                pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
            ),
            "caption": [r["caption"] for r in rows],
            "x": pa.array([r["x"] for r in rows], pa.float32()),
            "age": pa.array(range(N), pa.int16()),
            "kind": pa.array([i % 2 for i in range(N)], pa.int64()),
            "flag": [bool(i % 3) for i in range(N)],
            "big": pa.array([2**60 + i for i in range(N)], pa.int64()),
            "when": pa.array(range(N), pa.timestamp("us")),
            "tags": [["a"] * (i % 3) for i in range(N)],
            "place": pa.array(["here", "there"] * 3).dictionary_encode(),
        }
    )
    schema = table.schema.with_metadata(meta)
    schema = schema.set(4, schema.field("age").with_metadata({"unit": "years"}))
    (folder / "data").mkdir()
    parquet.write_table(table.cast(schema), folder / "data" / "a.parquet", row_group_size=4)
    return declared(folder, "data/*.parquet", "image")


def files(folder, names=name):
    for i in range(N):
        (folder / names(i)).parent.mkdir(parents=True, exist_ok=True)
        (folder / names(i)).write_bytes(picture(i))


def parquet_names(folder):
    files(folder)
    rows = [facts(i) | {"photo": name(i), "ok": bool(i % 2)} for i in range(N)]
    parquet.write_table(pa.Table.from_pylist(rows), folder / "rows.parquet")
    return declared(folder, "rows.parquet", "photo")


def split_files(folder):
    """Parquet files whose names say the split, as on the hub."""
    path = hugging_face(folder)
    table = parquet.read_table(folder / "data" / "a.parquet")
    (folder / "data" / "a.parquet").unlink()
    for at, split in ((0, "test"), (2, "train")):
        place = folder / "data" / f"{split}-00000-of-00001.parquet"
        parquet.write_table(table.slice(at, 2 if at == 0 else N), place)
    path.write_text(path.read_text().replace('id = "id"', 'id = "id"\nsplit = "split"'))
    return path


def save_to_disk(folder):
    """The same as Hugging Face datasets save it."""
    hugging_face(folder)
    table = parquet.read_table(folder / "data" / "a.parquet")
    (folder / "saved").mkdir()
    with pa.ipc.new_stream(folder / "saved" / "data-00000-of-00001.arrow", table.schema) as file:
        file.write_table(table, max_chunksize=4)
    listed = [{"filename": "data-00000-of-00001.arrow"}]
    (folder / "saved" / "state.json").write_text(json.dumps({"_data_files": listed}))
    return declared(folder, "saved", "image")


def write_csv(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def csv_names(folder):
    files(folder)
    write_csv(folder / "rows.csv", [facts(i) | {"photo": name(i), "n": f"0{i}"} for i in range(N)])
    return declared(folder, "rows.csv", "photo")


def jsonl_names(folder):
    files(folder)
    rows = [facts(i) | {"photo": name(i), "ok": i > 2, "more": {"a": [i]}} for i in range(N)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return declared(folder, "rows.jsonl", "photo")


def class_folders(folder):
    files(folder / "photos")
    return declared(folder, "photos", "file_name", id_="file_name", text="", label="label")


def image_folder(folder):
    files(folder / "photos")
    rows = [{"file_name": name(i)} | facts(i) for i in range(N)]
    write_csv(folder / "photos" / "metadata.csv", rows)
    return declared(folder, "photos", "file_name")


def split_folders(folder):
    files(
        folder / "photos", lambda i: f"{('train', 'test')[i % 2]}/p{i // 2}.{('png', 'jpg')[i % 2]}"
    )
    for at, split in enumerate(("train", "test")):
        rows = [
            {"file_name": f"p{i // 2}.{('png', 'jpg')[at]}"} | facts(i) for i in range(at, N, 2)
        ]
        lines = "".join(json.dumps(r) + "\n" for r in rows)
        (folder / "photos" / split / "metadata.jsonl").write_text(lines)
    path = declared(folder, "photos", "file_name")
    path.write_text(path.read_text().replace('id = "id"', 'id = "id"\nsplit = "split"'))
    return path


def parquet_split_folders(folder):
    """The same, whose metadata are Parquet."""
    path = split_folders(folder)
    for split in ("train", "test"):
        lines = folder / "photos" / split / "metadata.jsonl"
        rows = pa.Table.from_pylist([json.loads(line) for line in lines.read_text().splitlines()])
        rows = rows.set_column(2, "caption", rows["caption"].cast(pa.large_string()))
        parquet.write_table(rows, lines.with_suffix(".parquet"))
        lines.unlink()
    return path


def archives(folder):
    with tarfile.open(folder / "a.tar", "w") as archive:
        for i in range(N):
            members = {"json": json.dumps(facts(i)).encode(), "txt": f"a text of {i}".encode()}
            members |= {("jpg" if i % 2 else "png"): picture(i), "cls": str(i % 2).encode()}
            for ending, data in members.items():
                info = tarfile.TarInfo(f"in/k{i}.{ending}")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return declared(folder, "a.tar", "jpg|png", label="cls", id_="__key__")


def captions(folder):
    files(folder)
    rows = [facts(i) | {"photo": name(i), "caption": [f"one {i}", f"two {i}"]} for i in range(N)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    path = declared(folder, "rows.jsonl", "photo")
    path.write_text(path.read_text().replace('"caption"\n', '"caption"\nmany = "all"\n'))
    return path


def coco(folder):
    return own_sources.coco(folder, [*map(facts, range(N))], picture)


def npz(folder):
    return own_sources.npz(folder, [*map(facts, range(N))])


def hdf5(folder):
    return own_sources.hdf5(folder, [*map(facts, range(N))])


def croissant(folder):
    return own_sources.croissant(folder, [*map(facts, range(N))], picture)


SOURCES = (
    *(
        hugging_face,
        split_files,
        save_to_disk,
        parquet_names,
        csv_names,
        jsonl_names,
        class_folders,
    ),
    *(image_folder, split_folders, parquet_split_folders, archives, captions),
    *(coco, npz, hdf5, croissant),
)


@pytest.fixture(scope="module", params=SOURCES, ids=lambda s: s.__name__)
def source(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param.__name__)
    return request.param(folder), request.param.__name__


def run(path, out, apply=APPLY, **more):
    corrupt_dataset(path, out, CorruptOptions(apply=apply, **more), quiet=True)
    return out


@pytest.fixture(scope="module")
def halved(source, tmp_path_factory):
    """A copy in the form of its source in which half the pictures are noisy: to read, not to change."""
    return run(source[0], tmp_path_factory.mktemp("halved") / "out", fraction=0.5)


def values(path):
    dataset = open_dataset(path)
    batch = dataset.read(range(len(dataset)))
    return dataset, decode(dataset, batch), batch


def strange(out):
    """Values of a copy that are not those of which the dose was measured and the hash written."""
    dataset, samples, batch = values(out)
    for row in store.read(out / "hashes.parquet").to_pylist():
        if (modality := row["modality"]) in dataset.kinds:
            at, kind = samples.ids.index(row["id"]), load_kind(dataset.kinds[modality])
            files = batch.column(modality) if kind.media else None
            value = samples.values[modality][at] if files is None else files[at].as_py()
            if row["sha256"] != (None if value is None else kind.digest(value)):
                yield row


@pytest.mark.parametrize("form", FORMS)
def test_a_copy_opens_and_is_what_the_ledger_says(source, form, tmp_path, halved):
    path, _ = source
    out = halved if form == "same" else run(path, tmp_path / "out", format=form, fraction=0.5)
    (was, clean, before), (now, worse, after) = values(path), values(out)
    order = [worse.ids.index(i) for i in clean.ids]
    assert sorted(clean.ids) == sorted(worse.ids)
    assert now.kinds == was.kinds
    assert now.classes == was.classes
    for column in ("label", "split", "group"):
        assert after.column(column).take(pa.array(order)).equals(before.column(column)), column
    told = store.read(out / "ledger.parquet").to_pylist()
    hit = {row["id"] for row in told if row["applied"]}
    assert len(hit) == len(clean.ids) // 2
    for row in told:
        at = clean.ids.index(row["id"])
        pair = clean.values["image"][at], worse.values["image"][order[at]]
        if row["applied"]:
            assert row["dose"] == pytest.approx(MEASURES[row["dose_name"]](*pair), abs=1e-9)
    for at, id_ in enumerate(clean.ids):
        if id_ not in hit:
            old, new = before.column("image")[at], after.column("image")[order[at]]
            assert old["bytes"] == new["bytes"], id_
        for modality in set(was.modalities) - {"image"}:
            pair = clean.values[modality][at], worse.values[modality][order[at]]
            assert np.array_equal(*pair) if modality == "table" else pair[0] == pair[1]
    assert verify(out / "card.json")[0]
    assert not [*strange(out)]


def rows(dataset):
    """All columns of a source as its files hold them."""
    reader = dataset.source.reader
    names = [n for n in reader.schema.names if n not in {ID, SOURCE}]
    return stored(reader, names, dataset.rows)


def test_what_no_step_touches_comes_through(source, halved):
    path, called = source
    was, now = rows(open_dataset(path)), rows(open_dataset(halved))
    added = {"id_2", "sample_id", "group"} if called == "captions" else set()
    assert set(now.column_names) - added == set(was.column_names)
    media = {"image", "jpg", "png"}
    order = now.column(was.column_names[0]).to_pylist()
    for field in was.schema:
        new = now.schema.field(field.name)
        assert new.equals(field, check_metadata=True), field
        if field.name not in media | {"photo"} or called != "captions":
            old = was.column(field.name).to_pylist()
            mine = now.column(field.name).to_pylist()
            if field.name in media and called != "croissant":
                old, mine = ([v and v["path"] for v in listed] for listed in (old, mine))
            if called in {"class_folders", "split_folders", "parquet_split_folders"}:
                old, mine = sorted(map(str, old)), sorted(map(str, mine))
            assert mine == old, field.name
    assert order
    if called in {"hugging_face", "save_to_disk"}:
        kept = {k: v for k, v in now.schema.metadata.items() if k in was.schema.metadata}
        assert kept == was.schema.metadata


def test_the_real_loader_opens_the_copy(source, halved):
    (path, called), out = source, halved
    pandas = pytest.importorskip("pandas")
    if called in {"hugging_face", "parquet_names"}:
        frame = pandas.read_parquet(out / "data" / "000000.parquet")
        clean = pandas.read_parquet(
            path.parent / ("data/a.parquet" if called == "hugging_face" else "rows.parquet")
        )
        assert (frame.dtypes == clean.dtypes).all()
        assert frame.drop(columns=["image", "photo"], errors="ignore").equals(
            clean.drop(columns=["image", "photo"], errors="ignore")
        )
    elif called == "csv_names":
        frames = [
            pandas.read_csv(p) for p in (out / "data" / "metadata.csv", path.parent / "rows.csv")
        ]
        assert frames[0].equals(frames[1])
    elif called == "jsonl_names":
        files_ = out / "data" / "metadata.jsonl", path.parent / "rows.jsonl"
        frames = [pandas.read_json(p, lines=True) for p in files_]
        assert frames[0].equals(frames[1])
    elif called == "class_folders":
        here = {p.relative_to(out / "data").as_posix() for p in (out / "data").rglob("*.*")}
        assert here == {name(i) for i in range(N)}
    elif called == "split_folders":
        assert sorted(p.parent.name for p in (out / "data").rglob("metadata.jsonl")) == [
            "test",
            "train",
        ]


def test_splits_that_names_of_files_say_are_said_again(tmp_path):
    out = run(split_files(tmp_path), tmp_path / "out", fraction=0.5) / "data"
    names = {f"{split}-00000-of-00001.parquet": n for split, n in (("test", 2), ("train", 4))}
    assert {p.name: parquet.read_metadata(p).num_rows for p in out.iterdir()} == names
    assert "split" not in parquet.read_schema(out / "train-00000-of-00001.parquet").names


HOME = {  # of each source in Hugging Face datasets: the builder, its data there and in the copy
    "hugging_face": ("parquet", "data/*.parquet", "*.parquet"),
    "split_files": ("parquet", "data/*.parquet", "*.parquet"),
    "parquet_names": ("parquet", "rows.parquet", "*.parquet"),
    "class_folders": ("imagefolder", "photos", ""),
    "image_folder": ("imagefolder", "photos", ""),
    "split_folders": ("imagefolder", "photos", ""),
    "parquet_split_folders": ("imagefolder", "photos", ""),
    "csv_names": ("csv", "rows.csv", "metadata.csv"),
    "jsonl_names": ("json", "rows.jsonl", "metadata.jsonl"),
}


def other_columns(row):
    """What a row says beside its picture and the name of its file."""
    return {k: v for k, v in row.items() if k not in {"image", "photo"}}


def test_libraries_open_the_copy_as_the_source(source, tmp_path, halved):
    (path, called), out = source, halved / "data"
    if called not in {"archives", *HOME}:
        return
    if called == "archives":
        (tar,) = out.glob("*.tar")
        was, now = hub.webdataset(path.parent / "a.tar"), hub.webdataset(tar)
        pictures = [[s.pop("jpg", None) or s.pop("png") for s in each] for each in (was, now)]
        assert [p.size for p in pictures[1]] == [p.size for p in pictures[0]] == [(32, 32)] * N
        where = {"__url__", "__local_path__"}
        assert [{k: v for k, v in s.items() if k not in where} for s in now] == [
            {k: v for k, v in s.items() if k not in where} for s in was
        ]
        return
    builder, theirs, ours = HOME[called]
    loaded = []
    for place in (path.parent / theirs, out / ours):
        how = "data_files" if builder != "imagefolder" else "data_dir"
        loaded.append(hub.datasets(builder, tmp_path / "cache", **{how: str(place)}))
    was, now = loaded
    assert {s: f for s, (f, _) in now.items()} == {s: f for s, (f, _) in was.items()}
    for split, (_, rows_) in now.items():
        mine, their = (list(map(other_columns, r)) for r in (rows_, was[split][1]))
        assert mine == their
        assert all(getattr(r.get("image"), "size", (32, 32)) == (32, 32) for r in rows_)
    assert sum(len(rows_) for _, rows_ in now.values()) == N


def test_a_folder_with_metadata_in_parquet_is_one_again(tmp_path):
    path = image_folder(tmp_path)
    rows_ = [{"file_name": name(i)} | facts(i) | {"ok": i > 2} for i in range(N)]
    (tmp_path / "photos" / "metadata.csv").unlink()
    parquet.write_table(pa.Table.from_pylist(rows_), tmp_path / "photos" / "metadata.parquet")
    for apply in (APPLY, MOVES):
        out = run(path, tmp_path / apply[0].partition(":")[0], apply) / "data"
        copy = parquet.read_table(out / "metadata.parquet")
        assert copy.schema.equals(parquet.read_schema(tmp_path / "photos" / "metadata.parquet"))
        here = {p.relative_to(out).as_posix() for p in out.rglob("*.*")} - {"metadata.parquet"}
        assert here == {f for f in copy["file_name"].to_pylist() if f}
    assert len(open_dataset(out.parent)) == N


def test_a_touched_column_keeps_its_type_where_that_can_hold_it(tmp_path):
    lists = pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float32(), 2))
    table = pa.table({"id": ["a", "b"], "x": pa.array([1.5, None], pa.float32()), "v": lists})
    table = table.append_column("n", pa.array([3, 4], pa.int8())).append_column(
        "t", [["1.50", "2"]]
    )
    table = table.append_column("h", pa.array([0.1, 7.3], pa.float16()))
    parquet.write_table(table, tmp_path / "rows.parquet")
    (tmp_path / "dataset.toml").write_text(
        '[source]\npath = "rows.parquet"\nid = "id"\n'
        '[modality.table]\nkind = "table"\ncolumns = ["x", "n", "t", "h"]\n'
        '[modality.v]\nkind = "vector"\ncolumn = "v"\n'
    )
    run(tmp_path / "dataset.toml", tmp_path / "out", ("table/gaussian_noise:3", "vector/dropout:5"))
    copy = parquet.read_table(tmp_path / "out" / "data" / "000000.parquet")
    types = {f.name: f.type for f in copy.schema}
    assert types == {f.name: f.type for f in table.schema} | {"n": pa.float64()}
    assert not [*strange(tmp_path / "out")]  # what was measured is rounded as the column is
    run(tmp_path / "dataset.toml", tmp_path / "none", ("missing/mcar_modality:5",))
    absent = parquet.read_table(tmp_path / "none" / "data" / "000000.parquet")
    assert absent.schema.equals(table.schema)
    assert set(absent["t"].to_pylist()) <= {"1.50", "2", None}


def test_names_do_not_depend_on_the_order_of_rows(tmp_path):
    names = []
    for turn in (1, -1):
        folder = tmp_path / f"clean{turn}"
        folder.mkdir()
        path = csv_names(folder)
        head, *lines = (folder / "rows.csv").read_text().splitlines()
        lines = [line.replace("b/photo 1", "b/photo 3") for line in lines][
            ::turn
        ]  # two rows share one
        (folder / "rows.csv").write_text("\n".join([head, *lines]) + "\n")
        out = run(path, tmp_path / f"out{turn}")
        names.append({p.relative_to(out).as_posix() for p in (out / "data").rglob("*.*")})
        card = json.loads((out / "card.json").read_text())
        assert card["renamed"] == {"photo": 2}
    assert names[0] == names[1]
    assert {n.rpartition("/")[2] for n in names[0] if "photo 3" in n} == {
        "photo 3~s1.jpg",
        "photo 3~s3.jpg",
    }


@pytest.mark.slow  # to import it takes longer than all that is asked here
def test_torchvision_opens_folders_of_classes(tmp_path):
    (tmp_path / "pictures").mkdir()
    clean = class_folders(tmp_path / "pictures").parent / "photos"
    out = run(tmp_path / "pictures" / "dataset.toml", tmp_path / "out") / "data"
    was, now = map(hub.torchvision().ImageFolder, (clean, out))
    assert now.classes == was.classes == ["a", "b"]
    assert [(p.size, label) for p, label in now] == [(p.size, label) for p, label in was]
    assert all(a[0] != b[0] for a, b in zip(was, now, strict=True))
    for i in range(4):
        place = tmp_path / "sounds" / "sounds" / "uv"[i % 2] / f"{i}.wav"
        place.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(place, np.sin(np.arange(800) * (i + 1) / 9), 8000)
    (tmp_path / "sounds" / "dataset.toml").write_text(
        '[source]\npath = "sounds"\nid = "file_name"\n'
        '[modality.sound]\nkind = "audio"\ncolumn = "file_name"\n'
    )
    apply = ("audio/white_noise:3",)
    out = run(tmp_path / "sounds" / "dataset.toml", tmp_path / "noisy", apply) / "data"
    of = hub.torchvision().DatasetFolder
    folders = (tmp_path / "sounds" / "sounds", out)
    was, now = (of(f, lambda p: soundfile.read(p)[0], extensions=(".wav",)) for f in folders)
    assert now.classes == was.classes == ["u", "v"]
    for (a, i), (b, j) in zip(was, now, strict=True):
        assert (a.shape, i) == (b.shape, j)
        assert not np.array_equal(a, b)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A copy in Parquet by source and steps, made once."""
    made = {}

    def of(path, apply):
        if (path, apply) not in made:
            made[path, apply] = run(path, tmp_path_factory.mktemp("plain"), apply, format="parquet")
        return made[path, apply]

    return of


CHANGES = ("text/keyboard:5", "table/gaussian_noise:3", "label/symmetric:5")
MOVES = ("pairing/shuffle:5@image", "missing/mcar:3")


@pytest.mark.parametrize(
    ("form", "apply"),
    [("same", CHANGES), ("same", MOVES), *((f, CHANGES + MOVES) for f in FORMS[2:])],
)
def test_what_is_touched_is_what_was_made(source, form, apply, tmp_path, plain):
    path, called = source
    if called == "class_folders":
        apply = tuple(a for a in apply if a.partition("/")[0] in {"label", "pairing"})
    run(path, tmp_path / "out", apply, format=form)
    assert not [*strange(tmp_path / "out")]
    a, b = (values(where)[1] for where in (tmp_path / "out", plain(path, apply)))
    i, j = (np.argsort(samples.ids) for samples in (a, b))
    assert [a.ids[k] for k in i] == [b.ids[k] for k in j]
    assert [a.labels[k] for k in i] == [b.labels[k] for k in j]
    for modality in a.values:
        for x, y in zip(i, j, strict=True):
            one, other = a.values[modality][x], b.values[modality][y]
            assert (one is None) == (other is None)
            assert one is None or np.array_equal(one, other), modality


def test_a_vector_of_several_columns_stays_in_them(tmp_path):
    rows = [f"s{i},{i / 8},,{i}" if i == 3 else f"s{i},{i / 8},{i + 1},{i}" for i in range(20)]
    (tmp_path / "rows.csv").write_text("\n".join(["id,a,b,rest", *rows]))
    (tmp_path / "dataset.toml").write_text(
        '[source]\npath = "rows.csv"\nid = "id"\n'
        '[modality.x]\nkind = "vector"\ncolumns = ["a", "b"]\nshape = [2]\n'
    )
    asked = CorruptOptions(apply=("vector/sign_flip:5",))
    corrupt_dataset(tmp_path / "dataset.toml", tmp_path / "copy", asked, max_skipped=1, quiet=True)
    clean, copy = (open_dataset(tmp_path / p) for p in ("dataset.toml", "copy/dataset.toml"))
    before, after = (d.read(range(20)).column("x").to_pylist() for d in (clean, copy))

    def sizes(cells):
        return [{k: x and abs(float(x)) for k, x in cell.items()} for cell in cells]

    assert before != after
    assert after.pop(3) == before.pop(3)  # it could not be read, is counted, and stays what it is
    assert sizes(after) == sizes(before)
