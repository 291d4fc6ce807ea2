"""Histories: runs in their order, their verdicts, and numbers joined only where they may be."""

import json
import re
from dataclasses import replace
from functools import partial

import pytest

import mmaudit as mm
import run_folders
from command import mmaudit
from mmaudit.report.documents.history import document
from mmaudit.report.formats import documents
from mmaudit.tables.signed import signed


def run_of(folder, *, accuracy=0.9, finished="", outcome="", made=run_folders.MADE):
    rows = [
        replace(r, estimate=run_folders.wide(accuracy, 0.02))
        if (r.condition, r.metric, r.slice) == ("clean", "accuracy", "all")
        else r
        for r in run_folders.robustness_rows()
    ]
    run_folders.make(folder, rows=rows, made=made)
    if finished:
        facts = {"finished": finished, "commit": "abc1234"}
        (folder / "run.json").write_text(json.dumps({"schema": 1, "audits": {"robustness": facts}}))
    if outcome:
        verdict = {"schema": 1, "outcome": outcome, "headline": f"it is a {outcome}"}
        (folder / "verdict.json").write_text(json.dumps(signed(verdict)))
    return folder


@pytest.fixture
def runs(tmp_path):
    """Three runs in a folder, whose names are not in the order in which they finished."""
    folder = tmp_path / "runs"
    run_of(folder / "c", accuracy=0.91, finished="2026-01-01T10:00:00+00:00", outcome="pass")
    run_of(folder / "a", accuracy=0.92, finished="2026-01-02T10:00:00+02:00", outcome="fail")
    run_of(folder / "b", accuracy=0.93, finished="2026-01-02T09:00:00+00:00")
    (folder / "notes").mkdir()
    return folder


def clean(history):
    (track,) = (t for t in history.tracks if (t.metric, t.label) == ("accuracy", "clean"))
    return track


def test_runs_are_in_the_order_in_which_they_finished(runs):
    told = mm.history(runs)
    assert [r.name for r in told.runs] == ["c", "a", "b"]  # times of two zones
    assert [r.outcome for r in told.runs] == ["pass", "fail", ""]
    assert [r.commit for r in told.runs] == ["abc1234"] * 3
    assert [e.value for e in clean(told).estimates] == [0.91, 0.92, 0.93]
    assert not clean(told).breaks
    assert any("notes: left out" in note for note in told.notes)


def test_runs_may_be_in_the_order_given(runs):
    listed = [runs / "b", mm.Run(runs / "c")]
    assert [r.name for r in mm.history(listed, order="given").runs] == ["b", "c"]
    assert [r.name for r in mm.history(listed).runs] == ["c", "b"]


def test_the_main_metrics_are_followed_unless_others_are_named(runs):
    run_folders.noisy(runs / "b")
    metrics = {(t.audit, t.metric) for t in mm.history(runs).tracks}
    assert metrics == {
        ("robustness", "accuracy"),
        ("robustness", "accuracy_area_under_curve"),
        ("noisy_pairs", "noise_rate"),
    }
    asked = ["robustness.accuracy_drop{severity=5}", "noisy_pairs.flagged_rate"]
    told = mm.history(runs, metrics=asked)
    labels = [t.label for t in told.tracks]
    assert labels == ["image/motion_blur:5@image", "text/keyboard:5@text", ""]
    assert told.tracks[-1].estimates[:2] == (None, None)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("robustness.accurcy", "robustness.accuracy"),
        ("robustnes.accuracy", "robustness"),
        ("robustness.accuracy{severity=9}", "robustness.accuracy"),
        ("robustness.accuracy{sevrity=3}", "severity"),
        ("accuracy", "write it like"),
    ],
)
def test_a_selector_that_means_nothing_is_refused(runs, asked, words):
    with pytest.raises(mm.UsageError) as refusal:
        mm.history(runs, metrics=[asked])
    assert words in refusal.value.fix


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"digests": {"manifest": "e" * 64, "model": "b" * 64}}, "digest of the manifest"),
        ({"seed": 8}, "seed 8 against 7"),
        ({"options": {"absent": "mean"}}, "absence policy"),
    ],
)
def test_what_may_not_be_compared_is_not_joined_and_is_said(tmp_path, change, words):
    """Of other data, another seed, another policy: a cut in the line, and a note."""
    other = replace(run_folders.MADE, **change)
    listed = [
        run_of(tmp_path / "a", finished="2026-01-01T00:00:00+00:00"),
        run_of(tmp_path / "b", finished="2026-01-02T00:00:00+00:00", made=other),
        run_of(tmp_path / "c", finished="2026-01-03T00:00:00+00:00", made=other),
    ]
    told = mm.history(listed)
    assert clean(told).breaks == {1}
    (note,) = told.notes
    assert note.startswith("robustness: b and a may not be compared")
    assert words in note
    page = documents.html(document(told))
    assert "2 lines that may not be compared" in page
    assert words in page


def test_a_version_of_one_corruption_cuts_its_line_alone(tmp_path):
    newer = replace(
        run_folders.MADE, versions={**run_folders.MADE.versions, "image/motion_blur": "2"}
    )
    listed = [run_of(tmp_path / "a"), run_of(tmp_path / "b", made=newer)]
    told = mm.history(listed, order="given")
    cut = {t.label for t in told.tracks if t.breaks}
    assert cut == {"image/motion_blur@image"}


def test_curves_over_other_severities_are_not_joined(tmp_path):
    """In a history, and in a comparison of two runs."""
    other = replace(run_folders.MADE, options={"severities": [3], "absent": "zeros"})
    listed = [run_of(tmp_path / "a"), run_of(tmp_path / "b", made=other)]
    told = mm.history(listed, order="given")
    assert {t.metric for t in told.tracks if t.breaks} == {"accuracy_area_under_curve"}
    assert "severities [3] against [1, 3, 5]" in told.notes[-1]
    apart = {c.metric for c in mm.diff(*listed).changes if "severities" in c.reason}
    assert apart >= {"accuracy_area_under_curve", "accuracy_worst"}
    assert "accuracy" not in apart


def test_a_run_of_another_schema_is_said_and_not_read(tmp_path):
    strange = run_of(tmp_path / "b", made=replace(run_folders.MADE, schema_version=99))
    told = mm.history([run_of(tmp_path / "a"), strange], order="given")
    assert "schema version 99" in told.runs[1].headline
    assert clean(told).estimates[1] is None
    with pytest.raises(mm.InputError, match="another version of mmaudit wrote this table"):
        mm.history([strange])  # nothing is no history


def test_a_model_may_differ(tmp_path):
    """It is what a history is about."""
    other = replace(run_folders.MADE, digests={"manifest": "a" * 64, "model": "c" * 64})
    listed = [run_of(tmp_path / "a"), run_of(tmp_path / "b", made=other)]
    assert not clean(mm.history(listed)).breaks


def test_runs_that_do_not_say_when_they_finished_are_counted(tmp_path):
    listed = [run_of(tmp_path / "a"), run_of(tmp_path / "b", finished="2026-01-02T00:00:00+00:00")]
    assert any("1 of 2 runs do not say when" in note for note in mm.history(listed).notes)


def test_runs_of_one_name_are_told_apart_by_their_paths(tmp_path):
    listed = [run_of(tmp_path / x / "run") for x in "ab"]
    assert {r.name for r in mm.history(listed).runs} == {str(one) for one in listed}


def test_one_run_and_open_intervals_can_be_drawn(tmp_path):
    run = run_of(tmp_path / "a")
    row = replace(
        next(iter(run_folders.robustness_rows())),
        estimate=mm.Estimate(0.5, float("-inf"), float("inf"), 1),
    )
    single = run_folders.make(tmp_path / "b", rows=[row])
    for listed in ([run], [single], [run, single]):
        page = documents.html(document(mm.history(listed, metrics=["robustness.accuracy"])))
        places = re.findall(r' (?:d|cx|cy|x|y)="([^"]*)"', page)
        assert places
        assert not [place for place in places if "nan" in place or "inf" in place]


def test_what_is_no_run_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    for paths in ([tmp_path / "empty"], [tmp_path / "nowhere"]):
        with pytest.raises(mm.InputError):
            mm.history(paths)
    with pytest.raises(mm.UsageError):
        mm.history([])
    (run_of(tmp_path / "a", outcome="pass") / "verdict.json").write_text('{"outcome": "perhaps"}')
    with pytest.raises(mm.InputError, match="not a verdict"):
        mm.history(tmp_path / "a")


command = partial(mmaudit, "history")


def test_the_history_command_has_three_forms(runs, tmp_path):
    told = command(runs, cwd=tmp_path).stdout
    assert told.index("│ c ") < told.index("│ a ") < told.index("│ b ")
    assert "it is a fail" in " ".join(told.split())
    assert command(runs, "--form", "html", cwd=tmp_path).stdout.strip() == "history.html"
    page = (tmp_path / "history.html").read_text()
    assert page.count("<svg") == 2
    done = command(runs, "--form", "markdown", "-o", "h.md", cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "h.md")
    assert "| c | 2026-01-01 10:00 | abc1234 | passes |" in (tmp_path / "h.md").read_text()
    assert command(runs, "-o", "h.txt", cwd=tmp_path).returncode == 2
    assert command(tmp_path / "nowhere", cwd=tmp_path).returncode == 3
