"""Features of remedies by encoders: of files on disk, on damaged values too, opened again."""

import json
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
from safetensors.torch import save_file

import mmaudit as mm
import vector_files
from command import mmaudit
from loading import load
from mmaudit.audits.remedies.sources import sources
from mmaudit.errors import InputError, MissingError, UsageError
from mmaudit.kinds import image
from mmaudit.models import torchvision, usual
from mmaudit.models.access import PERSON, Access
from mmaudit.tables.provenance import provenance

QUICK = ("--methods", "control/*", "--steps", "10", "--width", "4", "--seeds", "3")
HOW = {"methods": ("control/*",), "steps": 10, "width": 4, "seeds": 3, "quiet": True}
TRAIN, TEST = 90, 40
CONFIG = {
    "model_cfg": {
        "embed_dim": 12,
        "vision_cfg": {
            "image_size": 8,
            "layers": 1,
            "width": 16,
            "patch_size": 4,
            "head_width": 8,
        },
        "text_cfg": {
            "context_length": 8,
            "vocab_size": 49408,
            "width": 16,
            "heads": 2,
            "layers": 1,
        },
    },
    "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
}
TOWER = """
import numpy as np
from pathlib import Path

LOG = Path(__file__).with_suffix(".log")


class Tower:
    modalities, classes, output = ("any",), None, "embeddings"

    def scores(self, batch, present):
        x = np.stack(batch["any"])
        with LOG.open("a") as file:
            file.write(f"{len(x)}\\n")
        return np.abs(x) * SCALE


def make():
    return Tower()
"""


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    """Two vectors; the class is how large the numbers of ``a`` are, which no linear answer sees."""
    folder = tmp_path_factory.mktemp("encoded")
    rng = np.random.default_rng(0)
    n = TRAIN + TEST
    labels = rng.integers(0, 2, n)
    columns = {
        "a": rng.normal(size=(n, 6)) * (1 + 3 * labels[:, None]),
        "b": rng.normal(size=(n, 4)),
    }
    table = {
        "id": [f"row{i}" for i in range(n)],
        "label": [f"k{c}" for c in labels],
        "half": ["test" if i >= TRAIN else "train" for i in range(n)],
        **{m: x.tolist() for m, x in columns.items()},
    }
    tower(folder / "size.py")
    return vector_files.write(
        folder, table, "a", "b", source='split = "half"', target=vector_files.CLASS_OF_LABEL
    )


def tower(path, scale=1):
    path.write_text(TOWER.replace("SCALE", str(scale)))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Pictures of one colour or another, with what they show; and both towers, untrained."""
    folder = tmp_path_factory.mktemp("drawn")
    rng = np.random.default_rng(1)
    n = TRAIN + TEST
    labels = rng.integers(0, 2, n)
    pixels = (
        rng.integers(0, 90, (n, 8, 8, 3))
        + np.array([[120, 0, 0], [0, 0, 120]])[labels][:, None, None]
    )
    media = [image.encode(x.astype(np.uint8), "png") for x in pixels]
    table = {
        "id": [f"p{i}" for i in range(n)],
        "label": [f"k{c}" for c in labels],
        "half": ["test" if i >= TRAIN else "train" for i in range(n)],
        "photo": media,
        "words": [("a red square", "some blue thing")[c] for c in labels],
    }
    where = vector_files.write(
        folder, table, source='split = "half"', target=vector_files.CLASS_OF_LABEL
    )
    kinds = {"photo": "image", "words": "text"}
    entries = "".join(f'[modality.{m}]\nkind = "{k}"\ncolumn = "{m}"\n' for m, k in kinds.items())
    where.write_text(where.read_text().replace("[target]", f"{entries}[target]"))
    torchvision.ensure()
    from open_clip.model import CLIP

    (folder / "config.json").write_text(json.dumps(CONFIG))
    state = {name: p.contiguous() for name, p in CLIP(**CONFIG["model_cfg"]).state_dict().items()}
    save_file(state, folder / "weights.safetensors")
    return where, f"openclip:{folder}/config.json@{folder}/weights.safetensors"


def rows(out):
    return pq.read_table(out / "remedies" / "summary.parquet").to_pylist()


def options_of(out):
    schema = pq.read_schema(out / "remedies" / "summary.parquet")
    return provenance(schema.metadata).options


def accuracy(out, method="control/concat", family="clean"):
    (value,) = (
        r["estimate"]["value"]
        for r in rows(out)
        if (r["method"], r["family"], r["metric"], r["condition"])
        == (method, family, "accuracy", "")
    )
    return value


def answers(folder, which):
    tables = [pq.read_table(path).to_pylist() for path in (folder / "samples").rglob("0*.parquet")]
    every = (row for table in tables for row in table if which(row))
    return {(row["condition"], row["id"]): bool(row["correct"]) for row in every}


def test_an_encoder_shows_what_plain_features_hide(vectors, tmp_path):
    ask = ("remedies", vectors, *QUICK[:-4], "--steps", "60", "--seeds", "3", "--width", "8")
    spec = f"a=python:{vectors.parent}/size.py:make"
    for name, features in (("plain", ()), ("encoded", ("--features", spec))):
        done = mmaudit(*ask, *features, "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert accuracy(tmp_path / "encoded") > 0.9
    assert accuracy(tmp_path / "plain") < 0.8
    assert f"Features: a {spec[2:]}, b plain." in done.stdout
    assert options_of(tmp_path / "encoded")["features_of"]["b"] == "plain"


def test_values_are_encoded_once_a_selection_whatever_is_trained(vectors, tmp_path):
    """Each training row and each judged one, clean and damaged; not once a method or seed."""
    log = tmp_path / "size.log"
    tower(tmp_path / "size.py")
    damage = ("vector/gaussian_noise:5@a", "vector/gaussian_noise:1@a", "vector/dropout:1@b")
    spec = f"a=python:{tmp_path}/size.py:make"
    mm.remedies(
        vectors, features=(spec,), against=damage, out=tmp_path / "run", batch_size=16, **HOW
    )
    sizes = [*map(int, log.read_text().split())]
    assert sum(sizes) == (TRAIN + TEST) * 3
    assert max(sizes) == 16


def test_both_towers_of_a_model_and_damage_that_is_encoded(pictures, tmp_path):
    """Modalities by their kinds; a model opened again answers what it answered, damaged too."""
    where, spec = pictures
    damage = "image/gaussian_noise:5@photo"
    done = mmaudit(
        *("remedies", where, "--features", spec, "--against", damage, *QUICK),
        *("--out", tmp_path / "run"),
        loaded=("mmaudit.audits.remedies.audit",),
    )
    assert done.returncode == 0, done.stderr
    assert f"photo {spec}, words {spec}" in done.stdout
    model = tmp_path / "run" / "remedies" / "models" / "control" / "late_mean-0.safetensors"
    mm.robustness(
        where,
        f"remedy:{model}",
        corruptions=("image/gaussian_noise",),
        severities=(5,),
        out=tmp_path / "other",
        quiet=True,
    )
    theirs = answers(tmp_path / "other" / "robustness", lambda row: True)
    ours = answers(
        tmp_path / "run" / "remedies",
        lambda r: (r["method"], r["seed"]) == ("control/late_mean", 0),
    )
    shared = sorted(set(ours) & set(theirs))
    assert Counter(condition for condition, _ in shared) == {"clean": TEST, damage: TEST}
    assert [ours[key] for key in shared] == [theirs[key] for key in shared]


@pytest.fixture
def trained(vectors, tmp_path):
    tower(tmp_path / "size.py")
    spec = f"a=python:{tmp_path}/size.py:make"
    mm.remedies(vectors, features=(spec,), out=tmp_path / "run", **HOW)
    return tmp_path / "run" / "remedies" / "models" / "control" / "concat-0.safetensors"


def test_what_a_trained_method_names_is_no_word_of_the_person(trained):
    """It was named by a file: code in it runs where the person trusts it."""
    with pytest.raises(UsageError, match="names Python code") as refusal:
        load(f"remedy:{trained}")
    assert str(trained) in refusal.value.where
    assert load(f"remedy:{trained}", trust=True).info.modalities == ("a", "b")


def test_an_encoder_that_is_not_there_or_another_is_refused(trained, tmp_path):
    tower(tmp_path / "size.py", scale=2)
    with pytest.raises(InputError, match="takes features of 'a' from python:"):
        load(f"remedy:{trained}", trust=True)
    (tmp_path / "size.py").unlink()
    with pytest.raises(MissingError, match="takes features of 'a' from python:"):
        load(f"remedy:{trained}", trust=True)


def test_auto_takes_an_encoder_that_is_here_where_it_does_better(vectors, tmp_path, monkeypatch):
    """Kinds that encoders know are tried; held-out training rows choose."""
    own = 'modalities, classes, output = ("a",)'
    code = TOWER.replace("SCALE", "1").replace('modalities, classes, output = ("any",)', own)
    (tmp_path / "size.py").write_text(code.replace('batch["any"]', 'batch["a"]'))
    monkeypatch.setattr(usual, "USUAL", (f"python:{tmp_path}/size.py:make",))
    monkeypatch.setattr(usual, "load_kind", lambda kind: SimpleNamespace(encoders=kind == "vector"))
    how = HOW | {"steps": 60, "width": 8}
    mm.remedies(vectors, features=("auto",), out=tmp_path / "run", **how)
    of = options_of(tmp_path / "run")["features_of"]
    assert of["a"].startswith("python:")
    assert of["b"] == "plain"
    schema = pq.read_schema(tmp_path / "run" / "remedies" / "summary.parquet")
    assert any(
        note.startswith("auto: errors on held-out") for note in provenance(schema.metadata).notes
    )


def test_auto_is_plain_where_no_encoder_is_here(pictures, tmp_path, monkeypatch):
    """Nothing is asked of the network, and it is said."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    mm.remedies(pictures[0], features=("auto",), out=tmp_path / "run", **HOW)
    assert set(options_of(tmp_path / "run")["features_of"].values()) == {"plain"}
    schema = pq.read_schema(tmp_path / "run" / "remedies" / "summary.parquet")
    assert any(
        "no encoder of these is on this machine" in n for n in provenance(schema.metadata).notes
    )


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (("plain", "auto"), "two ways"),
        (("fast",), "says no features"),
        (("c=python:size.py:make",), "no modality 'c'"),
        (("a=x.npy", "a=y.npy"), "two features of 'a'"),
        (("python:size.py:make",), "encodes none of a, b"),
        (("a=python:none.py:make",), "none.py"),
    ],
)
def test_what_makes_no_features_is_refused(vectors, monkeypatch, texts, says):
    monkeypatch.chdir(vectors.parent)
    kinds = {"a": "vector", "b": "vector"}
    with pytest.raises((UsageError, MissingError), match=says):
        sources(texts, kinds, Access(named_by=PERSON))


def test_options_of_a_model_that_were_cut_at_commas_are_its_own(vectors, monkeypatch):
    monkeypatch.chdir(vectors.parent)
    kinds, digest = {"a": "vector", "b": "vector"}, "0" * 64
    with pytest.raises(InputError, match="sha256"):
        sources(
            ("b=x.npy", "a=python:size.py:make", f"sha256={digest}"), kinds, Access(named_by=PERSON)
        )
