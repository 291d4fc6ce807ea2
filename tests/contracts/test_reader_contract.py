"""Every reader is asked the same questions about the same samples in its own format."""

import csv
import io
import json
import pickle
import tarfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit import parts
from mmaudit.errors import InputError
from mmaudit.kinds.image import encode
from mmaudit.manifest import locate
from mmaudit.manifest.model import Manifest
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode

N = 23
ABSENT_IMAGE, ABSENT_TEXT = {3, 7, 22}, {0, 7}


def pixels(i, shift=0):
    return (
        np.full((4, 5, 3), (7 * i + shift) % 256, np.uint8) + np.arange(5, dtype=np.uint8)[:, None]
    )


def rows(shift=0):
    return [
        {
            "id": f"s{i:02}",
            "label": ["cat", "dog"][i % 2],
            "split": "test" if i % 5 == 0 else "train",
            "caption": None if i in ABSENT_TEXT else f'row {i}, "quoted"\nand ünïcode',
            "image": None if i in ABSENT_IMAGE else encode(pixels(i, shift)),
        }
        for i in range(N)
    ]


def with_files(folder, listed):
    """The rows with pictures as files and their names in their place."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    done = []
    for row in listed:
        name = None
        if row["image"] is not None:
            name = f"pictures/{row['id']}.png"
            (folder / name).write_bytes(row["image"])
        done.append({k: v for k, v in row.items() if k != "image"} | {"file_name": name})
    return done


def write_parquet(folder, listed):
    table = pa.Table.from_pylist(
        [
            r | {"image": None if r["image"] is None else {"bytes": r["image"], "path": None}}
            for r in listed
        ]
    )
    parquet.write_table(table, folder / "data.parquet", row_group_size=5)
    return {"path": "data.parquet"}, "image", "caption"


def write_csv(folder, listed):
    listed = with_files(folder, listed)
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)
    return {"path": "data.csv"}, "file_name", "caption"


def write_jsonl(folder, listed):
    lines = [json.dumps(r) for r in with_files(folder, listed)]
    (folder / "data.jsonl").write_text("\n".join(lines))
    return {"path": "data.jsonl"}, "file_name", "caption"


def write_imagefolder(folder, listed):
    listed = with_files(folder / "photos", listed)
    lines = [json.dumps(r) for r in listed]
    (folder / "photos" / "metadata.jsonl").write_text("\n".join(lines))
    return {"path": "photos"}, "file_name", "caption"


def write_webdataset(folder, listed):
    for shard in range(2):
        with tarfile.open(folder / f"shard-{shard}.tar", "w") as archive:
            for row in listed[shard::2]:
                members = {"cls": row["label"], "txt": row["caption"], "png": row["image"]}
                members["json"] = json.dumps({"id": row["id"], "split": row["split"]})
                for extension, content in members.items():
                    if content is not None:
                        put(archive, f"{row['id']}.{extension}", content)
    return {"path": "shard-{0..1}.tar"}, "png", "txt"


def put(archive, name, content):
    content = content.encode() if isinstance(content, str) else content
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


WRITERS = {
    "parquet": write_parquet,
    "csv": write_csv,
    "jsonl": write_jsonl,
    "imagefolder": write_imagefolder,
    "webdataset": write_webdataset,
}
EVERY = pytest.mark.parametrize("reader", parts.names(locate.READERS))


def opened(reader, folder, listed=None):
    folder.mkdir(exist_ok=True)
    source, image, text = WRITERS[reader](folder, listed or rows())
    label = "cls" if reader == "webdataset" else "label"
    manifest = Manifest.model_validate(
        {
            "source": source | {"id": "id", "split": "split"},
            "modality": {
                "image": {"kind": "image", "column": image},
                "text": {"kind": "text", "column": text},
            },
            "target": {"column": label, "kind": "class"},
        }
    )
    return data.open(manifest.placed(folder))


def by_id(samples):
    return {
        i: (int(samples.labels[n]), samples.values["text"][n], samples.values["image"][n])
        for n, i in enumerate(samples.ids)
    }


def same(one, other):
    return all(
        (a is None and b is None) or np.array_equal(a, b) for a, b in zip(one, other, strict=True)
    )


@EVERY
def test_what_was_written_is_read(reader, tmp_path):
    dataset = opened(reader, tmp_path / "a")
    samples = decode(dataset, dataset.read(range(N)))
    found = by_id(samples)
    assert dataset.classes == ("cat", "dog")
    assert not samples.skipped
    assert len(found) == N
    for i, row in enumerate(rows()):
        image = None if row["image"] is None else pixels(i)
        assert same(found[row["id"]], (i % 2, row["caption"], image))


@EVERY
def test_null_is_absent(reader, tmp_path):
    dataset = opened(reader, tmp_path / "a")
    samples = decode(dataset, dataset.read(range(N)))
    absent = {m: {i for i, p in zip(samples.ids, samples.present[m], strict=True) if not p} for m in samples.present}  # fmt: skip
    assert absent["image"] == {f"s{i:02}" for i in ABSENT_IMAGE}
    assert absent["text"] == {f"s{i:02}" for i in ABSENT_TEXT}


@EVERY
def test_any_order_gives_what_the_order_of_the_file_gives(reader, tmp_path):
    dataset = opened(reader, tmp_path / "a")
    in_order = dataset.read(range(N))
    wanted = np.random.default_rng(0).integers(0, N, 60)
    for _ in range(2):  # the second time, other caches answer
        assert dataset.read(wanted).equals(in_order.take(pa.array(wanted)))
    assert dataset.read([]).num_rows == 0
    one_by_one = pa.Table.from_batches([dataset.read([i]) for i in range(N)])
    assert one_by_one.equals(pa.Table.from_batches([in_order]))


@EVERY
def test_a_row_that_is_not_there_is_refused(reader, tmp_path):
    reader_ = opened(reader, tmp_path / "a").source.reader
    for row in (-1, N):
        with pytest.raises(IndexError):
            reader_.take(reader_.schema.names[:1], np.array([row]))


@EVERY
def test_columns_are_what_rows_say(reader, tmp_path):
    dataset = opened(reader, tmp_path / "a")
    batch = dataset.read(range(N))
    for name in ("id", "label", "split", "group"):
        assert dataset.column(name).to_pylist() == batch.column(name).to_pylist()


@EVERY
def test_the_digest_is_that_of_the_content(reader, tmp_path):
    first = opened(reader, tmp_path / "a").digests
    assert opened(reader, tmp_path / "b").digests == first
    other = opened(reader, tmp_path / "c", rows(shift=1)).digests
    assert other["manifest"] == first["manifest"]
    assert other["data"] != first["data"]


@EVERY
def test_it_travels_to_other_processes(reader, tmp_path):
    dataset = opened(reader, tmp_path / "a").select(split="train")
    travelled = pickle.loads(pickle.dumps(dataset))
    assert travelled.read(range(len(dataset))).equals(dataset.read(range(len(dataset))))
    assert travelled.classes == dataset.classes


@EVERY
def test_threads_may_share_it(reader, tmp_path):
    dataset = opened(reader, tmp_path / "a")
    orders = [np.random.default_rng(i).permutation(N) for i in range(16)]
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(dataset.read, orders))
    whole = dataset.read(range(N))
    for order, batch in zip(orders, batches, strict=True):
        assert batch.equals(whole.take(pa.array(order)))


@EVERY
def test_a_file_that_is_cut_off_is_refused_by_name(reader, tmp_path):
    opened(reader, tmp_path / "a")
    path = max(p for p in (tmp_path / "a").rglob("*.*") if p.suffix != ".png")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3 // 512 * 512 + 100])
    with pytest.raises(InputError) as caught:
        data.open(Manifest.model_validate(PLAIN[reader]).placed(tmp_path / "a"))
    assert path.name in caught.value.where
    if reader in {"csv", "jsonl", "imagefolder"}:
        assert f"{path.name}:" in caught.value.where


def plain(path, column):
    return {"source": {"path": path}, "modality": {"text": {"kind": "text", "column": column}}}


PLAIN = {
    "parquet": plain("data.parquet", "caption"),
    "csv": plain("data.csv", "caption"),
    "jsonl": plain("data.jsonl", "caption"),
    "imagefolder": plain("photos", "caption"),
    "webdataset": plain("shard-{0..1}.tar", "txt"),
}


def test_no_reader_is_left_out():
    assert set(WRITERS) == set(parts.names(locate.READERS))
