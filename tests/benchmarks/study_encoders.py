"""Real encoders on real pairs: what noisy-pairs says of Flickr8k, beside what people said.

By hand; nothing of it is committed. Needed, each unpacked into a folder of its own:

* ``pip download --no-deps wordllama`` (MIT; the wheel holds word vectors and a tokeniser);
* ``npm pack nsfwjs`` (MIT; its MobileNetV2 has the frozen layers of ImageNet below its head), and
  ``node`` to read its files;
* ``tokenizers`` and ``onnx`` beside mmaudit, and the 1,000 photos with their labels.

    python tests/benchmarks/study_encoders.py WORDLLAMA NSFWJS FLICKR8K OUT

The picture tower becomes ONNX, the text tower a Python file, and the real command is asked about the
5,000 pairs as they are, with mismatches planted, and about the pairs that people judged.
"""

import csv
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pyarrow.parquet as pq
from onnx import TensorProto, helper, numpy_helper

DUMP = """
const fs = require('fs'), at = process.argv[1] + '/package/dist/models/mobilenet_v2/';
const load = (name) => { const one = require(at + name); return one.default || one; };
fs.writeFileSync(process.argv[2] + '/model.json', JSON.stringify(load('model.min.js')));
fs.writeFileSync(process.argv[2] + '/weights.bin',
  Buffer.from(load('group1-shard1of1.min.js'), 'base64'));
"""
TEXTS = """
import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

FOLDER = {folder!r}


class Texts:
    modalities, classes, output = ("text",), None, "embeddings"

    def __init__(self):
        words = load_file(FOLDER + "/weights/l2_supercat_256.safetensors")["embedding.weight"]
        self.words = words.astype(np.float32)
        self.tokens = Tokenizer.from_file(FOLDER + "/tokenizers/l2_supercat_tokenizer_config.json")
        self.tokens.no_padding()
        self.tokens.no_truncation()

    def scores(self, batch, present):
        read = self.tokens.encode_batch(list(batch["text"]), add_special_tokens=False)
        return np.stack([self.words[one.ids].mean(0) for one in read])


def make():
    return Texts()
"""
LAST = "out_relu"  # of MobileNetV2 without its head
OPTIONS = "output=embeddings,size=224,scale=1/127.5,mean=1,std=1"  # pixels in -1 … 1


def weights_of(folder):
    """Arrays of the layers by name, made numbers again where they were quantised."""
    model = json.loads((folder / "model.json").read_text())
    data, at, out = (folder / "weights.bin").read_bytes(), 0, {}
    for group in model["weightsManifest"]:
        for one in group["weights"]:
            said = one.get("quantization")
            kind = np.dtype(said["dtype"] if said else one["dtype"])
            count = int(np.prod(one["shape"], dtype=int))
            values = np.frombuffer(data, kind, count, at)
            at += count * kind.itemsize
            if said:
                values = values * np.float32(said["scale"]) + np.float32(said["min"])
            out[one["name"]] = values.astype(np.float32).reshape(one["shape"])
    return model["modelTopology"]["model_config"]["config"]["layers"], out


def _node(layer, weights, inputs):
    """One layer as an ONNX node with its arrays; channels come first inside."""
    name, kind, config = layer["name"], layer["class_name"], layer["config"]
    if kind in {"Conv2D", "DepthwiseConv2D"}:
        deep = kind == "DepthwiseConv2D"
        kernel = weights[f"{name}/{'depthwise_kernel' if deep else 'kernel'}"]
        kernel = kernel.transpose(2, 3, 0, 1) if deep else kernel.transpose(3, 2, 0, 1)
        same = config["padding"] == "same"
        node = helper.make_node(
            "Conv",
            [*inputs, f"{name}/w"],
            [name],
            strides=config["strides"],
            group=len(kernel) if deep else 1,
            auto_pad="SAME_UPPER" if same else "VALID",
        )
        return node, {f"{name}/w": np.ascontiguousarray(kernel)}
    if kind == "BatchNormalization":
        parts = ("gamma", "beta", "moving_mean", "moving_variance")
        own = {f"{name}/{part}": weights[f"{name}/{part}"] for part in parts}
        return helper.make_node(
            "BatchNormalization", [*inputs, *own], [name], epsilon=config["epsilon"]
        ), own
    if kind == "ReLU":
        ends = {f"{name}/low": np.float32(0), f"{name}/high": np.float32(config["max_value"])}
        return helper.make_node("Clip", [*inputs, *ends], [name]), ends
    if kind == "ZeroPadding2D":
        (top, bottom), (left, right) = config["padding"]
        pads = {f"{name}/p": np.array([0, 0, top, left, 0, 0, bottom, right], np.int64)}
        return helper.make_node("Pad", [*inputs, *pads], [name]), pads
    if kind == "Add":
        return helper.make_node("Add", inputs, [name]), {}
    raise ValueError(f"{name} is a layer of kind {kind}")


def picture_tower(folder, out):
    """MobileNetV2 without its head as ONNX: pictures ``(n, 224, 224, 3)`` to ``(n, 1280)``."""
    layers, weights = weights_of(folder)
    nodes = [helper.make_node("Transpose", ["image"], [layers[0]["name"]], perm=[0, 3, 1, 2])]
    arrays = {}
    for layer in layers[1:]:
        inputs = [one[0] for one in layer["inbound_nodes"][0]]
        node, own = _node(layer, weights, inputs)
        nodes.append(node)
        arrays |= own
        if layer["name"] == LAST:
            break
    nodes.append(helper.make_node("GlobalAveragePool", [LAST], ["pooled"]))
    nodes.append(helper.make_node("Flatten", ["pooled"], ["embeddings"]))
    floats = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "mobilenet",
        [helper.make_tensor_value_info("image", floats, ["n", 224, 224, 3])],
        [helper.make_tensor_value_info("embeddings", floats, ["n", None])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, out)


def vectors(flickr, out):
    """Vectors of every photo, by its name, and of captions, by their number, as the run kept them."""
    rows = list(csv.DictReader((flickr / "metadata.csv").open()))
    cache = {p.name.partition("-")[2]: np.load(p) for p in (out / "cache").glob("*.npy")}
    assert len(cache["positions.npy"]) == len(rows)
    photos = dict(zip((r["file_name"] for r in rows), cache["image.npy"], strict=True))
    return rows, photos, cache["text.npy"]


def dataset(out, rows, image, text):
    """A dataset of pairs with the column ``mismatched``, and the option that embeds it."""
    out.mkdir(exist_ok=True)
    with (out / "rows.csv").open("w", newline="") as file:
        write = csv.DictWriter(file, ["id", "photo", "text", "mismatched"])
        write.writeheader()
        write.writerows({"id": f"{i:04d}", **row} for i, row in enumerate(rows))
    (out / "dataset.toml").write_text(
        'schema = 1\nname = "pairs"\n[source]\npath = "rows.csv"\nid = "id"\ngroup = "photo"\n'
        '[modality.photo]\nkind = "text"\ncolumn = "photo"\n'
        '[modality.text]\nkind = "text"\ncolumn = "text"\n'
    )
    np.save(out / "image.npy", np.asarray(image, np.float32))
    np.save(out / "text.npy", np.asarray(text, np.float32))
    given = f"photo={out / 'image.npy'},text={out / 'text.npy'}"
    return out / "dataset.toml", ("--embeddings", given, "--truth", "mismatched")


def planted(flickr, out, share):
    """The captions of a share of the pairs exchanged with those of other photos."""
    rows, photos, text = vectors(flickr, out)
    rng = np.random.default_rng(0)
    moved = np.sort(rng.permutation(len(rows))[: round(share * len(rows))])
    partner = np.arange(len(rows))
    partner[moved] = np.roll(moved, len(moved) // 2)
    names = [row["file_name"] for row in rows]
    made = [
        {
            "photo": names[i],
            "text": rows[j]["caption"],
            "mismatched": str(names[i] != names[j]).lower(),
        }
        for i, j in enumerate(partner)
    ]
    return dataset(out / f"planted-{share}", made, [photos[n] for n in names], text[partner])


def judged(flickr, out):
    """The pairs that people judged."""
    _, photos, _ = vectors(flickr, out)
    rows = list(csv.DictReader((flickr / "match_labels.csv").open()))
    made = [
        {
            "photo": row["file_name"],
            "text": row["text"],
            "mismatched": str(row["label"] != "match").lower(),
        }
        for row in rows
    ]
    spec = importlib.util.spec_from_file_location("texts", out / "texts.py")
    texts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(texts)
    text = texts.make().scores({"text": [row["text"] for row in rows]}, {})
    return dataset(out / "judged", made, [photos[row["file_name"]] for row in rows], text)


def asked(*words):
    """What the command says, whatever its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "mmaudit", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    print("$ mmaudit", *words)
    print(done.stdout, done.stderr if done.returncode else "", sep="")


def numbers(run):
    """The rows of a summary about all pairs."""
    for row in pq.read_table(run / "noisy_pairs/summary.parquet").to_pylist():
        if row["slice"] == "all":
            one = row["estimate"]
            print(f"  {row['metric']:32} {one['value']:.3f} [{one['low']:.3f}, {one['high']:.3f}]")


def shown(out, name, manifest, how):
    """Ask the real command about one set, and print what it found."""
    asked("noisy-pairs", manifest, *how, "--out", out / f"run-{name}")
    numbers(out / f"run-{name}")


def main(wordllama, nsfwjs, flickr, out):
    out.mkdir(exist_ok=True)
    subprocess.run(["node", "-e", DUMP, str(nsfwjs.resolve()), str(out.resolve())], check=True)
    picture_tower(out, out / "pictures.onnx")
    (out / "texts.py").write_text(TEXTS.format(folder=str((wordllama / "wordllama").resolve())))
    encoder = f"image=onnx:{out / 'pictures.onnx'},{OPTIONS},text=python:{out / 'texts.py'}:make"
    how = ("--encoder", encoder, "--cache", out / "cache", "--batch-size", 32)
    shown(out, "clean", flickr / "dataset.toml", how)
    shown(out, "judged", *judged(flickr, out))
    for share in (0.05, 0.2):
        shown(out, f"planted-{share}", *planted(flickr, out, share))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
