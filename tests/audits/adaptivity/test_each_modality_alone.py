"""How sure each modality alone is under damage: maximum and true class, and UNO's ratio."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import adapted
import mmaudit as mm
from adapted import Fuser, Weighted
from mmaudit.audits.adaptivity.alone import alone_numbers
from mmaudit.audits.adaptivity.pool import pooled
from mmaudit.measures.trust.entropy import entropy
from mmaudit.tables.provenance import provenance

HOW = {"corruptions": ("vector/gaussian_noise",), "replicates": 50, "quiet": True}
TRAIN = 200


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    return adapted.write(tmp_path_factory.mktemp("alone"), 500, train=TRAIN)


@pytest.fixture(scope="module")
def runs(where):
    return {loud: mm.adaptivity(where, Weighted(loud=loud), **HOW) for loud in (False, True)}


def number(run, metric, modality="", condition=""):
    rows = run["adaptivity/summary"].arrow().to_pylist()
    (row,) = (
        r
        for r in rows
        if (r["metric"], r["modality"], r["condition"]) == (metric, modality, condition)
        and r["slice"] == "all"
    )
    return row["estimate"]


def notes(run):
    return provenance(run["adaptivity/summary"].arrow().schema.metadata).notes


def test_a_branch_that_grows_loud_is_surer_of_a_class_that_is_less_true(runs):
    """Of as loud logits the surest class stays as sure; of louder ones noise makes it surer."""
    for m in "ab":
        loud = runs[True]
        assert number(loud, "mcp_drop", m, "damaged")["high"] < 0
        assert number(loud, "mcp_damage_auroc", m)["high"] < 0.5
        for run in runs.values():
            assert number(run, "tcp_drop", m, "damaged")["low"] > 0
            assert number(run, "tcp_damage_auroc", m)["low"] > 0.5
            drop = (
                number(run, "tcp", m, "clean")["value"] - number(run, "tcp", m, "damaged")["value"]
            )
            assert number(run, "tcp_drop", m, "damaged")["value"] == pytest.approx(drop)


def test_they_are_those_of_the_answers_of_each_modality(runs, where):
    table = runs[False]["adaptivity/samples"].arrow()
    clean = table["confidence_clean_a"].to_numpy()
    worse = table["confidence_damaged_a"].to_numpy()
    hit = table["severity_a"].to_numpy() > 0
    assert number(runs[False], "mcp", "a", "damaged")["value"] == pytest.approx(worse.mean())
    sides = np.r_[np.zeros(clean.size), np.ones(hit.sum())]
    auc = roc_auc_score(sides, -np.r_[clean, worse[hit]])
    assert number(runs[False], "mcp_damage_auroc", "a")["value"] == pytest.approx(auc, abs=1e-9)
    true = np.exp(-table["loss_alone_clean_b"].to_numpy())
    assert number(runs[False], "tcp", "b", "clean")["value"] == pytest.approx(true.mean())


def test_entropy_says_what_is_wrong_as_the_surest_class_does(runs):
    run = runs[False]
    table = run["adaptivity/samples"].arrow()
    for side in ("clean", "damaged"):
        wrong = ~np.array(table[f"right_{side}"].to_pylist())
        auc = roc_auc_score(wrong, table[f"entropy_{side}"].to_numpy())
        assert number(run, "entropy_wrong_auroc", condition=side)["value"] == pytest.approx(auc)
        assert 0 <= number(run, "entropy_aurc", condition=side)["value"] < wrong.mean()
    assert 0 <= number(run, "entropy_damage_auroc")["value"] <= 1


def test_uno_holds_entropies_against_those_of_training(runs, where):
    run, model = runs[False], Weighted()
    data = adapted.vector_files.read(where)
    for m in "ab":
        train = np.stack(data[m][:TRAIN])
        z = model.logits(train)
        own = entropy(np.exp(z) / np.exp(z).sum(1, keepdims=True))
        mean, spread = own.mean(), own.std()
        for side in ("clean", "damaged"):
            h = run["adaptivity/samples"].arrow()[f"entropy_{side}_{m}"].to_numpy()
            ratio = (mean / (np.maximum(0, h - mean - spread) + mean)).mean()
            got = number(run, "deviation_ratio", m, side)
            assert got["value"] == pytest.approx(ratio, abs=1e-5)
            assert got["low"] <= got["value"] <= got["high"] <= 1
    assert any("answers to 200 samples of training" in note for note in notes(run))


def test_training_is_asked_as_it_says_and_left_alone_where_there_is_none(where, tmp_path, capsys):
    model = Fuser()
    mm.adaptivity(where, model, replicates=2)
    assert "200 training samples, each modality alone: 400 more passes" in capsys.readouterr().err
    assert model.asked == pytest.approx(8 * 300 + 400, rel=0.25)
    whole = mm.adaptivity(adapted.write(tmp_path, 60), Fuser(), **HOW)
    names = {r["metric"] for r in whole["adaptivity/summary"].arrow().to_pylist()}
    assert "mcp" in names
    assert "deviation_ratio" not in names
    assert not any("training" in note for note in notes(whole))


def test_what_is_absent_counts_for_nothing():
    table = adapted.table(Fuser("follows"), 200, 0)
    columns = table.column_names
    for side in adapted.SIDES:
        for name in (f"confidence_{side}_a", f"loss_alone_{side}_a"):
            values = np.where(np.arange(200) < 80, np.nan, table[name].to_numpy())
            table = table.set_column(
                columns.index(name), name, [adapted.pa.array(values, from_pandas=True)]
            )
    numbers = {
        (one.metric, one.modality, one.condition): one.estimate
        for one in alone_numbers(pooled([table], 0), ("a", "b"), ("a", "b"))
    }
    assert numbers["mcp", "a", "clean"].n == 120
    assert numbers["mcp", "b", "clean"].n == 200
