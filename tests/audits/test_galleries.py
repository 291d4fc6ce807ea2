import numpy as np
import pytest

import mmaudit as mm
from mmaudit.kinds import image
from mmaudit.kinds.image import THUMBNAIL, thumbnail
from planted import Votes


@pytest.mark.parametrize(
    "shape", [(1, 1, 3), (128, 90, 3), (129, 3, 3), (700, 300, 1), (1, 2000, 4)]
)
def test_pictures_become_small_and_keep_their_mean(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    told = thumbnail(pixels)
    assert max(told.shape[:2]) <= THUMBNAIL
    assert told.shape[2] == shape[2]
    assert told.dtype == np.uint8
    assert abs(told.mean() - pixels.mean()) < 12


def test_a_flat_picture_stays_flat():
    assert (thumbnail(np.full((400, 401, 3), 77, np.uint8)) == 77).all()


def test_odd_samples_are_shown_with_picture_and_text(tmp_path):
    rng = np.random.default_rng(0)
    rows = ["file_name,caption,label"]
    for i in range(80):
        label = int(rng.integers(0, 2))
        shade = np.clip(128 + (2 * label - 1) * 60 + rng.normal(0, 40), 0, 255)
        pixels = np.full((150, 160, 3), shade, np.uint8)
        (tmp_path / f"{i}.png").write_bytes(image.encode(pixels))
        rows.append(f"{i}.png,{'bright' if rng.random() < 0.2 + 0.6 * label else 'dark'},{label}")
    (tmp_path / "rows.csv").write_text("\n".join(rows))
    (tmp_path / "dataset.toml").write_text(
        'schema = 1\n[source]\npath = "rows.csv"\nid = "file_name"\n'
        '[modality.photo]\nkind = "image"\ncolumn = "file_name"\n'
        '[modality.caption]\nkind = "text"\ncolumn = "caption"\n'
        '[target]\ncolumn = "label"\nkind = "class"\n'
    )

    class Seen(Votes):
        classes = ("0", "1")

        def encode(self, modality, values):
            if modality == "photo":
                told = [np.asarray(v).mean() / 64 - 2 for v in values]
            else:
                told = [{"bright": 1.0, "dark": -1.0}.get(v, 0.0) for v in values]
            return np.array(told, np.float32)[:, None]

    run = mm.contributions(
        tmp_path / "dataset.toml", Seen(("photo", "caption"), lambda v: v.sum(axis=1)),
        quiet=True, replicates=10,
    )  # fmt: skip
    shown = run["contributions/gallery"].to_pandas()
    odd = run["contributions/odd_samples"].to_pandas()
    assert set(shown.id) == set(odd.id)
    photos = shown[shown.modality == "photo"]
    assert len(photos) == len(odd)
    assert all(t.startswith(b"\x89PNG") for t in photos.thumbnail)
    assert set(shown[shown.modality == "caption"].text) <= {"bright", "dark"}
    assert shown.note.str.contains("photo [+-]").all()


def test_samples_whose_answers_change_are_shown_with_picture_sound_and_text(tmp_path):
    from mmaudit.demo import keypad

    class Shade:
        modalities, accepts_missing = ("image", "audio", "text"), True
        classes = tuple(str(d) for d in range(10))

        def scores(self, batch, present):
            level = np.array([np.asarray(v, float).mean() for v in batch["image"]])
            nearest = np.exp(-((level[:, None] / 25 - np.arange(10)) ** 2)) + 1e-6
            return (nearest / nearest.sum(1, keepdims=True)).astype(np.float32)

    run = mm.robustness(
        keypad.make(tmp_path),
        Shade(),
        corruptions=("image/brightness", "image/fog"),
        replicates=10,
        limit=60,
        quiet=True,
    )
    samples = run["robustness/samples"].to_pandas()
    answers = samples.pivot(index="id", columns="condition", values="prediction")
    flips = answers.drop(columns="clean").ne(answers["clean"], axis=0).sum(axis=1)
    shown = run["robustness/gallery"].to_pandas()
    assert shown.id.nunique() == 12
    assert set(flips[shown.id.unique()]) <= set(sorted(flips)[-12:])
    for id_, note in zip(shown.id, shown.note, strict=True):
        assert note == f"another answer under {flips[id_]} of 6 conditions"
    kinds = shown.groupby("kind").size()
    assert kinds.to_dict() == {"audio": 12, "image": 12, "text": 12}
    assert all(s.startswith(b"RIFF") for s in shown[shown.kind == "audio"].sound)
