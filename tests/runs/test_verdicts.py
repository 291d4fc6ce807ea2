"""What a run keeps of its checks and of the occasion, and when a verdict of it holds no more."""

import json
from datetime import UTC, datetime, timedelta

import pytest

import mmaudit as mm
from mmaudit.errors import IncompleteError, InputError, UsageError
from mmaudit.runs.record import verdicts
from mmaudit.runs.record.occasion import occasion
from two_vectors import make

CONFIG = """schema = 1
dataset = "data/dataset.toml"
model = "python:model.py:factory"
[robustness]
corruptions = ["vector/gaussian_noise"]
severities = [1]
replicates = 20
[[check]]
metric = "robustness.accuracy{condition=clean}"
min = 0.3
"""
MODEL = "from two_vectors import Nearest\ndef factory(device):\n    return Nearest()\n"
FAILS = '[[check]]\nmetric = "robustness.accuracy{condition=clean}"\nmax = 0.5\n'


@pytest.fixture
def place(tmp_path):
    make(tmp_path / "data", 60, noise=0.2)
    (tmp_path / "audit.toml").write_text(CONFIG)
    (tmp_path / "model.py").write_text(MODEL)
    mm.run(tmp_path / "audit.toml", tmp_path / "run", trust=True)
    return tmp_path


def shown(run):
    text = (run / "report.html").read_text("utf-8")
    return text.partition('<section class="verdict ')[2].partition('"')[0]


def test_a_run_keeps_its_config_and_a_gate_finds_its_checks(place):
    run = place / "run"
    assert (run / "audit.toml").read_bytes() == (place / "audit.toml").read_bytes()
    assert mm.gate(run).exit_code == 0
    (run / "gate.toml").write_text(FAILS)
    assert mm.gate(run).exit_code == 1  # before the config, which asked for less
    assert shown(run) == "fail"


def test_a_config_that_lies_in_the_run_is_left_as_it_is(place):
    (place / "elsewhere").mkdir()
    config = place / "elsewhere" / "audit.toml"
    config.write_text(CONFIG.replace('"data', '"../data').replace(":model", ":../model"))
    before = config.read_bytes()
    assert mm.run(config, place / "elsewhere", trust=True).verdict.exit_code == 0
    assert config.read_bytes() == before


def test_an_audit_that_begins_again_takes_the_verdict_and_its_page_away(place):
    run = place / "run"
    broken = place / "run" / "robustness" / "samples"
    for path in broken.iterdir():
        path.unlink()
    (place / "model.py").write_text("def factory(device):\n    raise MemoryError\n")
    with pytest.raises(IncompleteError, match="ran out of memory"):
        mm.run(place / "audit.toml", run, trust=True, resume=True)
    assert shown(run) == "pass"  # nothing was touched: the audit has not begun
    verdicts.outdate(run)
    assert not (run / "verdict.json").exists()
    assert not (run / "report.html").exists()


def test_a_run_whose_checks_mean_nothing_still_has_its_page(place):
    text = CONFIG.replace("condition=clean", "nonsense=clean")
    (place / "wrong.toml").write_text(text)
    with pytest.raises(UsageError):
        mm.run(place / "wrong.toml", place / "other", trust=True)
    assert shown(place / "other") == "none"


def test_a_refused_gate_leaves_no_earlier_verdict(place):
    run = place / "run"
    (run / "gate.toml").write_text(FAILS.replace("condition", "nonsense"))
    with pytest.raises(UsageError):
        mm.gate(run)
    assert shown(run) == "none"
    assert not (run / "verdict.json").exists()
    assert "gave no answer: " in (run / "report.html").read_text("utf-8")


def test_a_page_that_cannot_be_made_again_does_not_stay_green(place):
    run = place / "run"
    summary = run / "robustness" / "summary.parquet"
    summary.write_bytes(summary.read_bytes()[:-40])
    with pytest.raises(InputError):
        mm.gate(run)
    assert not (run / "report.html").exists()


def test_another_place_for_the_verdict_is_one_more(place):
    run = place / "run"
    verdict = mm.gate(run, json=place / "v.json")
    assert verdict.exit_code == 0
    assert (place / "v.json").read_bytes() == (run / "verdict.json").read_bytes()


def test_the_occasion_is_noted_and_the_tables_do_not_know_it(place):
    log = json.loads((place / "run" / "run.json").read_text())["audits"]["robustness"]
    assert log["dataset"] == "vectors"
    age = datetime.now(UTC) - datetime.fromisoformat(log["finished"])
    assert timedelta(0) <= age < timedelta(hours=1)
    again = mm.run(place / "audit.toml", place / "again", trust=True).run
    one, two = (
        (run / "robustness" / "summary.parquet").read_bytes() for run in (place / "run", again.path)
    )
    assert one == two


def test_a_commit_comes_from_the_build_or_from_git_or_from_nowhere(tmp_path):
    sha = "0123456789abcdef0123456789abcdef01234567"
    assert occasion(tmp_path, {"CI_COMMIT_SHA": sha})["commit"] == sha[:12]
    assert "commit" not in occasion(tmp_path, {"GITHUB_SHA": "<script>"})
    assert "commit" not in occasion(tmp_path, {})
