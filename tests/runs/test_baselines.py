"""Named baselines: kept beside the data, taken without doubt, refused when they became another."""

import json
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

import mmaudit as mm
import run_folders
from command import mmaudit

CONFIG = """
[[check]]
metric = "robustness.accuracy{condition=clean}"
against = "baseline"
max_drop = 0.2
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_folders.make("runs/a", samples=200)
    run_folders.make("runs/b", samples=200)
    Path("g.toml").write_text(CONFIG)
    return tmp_path


def test_a_name_stands_for_its_run(here, monkeypatch):
    (one,) = mm.baseline("set", "main", "runs/a")
    assert (one.name, one.run) == ("main", Path("runs/a"))
    assert mm.gate("runs/b", "g.toml", baseline="main").baseline == "runs/a"
    assert mm.baseline("list") == (one,)
    (here / "deeper").mkdir()
    monkeypatch.chdir(here / "deeper")  # as names of git, it is found from below
    assert mm.gate("../runs/b", "../g.toml", baseline="main").exit_code == 0
    assert mm.baseline("remove", "main")[0].name == "main"
    assert mm.baseline("list") == ()
    assert (here / "runs" / "a" / "robustness").exists()


def test_names_travel_with_their_folder(here, monkeypatch):
    mm.baseline("set", "main", "runs/a")
    shutil.copytree(here, here.parent / "elsewhere")
    monkeypatch.chdir(here.parent / "elsewhere")
    shutil.rmtree(here)
    assert mm.gate("runs/b", "g.toml", baseline="main").exit_code == 0


def test_an_unknown_name_is_refused_with_the_close_one(here):
    mm.baseline("set", "main", "runs/a")
    with pytest.raises(mm.InputError) as refusal:
        mm.gate("runs/b", "g.toml", baseline="mian")
    assert "main" in refusal.value.fix
    with pytest.raises(mm.InputError):
        mm.baseline("remove", "mian")


def test_a_path_and_a_name_that_differ_are_refused(here):
    mm.baseline("set", "runs", "runs/a")  # the folder of that name is no run: no doubt
    assert mm.gate("runs/b", "g.toml", baseline="runs").baseline == "runs/a"
    mm.baseline("set", "other", "runs/a")
    shutil.copytree("runs/b", "other")
    with pytest.raises(mm.UsageError) as refusal:
        mm.gate("runs/b", "g.toml", baseline="other")
    assert "./other" in refusal.value.fix
    assert mm.gate("runs/b", "g.toml", baseline="./other").baseline == "other"
    assert mm.gate("runs/b", "g.toml", baseline=Path("other")).baseline == "other"
    mm.baseline("set", "other", "other")  # the same run by both: no doubt
    assert mm.gate("runs/b", "g.toml", baseline="other").baseline == "other"


def test_a_baseline_that_became_another_run_is_refused(here):
    mm.baseline("set", "main", "runs/a")
    run_folders.make("runs/a", samples=200, half=0.03)
    with pytest.raises(mm.InputError, match="is not the run that it was"):
        mm.gate("runs/b", "g.toml", baseline="main")
    shutil.rmtree("runs/a")
    with pytest.raises(mm.InputError, match="is gone"):
        mm.gate("runs/b", "g.toml", baseline="main")


@pytest.mark.parametrize(
    "arguments",
    [
        ("set",),
        ("set", "main"),
        ("set", "../x", "runs/a"),
        ("set", "-x", "runs/a"),
        ("set", "", "runs/a"),
        ("list", "main"),
        ("remove",),
        ("remove", "main", "runs/a"),
        ("keep", "main"),
    ],
)
def test_what_means_nothing_is_refused(here, arguments):
    with pytest.raises(mm.UsageError):
        mm.baseline(*arguments)
    assert not Path(".mmaudit").exists()


def test_only_a_run_gets_a_name(here):
    for path in ("runs", "nowhere"):
        with pytest.raises(mm.InputError):
            mm.baseline("set", "main", path)


def test_a_run_that_has_not_finished_is_neither_a_baseline_nor_a_history(here):
    Path("begun/robustness").mkdir(parents=True)
    Path("begun/robustness/plan.json").write_text("{}")
    asked = [("baseline", "set", "main", "begun"), ("history", "begun"), ("history", ".")]
    asked += [("diff", "runs/a", "begun"), ("gate", "begun", "--suggest"), ("report", "begun")]
    shutil.move("runs", "elsewhere/runs")
    codes = {words: mmaudit(*words).returncode for words in asked[:3]}
    shutil.move("elsewhere/runs", "runs")
    codes |= {words: mmaudit(*words).returncode for words in asked[3:]}
    assert codes == dict.fromkeys(asked, 5)


def test_a_damaged_name_is_refused(here):
    mm.baseline("set", "main", "runs/a")
    for text in ("{", "[]", '{"schema": 2}', json.dumps({"schema": 1, "run": 3})):
        Path(".mmaudit/baselines/main.json").write_text(text)
        with pytest.raises(mm.InputError):
            mm.gate("runs/b", "g.toml", baseline="main")


def test_a_name_is_read_as_it_was_written_or_not_at_all(here):
    """Any bit of it: another run, another day and other digests are no answer."""
    mm.baseline("set", "main", "runs/a")
    path = Path(".mmaudit/baselines/main.json")
    written = path.read_bytes()
    (before,) = mm.baseline("list")
    for place in range(0, len(written), 3):
        changed = bytearray(written)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        with suppress(mm.InputError):
            assert mm.baseline("list") == (before,)  # a space that became another
    path.write_bytes(written.replace(b"runs/a", b"runs/b"))
    done = mmaudit("gate", "runs/b", "--config", "g.toml", "--baseline", "main")
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 3)
    assert "is not what was written" in done.stderr
    for damage in (b"\xff", b"{"):
        path.write_bytes(damage + written)
        with pytest.raises(mm.InputError) as refusal:
            mm.baseline("list")
        assert refusal.value.fix == "mmaudit baseline set main RUN"


def test_the_baseline_command_says_which_run_was_taken(here):
    done = mmaudit("baseline", "set", "main", "runs/a")
    assert done.stdout.startswith("main  runs/a  since 20")
    gate = ("gate", "runs/b", "--config", "g.toml", "--baseline")
    done = mmaudit(*gate, "main")
    assert (done.returncode, "baseline main: runs/a" in done.stderr) == (0, True)
    done = mmaudit(*gate, "mian")
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 3)


def test_what_is_not_wrong_with_the_run_leaves_its_verdict(here):
    """A slip on the command line, or a broken baseline, takes no answer away."""
    mm.baseline("set", "main", "runs/a")
    mm.gate("runs/b", "g.toml", baseline="main")
    run = Path("runs/b")
    mm.report(run)
    mm.gate(run, "g.toml", baseline="main")
    before = (run / "verdict.json").read_bytes(), (run / "report.html").read_bytes()
    Path("clean.toml").write_text(CONFIG.replace('against = "baseline"', 'level = "error"'))
    shutil.copytree("runs/a", "runs/broken")
    summary = Path("runs/broken/robustness/summary.parquet")
    summary.write_bytes(summary.read_bytes()[:-40])
    slips = [
        ("g.toml", {"baseline": "mian"}),  # no such name
        ("g.toml", {"baseline": Path("runs/none")}),
        ("g.toml", {"baseline": "runs"}),  # no run
        ("g.toml", {}),  # the check asks for one
        ("clean.toml", {"baseline": "main"}),  # and here none does
        ("g.toml", {"baseline": "runs/broken"}),
        ("gone.toml", {"baseline": "main"}),
    ]
    for config, more in slips:
        with pytest.raises(mm.MMAuditError):
            mm.gate(run, config, **more)
        assert ((run / "verdict.json").read_bytes(), (run / "report.html").read_bytes()) == before
    with pytest.raises(mm.UsageError):
        mm.gate(run, "g.toml", baseline="main", junit="gone/junit.xml")
    assert (run / "verdict.json").read_bytes() == before[0]  # judged again, and kept
