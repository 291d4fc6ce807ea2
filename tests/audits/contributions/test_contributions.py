"""The audit from a file to its tables, through the Python API and the command."""

import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
import vector_files
from command import mmaudit
from mmaudit.audits.contributions.options import Options
from mmaudit.audits.contributions.setup import _check_names
from mmaudit.errors import InputError, UsageError
from mmaudit.models.access import PERSON
from mmaudit.runs.run import audit
from mmaudit.tables.provenance import provenance
from places import SHARED
from planted import Votes, total


def dataset(folder, n=300, *, order=None, absent=0.0, kind="class"):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, n)
    sign = 2.0 * labels - 1
    a = (2 * sign + rng.normal(size=n))[:, None] * np.ones(2)
    b = (sign + rng.normal(size=n))[:, None] * np.ones(3)
    gone = rng.random(n) < absent
    rows = {
        "id": [f"s{i}" for i in range(n)],
        "a": [list(v) for v in a],
        "b": [None if g else list(v) for v, g in zip(b, gone, strict=True)],
        "label": sign * 1.5 if kind == "number" else np.array(["no", "yes"])[labels],
        "camera": np.array(["left", "right"])[rng.integers(0, 2, n)],
    }
    table = pa.table(rows)
    target = vector_files.CLASS_OF_LABEL.replace("class", kind)
    rows = table if order is None else table.take(order)
    return vector_files.write(folder, rows, "a", "b", source='slices = ["camera"]', target=target)


class Sum:
    """A black box that takes no mask."""

    modalities, classes, output = ("a", "b"), ("no", "yes"), "logits"

    def scores(self, batch, present):
        told = np.asarray(batch["a"])[:, 0] + np.asarray(batch["b"])[:, 0]
        return np.stack([-told, told], axis=1).astype(np.float32) / 2


def summary(run):
    rows = run["contributions/summary"].arrow().to_pylist()
    return {
        (r["value"], r["absent"], r["modality"], r["slice"], r["metric"]): r["estimate"]
        for r in rows
    }


def by_id(run):
    table = run["contributions/samples"].arrow()
    return table.sort_by([("absent", "ascending"), ("value", "ascending"), ("id", "ascending")])


def test_from_file_to_tables(tmp_path):
    run = mm.contributions(dataset(tmp_path), Votes("ab", total), quiet=True, replicates=100)
    told = summary(run)
    samples = run["contributions/samples"].to_pandas().query("value == 'p_true'")
    for m in "ab":
        phi = told["p_true", "model", m, "all", "phi"]
        assert phi["value"] == pytest.approx(samples[f"phi_{m}"].mean())
        assert phi["low"] < phi["value"] < phi["high"]
        alone = told["", "model", m, "all", "accuracy_alone"]
        assert alone["value"] == pytest.approx(samples[f"alone_{m}"].astype(float).mean())
    shares = [told["p_true", "model", m, "all", "share"]["value"] for m in "ab"]
    assert sum(shares) == pytest.approx(1)
    assert told["p_true", "model", "", "all", "gini"]["value"] == pytest.approx(
        abs(shares[0] - shares[1])
    )
    left = samples[samples["slice:camera"] == "left"]
    assert told["p_true", "model", "a", "camera=left", "phi"]["value"] == pytest.approx(
        left.phi_a.mean()
    )
    yes = samples[samples.label == "yes"]
    assert told["p_true", "model", "a", "class=yes", "phi"]["n"] == len(yes)
    assert told["p_true", "model", "a", "class=yes", "phi"]["value"] == pytest.approx(
        yes.phi_a.mean()
    )
    assert samples.residual.abs().max() < 1e-12


def test_a_black_box_gets_policies_side_by_side(tmp_path, capsys):
    run = mm.contributions(dataset(tmp_path), Sum(), replicates=50)
    said = capsys.readouterr().err
    assert "absent values: marginal:64, zeros, mean" in said
    assert f"{3 * 64 + 1 + 4 + 4} forward passes a sample (every coalition)" in said
    told = summary(run)
    together = "marginal:64+zeros+mean"
    assert 0 < told["p_true", together, "", "all", "policy_same_top"]["value"] <= 1
    assert told["p_true", together, "b", "all", "policy_spread"]["value"] > 0
    off = {p: told["", p, "b", "all", "off_data"] for p in ("marginal:64", "zeros", "mean")}
    assert all(o["low"] <= o["value"] <= o["high"] for o in off.values())
    assert ("", together, "b", "all", "off_data") not in told
    error = told["p_true", "marginal:64", "b", "all", "phi_error"]["value"]
    assert 0 < error < 0.1
    assert ("p_true", "zeros", "b", "all", "phi_error") not in told
    notes = provenance(run["contributions/summary"].arrow().schema.metadata).notes
    noted = [note for note in notes if "Monte-Carlo standard error" in note]
    assert len(noted) == 2  # one a worth, and none for policies without donors
    assert all("(absent values: marginal:64)" in note for note in noted)
    assert f"b {error:.2g}" in noted[0]
    far = {p: np.mean([told["", p, m, "all", "off_data"]["value"] for m in "ab"]) for p in off}
    best = min(far, key=far.get)
    assert any(f"{best} stays nearest the data: {far[best]:.2f} times" in note for note in notes)


def test_donors_error_is_that_of_other_donors(tmp_path):
    """Ten seeds draw other donors: φ of a sample spreads as much as its error says (to 30 %)."""
    where = dataset(tmp_path)
    runs = [
        mm.contributions(where, Sum(), absent=("marginal:16",), seed=s, quiet=True, replicates=2)
        for s in range(10)
    ]
    frames = [r["contributions/samples"].to_pandas().query("value == 'p_true'") for r in runs]
    phi = np.stack([f.phi_b for f in frames])
    said = np.sqrt(np.mean([f.error_b**2 for f in frames]))
    assert np.sqrt(phi.var(axis=0, ddof=1).mean()) == pytest.approx(said, rel=0.3)


def test_the_bias_of_few_donors_is_said(tmp_path):
    where, told = dataset(tmp_path), {}
    for policy in ("marginal:8", "marginal:128"):
        run = mm.contributions(
            where, Sum(), absent=(policy,), value=("neg_loss", "p_true"), quiet=True, replicates=200
        )
        told |= summary(run)
        notes = provenance(run["contributions/summary"].arrow().schema.metadata).notes
        said = [note for note in notes if "than with many donors" in note]
        assert len(said) == (policy == "marginal:8")
    for m in "ab":
        assert told["neg_loss", "marginal:8", m, "all", "phi_shift"]["value"] > 0.01
        assert abs(told["p_true", "marginal:8", m, "all", "phi_shift"]["value"]) < 1e-12


def test_neither_batches_nor_workers_nor_order_change_a_bit(tmp_path):
    where = dataset(tmp_path / "one", absent=0.2)
    shuffled = dataset(
        tmp_path / "two", absent=0.2, order=np.random.default_rng(1).permutation(300)
    )

    def asked(data, **options):
        options = Options(replicates=40, absent=("zeros", "marginal:8"), **options)
        return audit(
            "contributions", data, Sum(), options, named_by=PERSON, quiet=True, unit_rows=128
        )

    first = asked(where)
    for other in (asked(where, batch_size=7), asked(where, workers=2), asked(shuffled)):
        assert by_id(other).equals(by_id(first))
        assert other["contributions/summary"].arrow().equals(first["contributions/summary"].arrow())


def test_absent_modalities_are_null(tmp_path):
    run = mm.contributions(
        dataset(tmp_path, absent=0.3), Votes("ab", total), quiet=True, replicates=20
    )
    samples = run["contributions/samples"].to_pandas().query("value == 'p_true'")
    gone = samples.phi_b.isna()
    assert 60 < gone.sum() < 120
    assert (samples.interaction_a_b.isna() == gone).all()
    assert samples.phi_a.notna().all()
    assert summary(run)["p_true", "model", "b", "all", "phi"]["n"] == (~gone).sum()


def test_the_coalition_table_on_request(tmp_path):
    run = mm.contributions(
        dataset(tmp_path),
        Votes("ab", total),
        quiet=True,
        replicates=20,
        coalitions=True,
        value=("margin",),
    )
    samples = run["contributions/samples"].to_pandas()
    table = np.stack(samples.coalitions)
    assert (table[:, 0] == samples.v_none).all()
    assert (table[:, 3] == samples.v_all).all()
    assert samples.phi_a.to_numpy() == pytest.approx(
        (table[:, 1] - table[:, 0] + table[:, 3] - table[:, 2]) / 2
    )


def test_a_model_of_numbers(tmp_path):
    class Numbers:
        modalities, classes, output = ("a", "b"), None, "values"

        def scores(self, batch, present):
            return np.asarray(batch["a"], np.float32)[:, 0] * 0.75

    run = mm.contributions(
        dataset(tmp_path, kind="number"), Numbers(), quiet=True, replicates=20, absent=("zeros",)
    )
    told = summary(run)
    assert told["neg_squared_error", "zeros", "b", "all", "phi"] == {
        "value": 0,
        "low": 0,
        "high": 0,
        "n": 300,
    }
    assert told["neg_squared_error", "zeros", "a", "all", "phi"]["low"] > 0
    flags = run["contributions/flags"].to_pandas().query("raised")
    assert set(flags.flag + ":" + flags.modality) == {"dead:b", "collapse:a"}


def test_a_model_of_embeddings(tmp_path):
    class Pair:
        modalities, classes, output = ("a", "b"), None, "embeddings"

        def scores(self, batch, present):
            return np.stack([np.asarray(batch[m])[:, :2] for m in "ab"], axis=1).astype(np.float32)

    run = mm.contributions(dataset(tmp_path), Pair(), quiet=True, replicates=20, absent=("mean",))
    samples = run["contributions/samples"].to_pandas()
    assert set(samples.value) == {"similarity"}
    assert samples.v_all.abs().to_numpy() == pytest.approx(np.ones(300), abs=1e-6)


def test_without_labels(tmp_path):
    where = dataset(tmp_path)
    where.write_text(where.read_text().partition("[target]")[0])
    run = mm.contributions(where, Votes("ab", total), quiet=True, replicates=20)
    assert set(run["contributions/samples"].to_pandas().value) == {"p_predicted", "entropy_drop"}
    with pytest.raises(UsageError, match="without labels"):
        mm.contributions(where, Votes("ab", total), quiet=True, value=("p_true",))


def test_one_replicate_makes_no_interval(tmp_path):
    with pytest.raises(UsageError, match="make no interval"):
        mm.contributions(dataset(tmp_path), Votes("ab", total), quiet=True, replicates=1)


def test_a_budget_samples_coalitions_and_says_so(tmp_path, capsys):
    names = "abcdefg"
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 80)
    rows = {m: [[v] for v in rng.normal(size=80) + labels] for m in names}
    parquet.write_table(
        pa.table({"id": [str(i) for i in range(80)], "label": labels, **rows}),
        tmp_path / "rows.parquet",
    )
    parts = "".join(f'[modality.{m}]\nkind = "vector"\ncolumn = "{m}"\n' for m in names)
    head, tail = (
        '[source]\npath = "rows.parquet"\nid = "id"\n',
        '[target]\ncolumn = "label"\nkind = "class"\n',
    )
    (tmp_path / "dataset.toml").write_text(f"schema = 1\n{head}{parts}{tail}")
    model = Votes(names, total)
    model.classes = ("0", "1")
    run = mm.contributions(tmp_path / "dataset.toml", model, budget=60, replicates=20)
    how = (
        "sampled, 22 coalitions and their complements beside each modality alone; no interactions, "
        "which take --budget 66"
    )
    assert f"60 fusions a sample ({how})" in capsys.readouterr().err
    samples = run["contributions/samples"].to_pandas().query("value == 'p_true'")
    assert (samples[[f"error_{m}" for m in names]] > 0).all(axis=None)
    assert "interaction_a_b" not in samples
    run = mm.contributions(tmp_path / "dataset.toml", model, budget=66, replicates=20)
    said = capsys.readouterr().err
    assert "; least squares for 7 modalities and 21 interactions)" in said
    every = mm.contributions(tmp_path / "dataset.toml", model, replicates=20, quiet=True)
    drawn, exact = (
        r["contributions/samples"].to_pandas().set_index(["value", "id"]).sort_index()
        for r in (run, every)
    )
    off = (drawn["interaction_a_b"] - exact["interaction_a_b"]).abs()
    assert (off < 6 * drawn["pair_error_a_b"])["p_true"].mean() > 0.95
    summary = run["contributions/summary"].to_pandas().query("slice == 'all'")
    assert (
        summary.query("metric == 'interaction_error'").groupby("value").size().tolist() == [21] * 2
    )
    with pytest.raises(UsageError, match="no error bar"):
        mm.contributions(tmp_path / "dataset.toml", model, budget=20, quiet=True)


def test_a_training_plan_repeats_what_a_modality_does_not_bring(tmp_path):
    run = mm.contributions(
        dataset(tmp_path), Votes("ab", total), quiet=True, replicates=10,
        training_plan=tmp_path / "to" / "plan.parquet",
    )  # fmt: skip
    plan = run["contributions/training_plan"].to_pandas()
    assert parquet.read_table(tmp_path / "to" / "plan.parquet").to_pandas().equals(plan)
    samples = (
        run["contributions/samples"].to_pandas().query("value == 'correct_size'").set_index("id")
    )
    assert set(plan["keep"] + plan["masked"]) <= {"ab", "ba"}
    for row in plan.itertuples():
        assert (
            row.copies
            == {-0.5: 3, 0.0: 2, 0.5: 1}[round(samples.loc[row.id, f"phi_{row.keep}"], 9)]
        )
    needed = sum((samples[f"phi_{m}"] < 1 - 1e-9).sum() for m in "ab")
    assert len(plan) == needed > 0


def test_a_training_plan_for_a_spreadsheet_and_for_nothing_known(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    where, common = dataset(tmp_path, 60), {"quiet": True, "replicates": 10}
    run = mm.contributions(where, Votes("ab", total), training_plan="plan.csv", **common)
    lines = (tmp_path / "plan.csv").read_text().splitlines()
    assert lines[0] == '"id","keep","masked","copies"'
    assert len(lines) == 1 + len(run["contributions/training_plan"])
    with pytest.raises(UsageError, match=r"plan\.txt"):
        mm.contributions(where, Votes("ab", total), training_plan="plan.txt", **common)


def test_overfitting_is_told_from_the_training_split(tmp_path, capsys):
    """A model that knows modality b of the training rows by heart, and nothing of new ones."""
    where = dataset(tmp_path)
    rows = parquet.read_table(tmp_path / "rows.parquet")
    split = np.where(np.arange(300) % 2 == 0, "train", "test")
    parquet.write_table(rows.append_column("split", pa.array(split)), tmp_path / "rows.parquet")
    where.write_text(where.read_text().replace('id = "id"', 'id = "id"\nsplit = "split"'))
    b = np.array([v[0] for v in rows["b"].to_pylist()], np.float32)
    sign = np.where(np.array(rows["label"]) == "yes", 4.0, -4.0)
    known = dict(zip(b[::2].tolist(), sign[::2], strict=True))

    class Learnt(Votes):
        def encode(self, modality, values):
            first = np.asarray(values, np.float32)[:, :1]
            if modality == "a":
                return first
            return np.array([[known.get(float(v), 0.1)] for v in first[:, 0]], np.float32)

    run = mm.contributions(where, Learnt("ab", total), replicates=100, overfitting=True)
    said = "150 training samples, each modality alone: 450 more passes"
    assert said in capsys.readouterr().err
    told = summary(run)
    gap = {m: told["", "model", m, "all", "generalisation_gap"] for m in "ab"}
    assert gap["b"]["low"] > 0.5
    assert gap["a"]["low"] < 0 < gap["a"]["high"]
    with pytest.raises(UsageError, match="training split"):
        mm.contributions(
            dataset(tmp_path / "other"), Learnt("ab", total), quiet=True, overfitting=True
        )


def test_balance_of_planted_modalities(tmp_path):
    told = summary(
        mm.contributions(dataset(tmp_path), Votes("ab", total), quiet=True, replicates=50)
    )

    def number(modality, metric, value=""):
        return told[
            value, "model" if metric not in {"cka", "cca_held_out"} else "", modality, "all", metric
        ]

    assert number("a", "discrepancy_ratio")["low"] > 1  # a is the clearer one
    assert number("a", "dependence")["value"] + number("b", "dependence")["value"] == pytest.approx(
        1
    )
    assert number("a", "cal_contribution")["low"] > 0.5
    parts = [number("a,b", "information_redundant"), number("a|b", "information_unique"),
             number("b|a", "information_unique"), number("a,b", "information_synergy")]  # fmt: skip
    # the classes are nearly even: all parts add up to log 2 minus the loss with everything
    whole = np.log(2) - number("", "loss")["value"]
    assert sum(p["value"] for p in parts) == pytest.approx(whole, abs=0.01)
    assert number("a", "share_loss_spearman")["high"] < 0  # trusted more where it is right
    assert number("a", "share_loss_covariance")["high"] < 0
    assert number("a,b", "cca_held_out")["low"] > 0.3
    assert number("a,b", "cka")["low"] > 0


def test_odd_samples(tmp_path):
    run = mm.contributions(dataset(tmp_path), Votes("ab", total), quiet=True, replicates=10)
    odd = run["contributions/odd_samples"].to_pandas()
    samples = run["contributions/samples"].to_pandas().query("value == 'p_true'").set_index("id")
    one = odd[odd.kind == "one_sided"]
    sizes = samples[["phi_a", "phi_b"]].abs()
    score = (sizes.max(axis=1) - sizes.min(axis=1)).sort_values(ascending=False)
    assert one.score.to_numpy() == pytest.approx(score.head(10).to_numpy())
    against = odd[odd.kind == "conflict"]
    assert len(against) == 10
    assert (against.phi_a * against.phi_b < 0).all()


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"value": ("p_tru",)}, UsageError, "p_tru"),
        ({"absent": ("nothing",)}, UsageError, "nothing"),
        ({"absent": ("model",)}, UsageError, "mask"),
        ({"budget": 0}, UsageError, "no error bar"),
        ({"batch_size": 0}, UsageError, "one sample or more"),
    ],
)
def test_what_cannot_be_asked_is_refused(tmp_path, change, error, match):
    with pytest.raises(error, match=match):
        mm.contributions(dataset(tmp_path), Sum(), quiet=True, **change)


def test_modalities_must_be_in_the_dataset(tmp_path):
    with pytest.raises(InputError, match="'c'"):
        mm.contributions(dataset(tmp_path), Votes("ac", total), quiet=True)


def test_pairs_that_columns_cannot_tell_apart_are_refused():
    """``a`` with ``b_a`` and ``a_b`` with ``a`` would both be ``a_b_a``."""
    _check_names(("a", "b", "a_b"))
    with pytest.raises(InputError, match="would both be called a_b_a"):
        _check_names(("a_b", "a", "b_a"))


def write_model(tmp_path):
    (tmp_path / "model.py").write_text(
        "import numpy as np\n"
        "class Sum:\n"
        "    modalities, classes, output = ('a', 'b'), ('no', 'yes'), 'logits'\n"
        "    def scores(self, batch, present):\n"
        "        told = np.asarray(batch['a'])[:, 0] + np.asarray(batch['b'])[:, 0]\n"
        "        return np.stack([-told, told], axis=1).astype(np.float32)\n"
    )


def test_work_travels_to_other_processes(tmp_path):
    import pickle

    from loading import access, load
    from mmaudit.audits.contributions import audit
    from mmaudit.inference.inputs import Inputs

    write_model(tmp_path)
    opened = mm.load(dataset(tmp_path, 60))
    spec = f"python:{tmp_path / 'model.py'}:Sum"
    inputs = Inputs(dataset=opened, whole=opened, model=load(spec), access=access())
    work = audit.prepare(audit.Options(absent=("zeros", "marginal:8")), inputs).work
    again = pickle.loads(pickle.dumps(work))
    assert again(range(10, 30)).equals(work(range(10, 30)))


def test_the_command(tmp_path):
    where = dataset(tmp_path, 60)
    write_model(tmp_path)
    done = mmaudit(
        *("contributions", where, "--out", tmp_path / "run", "--json"),
        *("--model", f"python:{tmp_path / 'model.py'}:Sum", "--absent", "zeros,mean"),
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert {r["metric"] for r in rows} >= {
        "phi",
        "share",
        "interaction",
        "accuracy_alone",
        "policy_same_top",
    }
    assert "8 forward passes a sample" in done.stderr


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("handwritten", (96.6, 82.7, 97.9, 81.6, 96.1, 72.7)),
        ("scene15", (59.8, 75.2, 48.4)),
        ("msrc", (91, 88, 91, 84, 89, 65)),
    ],
)
def test_single_views_are_as_accurate_as_the_data_says(name, figures):
    """The unimodal columns of late fusion are the single views, exactly.

    The README of the data gives their accuracy by a protocol that it does not spell out; so
    the figures are held to 2 points and to what 3 standard errors of one split are worth.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    where = SHARED / name / "dataset.toml"
    if not where.exists():
        pytest.skip("the real datasets are not here")
    opened = mm.load(where)
    train = opened.select(split="train")
    batch = train.read(range(len(train)))
    labels = batch.column("label").to_numpy(zero_copy_only=False)
    views = {
        m: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, tol=1e-3)).fit(
            np.stack(batch.column(m).to_pylist()), labels
        )
        for m in opened.modalities
    }

    class Late:
        modalities, classes, output, accepts_missing = (
            opened.modalities,
            opened.classes,
            "probabilities",
            True,
        )

        def encode(self, modality, values):
            order = [list(views[modality].classes_).index(c) for c in self.classes]
            return views[modality].predict_proba(np.asarray(values))[:, order].astype(np.float32)

        def fuse(self, features, present):
            there = np.stack([present[m] for m in self.modalities])[..., None]
            mean = (np.stack([features[m] for m in self.modalities]) * there).sum(0)
            count = there.sum(0)
            return np.where(count > 0, mean / np.maximum(count, 1), 1 / len(self.classes))

        def scores(self, batch, present):
            return self.fuse({m: self.encode(m, batch[m]) for m in self.modalities}, present)

    told = summary(mm.contributions(opened, Late(), quiet=True, replicates=20))
    found = [
        100 * told["", "model", m, "all", "accuracy_alone"]["value"] for m in opened.modalities
    ]
    n = told["", "model", "", "all", "accuracy"]["n"]
    test = opened.select(split="test")
    rows = test.read(range(len(test)))
    truth = rows.column("label").to_numpy(zero_copy_only=False)
    direct = [
        100 * views[m].score(np.stack(rows.column(m).to_pylist()), truth) for m in opened.modalities
    ]
    assert found == pytest.approx(direct)
    # 2 points, and 3 standard errors of the test split: msrc's has 42 samples
    slack = [2 + 3 * np.sqrt(f * (100 - f) / n) for f in figures]
    assert (np.abs(np.subtract(found, figures)) <= slack).all(), (found, n)
