"""The cosine of what a model sees in a value before and after, as one more dose."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import mmaudit as mm
from loading import load
from mmaudit.cli import main
from mmaudit.errors import IncompleteError, UsageError
from mmaudit.injection.encoder import Encoder
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.record.verify import verify
from mmaudit.injection.run import corrupt_dataset
from mmaudit.models import torchvision
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode
from mmaudit.tables import store

CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {
        "image_size": 16,
        "layers": 1,
        "width": 16,
        "patch_size": 8,
        "head_width": 8,
    },
    "text_cfg": {
        "context_length": 12,
        "vocab_size": 49408,
        "width": 16,
        "heads": 2,
        "layers": 1,
    },
}
APPLY = ("text/word_delete:3", "image/gaussian_noise:4", "vector/dropout:3")


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    """A tiny model that was never trained: what it sees is arbitrary, and always the same."""
    torchvision.ensure()
    from open_clip.model import CLIP

    folder = tmp_path_factory.mktemp("encoder")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = CLIP(**CONFIG)
    (folder / "config.json").write_text(json.dumps({"model_cfg": CONFIG}))
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    save_file(state, folder / "weights.safetensors")
    return f"openclip:{folder}/config.json@{folder}/weights.safetensors"


def corrupt(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["mmaudit", "corrupt", *map(str, arguments)])
    return main()


def asked(everything, out, *more):
    flags = [word for part in APPLY for word in ("--apply", part)]
    return everything, out, *flags, "--fraction", "0.5", *more


def test_texts_and_pictures_have_a_cosine_too(everything, tmp_path, spec, monkeypatch):
    out = tmp_path / "out"
    assert corrupt(monkeypatch, *asked(everything, out, "--encoder", spec)) == 0
    told = store.read(out / "ledger.parquet").to_pandas()
    names = told.groupby("modality").dose_name.unique().map(list).to_dict()
    assert names == {
        "caption": ["edit_rate", "cosine"],
        "camera": ["ssim", "psnr_db", "cosine"],
        "feature": ["share_changed"],
    }
    assert (told.dose.isna() == ~told.applied).all()
    dataset = open_dataset(everything)
    clean, copy = decode(dataset, dataset.read(range(60))), open_dataset(out)
    worse = decode(copy, copy.read(range(60)))
    model = load(spec).model
    for modality, kind in (("caption", "text"), ("camera", "image")):
        mine = told[(told.modality == modality) & (told.dose_name == "cosine") & told.applied]
        assert len(mine) == 30
        assert mine.dose.nunique() > 5
        for row in mine.iloc[:4].itertuples():
            was, now = (d.values[modality][d.ids.index(row.id)] for d in (clean, worse))
            a, b = model.encode(kind, [was, now])
            assert abs(row.dose - float(a @ b)) < 1e-5
    card = json.loads((out / "card.json").read_text())
    (digest,) = card["encoder"].values()
    assert list(card["encoder"]) == ["openclip:config.json@weights.safetensors"]
    assert digest == load(spec).info.digest
    assert corrupt(monkeypatch, "--verify", out / "card.json") == 0


def test_the_encoder_changes_the_ledger_alone(everything, tmp_path, spec, monkeypatch):
    for name, more in (("with", ("--encoder", spec)), ("without", ())):
        assert corrupt(monkeypatch, *asked(everything, tmp_path / name, *more)) == 0
    a, b = (json.loads((tmp_path / name / "card.json").read_text()) for name in ("with", "without"))
    assert a["content"] == b["content"]
    assert b["encoder"] is None
    assert (
        corrupt(
            monkeypatch, *asked(everything, tmp_path / "two", "--encoder", spec, "--workers", 2)
        )
        == 0
    )
    with_two = (tmp_path / "two" / "ledger.parquet").read_bytes()
    assert with_two == (tmp_path / "with" / "ledger.parquet").read_bytes()


def test_a_model_without_embeddings_is_refused(everything, tmp_path, spec, monkeypatch, capsys):
    classes = f'{spec},classes=["dog","cat"]'
    assert corrupt(monkeypatch, *asked(everything, tmp_path / "out", "--encoder", classes)) == 2
    assert "no embeddings of inputs" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


HANGS = """
import time
import numpy as np
class Slow:
    modalities, classes, output = ("text",), None, "embeddings"
    def encode(self, modality, values):
        time.sleep(30)
    def fuse(self, features, present):
        return features["text"][:, None]
    def scores(self, batch, present):
        return self.fuse({"text": self.encode("text", batch["text"])}, present)
"""


def test_an_encoder_that_hangs_is_given_up(everything, tmp_path):
    (tmp_path / "slow.py").write_text(HANGS)
    asked = {"apply": ("text/word_delete:3",), "quiet": True}
    spec = f"python:{tmp_path}/slow.py:Slow"
    with pytest.raises(IncompleteError, match=r"no answer within 0\.2 s") as refused:
        mm.corrupt(everything, tmp_path / "out", encoder=spec, timeout=0.2, **asked)
    assert refused.value.where == f"{tmp_path}/slow.py:7"
    with pytest.raises(UsageError, match="--timeout is for the calls of an encoder"):
        mm.corrupt(everything, tmp_path / "other", timeout=1.0, **asked)


def test_a_code_of_nothing_but_zeros_has_no_cosine(everything, tmp_path):
    def encode(values):
        return np.array([[0.0, 0.0] if "dog" in v else [len(v), 3.0] for v in values])

    out = tmp_path / "out"
    corrupt_dataset(
        everything,
        out,
        CorruptOptions(apply=("text/word_delete:2",)),
        encoder=Encoder("own", "0", {"text": encode}),
        quiet=True,
    )
    told = store.read(out / "ledger.parquet").to_pandas()
    cosine = told[told.dose_name == "cosine"].dose
    assert 0 < cosine.isna().sum() < 60
    assert cosine.dropna().between(0, 1).all()


def by_length(texts):
    """Codes whose cosine with that of a text of six words is a sixth for each word."""
    kept = np.array([len(text.split()) / 6 for text in texts])
    return np.stack([kept, np.sqrt(1 - kept**2)], axis=1)


def test_texts_are_calibrated_by_the_cosine_of_an_encoder(everything, tmp_path):
    """Without a share s of its six words a text has the cosine 1 - s, by this encoder."""
    out = tmp_path / "out"
    done = corrupt_dataset(
        everything,
        out,
        CorruptOptions(apply=("text/truncation", "vector/dropout"), calibrate="cosine=0.6"),
        encoder=Encoder("own", "0", {"text": by_length}),
        quiet=True,
    )
    cut, dropped = done.card["steps"]
    assert "calibrated" not in dropped
    assert cut["calibrated"]["dose"] == "cosine"
    (level,) = cut["calibrated"]["levels"]
    assert level["ok"]
    rounding = 0.5 / 6 / np.sqrt(60)  # a text loses two or three words
    assert abs(level["parameters"]["share"] - 0.4) < 5 * rounding
    np.testing.assert_allclose(cut["calibrated"]["reachable"], [0.9, 0.1], atol=5 * rounding)
    told = store.read(out / "ledger.parquet").to_pandas()
    assert np.isclose(told[told.dose_name == "cosine"].dose.mean(), level["reached"], atol=1e-6)
    assert verify(out / "card.json")[0], "what was found is in the card: no encoder is needed"


def test_a_cosine_without_an_encoder_or_a_value_that_it_encodes_is_refused(everything, tmp_path):
    own = Encoder("own", "0", {"text": by_length})
    for apply, encoder, says in (
        ("text/truncation", None, "measured by an encoder"),
        ("vector/dropout", own, "no step is measured by 'cosine'"),
    ):
        asked = CorruptOptions(apply=(apply,), calibrate="cosine=0.6")
        with pytest.raises(UsageError, match=says):
            corrupt_dataset(everything, tmp_path / "out", asked, encoder=encoder, quiet=True)
    named = CorruptOptions(apply=("text/truncation",), encoder="openclip:a.json@b")
    with pytest.raises(UsageError, match="named and not given"):
        corrupt_dataset(everything, tmp_path / "out", named, quiet=True)


def test_a_recipe_names_the_encoder_and_the_cosine(everything, tmp_path, spec, monkeypatch, capsys):
    folder = Path(spec.partition(":")[2].partition("@")[0]).parent
    recipe = folder / "recipe.toml"
    recipe.write_text(
        'apply = ["text/word_delete", "image/gaussian_blur"]\ncalibrate = "cosine=0.9"\n'
        'encoder = "openclip:config.json@weights.safetensors"\n'
    )
    out = tmp_path / "out"
    assert corrupt(monkeypatch, everything, out, "--recipe", recipe) == 0
    card = json.loads((out / "card.json").read_text())
    assert card["options"]["encoder"] == "openclip:config.json@weights.safetensors"
    assert [step["calibrated"]["dose"] for step in card["steps"]] == ["cosine", "cosine"]
    assert corrupt(monkeypatch, "--verify", out / "card.json") == 0
    recipe.write_text('apply = "text/word_delete"\nencoder = "python:mine.py:encoder"\n')
    assert corrupt(monkeypatch, everything, tmp_path / "no", "--recipe", recipe) == 2
    said = capsys.readouterr().err
    assert "config file names Python code" in said
    assert f"where: {recipe}: python:" in said
