"""What docs/ci.md shows works: the action's and the hook's commands are run."""

import json
import re
import textwrap

import pytest

import run_folders
from places import DOCS
from served import served, shell

TEXT = (DOCS / "ci.md").read_text("utf-8")


@pytest.fixture
def place(tmp_path):
    """A folder with a run, a baseline and a gate file, and the command on PATH."""
    run_folders.make(tmp_path / "run", samples=200)
    run_folders.make(tmp_path / "main-run", samples=200)
    (tmp_path / "gate.toml").write_text(
        '[[check]]\nid = "clean"\nmetric = "robustness.accuracy{condition=clean}"\nmin = 0.8\n'
    )
    with served(tmp_path / "bin"):
        yield tmp_path


def test_the_action_judges_reports_and_summarises(place):
    script = textwrap.dedent(re.search(r"      run: \|\n((?: {8}.*\n)+)", TEXT)[1])
    summary = place / "summary.md"
    actions = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_ACTIONS": "true"}
    done = shell(place, script, RUN="run", CONFIG="gate.toml", **actions)
    assert done.returncode == 0, done.stderr
    assert "mmaudit gate: pass" in summary.read_text()
    written = {p.name for p in (place / "run").iterdir()}
    assert {"report.html", "junit.xml", "gate.md", "verdict.json"} <= written


def test_the_action_fails_with_annotations(place):
    script = textwrap.dedent(re.search(r"      run: \|\n((?: {8}.*\n)+)", TEXT)[1])
    (place / "strict.toml").write_text(
        '[[check]]\nmetric = "robustness.accuracy{corruption=image/*}"\nmax_drop = 0.01\n'
    )
    done = shell(place, script, RUN="run", CONFIG="strict.toml", GITHUB_ACTIONS="true")
    assert done.returncode == 1
    assert done.stderr.startswith("::error title=mmaudit%3A ")


GATES = {
    "pass": ("accuracy{condition=clean}", "min = 0.5", 0),
    "fail": ("accuracy{corruption=image/*}", "max_drop = 0.01", 1),
    "inconclusive": ("accuracy{condition=clean}", "min = 0.89", 5),
    "none": ("nonsense{severity=7}", "minimum = 0.9", 2),
}


def test_the_page_says_what_the_build_says(place):
    """As the action is shipped, one gate after the other on one run; each before another one."""
    script = textwrap.dedent(re.search(r"      run: \|\n((?: {8}.*\n)+)", TEXT)[1])
    for name in ("pass", "fail", "none", "inconclusive", "pass", "none"):
        metric, limit, code = GATES[name]
        (place / "gate.toml").write_text(
            f'[[check]]\nid = "one"\nmetric = "robustness.{metric}"\n{limit}\n'
        )
        done = shell(place, script, RUN="run", CONFIG="gate.toml")
        assert done.returncode == code, done.stderr
        page = (place / "run" / "report.html").read_text("utf-8")
        assert f'<section class="verdict {name}"' in page
        assert ("gave no answer" in page) == (name == "none")
        kept = place / "run" / "verdict.json"
        assert kept.exists() == (name != "none")
        assert name == "none" or json.loads(kept.read_text())["exit_code"] == code


def test_inputs_are_never_text_of_the_script():
    assert "${{" not in re.search(r"      run: \|\n((?: {8}.*\n)+)", TEXT)[1]


def test_the_hook_runs(place):
    entry = re.search(r"entry: (.*)", TEXT)[1]
    assert shell(place, entry).returncode == 0


def test_the_comparison_with_the_main_branch_runs(place):
    (place / "gate.toml").write_text(re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)[1])
    command = re.search(r"```\n(mmaudit gate run --baseline .*?)\n```", TEXT)[1]
    done = shell(place, command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_key_of_a_check_is_documented():
    from mmaudit.gate import config

    page = (DOCS / "gate.md").read_text("utf-8")
    for key in ("id", "metric", "slice", *config.LIMITS, *config.DEFAULTABLE):
        assert re.search(rf"\| (`\w+`, )?`{key}`", page), key
