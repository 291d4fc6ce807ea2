"""What stands in many rows is embedded once, and every row has the vector of its own value."""

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from mmaudit.audits.noisy_pairs.encoders import PairEncoder
from mmaudit.audits.noisy_pairs.plain import PlainFeatures
from mmaudit.audits.noisy_pairs.sides import embedded
from mmaudit.models.base import ModelInfo
from mmaudit.models.load import Loaded
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import column

NAMES = ("photo", "text")
PHOTOS, CAPTIONS = 5, 4
MANIFEST = """schema = 1
name = "captions"
[source]
path = "rows.csv"
id = "id"
[modality.photo]
kind = "image"
column = "photo"
[modality.text]
kind = "text"
column = "text"
"""


def numbers(name, value):
    """What a tower makes of one value, exactly."""
    if name == "text":
        return np.array([len(value), sum(map(ord, value))], np.float32)
    return np.asarray(value, np.float32).reshape(-1, 3).mean(0)


class Seen:
    """Answers that depend on each row alone, and how often every value was asked about."""

    def __init__(self, *modalities):
        self.modalities, self.seen = modalities, Counter()

    def encode(self, modality, values):
        rows = [numbers(modality, value)[:2] for value in values]
        self.seen.update((modality, row.tobytes()) for row in rows)
        return np.stack(rows)

    def scores(self, batch, present):
        rows = [self.encode(name, batch[name]) for name in self.modalities]
        return rows[0] if len(rows) == 1 else np.stack(rows, axis=1)


class Fusing(Seen):
    """The same in two stages: what is fused is half of what was encoded."""

    def fuse(self, features, present):
        return np.stack([features[name] / 2 for name in self.modalities], axis=1)

    def scores(self, batch, present):
        return self.fuse({n: self.encode(n, batch[n]) for n in self.modalities}, present)


def loaded(model):
    info = ModelInfo(
        spec="seen",
        digest="0",
        modalities=model.modalities,
        classes=None,
        output="embeddings",
        accepts_missing=True,
        two_stage=hasattr(model, "fuse"),
    )
    return Loaded(model=model, info=info)


@pytest.fixture
def captions(tmp_path):
    """Five photos in four rows each, one of them under two names; the last file is no photo."""
    rng = np.random.default_rng(0)
    for k in range(PHOTOS):
        Image.fromarray(rng.integers(0, 255, (6, 5, 3), np.uint8)).save(tmp_path / f"{k}.png")
    (tmp_path / "copy.png").write_bytes((tmp_path / "0.png").read_bytes())
    (tmp_path / f"{PHOTOS}.png").write_bytes(b"no photo")
    rows = [
        (f"{k}-{c}", "copy.png" if (k, c) == (0, 3) else f"{k}.png", f"photo {k} says {c % 3}")
        for c in range(CAPTIONS)
        for k in range(PHOTOS + 1)
    ]
    rows.append(("half", "1.png", ""))
    (tmp_path / "rows.csv").write_text("id,photo,text\n" + "\n".join(map(",".join, rows)) + "\n")
    (tmp_path / "dataset.toml").write_text(MANIFEST)
    return data.open(tmp_path / "dataset.toml")


def towers():
    models = {name: Seen(name) for name in NAMES}
    return models, PairEncoder({name: loaded(model) for name, model in models.items()}, "seen")


def of_both(kind):
    model = kind(*NAMES)
    return dict.fromkeys(NAMES, model), PairEncoder(dict.fromkeys(NAMES, loaded(model)), "seen")


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(
    ("made", "photos", "part"),
    [
        (towers, PHOTOS, 1.0),
        (lambda: of_both(Fusing), PHOTOS, 0.5),
        (lambda: of_both(Seen), PHOTOS * 3, 1.0),  # it is asked about pairs: these are distinct
    ],
)
def test_every_value_is_embedded_once(captions, made, photos, part, workers):
    models, encoder = made()
    vectors = embedded(captions, NAMES, encoder, batch=7, workers=workers)
    assert len(vectors.positions) == PHOTOS * CAPTIONS
    seen = [count for (name, _), count in models["photo"].seen.items() if name == "photo"]
    assert (len(seen), sum(seen)) == (PHOTOS, photos)
    cells = captions.read(vectors.positions)
    for name, side in zip(NAMES, (vectors.left, vectors.right), strict=True):
        decoded = data_values(captions, name, cells)
        expected = np.stack([numbers(name, value)[:2] for value in decoded]) * np.float32(part)
        assert side.tobytes() == expected.tobytes()


def test_every_row_of_a_file_that_cannot_be_read_is_skipped(captions):
    _, encoder = towers()
    vectors = embedded(captions, NAMES, encoder, batch=4, workers=2)
    skipped = [(bad.id, bad.modality) for bad in vectors.skipped]
    assert skipped == [(f"{PHOTOS}-{c}", "photo") for c in range(CAPTIONS)]
    assert len({bad.reason for bad in vectors.skipped}) == 1


def test_plain_features_do_not_depend_on_batches(captions):
    one, other = (
        embedded(captions, NAMES, PlainFeatures(captions.kinds), batch=batch, workers=2)
        for batch in (3, 64)
    )
    assert one.left.tobytes() == other.left.tobytes()
    assert one.right.tobytes() == other.right.tobytes()


def data_values(dataset, name, cells):
    return column(cells.column(name), dataset.kinds[name], dataset.shape(name))[0]
