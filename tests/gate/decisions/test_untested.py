"""A condition that did nothing passes no check, and a check that cannot mean anything is refused."""

from dataclasses import replace

import numpy as np
import pytest

import many_runs
import run_folders
from mmaudit.arrays import differ
from mmaudit.errors import UsageError
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.rows import Estimate
from mmaudit.tables import run as runs

FOG = "image/motion_blur"


def rows(changed, n=1000):
    """Rows of a sweep in which severity 1 changed some samples, and the others all."""
    yield from run_folders.robustness_rows()
    for severity in (1, 3, 5):
        rate = changed / n if severity == 1 else 1.0
        yield run_folders.row(
            "touched_rate",
            Estimate(rate, rate, rate, n),
            f"{FOG}:{severity}@image",
            FOG,
            severity,
        )


def cell(folder, metric, **keys):
    made = judge(folder, config.build({"check": [{"metric": metric} | keys]}, "gate.toml"))
    return made, made.results[0].cells[0]


@pytest.fixture
def run(tmp_path):
    def make(changed):
        return run_folders.make(tmp_path / str(changed), rows=rows(changed))

    return make


@pytest.mark.parametrize("fail_when", ["undecided", "point", "proven", "possible"])
def test_what_was_not_done_cannot_pass(run, fail_when):
    metric = f"robustness.accuracy{{corruption={FOG},severity=1}}"
    made, one = cell(run(0), metric, min=0.5, fail_when=fail_when)
    assert made.exit_code == 5
    assert one.reason == "not tested: the condition changed none of 1,000 samples"
    assert cell(run(1000), metric, min=0.5, fail_when=fail_when)[0].exit_code == 0
    assert cell(run(0), metric, min=0.99)[0].exit_code == 1  # that it fails is told all the same


def test_fewer_changed_samples_than_are_asked_for_cannot_pass(run):
    metric = f"robustness.accuracy{{corruption={FOG},severity=1}}"
    assert cell(run(30), metric, max_drop=0.5)[0].exit_code == 0
    made, one = cell(run(30), metric, max_drop=0.5, min_n=100)
    assert (made.exit_code, "changed 30 of 1,000" in one.reason) == (5, True)


def test_a_curve_is_tested_if_one_of_its_severities_is(run):
    metric = f"robustness.accuracy_worst{{corruption={FOG}}}"
    assert cell(run(0), metric, min=0.1)[0].exit_code == 0


def test_a_mean_of_rows_of_which_one_did_nothing_cannot_pass(run):
    metric = f"robustness.accuracy{{corruption={FOG},severity=*}}"
    assert cell(run(0), metric, min=0.1, aggregate="mean")[0].exit_code == 5


@pytest.mark.parametrize(("asked", "code"), [((FOG,), 5), (("image/*",), 0)])
def test_a_pattern_passes_over_what_only_a_pattern_chose(tmp_path, asked, code):
    options = {**run_folders.MADE.options, "corruptions": list(asked)}
    made = replace(run_folders.MADE, options=options)
    folder = run_folders.make(tmp_path, rows=rows(0), made=made)
    gated, _ = cell(folder, "robustness.accuracy{corruption=*,severity=1}", min=0.5)
    assert (gated.exit_code, gated.results[0].passed_over) == (code, 1 - code // 5)
    assert cell(folder, f"robustness.accuracy{{corruption={FOG}}}", min=0.1)[0].exit_code == 5


def test_values_that_are_the_same_are_not_touched():
    nan = np.array([1.0, np.nan])
    names = np.array(["a", None], object)
    clean = ["x", nan, names, None, np.zeros(2)]
    assert not differ(clean, ["x", nan.copy(), names.copy(), None, np.zeros(2)]).any()
    worse = ["y", np.array([1.0, 2.0]), np.array(["a", "b"], object), "z", np.zeros(3)]
    assert differ(clean, worse).all()


@pytest.mark.parametrize(
    ("metric", "limit", "says"),
    [
        ("accuracy{severity=1}", {"max_drop": 5}, "-1 to 1"),
        ("accuracy{severity=1}", {"max_drop_rel": 1.5}, "to 1 for max_drop_rel"),
        ("accuracy{severity=1}", {"min": 95}, "0 to 1"),
        ("nll{severity=1}", {"max": -1}, "0 to 6.9"),
        ("accuracy{severity=1}", {"min": 0.9, "max": 0.8}, "nothing could pass"),
    ],
)
def test_a_limit_that_means_nothing_is_refused(run, metric, limit, says):
    with pytest.raises(UsageError, match=says) as refusal:
        cell(run(1000), f"robustness.{metric}", **limit)
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ("corruption=image/motionblur", "corruption has image/motion_blur, text/keyboard"),
        ("severity=2", "no row matches severity = 2; severity has 1, 3, 5"),
        ("slice=region=west", "slice has all, digit=7"),
        (f"corruption={FOG},modality=text", "no row matches all of corruption ="),
    ],
)
def test_a_filter_that_matches_nothing_is_named_with_what_there_is(run, filters, says):
    quoted = ",".join(
        f"{k}='{v}'" for k, v in (part.split("=", 1) for part in filters.split(",") if part)
    )
    made, one = cell(run(1000), f"robustness.accuracy{{{quoted}}}", min=0.5)
    assert made.exit_code == 5
    assert says in one.reason


def test_a_metric_that_is_not_there_is_told_beside_conditions_that_changed_nothing(run):
    made, one = cell(run(0), "robustness.acuracy", min=0.5)
    assert (made.exit_code, one.outcome) == (5, "missing")
    assert "no row matches metric = acuracy; metrics: accuracy" in one.reason
    assert not made.results[0].passed_over


def test_a_slice_that_is_written_as_a_column_is_told_how(run):
    with pytest.raises(UsageError) as refusal:
        cell(run(1000), "robustness.accuracy{region=west}", min=0.5)
    assert 'slice = "region=west"' in str(refusal.value.fix)


def test_a_date_in_quotes_is_told_to_have_none(run):
    with pytest.raises(UsageError) as refusal:
        cell(run(1000), "robustness.accuracy", min=0.5, until="2026-12-31")
    assert refusal.value.fix == "until = 2026-12-31, without quotes"


def test_touched_samples_are_counted_in_each_part(tmp_path):
    clean, n = np.ones((2, 50), bool), 50
    folder = many_runs.run(
        tmp_path, {0: many_runs.right(clean), 3: many_runs.right(clean)}, np.zeros((2, n), int)
    )
    summary = runs.read(folder, "robustness")
    rates = {r["slice"]: r["estimate"]["value"] for r in summary.of("touched_rate")}
    assert rates == {"all": 1.0, "set=00000": 1.0, "set=00001": 1.0}
    assert isinstance(summary.of("mean_dose")[0]["estimate"], dict)
