"""A sweep that stops when it is decided: fewer answers, the same verdict, the same bytes."""

import json
import signal
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import two_vectors
from command import mmaudit
from mmaudit import parts
from mmaudit.errors import UsageError
from mmaudit.gate import config as gates
from mmaudit.gate.judge import judge
from mmaudit.models.access import PERSON
from mmaudit.runs.config import run_config
from mmaudit.runs.early.plan import until_decided
from mmaudit.runs.run import audit
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.tables import store
from mmaudit.tables.provenance import provenance
from two_vectors import Nearest, make

N = 10_000
NOISE = ("vector/gaussian_noise",)
DROP = {"id": "drop", "metric": "robustness.accuracy{corruption=vector/*}", "max_drop": 0.10}
CLEAN = {"id": "clean", "metric": "robustness.accuracy{condition=clean}", "min": 0.5}
ONE = {"metric": "robustness.accuracy{condition=vector/gaussian_noise:5@left}", "max_drop": 0.05}


def gate(*checks):
    return gates.build({"check": list(checks)}, "gate.toml")


def sweep(manifest, out, checks, model=None, **options):
    asked = {"corruptions": NOISE, "replicates": 20} | options
    model = model or Nearest()
    until = partial(until_decided, gate(*checks)) if checks else None
    made = parts.load("audits", "robustness").Options(**asked)
    run = audit(
        "robustness",
        manifest,
        model,
        made,
        out=out,
        named_by=PERSON,
        quiet=True,
        until=until,
    )
    return run, model


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """Drops are about 0 at severity 1, 0.03 at 3 and 0.19 at 5."""
    return make(tmp_path_factory.mktemp("data"), N, noise=0.35)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return make(tmp_path_factory.mktemp("small"), 1500, noise=0.35)


@pytest.fixture(scope="module")
def early(manifest, tmp_path_factory):
    return sweep(manifest, tmp_path_factory.mktemp("early") / "run", [DROP, CLEAN])


@pytest.fixture(scope="module")
def whole(small, tmp_path_factory):
    """The small data asked in full: to read, not to change."""
    return sweep(small, tmp_path_factory.mktemp("whole") / "run", [])[0]


def rows(run):
    return store.read(run.path / "robustness/decisions.parquet").to_pylist()


def notes(run):
    table = store.read(run.path / "robustness/summary.parquet")
    return " ".join(provenance(table.schema.metadata).notes)


def test_five_times_fewer_forward_passes_and_the_same_verdict(manifest, early, tmp_path):
    run, model = early
    full, whole = sweep(manifest, tmp_path / "full", [])
    checked = 100  # more than the check of the model takes, before the sweep
    assert N * 7 <= whole.asked["scores"] <= N * 7 + checked
    assert model.asked["scores"] * 5 <= whole.asked["scores"]
    told = {(r["check"], r["condition"]): r for r in rows(run)}
    assert all(r["early"] for r in told.values())
    verdict = judge(full.path, gate(DROP, CLEAN))
    cells = [(r.id, c) for r in verdict.results for c in r.cells]
    assert {(check, c.label): c.outcome for check, c in cells} == {
        key: row["outcome"] for key, row in told.items()
    }
    assert "7 of 7 tested rows were decided early" in notes(run)


def test_each_row_rests_on_the_first_samples_by_the_hash_of_the_id(manifest, early):
    run, _ = early
    dataset = open_dataset(manifest)
    samples = run["robustness/samples"].to_pandas()
    table = run["robustness/summary"].to_pandas().set_index(["condition", "metric", "slice"])
    clean = samples[samples.condition == "clean"].set_index("id")
    for row in rows(run):
        if row["check"] != "drop":
            continue
        answers = samples[samples.condition == row["condition"]].set_index("id")
        first = dataset.select(limit=row["samples"]).column("id").to_pylist()
        assert set(answers.index) == set(first)
        assert row["used"] <= row["samples"]
        drop = clean.correct[answers.index].astype(int) - answers.correct.astype(int)
        found = table.loc[row["condition"], "accuracy_drop", "all"]
        assert found["estimate.value"] == pytest.approx(drop.mean())
        assert found["estimate.n"] == row["samples"] == len(answers)
        part = answers["slice:half"] == "even"
        found = table.loc[row["condition"], "accuracy", "half=even"]
        assert found["estimate.value"] == pytest.approx(answers.correct[part].mean())


def files(run):
    found = {p.relative_to(run): p.read_bytes() for p in run.rglob("*") if p.is_file()}
    del found[Path("run.json")]  # how long it took
    return found


class Tired(Nearest):
    """Stops in the middle the first time."""

    left = 20

    def scores(self, batch, present):
        type(self).left -= 1
        if type(self).left == 0:
            signal.raise_signal(signal.SIGINT)  # as a person does
        return super().scores(batch, present)


def test_an_interrupted_run_and_several_workers_end_in_the_same_bytes(small, tmp_path):
    tight = DROP | {"max_drop": 0.04}
    with pytest.raises(KeyboardInterrupt):
        sweep(small, tmp_path / "a", [tight, CLEAN], Tired())
    done = len(list((tmp_path / "a").rglob("samples/*.parquet")))
    assert 1 <= done < 6
    a, _ = sweep(small, tmp_path / "a", [tight, CLEAN], Tired(), resume=True)
    b, _ = sweep(small, tmp_path / "b", [tight, CLEAN], Tired(), workers=3)
    assert files(a.path) == files(b.path)
    with pytest.raises(UsageError, match="another one: options"):
        sweep(small, tmp_path / "a", [DROP], Tired(), resume=True)


def counts(run):
    samples = run["robustness/samples"].to_pandas()
    return samples.groupby("condition").size().to_dict()


def test_what_no_check_mentions_and_what_is_no_mean_is_asked_in_full(small, tmp_path):
    left = "vector/gaussian_noise:{}@left"
    f1 = {"metric": f"robustness.macro_f1{{condition={left.format(3)}}}", "min": 0.1}
    worst = {"metric": "robustness.accuracy_worst{condition=*@right}", "min": 0.1}
    mean = {"metric": f"robustness.accuracy{{condition={left.format(1)}}}", "min": 0.1}
    mean |= {"aggregate": "mean"}
    run, _ = sweep(small, tmp_path / "run", [ONE, f1, worst, mean], joint=True)
    told = counts(run)
    assert told[left.format(5)] == 128
    assert {c for c, n in told.items() if n < 1500} == {left.format(5)}
    assert "3 conditions that no check mentions" in notes(run)
    for name in ("macro_f1", "accuracy_worst"):
        assert name in notes(run)
    assert len(rows(run)) == 1


def test_slices_flips_and_brier_scores_are_tested_too(small, tmp_path):
    left = "condition=vector/gaussian_noise:5@left"
    checks = [
        {"id": "even", "metric": f"robustness.accuracy{{{left},slice=half=*}}", "max_drop": 0.02},
        {"id": "flips", "metric": f"robustness.flip_rate{{{left}}}", "max": 0.02},
        {"id": "destroyed", "metric": f"robustness.destroyed_rate{{{left}}}", "max": 0.02},
        {"id": "repaired", "metric": f"robustness.repaired_rate{{{left}}}", "min": 0.5},
        {"id": "brier", "metric": f"robustness.brier{{{left}}}", "max_drop": 0.02},
        {"id": "rise", "metric": f"robustness.brier_rise{{{left}}}", "max": 0.02},
        {"id": "few", "metric": f"robustness.accuracy{{{left}}}", "max": 0.2, "min_n": 700},
    ]
    run, _ = sweep(small, tmp_path / "run", checks)
    told = rows(run)
    assert {(r["check"], r["slice"]) for r in told} >= {("even", "half=even"), ("even", "half=odd")}
    assert all(r["outcome"] == "fail" and r["early"] for r in told)
    assert {r["check"]: r["used"] for r in told}["few"] == 768
    verdict = judge(run.path, gate(*checks))
    assert all("decided after" in c.reason for r in verdict.results for c in r.cells)
    assert verdict.exit_code == 1


def test_numbers_of_all_subsets_wait_for_all_samples(small, tmp_path):
    right = {"id": "right", "metric": "robustness.certified_right{condition=absent:up_to_1}"}
    run, _ = sweep(small, tmp_path / "run", [right | {"min": 0.1}, ONE], missing=True)
    told = counts(run)
    assert {n for c, n in told.items() if c.startswith("present:") and c != "present:none"} == {
        1500
    }
    assert "Decided only in the end" in notes(run)
    assert "right" in notes(run)
    (cell,) = judge(run.path, gate(right | {"min": 0.1})).results[0].cells
    assert cell.estimate.n == 1500


def test_samples_in_groups_are_not_tested_one_by_one(tmp_path):
    grouped = make(tmp_path / "data", 600, groups=True)
    run, _ = sweep(grouped, tmp_path / "run", [ONE])
    assert set(counts(run).values()) == {600}
    assert "Decided only in the end" in notes(run)
    plain, _ = sweep(grouped, tmp_path / "plain", [])
    one, other = (r["robustness/summary"].arrow().replace_schema_metadata() for r in (run, plain))
    assert one.equals(other)


@pytest.mark.parametrize(
    ("fail_when", "outcome"),
    [("undecided", "inconclusive"), ("possible", "fail"), ("proven", "pass")],
)
def test_what_stays_open_is_what_the_check_says_of_open_rows(
    small, whole, tmp_path, fail_when, outcome
):
    drop = whole["robustness/summary"].to_pandas().set_index(["condition", "metric", "slice"])
    at = drop.loc["vector/gaussian_noise:5@left", "accuracy_drop", "all"]["estimate.value"]
    open_check = ONE | {"id": "open", "max_drop": float(at), "fail_when": fail_when}
    run, _ = sweep(small, tmp_path / "open", [open_check])
    (row,) = rows(run)
    assert (row["outcome"], row["early"], row["used"]) == ("inconclusive", False, 1500)
    verdict = judge(run.path, gate(open_check))
    assert verdict.results[0].outcome == outcome
    assert verdict.results[0].cells[0].reason == "open after all 1,500 samples"


def test_a_run_that_was_stopped_is_no_baseline_where_it_was(small, whole, tmp_path):
    base, _ = sweep(small, tmp_path / "base", [ONE])
    names = ("vector/gaussian_noise:5@left", "vector/gaussian_noise:3@left", "clean")
    told = {"max_drop": 0.1, "against": "baseline", "metric": "robustness.macro_f1{condition=%s}"}
    asked = gate(*(told | {"id": name, "metric": told["metric"] % name} for name in names))
    verdict = judge(whole.path, asked, baseline=base.path)
    outcomes = {r.id: (r.outcome, r.cells[0].reason) for r in verdict.results}
    assert outcomes[names[0]][0] == "missing"
    assert "was stopped when its checks were decided" in outcomes[names[0]][1]
    # what no check mentions was asked in full, and clean with it
    assert [outcomes[name][0] for name in names[1:]] == ["pass", "pass"]


CONFIG = """
schema = 1
dataset = "dataset.toml"
model = "python:model.py:Nearest"
[robustness]
corruptions = ["vector/gaussian_noise"]
replicates = 20
"""


def test_the_verdict_says_after_how_many_samples(tmp_path):
    make(tmp_path, 1000, noise=0.35)
    (tmp_path / "model.py").write_text(Path(two_vectors.__file__).read_text())
    config = tmp_path / "audit.toml"
    config.write_text(CONFIG)
    with pytest.raises(UsageError, match="no check"):
        run_config(config, tmp_path / "run", trust=True, until_decided=True)
    config.write_text(CONFIG + f'[[check]]\nmetric = "{ONE["metric"]}"\nmax_drop = 0.05\n')
    done = run_config(config, tmp_path / "run", trust=True, until_decided=True)
    assert done.verdict.exit_code == 1
    told = json.loads((tmp_path / "run/verdict.json").read_text())
    assert told["results"][0]["cells"][0]["reason"] == "decided after 128 samples"
    assert "stopped early" in done.report.read_text()
    assert np.unique(list(counts(done.run).values())).tolist() == [128, 1000]


def command(*words):
    done = mmaudit(*words)
    return done.returncode, done.stdout


def check(name, metric, **limits):
    told = "".join(f"{key} = {value!r}\n" for key, value in limits.items())
    return f'[[check]]\nid = "{name}"\nmetric = "robustness.{metric}"\n{told}'


def test_the_gate_later_says_what_the_run_said(whole, tmp_path):
    """By the commands: a row that passes, one that fails, one that stays open."""
    drop = whole["robustness/summary"].to_pandas().set_index(["condition", "metric", "slice"])
    at = float(drop.loc["vector/gaussian_noise:3@left", "accuracy_drop", "all"]["estimate.value"])
    make(tmp_path, 1500, noise=0.35)
    (tmp_path / "model.py").write_text(Path(two_vectors.__file__).read_text())
    config, run = tmp_path / "audit.toml", tmp_path / "run"
    left = "accuracy{condition=vector/gaussian_noise:%d@left}"
    checks = [
        check("fails", left % 5, max_drop=0.05),
        check("passes", left % 1, max_drop=0.1),
        check("open", left % 3, max_drop=at),
    ]
    config.write_text(CONFIG + "".join(checks))
    assert command("run", config, "--out", run, "--trust", "--until-decided")[0] == 1
    told = json.loads((run / "verdict.json").read_text())["results"]
    assert {r["id"]: r["outcome"] for r in told} == {
        "fails": "fail",
        "passes": "pass",
        "open": "inconclusive",
    }
    code, out = command("gate", run, "--config", config, "--json", tmp_path / "later.json")
    assert code == 1
    assert "decided after 128 samples" in out
    later = json.loads((tmp_path / "later.json").read_text())["results"]
    assert later == told
    assert later[2]["cells"][0]["reason"] == "open after all 1,500 samples"
    assert later[2]["cells"][0]["needed"] > 1500
    # a check that nobody asked about has no answer where its samples were stopped
    other = tmp_path / "other.toml"
    for limits in ({"max_drop": 0.2}, {"max_drop": 0.1, "confidence": 0.99}, {"min": 0.1}):
        other.write_text(check("passes", left % 1, **limits))
        code, out = command("gate", run, "--config", other)
        assert (code, "stopped when other checks were decided" in out) == (5, True)
    other.write_text(check("mean", "accuracy{condition=*@left}", min=0.1, aggregate="mean"))
    assert command("gate", run, "--config", other)[0] == 5
    other.write_text(
        check("all", left % 3, max_drop=0.9)
        + check("right", "accuracy{condition=*:5@right}", min=0.1)
    )
    assert command("gate", run, "--config", other)[0] == 0
    # and the page says how many samples each took
    assert command("report", run, "--form", "markdown", "-o", tmp_path / "r.md")[0] == 0
    page = (tmp_path / "r.md").read_text()
    assert "| fails | vector/gaussian\\_noise:5&#64;left | all |" in page
    assert "| vector/gaussian\\_noise:5&#64;left | 128 | 1,500 | yes |" in page
    assert "| vector/gaussian\\_noise:3&#64;left | 1,500 | 1,500 | no |" in page
