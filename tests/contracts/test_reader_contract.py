"""Every reader is asked the same questions about the same samples in its own format."""

import csv
import io
import json
import tarfile

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit import parts
from mmaudit.errors import InputError
from mmaudit.manifest import locate
from mmaudit.manifest.model import Manifest
from mmaudit.samples import dataset as data
from mmaudit.testing import readers


def manifest(path, image, text="caption", label="label"):
    return {
        "source": {"path": path, "id": "id", "split": "split"},
        "modality": {
            "image": {"kind": "image", "column": image},
            "text": {"kind": "text", "column": text},
        },
        "target": {"column": label, "kind": "class"},
    }


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
    return manifest("data.parquet", "image")


def write_csv(folder, listed):
    listed = with_files(folder, listed)
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)
    return manifest("data.csv", "file_name")


def write_jsonl(folder, listed):
    lines = [json.dumps(r) for r in with_files(folder, listed)]
    (folder / "data.jsonl").write_text("\n".join(lines))
    return manifest("data.jsonl", "file_name")


def write_imagefolder(folder, listed):
    listed = with_files(folder / "photos", listed)
    lines = [json.dumps(r) for r in listed]
    (folder / "photos" / "metadata.jsonl").write_text("\n".join(lines))
    return manifest("photos", "file_name")


def write_arrow(folder, listed):
    """As Hugging Face ``save_to_disk`` lays out a Dataset, with a cache beside it."""
    cells = [r | {"image": r["image"] and {"bytes": r["image"], "path": None}} for r in listed]
    table = pa.Table.from_pylist(cells)
    (folder / "saved").mkdir()
    for name, part in (("data-00000-of-00001", table), ("cache-0", table.slice(0, 3))):
        path = str(folder / "saved" / f"{name}.arrow")
        with pa.OSFile(path, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(part, max_chunksize=5)
    state = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}
    (folder / "saved" / "state.json").write_text(json.dumps(state))
    return manifest("saved", "image")


def write_coco(folder, listed):
    listed = with_files(folder, listed)
    images = [{k: v for k, v in r.items() if k != "caption"} for r in listed]
    notes = [
        {"id": i, "image_id": r["id"], "caption": r["caption"]}
        for i, r in enumerate(listed)
        if r["caption"] is not None
    ]
    text = json.dumps({"images": images, "annotations": notes})
    (folder / "captions.json").write_text(text)
    return manifest("captions.json", "file_name", "captions")


def write_croissant(folder, listed):
    """A description of a Parquet file, with pictures in it, whose columns it renames."""
    written = write_parquet(folder, listed)
    fields = [
        {"@id": f"rows/{name}", "source": {"fileObject": {"@id": "f"}, "extract": {"column": name}}}
        for name in listed[0]
    ]
    files = [{"@id": "f", "@type": "cr:FileObject", "contentUrl": "data.parquet"}]
    rows = [{"@id": "rows", "field": fields}]
    text = {"@context": {}, "distribution": files, "recordSet": rows}
    (folder / "croissant.json").write_text(json.dumps(text))
    written["source"]["path"] = "croissant.json"
    return written


def texts(listed):
    """The samples without pictures, which arrays cannot leave out."""
    names = ("id", "label", "split", "caption")
    return {name: [row[name] or "" for row in listed] for name in names}


def plain_manifest(path):
    return {
        "source": {"path": path, "id": "id", "split": "split"},
        "modality": {"text": {"kind": "text", "column": "caption"}},
        "target": {"column": "label", "kind": "class"},
    }


def write_npz(folder, listed):
    np.savez(folder / "data.npz", **{k: np.array(v) for k, v in texts(listed).items()})
    return plain_manifest("data.npz")


def write_hdf5(folder, listed):
    h5py = pytest.importorskip("h5py")
    with h5py.File(folder / "data.h5", "w") as file:
        for name, values in texts(listed).items():
            file.create_dataset(name, data=values, dtype=h5py.string_dtype())
    return plain_manifest("data.h5")


def write_webdataset(folder, listed):
    for shard in range(2):
        with tarfile.open(folder / f"shard-{shard}.tar", "w") as archive:
            for row in listed[shard::2]:
                members = {"cls": row["label"], "txt": row["caption"], "png": row["image"]}
                members["json"] = json.dumps({"id": row["id"], "split": row["split"]})
                for extension, content in members.items():
                    if content is not None:
                        put(archive, f"{row['id']}.{extension}", content)
    return manifest("shard-{0..1}.tar", "png", "txt", "cls")


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
    "arrow": write_arrow,
    "coco": write_coco,
    "croissant": write_croissant,
    "npz": write_npz,
    "hdf5": write_hdf5,
}
EVERY = pytest.mark.parametrize("reader", parts.names(locate.READERS))


@pytest.mark.parametrize("question", readers.QUESTIONS, ids=lambda q: q.__name__)
@EVERY
def test_it_keeps_the_contract(reader, question, tmp_path):
    question(readers.subject(reader, WRITERS[reader], tmp_path))


@EVERY
def test_a_file_that_is_cut_off_is_refused_by_name(reader, tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    WRITERS[reader](folder, readers.samples())
    path = max(p for p in folder.rglob("*.*") if p.suffix != ".png" and p.name != "state.json")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3 // 512 * 512 + 100])
    with pytest.raises(InputError) as caught:
        data.open(Manifest.model_validate(PLAIN[reader]).placed(folder))
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
    "arrow": plain("saved/data-00000-of-00001.arrow", "caption"),
    "coco": plain("captions.json", "captions"),
    "croissant": plain("croissant.json", "caption"),
    "npz": plain("data.npz", "caption"),
    "hdf5": plain("data.h5", "caption"),
}


def test_no_reader_is_left_out():
    assert set(WRITERS) == set(parts.names(locate.READERS))
