"""Words, patches and stretches: planted models hang on known pieces."""

import json
import subprocess
import sys

import numpy as np
import pytest

import mmaudit as mm
from mmaudit.errors import InputError, UsageError
from mmaudit.kinds import image
from mmaudit.kinds.base import load_kind


class Words:
    """Class 1 by the word good, and by how bright the top left corner is."""

    modalities, classes = ("text", "photo"), ("0", "1")
    output, accepts_missing = "probabilities", True

    def scores(self, batch, present):
        words = np.array([v.split().count("good") * 2.0 for v in batch["text"]]) * present["text"]
        corner = np.array([np.asarray(v)[:8, :8].mean() / 128 - 1 for v in batch["photo"]])
        p = 1 / (1 + np.exp(-(words + 3 * corner * present["photo"])))
        return np.stack([1 - p, p], axis=1).astype(np.float32)


@pytest.fixture
def where(tmp_path):
    rng = np.random.default_rng(0)
    rows = ["file_name,caption,label"]
    for i in range(24):
        label = i % 2
        pixels = rng.integers(0, 256, (32, 32, 3)).astype(np.uint8)
        pixels[:8, :8] = 220 if label else 30
        (tmp_path / f"{i}.png").write_bytes(image.encode(pixels))
        rows.append(f"{i}.png,{'a good little' if label else 'one bad'} thing here,{label}")
    (tmp_path / "rows.csv").write_text("\n".join(rows))
    (tmp_path / "dataset.toml").write_text(
        'schema = 1\n[source]\npath = "rows.csv"\nid = "file_name"\n'
        '[modality.text]\nkind = "text"\ncolumn = "caption"\n'
        '[modality.photo]\nkind = "image"\ncolumn = "file_name"\n'
        '[target]\ncolumn = "label"\nkind = "class"\n'
    )
    return tmp_path / "dataset.toml"


def test_the_pieces_that_count_are_found(where):
    state = np.random.get_state()[1].copy()
    run = mm.contributions(
        where, Words(), quiet=True, replicates=20, detail=("text", "photo"), detail_samples=8
    )
    assert (np.random.get_state()[1] == state).all()
    told = run["contributions/detail"].to_pandas()
    samples = run["contributions/samples"].to_pandas().query("value == 'p_true'").set_index("id")
    assert told.id.nunique() == 8
    for id_, rows in told.groupby("id"):
        told_sum = rows.phi.sum()
        whole = samples.loc[id_]
        assert told_sum == pytest.approx(whole.v_all - whole.v_none, abs=1e-6)
        patches = rows[rows.modality == "photo"].set_index("piece").phi
        assert patches.idxmax() == 0
        assert patches.drop(0).abs().max() < 0.01
        words = rows[rows.modality == "text"].set_index("what").phi
        if "good" in words.index:
            assert words.drop("good").abs().max() < 1e-9 < words["good"]
    shares = {
        r["modality"]: r["estimate"]["value"]
        for r in run["contributions/summary"].arrow().to_pylist()
        if r["metric"] == "detail_share"
    }
    assert sum(shares.values()) == pytest.approx(1)
    # one player a modality and many pieces of which one counts are nearly the same game
    phi = run["contributions/summary"].to_pandas().query("slice == 'all' and value == 'p_true'")
    by = {
        m: phi[(phi.metric == m)].set_index("modality")["estimate.value"]
        for m in ("phi", "detail_phi")
    }
    assert by["detail_phi"].to_numpy() == pytest.approx(by["phi"].to_numpy(), abs=0.08)


def test_pieces_by_partition_add_up_to_what_their_modality_brings(where, capsys):
    """Of two modalities: the sums over pieces are φ of the coalition table, sample by sample."""
    run = mm.contributions(
        where, Words(), replicates=5, detail=("text", "photo"), detail_samples=6,
        detail_explainer="partition",
    )  # fmt: skip
    assert "within text and photo: at most" in capsys.readouterr().err
    told = run["contributions/detail"].to_pandas()
    samples = run["contributions/samples"].to_pandas().query("value == 'p_true'").set_index("id")
    sums = told.groupby(["id", "modality"]).phi.sum()
    for id_ in told.id.unique():
        for m in ("text", "photo"):
            assert sums[id_, m] == pytest.approx(samples.loc[id_, f"phi_{m}"], abs=1e-6)
    patches = told[told.modality == "photo"].set_index(["id", "piece"]).phi
    assert all(patches[id_].abs().idxmax() == 0 for id_ in told.id.unique())


def test_modalities_that_are_not_opened_are_one_piece(where):
    run = mm.contributions(
        where, Words(), quiet=True, replicates=5, detail=("text",), detail_samples=3
    )
    told = run["contributions/detail"].to_pandas()
    assert (told[told.modality == "photo"].what == "all").all()
    assert (told[told.modality == "photo"].groupby("id").size() == 1).all()
    again = mm.contributions(
        where, Words(), quiet=True, replicates=5, detail=("text",), detail_samples=3
    )
    assert again["contributions/detail"].arrow().equals(run["contributions/detail"].arrow())


def test_only_what_has_pieces_can_be_opened(where):
    with pytest.raises(UsageError, match="cannot be opened"):
        mm.contributions(where, Words(), quiet=True, detail=("sound",))


@pytest.mark.parametrize(
    ("value", "kind", "pieces"),
    [
        ("two words", "text", 2),
        ("", "text", 1),
        (np.full((10, 7, 3), 9, np.uint8), "image", 16),
        (np.full((2, 3, 1), 9, np.uint8), "image", 6),
        (np.ones((100, 2), np.float32), "audio", 16),
        (np.ones(5, np.float32), "vector", 5),
    ],
)
def test_pieces_make_up_the_whole(value, kind, pieces):
    told = load_kind(kind).pieces(value)
    assert len(told.names) == pieces
    whole = told.without(np.ones(pieces, bool))
    assert whole == value if kind == "text" else (whole == value).all()
    if pieces > 1:
        first = told.without(np.arange(pieces) > 0)
        nothing = told.without(np.zeros(pieces, bool))
        assert first == "words" if kind == "text" else (first != value).any()
        assert nothing == "" if kind == "text" else len(np.unique(nothing)) == 1


@pytest.mark.parametrize("text", ["", "   ", "a  b\n c", "one"])
def test_a_text_with_all_its_pieces_is_itself(text):
    """Spaces and lines stay, and an empty text is a piece: it is there, and may bring something."""
    pieces = load_kind("text").pieces(text)
    assert len(pieces.names) == max(1, len(text.split())) == pieces.sides[0]
    assert pieces.without(np.ones(len(pieces.names), bool)) == text


def test_a_model_that_fails_at_a_piece_is_told_as_its_own(where):
    class Fussy(Words):
        def scores(self, batch, present):
            return super().scores({**batch, "text": [FUSSY[v] for v in batch["text"]]}, present)

    with pytest.raises(InputError, match="KeyError"):
        mm.contributions(where, Fussy(), quiet=True, replicates=20, detail=("text",))


FUSSY = {v: v for v in ("", "a good little thing here", "one bad thing here")}


def test_help_does_not_load_shap():
    code = (
        "import sys, json; sys.argv = ['mmaudit', 'contributions', '--help']\n"
        "from mmaudit.__main__ import run\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        "print(json.dumps([m for m in ('shap', 'torch', 'pandas') if m in sys.modules]), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert json.loads(done.stderr.strip().splitlines()[-1]) == []
