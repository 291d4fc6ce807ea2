"""What is not there never passes, and what is there is compared with the right thing."""

from datetime import date

import pyarrow as pa
import pytest

import run_folders
from mmaudit.errors import InputError, UsageError
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.rows import Estimate
from mmaudit.tables import store
from mmaudit.tables.arrow import to_table


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_folders.noisy(run_folders.make(tmp_path_factory.mktemp("run")))


def check(metric, **more):
    return {"id": "a", "metric": metric} | more


def verdict(run, *checks, strict=False, today=date(2026, 1, 1)):
    told = [
        {"id": f"c{i}"} | {k: v for k, v in c.items() if k != "id"} for i, c in enumerate(checks)
    ]
    return judge(run, config.build({"check": told}, "gate.toml"), strict=strict, today=today)


def status(run, metric, **more):
    made = verdict(run, check(metric, **more))
    return made.results[0].outcome, made.exit_code


@pytest.mark.parametrize(
    ("metric", "limit", "expected"),
    [
        ("robustness.accuracy{condition=clean}", {"min": 0.87}, "pass"),
        ("robustness.accuracy{condition=clean}", {"min": 0.93}, "fail"),
        ("robustness.accuracy{condition=clean}", {"min": 0.89}, "inconclusive"),
        ("robustness.ece{condition=clean}", {"max": 0.06}, "pass"),
        ("robustness.nll{condition=clean}", {"max": 0.2}, "fail"),
        ("robustness.accuracy{corruption=image/*,severity=1}", {"max_drop": 0.08}, "pass"),
        ("robustness.accuracy{corruption=image/*,severity=5}", {"max_drop": 0.08}, "fail"),
        ("robustness.nll{corruption=image/*,severity=5}", {"max_drop": 0.08}, "fail"),
        ("robustness.nll{corruption=text/*,severity=1}", {"max_drop": 0.08}, "pass"),
        ("robustness.accuracy{corruption=text/*}", {"max_drop_rel": "15%"}, "pass"),
        ("robustness.accuracy{corruption=image/*}", {"max_drop_rel": "15%"}, "fail"),
        ("robustness.accuracy{corruption=*/*b*r*}", {"min": 0.7, "aggregate": "mean"}, "pass"),
        ("robustness.accuracy{corruption=*/*u*}", {"min": 0.65, "aggregate": "worst"}, "fail"),
        ("robustness.accuracy{condition=clean}", {"min": 0.87, "slice": "digit=7"}, "pass"),
        ("robustness.accuracy{condition=present:text}", {"max_drop": 0.4}, "pass"),
        ("noisy-pairs.noise_rate", {"max": 0.15}, "pass"),
        ("noisy_pairs.noise_rate", {"max": 0.05}, "fail"),
        ("noisy_pairs.flagged_rate", {"min": 0.05, "max": 0.095}, "inconclusive"),
    ],
)
def test_rows_and_limits(run, metric, limit, expected):
    codes = {"pass": 0, "fail": 1, "inconclusive": 5}
    assert status(run, metric, **limit) == (expected, codes[expected])


@pytest.mark.parametrize(
    ("metric", "limit", "why"),
    [
        ("robustness.accuracy{corruption=audio/*}", {"min": 0.0}, "no row matches"),
        ("robustness.acuracy", {"min": 0.0}, "metric = acuracy; metrics: accuracy, "),
        ("contributions.phi", {"max": 1.0}, "no contributions/summary.parquet"),
        ("robustness.accuracy{condition=clean}", {"max_drop": 1.0}, "only the clean row"),
        ("robustness.ece{corruption=*}", {"max_drop": 1.0}, "no paired row ece_rise"),
        ("robustness.accuracy_kendall_tau", {"max_drop": 1.0}, "no row matches"),
        ("noisy_pairs.noise_rate", {"max_drop": 1.0}, "no clean condition"),
    ],
)
def test_what_is_missing_is_no_answer_and_says_why(run, metric, limit, why):
    made = verdict(run, check(metric, **limit))
    assert (made.results[0].outcome, made.exit_code) == ("missing", 5)
    assert any(why in cell.reason for cell in made.results[0].cells)
    assert verdict(run, check(metric, missing="fail", **limit)).exit_code == 1
    assert verdict(run, check(metric, **limit), strict=True).exit_code == 1


def test_what_is_missing_hides_nothing_that_failed_or_is_open(run):
    gone = {"metric": "robustness.accuracy{corruption=*/*}", "max_drop": 0.08}
    rows = {"min": 0.89, "aggregate": "each"}
    for missing in ("undecided", "warn"):
        some = check("robustness.ac*{condition=clean}", missing=missing, max_drop=0.1, **rows)
        made = verdict(run, some)
        assert {c.outcome for c in made.results[0].cells} == {"missing", "inconclusive"}
        assert made.exit_code == 5
        bad = verdict(run, check("contributions.phi", missing=missing, max=1.0), gone)
        assert bad.exit_code == 1


def test_missing_may_be_a_warning_but_alone_it_is_no_answer(run):
    gone = check("contributions.phi", max=1.0, missing="warn")
    assert verdict(run, gone).exit_code == 5
    there = check("robustness.accuracy{condition=clean}", min=0.5)
    made = verdict(run, gone, there)
    assert (made.exit_code, made.results[0].status) == (0, "warn")


def test_an_empty_table_never_passes(tmp_path):
    run = run_folders.make(tmp_path, rows=[])
    assert status(run, "robustness.accuracy*", min=0.0) == ("missing", 5)


@pytest.mark.parametrize("broken", [float("nan"), None])
def test_a_number_that_is_not_one_never_passes(tmp_path, broken):
    run = run_folders.make(tmp_path)
    path = run / "robustness" / "summary.parquet"
    table = store.read(path)
    rows = table.to_pylist()
    for row in rows:
        if row["condition"] == "clean" and row["metric"] == "accuracy":
            row["estimate"] = None if broken is None else row["estimate"] | {"high": broken}
    loose = pa.schema([f.with_nullable(True) for f in table.schema], table.schema.metadata)
    store.write(pa.Table.from_pylist(rows, loose), path)
    assert status(run, "robustness.accuracy{condition=clean}", min=0.0) == ("missing", 5)
    # a relative drop needs the clean value
    assert status(run, "robustness.accuracy{severity=1}", max_drop_rel=1.0) == ("missing", 5)


def test_a_mean_with_a_missing_member_is_missing(tmp_path):
    rows = [
        r
        for r in run_folders.robustness_rows()
        if not (r.metric == "accuracy_drop" and r.severity == 5)
    ]
    run = run_folders.make(tmp_path, rows=rows)
    metric = "robustness.accuracy{corruption=image/*}"
    assert status(run, metric, max_drop=1.0, aggregate="mean") == ("missing", 5)
    assert status(run, metric, max_drop=1.0) == ("missing", 5)


def test_a_column_that_is_not_there_is_a_usage_error(run):
    with pytest.raises(UsageError, match="no column 'corruptoin'"):
        status(run, "robustness.accuracy{corruptoin=*}", min=0.0)


def test_no_run_and_no_summary(tmp_path):
    with pytest.raises(InputError):
        status(tmp_path / "nowhere", "robustness.accuracy", min=0.0)
    (tmp_path / "robustness").mkdir()
    (tmp_path / "robustness" / "summary.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="Parquet"):
        status(tmp_path, "robustness.accuracy", min=0.0)
    table = to_table([], run_folders.Plain, run_folders.MADE).select(["metric"])
    store.write(table, tmp_path / "robustness" / "summary.parquet")
    with pytest.raises(InputError, match="columns metric and estimate"):
        status(tmp_path, "robustness.accuracy", min=0.0)


def test_levels_waivers_and_strictness(run):
    bad = {"metric": "robustness.accuracy{condition=clean}", "min": 0.99}
    assert verdict(run, bad | {"level": "warn"}).exit_code == 0
    assert verdict(run, bad | {"level": "warn"}, strict=True).exit_code == 1
    assert verdict(run, bad | {"level": "info"}, strict=True).exit_code == 0
    waived = bad | {"until": date(2026, 6, 30)}
    during = verdict(run, waived, today=date(2026, 6, 30))
    assert (during.exit_code, during.results[0].waived) == (0, "2026-06-30")
    assert verdict(run, waived, strict=True).exit_code == 0
    after = verdict(run, waived | {"level": "info"}, today=date(2026, 7, 1))
    assert (after.exit_code, after.results[0].level) == (1, "error")
    open_question = {"metric": "robustness.accuracy{condition=clean}", "min": 0.89}
    assert verdict(run, open_question).exit_code == 5
    assert verdict(run, open_question, strict=True).exit_code == 1
    decided = {"metric": "robustness.accuracy{condition=clean}", "min": 0.5}
    assert verdict(run, open_question | {"level": "warn"}).exit_code == 5
    assert verdict(run, open_question | {"level": "warn"}, decided).exit_code == 0
    assert verdict(run, open_question, bad).exit_code == 1


def test_every_number_of_a_relative_drop_is_worked_out_from_three_rows(run):
    """drop / clean; from rows alone the deviation is at most that of the drop and r that of clean."""
    made = verdict(
        run, check("robustness.accuracy{corruption=text/*,severity=5}", max_drop_rel=0.2)
    )
    cell = made.results[0].cells[0]
    half = (0.01 + 0.2 * 0.02) / 0.9
    assert cell.estimate.value == pytest.approx(0.1 / 0.9)
    assert cell.estimate.high - cell.estimate.value == pytest.approx(half)


def test_the_headline_names_the_worst(run):
    made = verdict(
        run,
        check("robustness.accuracy{condition=clean}", min=0.1),
        check("robustness.accuracy{corruption=*/*_*}", max_drop=0.05),
    )
    assert "1 failed" in made.headline
    assert "image/motion_blur:5@image" in made.headline
    assert verdict(run, check("noisy_pairs.noise_rate", max=1.0)).headline == "the check passes"


def test_a_number_with_an_open_interval_is_not_decided(tmp_path):
    row = run_folders.row("accuracy", Estimate(1.0, -float("inf"), float("inf"), 1))
    run = run_folders.make(tmp_path, rows=[row])
    assert status(run, "robustness.accuracy", min=0.5) == ("inconclusive", 5)


def test_a_summary_without_slices_is_about_everything(tmp_path):
    table = to_table(
        [run_folders.Plain("all", "noise_rate", run_folders.wide(0.1, 0.01))],
        run_folders.Plain,
        run_folders.MADE,
    )
    store.write(table.drop_columns(["slice"]), tmp_path / "noisy_pairs" / "summary.parquet")
    assert status(tmp_path, "noisy_pairs.noise_rate", max=0.2) == ("pass", 0)
