"""Two runs side by side: paired, corrected, and honest about what cannot be compared."""

import json
from dataclasses import replace

import pytest

import run_folders
from command import mmaudit
from mmaudit.errors import InputError, UsageError
from mmaudit.gate.diff import lines
from mmaudit.gate.diff.diff import Unmatched, diff, p_value
from mmaudit.rows import Estimate


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A run, and one whose model is worse on clean data and the same elsewhere."""
    folder = tmp_path_factory.mktemp("pair")
    rows = [
        replace(r, estimate=run_folders.wide(0.75, 0.02))
        if (r.condition, r.metric, r.slice) == ("clean", "accuracy", "all")
        else r
        for r in run_folders.robustness_rows()
    ]
    before = run_folders.make(folder / "a", samples=400)
    after = run_folders.noisy(
        run_folders.make(folder / "b", rows=[*rows, *run_folders.missing_rows()], samples=400)
    )
    return before, after


def test_only_what_changed_is_called_a_change(pair):
    told = diff(*pair)
    sure = [c for c in told.changes if c.direction != "same"]
    # flips, drops and rises are seen from the clean answers, so they change with them
    own = [c for c in sure if not c.metric.endswith(("flip_rate", "_drop", "_rise"))]
    assert {(c.label, c.direction) for c in own} == {("clean", "worse")}
    against_clean = [c for c in sure if c.metric.endswith(("_drop", "_rise"))]
    assert {c.direction for c in against_clean} == {"better"}
    first = next(c for c in told.changes if (c.label, c.metric) == ("clean", "accuracy"))
    assert first.difference.value == pytest.approx(-0.15, abs=0.05)
    assert first.difference.high < 0
    assert first.q_value >= first.p_value
    back = diff(*reversed(pair))
    assert {c.direction for c in back.changes if c.label == "clean"} >= {"better"}


def test_a_run_against_itself_has_no_change(pair):
    told = diff(pair[0], pair[0])
    assert all(c.direction == "same" for c in told.changes)
    assert all(not f.changed for f in told.flips)
    assert not told.new
    assert not told.gone


def test_flipped_samples_are_named(pair):
    clean = diff(*pair).flips[0]
    assert (clean.condition, clean.n, clean.won_count) == ("clean", 400, 0)
    assert clean.lost_count == clean.changed == len(clean.lost) > 30
    assert all(i.startswith("s000") for i in clean.lost)


def test_new_and_lost_rows_are_named(pair, tmp_path):
    few = run_folders.make(tmp_path / "few", missing=False, samples=400)
    told = diff(pair[1], few)
    assert "noisy_pairs: every row" in told.gone
    assert "robustness: accuracy of present:image" in told.gone
    assert Unmatched("gone", "noisy_pairs", "", 0) in told.unmatched
    own = [c for c in diff(pair[1], pair[1]).changes if c.audit == "noisy_pairs"]
    assert {c.label for c in own if c.slice == "all"} == {"all samples"}
    by_series = sum(one.rows for one in told.unmatched)
    assert by_series == sum(not name.endswith(": every row") for name in told.gone)
    assert not told.new
    assert "noisy_pairs: every row" in diff(few, pair[1]).new


def test_what_was_made_otherwise_is_not_compared(pair, tmp_path):
    other = run_folders.make(tmp_path / "o", made=replace(run_folders.MADE, seed=8), samples=400)
    told = diff(pair[0], other)
    assert all(c.difference is None and "not comparable: seed" in c.reason for c in told.changes)
    assert not told.flips
    assert any("not comparable: seed 8 against 7" in line for line in lines.lines(told))


def test_p_values_agree_with_their_intervals():
    assert p_value(Estimate(0.1, 0.0, 0.2, 9)) == pytest.approx(0.05)
    assert p_value(Estimate(-0.1, -0.2, 0.0, 9)) == pytest.approx(0.05)
    assert p_value(Estimate(0.0, -0.1, 0.1, 9)) == 1.0
    assert p_value(Estimate(0.1, 0.1, 0.1, 9)) is None


def test_a_number_without_spread_is_not_a_sure_change(tmp_path):
    """A rank correlation that every resample repeats, as over two severities without ties."""
    made = []
    for name, tau in (("a", -1.0), ("b", 1.0)):
        row = replace(
            next(r for r in run_folders.robustness_rows() if r.condition != "clean"),
            metric="accuracy_kendall_tau",
            estimate=Estimate(tau, tau, tau, 400),
        )
        made.append(
            run_folders.make(
                tmp_path / name, rows=[*run_folders.robustness_rows(), row], samples=400
            )
        )
    for told in (diff(*made), diff(*reversed(made))):
        (tau,) = (c for c in told.changes if c.metric == "accuracy_kendall_tau")
        assert (tau.difference, tau.p_value, tau.q_value, tau.direction) == (
            None,
            None,
            None,
            "same",
        )
        assert "no width" in tau.reason
        assert any(
            "1 rows not comparable: the intervals have no width" in t for t in lines.lines(told)
        )
    same = next(c for c in diff(made[0], made[0]).changes if c.metric == "accuracy_kendall_tau")
    assert (same.difference.value, same.p_value) == (0.0, 1.0)


def test_runs_that_share_nothing_are_refused(pair, tmp_path):
    with pytest.raises(InputError, match="share no audit"):
        diff(pair[0], run_folders.noisy(tmp_path / "other"))
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match="no such run"):
            diff(pair[0], path)


def test_the_command_prints_and_writes(pair, tmp_path):
    done = mmaudit("diff", *pair, "--json", tmp_path / "d.json")
    assert done.returncode == 0, done.stderr
    assert "worse   robustness: accuracy of clean: 0.9 to 0.75" in done.stdout
    assert "flips   clean:" in done.stdout
    told = json.loads((tmp_path / "d.json").read_text())
    assert told["flips"][0]["lost"]
    with pytest.raises(UsageError, match="cannot write"):
        lines.write(diff(*pair), tmp_path)
