"""A suggested gate file: what it asks, and how often an equally good model passes it."""

import math
import re
import tomllib
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

import many_runs
import mmaudit as mm
import run_folders
from command import mmaudit
from mmaudit.audits.contributions.options import VIEWS
from mmaudit.audits.robustness.metrics import declared
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.gate.suggestion.suggest import _outward, suggest
from mmaudit.measures.tasks.base import Task
from mmaudit.rows import Estimate, column
from mmaudit.runs.gate import suggested
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance
from mmaudit.tables.store import write
from places import DOCS

REFERENCES, FRESH = 10, 20


@pytest.mark.parametrize(
    ("edge", "below", "above"),
    [
        (0.97543, "0.975", "0.976"),
        (0.0, "0.000", "0.000"),
        (0.0042, "0.004", "0.005"),
        (-0.00236, "-0.003", "-0.002"),
        (1.7154e-05, "0.0000171", "0.0000172"),
        (1234567.8912, "1234567.891", "1234567.892"),
        (2.75e28, "27500000000000000000000000000.000", "27500000000000000000000000000.000"),
    ],
)
def test_outward_and_few_digits(edge, below, above):
    assert str(_outward(edge, ROUND_FLOOR)) == below
    assert str(_outward(edge, ROUND_CEILING)) == above
    assert float(below) <= edge <= float(above)


@pytest.mark.parametrize("edge", [5e-324, 1e300, -1e-9, 0.00099999, 0.99999])
def test_extremes_are_not_cut_inward(edge):
    assert float(_outward(edge, ROUND_FLOOR)) <= edge <= float(_outward(edge, ROUND_CEILING))


def checks(text):
    return tomllib.loads(text)["check"]


def answers(rng, sets, n):
    """Scores of a binary model by severity, which loses as damage grows, and the labels."""
    labels = (rng.random((sets, n)) < 0.5).astype(int)
    luck = rng.random((sets, n))
    scores = {}
    for severity, accuracy in ((0, 0.93), (1, 0.92), (3, 0.85), (5, 0.7)):
        sure = np.clip(0.5 + 0.45 * (accuracy - luck) / accuracy, 0.02, 0.98)
        p = np.where(labels == 1, sure, 1 - sure)
        scores[severity] = np.stack([1 - p, p], -1)
    return scores, labels


def test_an_equally_good_model_passes_the_whole_file(tmp_path):
    """Through the audit, the suggestion and the gate; with bounds at the edge hardly any does."""
    rng, n, passed = np.random.default_rng(0), 120, 0
    fresh = many_runs.run(tmp_path / "fresh", *answers(rng, FRESH, n))
    for reference in range(REFERENCES):
        run = many_runs.run(tmp_path / str(reference), *answers(rng, 1, n))
        asked = checks(suggest(run))
        assert len(asked) == 9  # six clean numbers, three drops
        assert judge(run, config.build({"check": asked}, "gate.toml")).exit_code == 0
        parts = [
            one | {"id": f"{i} {one['id']}", "slice": f"set={i:05d}"}
            for i in range(FRESH)
            for one in asked
        ]
        verdict = judge(fresh, config.build({"check": parts}, "gate.toml"))
        good = np.array([result.outcome == "pass" for result in verdict.results])
        passed += good.reshape(FRESH, -1).all(axis=1).sum()
    gates = REFERENCES * FRESH
    assert passed / gates >= 0.95 - 2 * math.sqrt(0.05 * 0.95 / gates)


@pytest.mark.parametrize("kind", get_args(Task))
def test_no_sweep_suggests_drops_of_what_is_no_mean(kind):
    """Drops of AUROC and macro-F1 by their interval alone are passed by too few fresh samples."""
    main = next(iter(declared(kind)))
    assert main in {"accuracy", "label_accuracy", "mae", "recall@1"}


def test_drops_are_suggested_of_the_main_metric_alone(tmp_path):
    run = many_runs.run(tmp_path, *answers(np.random.default_rng(1), 1, 120))
    some = [one["metric"] for one in checks(suggest(run)) if "max_drop" in one]
    assert [name.partition("{")[0] for name in some] == ["robustness.accuracy"] * 3


def test_it_says_what_room_it_leaves_and_for_what(tmp_path):
    run = run_folders.make(tmp_path / "run", missing=False)
    text = suggest(run)
    head = " ".join(line.removeprefix("# ") for line in text.splitlines()[2:8])
    assert "An equally good model that is asked about as many fresh samples passes all" in head
    assert "together in 95 % of the cases or more" in head
    for one, line in zip(checks(text), _lines_before(text), strict=True):
        (limit,) = (one[kind] for kind in ("min", "max", "max_drop") if kind in one)
        value = float(line.removeprefix("# ").partition(" ")[0])
        room = float(line.rpartition("room: ")[2])
        assert abs(limit - value) == pytest.approx(room, abs=0.0011)
        assert room > 0.01


def _lines_before(text):
    lines = text.splitlines()
    return [a for a, b in pairwise(lines) if b == "[[check]]"]


@dataclass(frozen=True, slots=True)
class Phi:
    value: str = column("worth")
    absent: str = column("policy")
    modality: str = column("modality")
    slice: str = column("slice")
    metric: str = column("metric")
    estimate: Estimate = column("number")


def contributions(folder, **phi):
    """Contributions beside a sweep: mean phi of modalities by the worth that was asked first."""
    made = Provenance(
        audit="contributions", options={"value": ["p_true", "correct"], "absent": ["zeros"]}
    )
    rows = [
        Phi(value, "zeros", m, "all", "phi", run_folders.wide(mean, 0.02))
        for value in ("correct", "p_true")
        for m, mean in phi.items()
    ]
    write(
        to_table(rows, Phi, made, views=VIEWS), Path(folder) / "contributions" / "summary.parquet"
    )
    return folder


def test_a_model_that_ignores_a_modality_fails_it(tmp_path):
    run = contributions(run_folders.make(tmp_path / "run"), image=0.4, text=0.2, audio=0.0)
    asked = checks(suggest(run))
    used = [one for one in asked if one["metric"].startswith("contributions")]
    assert [one["id"] for one in used] == ["image stays used", "text stays used"]
    assert all("value=p_true" in one["metric"] and 0 < one["min"] < 0.2 + 0.2 for one in used)
    assert judge(run, config.build({"check": asked}, "g")).notes == ()
    # nothing is lost under damage of a modality that is ignored, and all drops pass
    rows = [
        run_folders.replace(r, estimate=Estimate(0.0, 0.0, 0.0, 1000)) if "drop" in r.metric else r
        for r in run_folders.robustness_rows()
    ]
    deaf = contributions(run_folders.make(tmp_path / "deaf", rows=rows), image=0.4, text=0.0)
    verdict = judge(deaf, config.build({"check": asked}, "g"))
    assert [result.id for result in verdict.having("fail")] == ["text stays used"]


def test_without_contributions_it_says_what_is_not_seen(tmp_path):
    run = run_folders.make(tmp_path / "run")
    says = "A model that ignores a modality loses nothing when it is damaged"
    assert says in suggest(run)
    assert says not in suggest(contributions(run, image=0.4, text=0.2))


def test_clean_accuracy_is_compared_with_the_baseline_that_has_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_folders.make("a", samples=400)
    alone = suggested(Path("a"), None)
    assert "against" not in " ".join(str(one) for one in checks(alone))
    assert "mmaudit baseline set main a" in alone
    # the lines as they are typed: without their #
    (commented,) = [part for part in alone.split("\n\n") if part.startswith("# No baseline")]
    block = commented[commented.index("# [[check]]") :].replace("# ", "")
    (typed,) = checks(block)
    mm.baseline("set", "main", "a")
    named = suggested(Path("a"), None)
    assert checks(named)[-1] == typed
    assert "--baseline main" in named
    gate = config.build({"check": checks(named)}, "gate.toml")
    assert judge("a", gate, baseline="a").exit_code == 0
    worse = [
        run_folders.replace(r, estimate=run_folders.wide(0.7, 0.02, 400))
        if (r.metric, r.condition, r.slice) == ("accuracy", "clean", "all")
        else r
        for r in run_folders.robustness_rows(n=400)
    ]
    run_folders.make("worse", rows=worse, samples=400)
    failed = [r.id for r in judge("worse", gate, baseline="a").having("fail")]
    assert "clean accuracy against the baseline" in failed
    other = run_folders.make("other", made=run_folders.replace(run_folders.MADE, seed=8))
    assert "main cannot be compared with this run (seed 8 against 7)" in suggested(other, "main")
    with pytest.raises(mm.InputError):
        suggested(Path("a"), "mian")


def test_a_bound_that_whatever_answers_would_clear_is_no_check(tmp_path):
    rows = [
        run_folders.row("auroc", Estimate(1.0, 0.5, 1.0, 335)),
        run_folders.row("nll", run_folders.wide(0.3, 0.02)),
    ]
    text = suggest(run_folders.make(tmp_path, rows=rows))
    assert [one["id"] for one in checks(text)] == ["robustness nll clean"]
    assert "Left out, 1: robustness auroc clean" in text


def test_what_was_not_tested_or_has_no_interval_is_no_check(tmp_path):
    rows = [
        run_folders.row("accuracy", Estimate(0.9, 0.9, 0.9, 100)),
        run_folders.row("nll", run_folders.wide(0.3, 0.02)),
    ]
    text = suggest(run_folders.make(tmp_path, rows=rows))
    assert [one["id"] for one in checks(text)] == ["robustness nll clean"]
    assert "Left out, 1: robustness accuracy clean" in text


def test_the_example_of_the_docs_is_judged_as_it_is_shown(tmp_path, monkeypatch):
    """On another run: other numbers, and the same checks, families and forms of lines."""
    page = (DOCS / "gate.md").read_text("utf-8")
    text = re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1]
    shown = re.search(r"^\$ (mmaudit gate run --config .*)\n((?:.*\n)*?)```", page, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    Path("gate.toml").write_text(text)
    run = contributions(
        run_folders.noisy(run_folders.make("run", samples=400)), image=0.4, text=0.2
    )
    mm.baseline("set", "main", run)
    done = mmaudit(*shown[1].split()[1:])
    heads = [
        [
            line.partition("  (")[0]
            for line in re.findall(r"^(?:pass|FAIL|open)  (.*)", t, re.MULTILINE)
        ]
        for t in (done.stdout, shown[2])
    ]
    assert heads[0] == heads[1] == [one["id"] for one in tomllib.loads(text)["check"]]
    assert "clean: drop of accuracy against the baseline 0 [" in done.stdout
    assert "value=p_true, absent=zeros, modality=text: phi 0.2 [" in done.stdout
    assert done.stdout.splitlines()[-1].partition(" of 5 checks: ")[1]
    assert "note" not in done.stdout  # that drops alone are asked about


def test_the_suggestion_of_the_docs_is_what_is_written(tmp_path, monkeypatch):
    page = (DOCS / "gate.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    run = contributions(run_folders.make("run", samples=400), image=0.4, text=0.2)
    mm.baseline("set", "main", run)
    told = forms(suggested(run, None).replace("absent=zeros", "absent=model"))
    blocks = re.findall(r"^```\n(# (?:0\.25|This).*?)```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        assert forms(block) in told


def forms(text):
    """A text without its numbers."""
    return re.sub(r"-?\d[\d,]*(\.\d+)?", "0", text)
