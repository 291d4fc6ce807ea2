"""The openclip adapter, and the audit of pairs with it, on a tiny model that is trained here."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image
from pyarrow import parquet
from safetensors.torch import save_file

import mmaudit as mm
from loading import load
from mmaudit.demo.clip import _only_used_words
from mmaudit.errors import InputError, UsageError
from mmaudit.measures.pairs import detection
from mmaudit.models import torchvision
from mmaudit.seeds import words

COLOURS = {
    "red": (220, 40, 40),
    "green": (40, 200, 60),
    "blue": (50, 70, 230),
    "yellow": (230, 210, 40),
    "white": (240, 240, 240),
    "purple": (150, 50, 180),
}
PLACES = {"top": 0, "bottom": 1}
SIDES = {"left": 0, "right": 1}
SIZE = 32
CONFIG = {
    "model_cfg": {
        "embed_dim": 32,
        "vision_cfg": {
            "image_size": SIZE,
            "layers": 1,
            "width": 32,
            "patch_size": 8,
            "head_width": 16,
        },
        "text_cfg": {
            "context_length": 12,
            "vocab_size": 49408,
            "width": 32,
            "heads": 2,
            "layers": 1,
        },
    },
    "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
}


def drawn(n, seed):
    """Pictures of one thing each, and what they are called."""
    draw = words(seed, "test/openclip")
    kinds = [(c, v, h) for c in COLOURS for v in PLACES for h in SIDES]
    chosen = draw.integers(n, len(kinds))
    noise = (20 * draw.normals(n * SIZE * SIZE * 3, 1)).reshape(n, SIZE, SIZE, 3)
    images, texts = [], []
    for k in range(n):
        colour, vertical, horizontal = kinds[chosen[k]]
        image = np.full((SIZE, SIZE, 3), 20.0)
        y, x = 2 + 16 * PLACES[vertical], 2 + 16 * SIDES[horizontal]
        image[y : y + 12, x : x + 12] = COLOURS[colour]
        images.append((image + noise[k]).clip(0, 255).astype(np.uint8))
        texts.append(f"a {colour} square at the {vertical} {horizontal}")
    return images, texts


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    """A tiny model, trained, saved, and named as a person would name it."""
    torchvision.ensure()
    from open_clip import SimpleTokenizer, image_transform
    from open_clip.model import CLIP

    folder = tmp_path_factory.mktemp("openclip")
    images, texts = drawn(768, 1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = CLIP(**CONFIG["model_cfg"]).train()
    transform = image_transform(SIZE, is_train=False, mean=(0.5,) * 3, std=(0.5,) * 3)
    pixels = torch.stack([transform(Image.fromarray(i)) for i in images])
    tokens = SimpleTokenizer(context_length=12)(texts)
    draw = words(0, "test/train")
    with _only_used_words(model, tokens) as tokens:
        optimiser = torch.optim.AdamW(model.parameters(), lr=4e-3, fused=True)
        for step in range(300):
            rows = torch.from_numpy(draw.permutation(len(images), step)[:64])
            a = model.encode_image(pixels[rows], normalize=True)
            b = model.encode_text(tokens[rows], normalize=True)
            logits = 10 * a @ b.T
            own = torch.arange(len(rows))
            loss = torch.nn.functional.cross_entropy(logits, own)
            loss = loss + torch.nn.functional.cross_entropy(logits.T, own)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    save_file(state, folder / "weights.safetensors")
    torch.save(model.state_dict(), folder / "weights.pt")
    return f"openclip:{folder}/config.json@{folder}/weights.safetensors"


def dataset(folder, images, texts):
    (folder / "images").mkdir(parents=True)
    for k, image in enumerate(images):
        Image.fromarray(image).save(folder / "images" / f"{k:04d}.png")
    names = [f"images/{k:04d}.png" for k in range(len(images))]
    table = pa.table(
        {"id": [f"p{k:04d}" for k in range(len(images))], "file": names, "text": texts}
    )
    parquet.write_table(table, folder / "data.parquet")
    (folder / "dataset.toml").write_text(
        'schema = 1\nname = "drawn"\n[source]\npath = "data.parquet"\nid = "id"\n'
        '[modality.image]\nkind = "image"\ncolumn = "file"\n'
        '[modality.text]\nkind = "text"\ncolumn = "text"\n'
    )
    return folder / "dataset.toml"


def test_planted_mismatches_are_found_through_the_adapter(spec, tmp_path):
    images, texts = drawn(600, 2)
    draw = words(3, "test/planted")
    moved = draw.permutation(600)[:60]
    told = np.array(texts)
    told[moved] = told[np.roll(moved, 1)]
    wrong = told != np.array(texts)
    run = mm.noisy_pairs(
        dataset(tmp_path, images, told.tolist()), encoder=spec, quiet=True, batch_size=64, workers=2
    )
    rows = run["noisy_pairs/samples"].arrow().to_pydict()
    assert detection.auroc(wrong, -np.array(rows["similarity"])) >= 0.95
    assert detection.auroc(wrong, np.array(rows["score"])) >= 0.93  # .943 to .96, by processor
    shown = run["noisy_pairs/gallery"].arrow().to_pylist()
    first = shown[0]["id"]
    assert rows["score"][rows["id"].index(first)] == max(rows["score"])
    assert {row["modality"] for row in shown[:2]} == {"image", "text"}
    assert all((row["thumbnail"] or b"\x89PNG").startswith(b"\x89PNG") for row in shown)
    told = {r["metric"]: r["estimate"] for r in run["noisy_pairs/summary"].arrow().to_pylist()}
    assert abs(told["noise_rate"]["value"] - wrong.mean()) < 0.07


def test_embeddings_are_kept_by_content_and_encoder(spec, tmp_path):
    images, texts = drawn(60, 7)
    given = dataset(tmp_path / "data", images, texts)
    asked = {
        "encoder": spec,
        "quiet": True,
        "method": "similarity",
        "cache": str(tmp_path / "kept"),
    }
    first = mm.noisy_pairs(given, **asked)
    files = sorted((tmp_path / "kept").iterdir())
    assert [f.name.rpartition("-")[2] for f in files] == ["image.npy", "positions.npy", "text.npy"]
    np.save(files[0], -np.load(files[0]))  # what is read back is what is kept
    second = mm.noisy_pairs(given, **asked)
    old, new = (np.array(r["noisy_pairs/samples"].arrow()["similarity"]) for r in (first, second))
    np.testing.assert_allclose(old, -new, atol=1e-6)
    other = dataset(tmp_path / "other", images[1:], texts[1:])
    mm.noisy_pairs(other, **asked)
    assert len(list((tmp_path / "kept").iterdir())) == 6


def test_self_needs_no_weights(tmp_path):
    images, texts = drawn(500, 4)
    told = np.array(texts)
    told[:50] = np.roll(told[:50], 1)
    wrong = told != np.array(texts)
    run = mm.noisy_pairs(dataset(tmp_path, images, told.tolist()), encoder="self", quiet=True)
    score = np.array(run["noisy_pairs/samples"].arrow()["score"])
    assert detection.auroc(wrong, score) >= 0.9


def test_weights_in_both_formats_give_the_same(spec):
    images, texts = drawn(6, 5)
    first = load(spec).model
    second = load(spec.replace(".safetensors", ".pt")).model
    there = {m: np.ones(6, bool) for m in ("image", "text")}
    batch = {"image": images, "text": texts}
    rows = first.scores(batch, there)
    assert rows.shape == (6, 2, 32)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=2), 1, atol=1e-5)
    np.testing.assert_array_equal(rows, second.scores(batch, there))


def test_absent_values_are_zeros(spec):
    images, texts = drawn(4, 5)
    model = load(spec).model
    there = {"image": np.ones(4, bool), "text": np.array([True, False, True, False])}
    rows = model.scores({"image": images, "text": texts}, there)
    assert not rows[[1, 3], 1].any()
    assert rows[[0, 2], 1].any()


def test_zero_shot_classes_are_found(spec):
    images, texts = drawn(200, 6)
    classes = ["red", "green", "blue", "yellow", "white", "purple"]
    loaded = load(f"{spec},classes={','.join(classes)},template=a {{}} square at the top left")
    assert loaded.info.modalities == ("image",)
    assert loaded.info.output == "probabilities"
    rows = loaded.model.scores({"image": images}, {"image": np.ones(200, bool)})
    np.testing.assert_allclose(rows.sum(1), 1, atol=1e-5)
    truth = np.array([classes.index(text.split()[1]) for text in texts])
    assert (rows.argmax(1) == truth).mean() > 0.5  # chance is 1 in 6


def test_pictures_of_any_make_are_taken(spec):
    model = load(spec).model
    grey, clear = np.zeros((9, 7, 1), np.uint8), np.zeros((20, 30, 4), np.uint8)
    white = np.full((20, 30, 3), 255, np.uint8)
    rows = model.encode("image", [grey, clear, white])
    np.testing.assert_allclose(rows[1], rows[2], atol=1e-5)  # transparent is white


@pytest.mark.parametrize(
    ("where", "error", "words"),
    [
        ("openclip:nothing", UsageError, "which model and which weights"),
        ("openclip:no-such-arch@x", UsageError, "knows no model"),
        ("openclip:ViT-B-32@no-such-tag", UsageError, "has no weights"),
    ],
)
def test_specs_that_name_nothing_are_refused(where, error, words):
    with pytest.raises(error, match=words):
        load(where)


def test_files_that_do_not_fit_are_refused(spec, tmp_path):
    config = json.loads(json.dumps(CONFIG))
    config["model_cfg"]["embed_dim"] = 16
    (tmp_path / "other.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match="do not fit"):
        load(f"openclip:{tmp_path}/other.json@{spec.rpartition('@')[2]}")


def test_a_pickle_that_holds_more_than_weights_is_refused(spec, tmp_path):
    path = tmp_path / "evil.pt"
    torch.save({"state_dict": Path(tmp_path)}, path)
    with pytest.raises(InputError, match="cannot be read"):
        load(f"{spec.rpartition('@')[0]}@{path}")
