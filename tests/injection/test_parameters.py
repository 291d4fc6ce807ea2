"""Parameters that are named in place of a severity: exact, checked, in the card and made again."""

import json

import numpy as np
import pytest

from mmaudit.errors import UsageError
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.parameters import of_modalities, read, with_parameters
from mmaudit.injection.record.verify import verify
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.spec import load_corruption, load_part, split_spec
from mmaudit.samples import dataset as data
from mmaudit.tables import store


def chosen(text):
    spec = split_spec(text)
    part, level = with_parameters(spec.part, load_part(spec.part), read(spec.parameters))
    assert len(set(part.severities)) == 1
    return part.at(1)._asdict(), level


def test_named_ones_are_taken_and_the_others_are_those_of_severity_3():
    assert chosen("missing/mcar:cell_rate=0.22") == ({"cell_rate": 0.22}, 2)
    assert chosen("missing/mar:rate=0.45") == ({"rate": 0.45, "strength": 2.0}, 4)
    assert chosen("pairing/lag:steps=5@caption") == ({"steps": 5}, 3)
    assert chosen("missing/mcar:cell_rate=0")[0] == {"cell_rate": 0.0}
    blur = load_corruption("image/motion_blur")
    assert chosen("image/motion_blur:radius=12") == (
        {"radius": 12, "sigma": blur.at(3).sigma},
        1,
    )
    matrix, level = chosen("label/asymmetric:rate=0.2,matrix=[[0,1],[1,0]]")
    assert matrix == {"rate": 0.2, "matrix": ((0, 1), (1, 0))}
    assert level == 3
    assert str(split_spec("missing/mcar:cell_rate=0.25@text")) == "missing/mcar:cell_rate=0.25@text"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("missing/mcar:rate=0.2", "no parameter 'rate'"),
        ("missing/mcar:cell_rate=1.5", "cell_rate of missing/mcar cannot be 1.5"),
        ("missing/mcar:cell_rate=-0.1", "cannot be -0.1"),
        ("missing/mcar:cell_rate=nan", "cannot be nan"),
        ("missing/mcar:cell_rate=true", "cannot be True"),
        ("missing/mcar:cell_rate='a'", "cannot be 'a'"),
        ("missing/mcar:cell_rate=[0.1]", r"cannot be \(0.1,\)"),
        ("missing/mcar:cell_rate=", "names no parameters"),
        ("pairing/lag:steps=0", "steps of pairing/lag cannot be 0"),
        ("pairing/lag:steps=1.5", "cannot be 1.5"),
        ("image/gaussian_noise:sigma=0.5", "sigma of image/gaussian_noise cannot be 0.5"),
        ("image/jpeg_compression:quality=20.5", "cannot be 20.5"),
        ("label/asymmetric:matrix=[[0,'a']]", "cannot be"),
        ("label/asymmetric:matrix=3", "cannot be 3"),
    ],
)
def test_what_cannot_be_is_refused(text, says):
    with pytest.raises(UsageError, match=says):
        chosen(text)


def test_a_rate_can_be_named_for_each_modality():
    part = load_part("missing/rates")
    values = of_modalities(part, read("text=0.1,image=0.5"), ("image", "text", "audio"))
    assert values == {"rates": (0.5, 0.1, 0.0)}
    assert of_modalities(load_part("missing/mcar"), {"image": 0.1}, ("image",)) == {"image": 0.1}


def test_a_run_takes_each_modality_at_its_own_rate(everything, tmp_path):
    names = data.open(everything).modalities
    asked = (f"missing/rates:{names[0]}=0.5,{names[1]}=0.25",)
    done = corrupt_dataset(everything, tmp_path / "out", CorruptOptions(apply=asked), quiet=True)
    (step,) = done.card["steps"]
    assert step["parameters"]["rates"][:3] == [0.5, 0.25, 0]
    absent = step["realised"]["modality_rates"]
    assert [absent[m] for m in names[:3]] == [0.5, 0.25, 0]


def test_a_run_has_the_exact_rate_and_is_made_again(everything, tmp_path):
    out = tmp_path / "out"
    asked = (
        "missing/mcar:cell_rate=0.25",
        "text/word_delete:share=0.22",
        "label/asymmetric:rate=0.3,matrix=[[0,1,0],[0,0,1],[1,0,0]]",
    )
    done = corrupt_dataset(everything, out, CorruptOptions(apply=asked), quiet=True)
    mcar, words, label = done.card["steps"]
    assert mcar["parameters"] == {"cell_rate": 0.25}
    assert mcar["realised"]["cell_rate"] == pytest.approx(0.25, abs=0.02)  # of what was there
    assert words["parameters"] == {"4": {"share": 0.22}}
    assert label["realised"]["wrong"] == pytest.approx(0.3)
    told = store.read(out / "ledger.parquet").to_pandas()
    mine = told[told.corruption == "text/word_delete"]
    assert {json.loads(p)["share"] for p in mine.parameters} == {0.22}
    changed = told[(told.corruption == "label/asymmetric") & told.applied].parameters.map(
        json.loads
    )
    assert {(p["from"], p["to"]) for p in changed} == {("a", "b"), ("b", "c"), ("c", "a")}
    assert verify(out / "card.json")[0]


def test_lists_that_do_not_fit_the_data_and_drawn_severities_are_refused(everything, tmp_path):
    for text, says in (
        ("label/asymmetric:matrix=[[0,1],[1,0]]", "2 rows for 3 classes"),
        ("label/asymmetric:matrix=[[0,1,0],[1],[1,0,0]]", "3 rows for 3 classes"),
        ("missing/patterns:probabilities=[0.5,0.2]", "sum to 0.7"),
    ):
        with pytest.raises(UsageError, match=says):
            corrupt_dataset(everything, tmp_path / "no", CorruptOptions(apply=(text,)), quiet=True)
    drawn = CorruptOptions(apply=("text/word_delete:share=0.2",), severity_per_sample=True)
    with pytest.raises(UsageError, match="parameters of its own"):
        corrupt_dataset(everything, tmp_path / "no", drawn, quiet=True)


def test_probabilities_of_the_first_patterns(everything, tmp_path):
    asked = "missing/patterns:row_rate=0.5,probabilities=[0.8,0.2]"
    done = corrupt_dataset(everything, tmp_path / "out", CorruptOptions(apply=(asked,)), quiet=True)
    told = store.read(done.path / "ledger.parquet").to_pandas()
    taken = told[told.applied].modality.value_counts() / 60
    assert np.allclose([taken["camera"], taken["caption"]], [0.4, 0.1], atol=1 / 60)
    assert taken.sum() == pytest.approx(0.5, abs=1 / 60)
