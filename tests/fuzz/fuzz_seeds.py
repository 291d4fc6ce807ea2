"""Whole inputs of every format, small enough that a command on them takes a tenth of a second."""

import csv
import io
import json
import tarfile
import wave
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

N = 10
TARGET = '[target]\ncolumn = "label"\nkind = "class"\nclasses = ["0", "1"]\n'
AUDIT = """schema = 1
dataset = "dataset.toml"
model = "predictions:p.parquet"
[robustness]
corruptions = ["text/ocr"]
severities = [3]
replicates = 20
[defaults]
level = "error"
[[check]]
id = "a"
metric = "robustness.accuracy{condition=clean}"
min = 0.1
[[check]]
id = "b"
metric = "robustness.accuracy{corruption=text/*,severity=3}"
max_drop = 0.5
"""
RECIPE = 'apply = ["text/ocr:2@text"]\nseed = 3\nfraction = 0.5\nmax_skipped = 99\n'


def build(folder):
    """Write every seed below a folder."""
    folder = Path(folder)
    made = _values()
    _parquet(folder / "parquet", made)
    _files(folder / "csv", made, "csv")
    _files(folder / "jsonl", made, "jsonl")
    _tar(folder / "tar", made)
    _image_folder(folder / "imagefolder", made)
    _pairs(folder / "pairs")
    _answers(folder / "answers")
    _models(folder / "models", made)


def manifest(folder, source, modalities, more="", target=TARGET):
    lines = [f'schema = 1\nname = "fuzz"\n[source]\npath = "{source}"\n{more}']
    for name, (kind, column, extra) in modalities.items():
        lines.append(f'[modality.{name}]\nkind = "{kind}"\ncolumn = "{column}"\n{extra}')
    (folder / "dataset.toml").write_text("".join(lines) + target)


def _values():
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (24, 24, 3), dtype=np.uint8) for _ in range(N)]
    forms = {f: cv2.imencode(f".{f}", pictures[0])[1].tobytes() for f in ("webp", "tiff", "bmp")}
    deep = (pictures[0].astype(np.uint16) * 257)[..., :1]
    forms["16.png"] = cv2.imencode(".png", deep)[1].tobytes()
    gif, cmyk = io.BytesIO(), io.BytesIO()
    Image.fromarray(pictures[0]).save(gif, "GIF")
    Image.fromarray(pictures[0]).convert("CMYK").save(cmyk, "JPEG")
    forms |= {"gif": gif.getvalue(), "cmyk.jpg": cmyk.getvalue()}
    return {
        "rng": rng,
        "id": [f"s{i}" for i in range(N)],
        "jpg": [cv2.imencode(".jpg", p)[1].tobytes() for p in pictures],
        "png": [cv2.imencode(".png", p)[1].tobytes() for p in pictures],
        "forms": forms,
        "wav": [_wav(rng) for _ in range(N)],
        "sounds": _sounds(rng),
        "caption": [f"a dog runs on the beach {i}" for i in range(N)],
        "vector": rng.normal(size=(N, 4)).astype(np.float32),
        "series": [[[float(x)] for x in rng.normal(size=12)] for _ in range(N)],
        "label": [str(i % 2) for i in range(N)],
    }


def _wav(rng):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(rng.integers(-9999, 9999, 800).astype("<i2").tobytes())
    return file.getvalue()


def _sounds(rng):
    try:
        import soundfile
    except (ImportError, OSError):
        return {}
    made = {}
    for form in ("FLAC", "OGG", "AIFF"):
        file = io.BytesIO()
        soundfile.write(file, rng.normal(size=4000) * 0.1, 8000, format=form)
        made[form.lower()] = file.getvalue()
    return made


def _parquet(folder, made):
    folder.mkdir(parents=True)
    vectors = pa.FixedSizeListArray.from_arrays(made["vector"].ravel(), 4)
    table = pa.table(
        {
            "id": made["id"],
            "image": pa.array([{"bytes": b, "path": None} for b in made["jpg"]]),
            "audio": pa.array(made["wav"], pa.binary()),
            "caption": made["caption"],
            "captions": [[c, c.upper()] for c in made["caption"]],
            "v": vectors,
            "s": pa.array(made["series"]),
            "label": pa.array([i % 2 for i in range(N)]),
            "g": pa.array([f"g{i // 2}" for i in range(N)]).dictionary_encode(),
        }
    )
    features = {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": ["0", "1"]}}
    said = json.dumps({"info": {"features": features}}).encode()
    pq.write_table(table.replace_schema_metadata({b"huggingface": said}), folder / "d.parquet")
    modalities = {
        "image": ("image", "image", ""),
        "audio": ("audio", "audio", ""),
        "text": ("text", "caption", ""),
        "v": ("vector", "v", ""),
        "s": ("series", "s", ""),
    }
    manifest(folder, "d.parquet", modalities, 'id = "id"\ngroup = "g"\n')


def _files(folder, made, form):
    (folder / "img").mkdir(parents=True)
    (folder / "snd").mkdir()
    for i in range(N):
        suffix = "jpg" if i % 2 else "png"
        (folder / "img" / f"{i}.{suffix}").write_bytes(made[suffix][i])
        (folder / "snd" / f"{i}.wav").write_bytes(made["wav"][i])
    pictures = [f"img/{i}.{'jpg' if i % 2 else 'png'}" for i in range(N)]
    sounds = [f"snd/{i}.wav" for i in range(N)]
    for i, (name, data) in enumerate(made["forms"].items()):
        pictures[i] = f"img/{i}.{name}"
        (folder / pictures[i]).write_bytes(data)
    for i, (name, data) in enumerate(made["sounds"].items()):
        sounds[i] = f"snd/{i}.{name}"
        (folder / sounds[i]).write_bytes(data)
    listed = made["vector"].tolist()
    rows = [
        {
            "id": made["id"][i],
            "image": pictures[i],
            "audio": sounds[i],
            "caption": made["caption"][i],
            "v": json.dumps(listed[i]) if form == "csv" else listed[i],
            "age": str(i),
            "label": made["label"][i],
        }
        for i in range(N)
    ]
    if form == "csv":
        with (folder / "d.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    else:
        (folder / "d.jsonl").write_text("\n".join(map(json.dumps, rows)))
    modalities = {
        "image": ("image", "image", ""),
        "audio": ("audio", "audio", ""),
        "text": ("text", "caption", ""),
        "v": ("vector", "v", ""),
    }
    manifest(folder, f"d.{form}", modalities, 'id = "id"\n')


def _tar(folder, made):
    folder.mkdir(parents=True)
    with tarfile.open(folder / "d.tar", "w") as archive:
        for i in range(N):
            vector = io.BytesIO()
            np.save(vector, made["vector"][i])
            members = {
                "jpg": made["jpg"][i],
                "txt": made["caption"][i].encode(),
                "json": json.dumps({"label": made["label"][i], "tags": ["a", "b"]}).encode(),
                "wav": made["wav"][i],
                "npy": vector.getvalue(),
            }
            for extension, data in members.items():
                member = tarfile.TarInfo(f"{i:03d}.{extension}")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    modalities = {
        "image": ("image", "jpg", ""),
        "audio": ("audio", "wav", ""),
        "text": ("text", "txt", ""),
        "v": ("vector", "npy", ""),
    }
    manifest(folder, "d.tar", modalities, 'id = "__key__"\n')


def _image_folder(folder, made):
    for i in range(N):
        place = folder / "data" / ("train", "test")[i % 2]
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{i}.png").write_bytes(made["png"][i])
    for split in ("train", "test"):
        place = folder / "data" / split
        rows = [{"file_name": p.name, "label": p.stem} for p in sorted(place.glob("*.png"))]
        (place / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    manifest(folder, "data", {"image": ("image", "file_name", "")}, target="")


def _pairs(folder):
    folder.mkdir(parents=True)
    rng = np.random.default_rng(1)
    for name in ("a", "b"):
        np.save(folder / f"{name}.npy", rng.normal(size=(60, 8)).astype(np.float32))
    ids = [f"s{i}" for i in range(60)]
    vectors = pa.array(rng.normal(size=(60, 8)).tolist())
    pq.write_table(pa.table({"id": ids, "x": ["x"] * 60, "y": ["y"] * 60}), folder / "d.parquet")
    pq.write_table(pa.table({"id": ids, "e": vectors}), folder / "e.parquet")
    modalities = {"image": ("text", "x", ""), "text": ("text", "y", "")}
    manifest(folder, "d.parquet", modalities, 'id = "id"\n', target="")


def _answers(folder):
    folder.mkdir(parents=True)
    n, rng = 40, np.random.default_rng(2)
    ids = [f"s{i}" for i in range(n)]
    rows = {"id": ids, "caption": ["a dog"] * n, "label": [str(i % 2) for i in range(n)]}
    pq.write_table(pa.table(rows), folder / "d.parquet")
    manifest(folder, "d.parquet", {"text": ("text", "caption", "")}, 'id = "id"\n')
    probability = rng.random(2 * n)
    answers = {
        "id": ids * 2,
        "condition": ["clean"] * n + ["text/ocr:3@text"] * n,
        "prob_0": probability,
        "prob_1": 1 - probability,
    }
    pq.write_table(pa.table(answers), folder / "p.parquet")
    (folder / "audit.toml").write_text(AUDIT)
    (folder / "recipe.toml").write_text(RECIPE)


def _models(folder, made):
    folder.mkdir(parents=True)
    rng = made["rng"]
    vectors = pa.FixedSizeListArray.from_arrays(made["vector"].ravel(), 4)
    table = pa.table({"id": made["id"], "v": vectors, "label": made["label"]})
    pq.write_table(table, folder / "d.parquet")
    manifest(folder, "d.parquet", {"v": ("vector", "v", "")}, 'id = "id"\n')
    try:
        import onnx
        from onnx import TensorProto, helper
    except ImportError:
        pass
    else:
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["v", "w"], ["y"])],
            "g",
            [helper.make_tensor_value_info("v", TensorProto.FLOAT, ["n", 4])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
            [helper.make_tensor("w", TensorProto.FLOAT, [4, 2], rng.normal(size=8).tolist())],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        (folder / "m.onnx").write_bytes(model.SerializeToString())
        del onnx
    import joblib
    import skops.io
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(rng.normal(size=(20, 4)), ["0", "1"] * 10)
    skops.io.dump({"v": model}, folder / "m.skops")
    joblib.dump({"v": model}, folder / "m.joblib")
