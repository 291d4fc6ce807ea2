"""Sources whose copies have a form that no other source has: COCO, arrays, described tables."""

import json
from hashlib import md5, sha256

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

MANIFEST = """[source]
path = "{path}"
id = "id"
[modality.image]
kind = "image"
column = "{image}"
[modality.text]
kind = "text"
column = "{text}"
[modality.table]
kind = "table"
columns = ["x", "age"]
[target]
kind = "class"
column = "kind"
"""


def declared(folder, path, image="image", text="caption"):
    """A manifest of what is in a folder."""
    (folder / "dataset.toml").write_text(MANIFEST.format(path=path, image=image, text=text))
    return folder / "dataset.toml"


def coco(folder, facts, picture):
    """COCO captions: pictures of two endings, one caption or more, and an annotation without."""
    (folder / "annotations").mkdir()
    (folder / "val2017").mkdir()
    images, annotations = [], []
    for i, fact in enumerate(facts):
        name = f"{i:06d}.{'jpg' if i % 2 else 'png'}"
        (folder / "val2017" / name).write_bytes(picture(i))
        more = {"flickr": {"n": [i, 2.0]}} if i % 2 else {}
        said = {k: v for k, v in fact.items() if k != "caption"}
        images.append({"file_name": name, "height": 32, "width": 32} | said | more)
        texts = [fact["caption"], *(f"more of {i}, {k}" for k in range(i % 3))]
        annotations += [{"image_id": fact["id"], "caption": text, "of": i} for text in texts]
    annotations = [{"id": 70 + n} | a for n, a in enumerate(annotations)]
    annotations.insert(3, {"id": 9, "image_id": "s0", "bbox": [1, 2.5]})
    entries = {"info": {"year": 2017}, "images": images, "annotations": annotations, "own": [1]}
    (folder / "annotations" / "captions_val2017.json").write_text(json.dumps(entries))
    return declared(folder, "annotations/captions_val2017.json", "file_name", "captions")


def arrays(facts):
    """The same as arrays of several types and orders of bytes."""
    n = len(facts)
    columns = {key: np.array([fact[key] for fact in facts]) for key in facts[0]}
    pixels = np.arange(n * 32 * 32 * 3).reshape(n, 32, 32, 3) // 7 % 256
    columns |= {"x": columns["x"].astype(">f4"), "age": columns["age"].astype(np.int16)}
    more = {"vector": np.eye(n, 4), "codes": np.arange(n * 2, dtype=np.int8).reshape(n, 2)}
    return columns | {"image": pixels.astype(np.uint8)} | more


def npz(folder, facts):
    """A NumPy archive, with an array that is no column."""
    np.savez_compressed(folder / "rows.npz", **arrays(facts), names=np.array(["u", "v"]))
    return declared(folder, "rows.npz")


def hdf5(folder, facts):
    """HDF5 with attributes, a group, and a dataset that is cut and packed."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(folder / "rows.h5", "w", track_order=True) as file:
        file.attrs["made"] = "by hand"
        for name, values in arrays(facts).items():
            if values.dtype.kind == "U":
                file.create_dataset(name, data=values.tolist(), dtype=h5py.string_dtype())
            else:
                packed = name == "image"
                how = {"chunks": (4, 32, 32, 3), "compression": "gzip"} if packed else {}
                file.create_dataset(name, data=values, **how)
            file[name].attrs["unit"] = np.float32(len(name))
        file["about/names"] = np.array([b"u", b"v"])
    return declared(folder, "rows.h5")


def croissant(folder, facts, picture, ending="csv"):
    """A table that is described, with a column that is not, and what else lies beside it."""
    (folder / "pictures").mkdir()
    rows = []
    for i, fact in enumerate(facts):
        name = f"pictures/{i}.{'jpg' if i % 2 else 'png'}"
        (folder / name).write_bytes(picture(i))
        rows.append({"key": fact["id"], "photo": name, "note": f"n{i}"} | fact)
    table = pa.Table.from_pylist(rows).drop_columns(["id"])
    if ending == "csv":
        csv.write_csv(table, folder / "rows.csv")
    elif ending == "jsonl":
        lines = [json.dumps({k: v for k, v in r.items() if k != "id"}) + "\n" for r in rows]
        (folder / "rows.jsonl").write_text("".join(lines))
    else:
        parquet.write_table(table, folder / "rows.parquet")
    (folder / "README.txt").write_text("what it is")
    own = {"id": "key", "image": "photo", **{n: n for n in ("caption", "x", "age", "kind")}}
    source = {"fileObject": {"@id": "rows"}}
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"rows/{name}",
            "dataType": "sc:Integer" if name == "age" else "sc:Text",
            "source": source | {"extract": {"column": column}},
        }
        for name, column in own.items()
    ]
    data = (folder / f"rows.{ending}").read_bytes()
    files = [
        {"@id": "rows", "contentUrl": f"https://example.org/rows.{ending}"},
        {"@id": "readme", "contentUrl": "README.txt", "contentSize": "10 B"},
    ]
    files[0] |= {"sha256": sha256(data).hexdigest(), "md5": md5(data).hexdigest()}
    entries = {
        "@context": {"cr": "http://mlcommons.org/croissant/", "sc": "https://schema.org/"},
        "@type": "sc:Dataset",
        "license": "mine",
        "distribution": [{"@type": "cr:FileObject"} | file for file in files],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "rows", "field": fields}],
    }
    (folder / "croissant.json").write_text(json.dumps(entries))
    return declared(folder, "croissant.json")
