"""Remedies by the real command, on vectors of which one is loud noise for most samples."""

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file

import mmaudit as mm
import vector_files
from command import mmaudit
from mmaudit.audits.remedies.options import Options
from mmaudit.errors import UsageError
from mmaudit.runs.record.harmful import settled
from mmaudit.tables import log

QUICK = ("--steps", "20", "--width", "8", "--seeds", "3")
HOW = {"methods": ("control/*",), "steps": 20, "width": 8, "seeds": 3, "quiet": True}
TRAIN, TEST, CLASSES = 600, 200, 3
TORCH = ("torch", "mmaudit.audits.remedies.audit")


def write(folder, *, poison=False, numbers=False):
    """Two vectors of which each says the class, ``b`` less surely; and a third that says nothing."""
    rng = np.random.default_rng(0)
    n = TRAIN + TEST
    labels = rng.integers(0, CLASSES, n)
    means = {m: 1.5 * rng.normal(size=(CLASSES, 6)) for m in "ab"}
    columns = {m: means[m][labels] + rng.normal(size=(n, 6)) * (1 + (m == "b")) for m in "ab"}
    columns["c"] = rng.normal(size=(n, 6))
    test = np.arange(n) >= TRAIN
    if poison:  # what no training may see: other labels, and values that no row has
        columns = {m: np.where(test[:, None], 1e4, x) for m, x in columns.items()}
        labels = np.where(test, (labels + 1) % CLASSES, labels)
    table = {
        "id": [f"row{i}" for i in range(n)],
        "label": labels.astype(float).tolist() if numbers else [f"k{c}" for c in labels],
        "half": ["test" if t else "train" for t in test],
        **{m: x.tolist() for m, x in columns.items()},
    }
    target = (
        '[target]\ncolumn = "label"\nkind = "number"' if numbers else vector_files.CLASS_OF_LABEL
    )
    return vector_files.write(
        folder, table, *"abc", name="three", source='split = "half"', target=target
    )


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    return write(tmp_path_factory.mktemp("remedies") / "data")


@pytest.fixture(scope="module")
def run(where, tmp_path_factory):
    out = tmp_path_factory.mktemp("remedies-run") / "run"
    damage = ("--against", "vector/gaussian_noise:5@a")
    done = mmaudit(
        "remedies", where, "--out", out, "--methods", "control/*", *damage, *QUICK, loaded=TORCH
    )
    assert done.returncode == 0, done.stderr
    return out, done


def rows(out):
    return pq.read_table(out / "remedies" / "summary.parquet").to_pylist()


def test_the_command_says_what_helps_and_what_it_compared_with(run):
    out, done = run
    assert "under the damage" in done.stdout
    assert f"{TRAIN} to train on" in done.stderr
    assert "not asked for" not in done.stderr
    gains = [row for row in rows(out) if row["metric"] == "gain"]
    assert {row["family"] for row in gains} == {"clean", "damaged", "incomplete", "conflict"}
    for row in gains:
        low, high = row["estimate"]["low"], row["estimate"]["high"]
        helps, harms = low > 0, high < 0
        word = "helps" if helps else "harms" if harms else None
        assert row["verdict"] in ({word} if word else {"no shown difference", "cannot be told"})
        assert row["control"]


def test_what_trainings_took_stands_beside_the_tables(run):
    """In run.json, in the terminal and on the page; tables keep their bytes."""
    out, done = run
    seconds = log.read(out)["audits"]["remedies"]["cpu_seconds"]
    assert set(seconds) == {row["method"] for row in rows(out)}
    assert min(seconds.values()) > 0
    assert "CPU time of a training" in done.stdout
    assert not any("seconds" in row["metric"] for row in rows(out))
    assert "CPU seconds" in mm.report(out).read_text()
    unit = min((out / "remedies" / "samples").glob("*.json"))
    assert set(json.loads(unit.read_text())["cpu_seconds"]) == {"control/best_unimodal"}


def test_a_family_is_the_mean_of_its_conditions(run):
    table = [r for r in rows(run[0]) if r["metric"] == "accuracy" and r["family"] == "incomplete"]
    for method in {r["method"] for r in table}:
        own = [r for r in table if r["method"] == method]
        (whole,) = (r["estimate"]["value"] for r in own if not r["condition"])
        parts = [r["estimate"]["value"] for r in own if r["condition"]]
        assert len(parts) == 6
        assert np.isclose(whole, np.mean(parts))


def test_the_models_are_models_of_every_audit(run, where, tmp_path):
    """Asked by another audit, one is right about the samples that it was right about here."""
    out, other = run[0], tmp_path / "run"
    model = out / "remedies" / "models" / "control" / "late_mean-0.safetensors"
    mm.robustness(where, f"remedy:{model}", corruptions=(), missing=True, out=other, quiet=True)
    theirs = answers(other / "robustness", lambda row: True)
    ours = answers(out / "remedies", lambda r: (r["method"], r["seed"]) == ("control/late_mean", 0))
    shared = sorted(set(ours) & set(theirs))
    assert {condition for condition, _ in shared} == {"clean"} | {
        f"present:{some}" for some in ("a", "b", "c", "a,b", "a,c", "b,c")
    }
    assert [ours[key] for key in shared] == [theirs[key] for key in shared]


def test_contributions_are_those_that_the_other_audit_says_of_the_model(run, where, tmp_path):
    """The same values of the same samples, and a mean that lies in the interval here."""
    out, other = run[0], tmp_path / "run"
    model = out / "remedies" / "models" / "control" / "concat_mlp-1.safetensors"
    asked = {"value": ("p_true",), "absent": ("model",), "out": other, "quiet": True}
    mm.contributions(where, f"remedy:{model}", **asked)
    theirs = columns(other / "contributions", lambda row: True, "phi_{}")
    of = ("control/concat_mlp", 1, "clean")
    ours = columns(
        out / "remedies", lambda r: (r["method"], r["seed"], r["condition"]) == of, "phi_{}"
    )
    assert len(ours) == TEST
    assert theirs.keys() == ours.keys()
    assert np.allclose([ours[i] for i in ours], [theirs[i] for i in ours], atol=1e-6)
    mean = np.mean(list(ours.values()), axis=0)
    for m, value in zip("abc", mean, strict=True):
        (row,) = (
            r
            for r in rows(out)
            if (r["method"], r["metric"], r["modality"]) == ("control/concat_mlp", "phi", m)
        )
        assert row["estimate"]["low"] <= value <= row["estimate"]["high"]


def test_another_audit_tells_trust_by_the_weights_that_are_judged_here(run, where, tmp_path):
    """Those of the method itself, the same for every sample, so that damage moves none."""
    out, other = run[0], tmp_path / "run"
    model = out / "remedies" / "models" / "control" / "weighted_late-2.safetensors"
    asked = {"corruptions": ("vector/gaussian_noise",), "out": other, "quiet": True}
    mm.adaptivity(where, f"remedy:{model}", **asked)
    of = ("control/weighted_late", 2, "clean")
    ours = columns(
        out / "remedies", lambda r: (r["method"], r["seed"], r["condition"]) == of, "weight_{}"
    )
    theirs = columns(other / "adaptivity", lambda row: True, "weight_clean_{}")
    assert np.allclose([ours[i] for i in ours], [theirs[i] for i in ours], atol=1e-6)
    told = pq.read_table(other / "adaptivity" / "summary.parquet").to_pylist()
    assert "weight" in {r["trust"] for r in told if r["metric"] == "adaptivity"}
    (moved,) = (
        r["estimate"] for r in rows(out) if (r["method"], r["metric"]) == (of[0], "adaptivity")
    )
    assert moved["value"] == 0
    assert moved["low"] < 0 < moved["high"]


def columns(folder, which, name):
    """A number of each modality of each sample, by its id."""
    tables = [pq.read_table(path).to_pylist() for path in (folder / "samples").rglob("0*.parquet")]
    return {
        row["id"]: [row[name.format(m)] for m in "abc"]
        for table in tables
        for row in table
        if which(row)
    }


def test_the_recipe_comes_to_the_model_of_the_audit_without_it(run, tmp_path):
    """In a folder of its own, by a Python that looks for modules nowhere else."""
    done, out = run[1], run[0] / "remedies"
    name = re.search(r"recipe\.py trains (\S+) with numpy and torch", done.stdout)[1]
    for file in ("recipe.py", "features.npz"):
        shutil.copy(out / file, tmp_path)
    said = subprocess.run(
        [sys.executable, "-I", tmp_path / "recipe.py"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    conditions = {r["condition"] for r in rows(run[0]) if r["family"] == "incomplete"} - {""}
    assert {line.partition(": ")[0] for line in said} - conditions == {
        "clean",
        "vector/gaussian_noise:5@a",
    }
    for line in said:
        own, audited = map(float, re.findall(r"0\.\d{4}", line))
        assert abs(own - audited) < 1e-4, line
    model = load_file(out / "models" / f"{name}-0.safetensors")
    weights = np.load(tmp_path / "recipe-weights.npz")
    for key in (key for key in model if key.startswith("parameter.")):
        own = weights[key.removeprefix("parameter.")]
        np.testing.assert_allclose(own, model[key][0], rtol=0, atol=1e-5, err_msg=key)


def answers(folder, which):
    tables = [pq.read_table(path).to_pylist() for path in (folder / "samples").rglob("0*.parquet")]
    return {
        (row["condition"], row["id"]): bool(row["correct"])
        for table in tables
        for row in table
        if which(row)
    }


def test_no_row_that_judges_has_a_say_in_training(where, run, tmp_path):
    """Other values and labels of the test split change no bit of what is trained."""
    poisoned = write(tmp_path / "data", poison=True)
    out = tmp_path / "run"
    mm.remedies(poisoned, out=out, **HOW)
    models = sorted(
        p.relative_to(out) for p in out.rglob("*.safetensors") if "+damaged" not in p.name
    )
    assert models
    for model in models:
        assert (out / model).read_bytes() == (run[0] / model).read_bytes(), model


def test_two_workers_and_a_run_gone_on_with_end_in_the_same_bytes(where, run, tmp_path):
    out, other = run[0], tmp_path / "run"
    ask = ("remedies", where, "--out", other, "--methods", "control/*")
    ask += ("--against", "vector/gaussian_noise:5@a", *QUICK)
    start = [sys.executable, "-m", "mmaudit", *map(str, ask), "--workers", "2"]
    done = subprocess.run(start, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    units = sorted((other / "remedies" / "samples").glob("*.parquet"))
    units[1].unlink()
    (other / "remedies" / "summary.parquet").unlink()
    assert mmaudit(*ask, "--resume", loaded=TORCH).returncode == 0
    files = [*(out / "remedies").rglob("*.parquet"), *(out / "remedies").glob("*.py")]
    files += (out / "remedies").glob("*.npz")
    assert {"recipe.py", "features.npz"} <= {path.name for path in files}
    for path in sorted(p.relative_to(out) for p in files):
        assert (out / path).read_bytes() == (other / path).read_bytes(), path


def test_numbers_are_judged_by_their_squared_error(tmp_path):
    where = write(tmp_path / "data", numbers=True)
    out = tmp_path / "run"
    mm.remedies(where, out=out, **(HOW | {"steps": 40}))
    table = rows(out)
    assert {"mean_squared_error", "gain"} <= {r["metric"] for r in table}
    spread = np.var(np.arange(CLASSES))
    clean = [r for r in table if r["metric"] == "mean_squared_error" and r["family"] == "clean"]
    assert min(r["estimate"]["value"] for r in clean) < spread / 2


def test_the_damage_can_be_what_cost_a_model_most(where, run, tmp_path):
    """Of each modality the worst that is sure; nothing where nothing is shown."""
    model = run[0] / "remedies" / "models" / "control" / "concat-0.safetensors"
    ask = {"corruptions": ("vector/gaussian_noise",), "severities": (1, 5), "quiet": True}
    mm.robustness(where, f"remedy:{model}", out=tmp_path / "audited", **ask)
    drops = [
        r
        for r in pq.read_table(tmp_path / "audited" / "robustness" / "summary.parquet").to_pylist()
        if r["metric"] == "accuracy_drop" and r["slice"] == "all" and "@" in r["condition"]
    ]
    sure = {r["condition"]: r["estimate"]["low"] for r in drops if r["estimate"]["low"] > 0}
    assert sure
    worst = {max((c for c in sure if c.endswith(f"@{m}")), key=sure.get) for m in "ab"}
    done = mmaudit(
        *("remedies", where, "--out", tmp_path / "run", "--for", tmp_path / "audited"),
        *("--methods", "control/*", *QUICK),
        loaded=TORCH,
    )
    assert done.returncode == 0, done.stderr
    judged = {r["condition"] for r in rows(tmp_path / "run") if r["family"] == "damaged"}
    assert worst <= (judged - {""} or worst)
    assert all(c.split("@")[1] in "abc" for c in judged - {""})


def test_shelves_can_be_what_failed_in_a_run(where, run, tmp_path):
    """Damage calls for those that weigh and mix, a modality that does nothing for balance."""
    model = f"remedy:{run[0] / 'remedies' / 'models' / 'control' / 'concat-0.safetensors'}"
    harm = {"corruptions": ("vector/gaussian_noise",), "quiet": True}
    harmed, spared = (str(tmp_path / name) for name in ("harmed", "spared"))
    mm.robustness(where, model, out=harmed, severities=(5,), **harm)
    mm.robustness(where, model, out=spared, severities=(1,), limit=12, **harm)
    damage = settled(Options(for_run=harmed)).against
    assert damage
    assert settled(Options(for_run=harmed)).methods == ("dynamic/*", "generic/*")
    with pytest.raises(UsageError, match="nothing to train against"):
        settled(Options(for_run=spared))
    for name in (harmed, spared):
        mm.contributions(where, model, out=name, quiet=True)
    both, balance = (settled(Options(for_run=name)) for name in (harmed, spared))
    assert both.methods == ("dynamic/*", "generic/*", "balance/*")
    assert (balance.methods, balance.against) == (("balance/*",), ())
    named = settled(Options(for_run=harmed, methods=("dynamic/tmc",)))
    assert (named.methods, named.against) == (("dynamic/tmc",), damage)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--methods", "dynamic/no_such"), 2, "there is no 'dynamic/no_such' in remedies"),
        (("--against", "missing/mcar:2"), 2, "one change of single values"),
        (("--against", "image/fog:2"), 2, "image"),
        (("--seeds", "1"), 2, "how much seeds matter"),
        (("--steps", "0"), 2, "trains nothing"),
        (("--margin", "2"), 2, "judges nothing"),
        (("--split", "all"), 2, "judged on the samples that they are trained on"),
        (("--split", "train"), 2, "judged on the samples that they are trained on"),
        (("--for", "nowhere"), 3, "no such run directory"),
        (("--for", ".", "--against", "vector/gaussian_noise:1@a"), 2, "both say the damage"),
        (("--features", "d=x.npy"), 2, "no modality 'd'"),
        (("--features", "a=no.npy"), 3, "no such file"),
    ],
)
def test_what_cannot_be_is_refused(where, tmp_path, words, code, says):
    done = mmaudit("remedies", where, "--out", tmp_path / "run", *QUICK, *words, loaded=TORCH)
    assert done.returncode == code
    assert says in done.stderr
    assert "try:" in done.stderr


def test_a_rehearsal_tries_one_training_and_writes_nothing(where, tmp_path):
    asked_for = tmp_path / "audit.toml"
    asked_for.write_text(
        f'schema = 1\ndataset = "{where}"\n[remedies]\nmethods = ["control/*"]\nsteps = 10\nwidth = 8\n'
    )
    done = mmaudit("run", asked_for, "--out", tmp_path / "run", "--dry-run", loaded=TORCH)
    assert done.returncode == 0, done.stderr
    assert "5 seeds: 45 trainings" in done.stdout
    assert "for 45 units" in done.stdout
    assert not (tmp_path / "run").exists()
