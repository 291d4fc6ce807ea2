"""What misplaced trust costs, whether losses and trust go together, and who is unsure of what."""

import numpy as np
import pyarrow as pa
import pytest

import adapted
import mmaudit as mm
from adapted import Fuser, Weighted
from mmaudit.audits.adaptivity.answers import SubsetAnswers
from mmaudit.audits.adaptivity.damage.damage import Done
from mmaudit.audits.adaptivity.facts import policy_columns
from mmaudit.tables.provenance import provenance

HOW = {"corruptions": ("vector/gaussian_noise",), "replicates": 100, "quiet": True}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    where = adapted.write(tmp_path_factory.mktemp("costs"), 500)
    return {t: mm.adaptivity(where, Weighted(t), **HOW) for t in adapted.SLOPES}


def number(run, metric, **keys):
    rows = run["adaptivity/summary"].arrow().to_pylist()
    wanted = {"slice": "all", "corruption": "", **keys, "metric": metric}
    (row,) = (r for r in rows if all(r[k] == v for k, v in wanted.items()))
    return row["estimate"]


def test_who_trusts_the_damaged_one_pays_and_who_leaves_it_gains(runs):
    fixed = {t: number(run, "fixed_weights_gain", condition="damaged") for t, run in runs.items()}
    assert fixed["wrong"]["low"] > max(0, fixed["follows"]["value"])
    clean, damaged = (number(runs["wrong"], "accuracy", condition=c) for c in ("clean", "damaged"))
    drop = number(runs["wrong"], "accuracy_drop", condition="damaged")
    assert drop["value"] == pytest.approx(clean["value"] - damaged["value"])
    assert drop["low"] > 0
    oracle = {
        t: number(run, "oracle_gain", condition="damaged")["value"] for t, run in runs.items()
    }
    assert 0 <= oracle["follows"] < oracle["fixed"] < oracle["wrong"]
    notes = provenance(runs["wrong"]["adaptivity/summary"].arrow().schema.metadata).notes
    assert any("Under damage it would change by" in note for note in notes)


def test_trust_goes_with_losses_as_it_goes_with_damage(runs):
    for metric in ("trust_loss_covariance", "trust_loss_spearman"):
        moved = {
            t: number(run, metric, trust="weight", modality="a", condition="damaged")
            for t, run in runs.items()
            if t != "fixed"  # whose weights are constant: nothing goes with them
        }
        assert moved["follows"]["high"] < 0 < moved["wrong"]["low"]
    names = {
        r["metric"]
        for r in runs["fixed"]["adaptivity/summary"].arrow().to_pylist()
        if r["trust"] == "weight"
    }
    assert "trust_loss_covariance" not in names


def test_what_is_unsure_is_wrong_and_damaged(runs):
    run = runs["follows"]
    for side in ("clean", "damaged"):
        assert number(run, "wrong_auroc", condition=side)["low"] > 0.5
        accuracy = number(run, "accuracy", condition=side)["value"]
        assert number(run, "aurc", condition=side)["value"] < 1 - accuracy
        assert 0 <= number(run, "ece", condition=side)["value"] <= 1
    parts = [
        number(run, "ece", condition="damaged", slice=f"dose={d}")["n"]
        for d in ("low", "middle", "high")
    ]
    assert sum(parts) == 500
    assert number(run, "conflict_effect")["low"] > 0


def test_policies_answer_with_what_they_leave():
    """Two modalities, of which either may be right; each policy by hand."""
    right = np.array(
        [  # of nothing, a, b, and both
            [False, True, False, False],
            [False, False, True, False],
            [False, True, True, True],
        ]
    )
    half = {k: np.full((3, 2), 0.5) for k in range(4)}
    half[1], half[2] = np.tile([0.9, 0.1], (3, 1)), np.tile([0.2, 0.8], (3, 1))
    present, nothing = np.ones((3, 2), bool), np.zeros((3, 2))
    answers = SubsetAnswers(nothing, nothing, nothing, None, present, half, right)
    done = {
        m: Done(np.array(s, np.int8), np.full(3, ""), np.zeros(3))
        for m, s in (("a", [0, 5, 4]), ("b", [3, 0, 4]))
    }
    columns = pa.table(policy_columns(answers, ("a", "b"), np.array([0, 0, 1]), done)).to_pydict()
    assert columns["right_oracle"] == [True, True, True]
    assert columns["right_fixed"] == [True, True, False]  # .55 for the first class
    assert columns["right_from_3"] == [True, True, True]  # b goes, a goes, nothing is left of both
    assert columns["right_from_5"] == [False, True, True]


def test_without_labels_there_is_confidence_and_nothing_is_right(tmp_path):
    where = adapted.write(tmp_path, 200)
    where.write_text(where.read_text().partition("[target]")[0])
    run = mm.adaptivity(where, Fuser("follows"), **HOW)
    names = {r["metric"] for r in run["adaptivity/summary"].arrow().to_pylist()}
    assert {"uncertainty_effect", "conflict_effect", "damage_auroc"} <= names
    assert not names & {"accuracy", "wrong_auroc", "oracle_gain", "trust_loss_spearman", "ece"}
