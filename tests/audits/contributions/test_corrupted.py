"""Clean and corrupted samples apart: a planted fusion whose trust moves only where it should."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from test_contributions import dataset, summary

import mmaudit as mm
from command import mmaudit
from mmaudit.audits.contributions.corrupted import by_corruption
from mmaudit.tables.provenance import provenance
from planted import Votes


def made_worse(where, out, *apply, fraction=0.5):
    """What ``mmaudit corrupt`` writes."""
    steps = [word for step in apply for word in ("--apply", step)]
    done = mmaudit("corrupt", where, out, *steps, "--fraction", fraction)
    assert done.returncode == 0, done.stderr
    return out / "dataset.toml"


class Wary(Votes):
    """Weighs a modality down where its first number is lost."""

    def encode(self, modality, values):
        rows = np.asarray(values, np.float32).reshape(len(values), -1)
        return np.stack([rows[:, 0], np.where(rows[:, 0] == 0, 0.01, 1)], axis=1)

    def fuse(self, features, present):
        weights, votes = self.parts(features, present)
        p = 1 / (1 + np.exp(-2 * (weights * votes).sum(axis=1)))
        return np.stack([1 - p, p], axis=1).astype(np.float32)

    def parts(self, features, present):
        weights = np.stack([features[m][:, 1] * present[m] for m in self.modalities], axis=1)
        weights = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
        return weights, np.stack([features[m][:, 0] for m in self.modalities], axis=1)

    def weights(self, batch, present):
        features = {m: self.encode(m, batch[m]) for m in self.modalities}
        return self.parts(features, present)[0]


def test_weights_follow_quality_only_where_quality_changes(tmp_path):
    """On clean samples no number is lost, so weights are always one half."""
    clean = dataset(tmp_path / "clean", 400)
    where = made_worse(clean, tmp_path / "bad", "vector/dropout:5@a")
    run = mm.contributions(where, Wary("ab", None), quiet=True, replicates=200)
    told = summary(run)

    def number(metric, modality, part):
        return told["", "model", modality, part, metric]

    ledger = parquet.read_table(tmp_path / "bad" / "ledger.parquet").to_pandas()
    bad = set(ledger[ledger.applied].id)
    samples = run["contributions/samples"].to_pandas().query("value == 'p_true'").set_index("id")
    for part, ids in (("a", bad), ("none", set(samples.index) - bad)):
        mine = samples.loc[sorted(ids)]
        assert number("accuracy", "", f"corrupted={part}")["n"] == len(mine) == 200
        assert number("accuracy", "", f"corrupted={part}")["value"] == pytest.approx(
            mine.right.mean()
        )
        expected = np.cov(mine.weight_a, mine.loss_alone_a, bias=True)[0, 1]
        found = number("weight_loss_covariance", "a", f"corrupted={part}")["value"]
        assert found == pytest.approx(expected, abs=1e-6)
        assert told["p_true", "model", "a", f"corrupted={part}", "phi"]["value"] == pytest.approx(
            mine.phi_a.mean()
        )
    assert number("weight_loss_spearman", "a", "corrupted=a")["high"] < 0
    clean_part = number("weight_loss_covariance", "a", "corrupted=none")
    assert clean_part["value"] == pytest.approx(0, abs=1e-6)
    notes = provenance(run["contributions/summary"].arrow().schema.metadata).notes
    assert any("ledger beside the manifest" in note for note in notes)


def test_several_modalities_and_everything_corrupted(tmp_path):
    clean = dataset(tmp_path / "clean", 120)
    where = made_worse(
        clean, tmp_path / "bad", "vector/gaussian_noise:3@a", "vector/gaussian_noise:3@b",
        fraction=1.0,
    )  # fmt: skip
    told = summary(
        mm.contributions(where, Votes("ab", lambda v: v.sum(axis=1)), quiet=True, replicates=20)
    )
    parts = {part for _, _, _, part, _ in told if part.startswith("corrupted=")}
    assert parts == {"corrupted=a+b"}
    key = "p_true", "model", "a"
    assert told[*key, "corrupted=a+b", "phi"] == told[*key, "all", "phi"]


def test_a_clean_dataset_has_no_such_parts(tmp_path):
    where = dataset(tmp_path / "clean", 60)
    assert by_corruption(mm.load(where)) is None
    parquet.write_table(pa.table({"x": [1]}), where.parent / "ledger.parquet")
    assert by_corruption(mm.load(where)) is None  # some other program's ledger
    rows = {"id": ["s1"], "modality": ["a"], "applied": [False]}
    parquet.write_table(pa.table(rows), where.parent / "ledger.parquet")
    assert by_corruption(mm.load(where)) is None
    parquet.write_table(pa.table(rows | {"applied": [True]}), where.parent / "ledger.parquet")
    assert by_corruption(mm.load(where)).names == ("corrupted=none", "corrupted=a")
    own = where.read_text().replace('["camera"]', '["corrupted"]')
    rows = parquet.read_table(where.parent / "rows.parquet").rename_columns({"camera": "corrupted"})
    parquet.write_table(rows, where.parent / "rows.parquet")
    where.write_text(own)
    assert by_corruption(mm.load(where)) is None  # the dataset says so itself
