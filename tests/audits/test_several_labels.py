"""A target of several labels in audits: each label by itself, and means; gates name them."""

import numpy as np
import pytest
from pyarrow import parquet

import mmaudit as mm
import vector_files
from command import mmaudit
from mmaudit.errors import InputError, UsageError

N = 80
MODEL = """
import numpy as np


class Both:
    modalities, classes = ("a", "b"), ("cat", "dog", "sky")
    output = "label_probabilities"

    def scores(self, batch, present):
        a, b = (np.asarray(batch[m], np.float32) for m in self.modalities)
        return np.stack([a[:, 0], b[:, 0], np.full(len(a), 0.9)], 1).clip(0, 1)


def make():
    return Both()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """``cat`` is seen in ``a`` alone, ``dog`` in ``b``, and ``sky`` in nothing."""
    path, rng = tmp_path_factory.mktemp("labels"), np.random.default_rng(0)
    truth = rng.random((N, 3)) < (0.4, 0.5, 0.8)
    columns = {m: np.where(truth[:, i], 0.8, 0.1)[:, None].tolist() for i, m in enumerate("ab")}
    names = np.array(["cat", "dog", "sky"])
    labels = [names[row].tolist() for row in truth]
    table = {"id": [f"s{i}" for i in range(N)], **columns, "labels": labels}
    target = '[target]\ncolumn = "labels"\nkind = "multilabel"\n'
    vector_files.write(path, table, "a", "b", target=target)
    (path / "model.py").write_text(MODEL)
    return path, truth


def test_a_sweep_says_which_label_falls_and_a_gate_names_it(folder):
    path, truth = folder
    words = ("--absent", "zeros", "--corruptions", "vector/dropout", "--severities", "5")
    spec = f"python:{path / 'model.py'}:make"
    ended = mmaudit(
        *("robustness", path / "dataset.toml", "--model", spec, "--out", path / "run", *words),
        *("--replicates", "50"),
    )
    assert ended.returncode == 0, ended.stderr
    wrong = (~truth[:, 2]).mean()
    assert f"Clean label_accuracy is {1 - wrong / 3:.3f}" in ended.stdout
    table = parquet.read_table(path / "run" / "robustness" / "summary.parquet").to_pylist()
    value = {(r["condition"], r["metric"]): r["estimate"]["value"] for r in table}
    assert value["clean", "label_accuracy:cat"] == 1.0
    assert value["vector/dropout:5@a", "label_accuracy:dog"] == 1.0
    assert value["vector/dropout:5@a", "label_accuracy:cat_drop"] > 0.1
    assert value["vector/dropout:5@a", "f1:cat_drop"] > 0.1
    (path / "gate.toml").write_text(
        '[[check]]\nmetric = "robustness.label_accuracy:cat{condition=clean}"\nmin = 0.5\n'
        '[[check]]\nmetric = "robustness.f1:cat{corruption=vector/*}"\nmax_drop = 0.05\n'
    )
    gate = mmaudit("gate", path / "run", "--config", path / "gate.toml")
    assert gate.returncode == 1, gate.stdout + gate.stderr  # the first holds, the second not
    assert "pass  robustness.label_accuracy:cat" in gate.stdout
    page = mmaudit("report", path / "run", "-o", path / "page.html")
    assert page.returncode == 0, page.stderr
    assert "label_accuracy:cat" in (path / "page.html").read_text()


def test_contributions_say_which_modality_a_label_is_known_from(folder):
    path, _ = folder
    run = mm.contributions(
        path / "dataset.toml",
        f"python:{path / 'model.py'}:make",
        value=("p_labels", "p_label:cat", "p_label:dog"),
        absent="zeros",
        replicates=50,
        quiet=True,
    )
    frame = run["contributions/samples"].to_pandas()
    mean = frame.groupby("value")[["phi_a", "phi_b"]].mean()
    assert mean.loc["p_label:dog", "phi_a"] == pytest.approx(0, abs=1e-6)
    assert mean.loc["p_label:cat", "phi_b"] == pytest.approx(0, abs=1e-6)
    each = mean.loc[["p_label:cat", "p_label:dog"]].sum()
    np.testing.assert_allclose(mean.loc["p_labels"], each / 3, atol=1e-6)


def test_answers_of_another_form_are_refused_with_what_to_say(folder):
    path, _ = folder

    class Wrong:
        modalities, classes, output = ("a", "b"), ("cat", "dog", "sky"), "probabilities"

        def scores(self, batch, present):
            return np.full((len(batch["a"]), 3), 2.0, np.float32)

    for audit in (mm.robustness, mm.contributions):
        with pytest.raises(UsageError) as caught:
            audit(path / "dataset.toml", Wrong(), quiet=True)
        assert "label_probabilities" in caught.value.fix
    Wrong.output = "label_probabilities"
    with pytest.raises(InputError, match="of 2 to 2") as refused:
        mm.robustness(path / "dataset.toml", Wrong(), absent="zeros", quiet=True)
    assert "label_logits" in refused.value.fix
