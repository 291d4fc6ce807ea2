"""Comparisons with a baseline are paired by sample, and refused where they would not be fair."""

import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import run_folders
from mmaudit.errors import InputError, UsageError
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.gate.limits import Limit
from mmaudit.gate.numbers import grounds
from mmaudit.gate.numbers.apart import apart
from mmaudit.gate.numbers.samples import PerSample
from mmaudit.rows import Estimate

METRIC = "robustness.accuracy{condition=clean}"


def make(folder, **more):
    return run_folders.make(folder, samples=400, **more)


def judged(run, base, metric=METRIC, **more):
    limits = more if any(k.startswith("max_drop") for k in more) else more | {"max_drop": 0.05}
    told = {"check": [{"id": "a", "metric": metric, "against": "baseline"} | limits]}
    return judge(run, config.build(told, "g"), baseline=base).results[0]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return make(tmp_path_factory.mktemp("base"))


@pytest.fixture
def worse(tmp_path):
    rows = [
        replace(r, estimate=run_folders.wide(0.7, 0.02))
        if (r.condition, r.metric) == ("clean", "accuracy")
        else r
        for r in run_folders.robustness_rows()
    ]
    return make(tmp_path / "worse", rows=rows)


def test_a_run_against_itself_has_no_drop(base):
    for metric in (METRIC, "robustness.nll{condition=clean}", "robustness.ece{condition=clean}"):
        result = judged(base, base, metric, fail_when="proven", max_drop=0.0)
        assert result.outcome == "pass"
        assert result.cells[0].estimate.value == 0


def test_a_worse_model_fails(base, worse):
    result = judged(worse, base)
    assert result.outcome == "fail"
    assert result.cells[0].estimate.value == pytest.approx(0.2, abs=0.06)  # 400 samples
    assert judged(base, worse).outcome == "pass"
    assert judged(worse, base, max_drop_rel="10%").outcome == "fail"
    assert judged(worse, base, max_drop_rel="40%").outcome == "pass"


def test_a_lower_metric_gets_worse_upward(base, worse):
    result = judged(worse, base, "robustness.nll{condition=clean}", max_drop=0.05)
    assert result.cells[0].estimate.value > 0.1
    assert result.outcome == "fail"


def test_a_number_of_a_whole_curve_has_no_answers_of_its_own_and_is_compared(tmp_path):
    flips = ("flip_rate", run_folders.wide(0.2, 0.02, 400), "image/motion_blur@image")
    rows = [*run_folders.robustness_rows(n=400), run_folders.row(*flips, "image/motion_blur")]
    both = [make(tmp_path / name, rows=rows) for name in "ab"]
    (cell,) = judged(*both, f"robustness.flip_rate{{condition={flips[2]}}}").cells
    assert cell.estimate.value == 0
    assert "flip_rate of a whole curve is not compared sample by sample" in cell.reason


def test_unpaired_is_wider_and_says_so(base, worse):
    close, wide = judged(worse, base).cells[0], judged(worse, base, paired=False).cells[0]
    assert wide.reason == "not paired, as asked"
    ece = judged(worse, base, "robustness.ece{condition=clean}").cells[0]
    assert ece.reason == "resampled"
    drop = judged(worse, base, "robustness.accuracy_worst", max_drop=1.0).cells[0]
    assert "not compared sample by sample" in drop.reason
    assert close.reason == ""


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"digests": {"manifest": "c" * 64}}, "digest of the manifest"),
        ({"seed": 8}, "seed"),
        ({"options": {"absent": "mean"}}, "absence policy"),
        ({"versions": {"image/motion_blur": "2"}}, "version of image/motion_blur"),
    ],
)
def test_what_was_made_otherwise_is_not_comparable(tmp_path, base, change, why):
    other = make(tmp_path / "other", made=replace(run_folders.MADE, **change))
    result = judged(other, base, "robustness.accuracy{corruption=image/*}", max_drop=1.0)
    assert result.status == "inconclusive"
    assert {cell.outcome for cell in result.cells} == {"missing"}
    assert all(why in cell.reason for cell in result.cells)


def test_another_model_is_comparable(tmp_path, base):
    digests = run_folders.MADE.digests | {"model": "d" * 64}
    other = make(tmp_path / "other", made=replace(run_folders.MADE, digests=digests))
    assert judged(other, base).outcome == "pass"


def test_other_samples_are_not_comparable(tmp_path, base):
    other = run_folders.make(tmp_path / "other", samples=399)
    result = judged(other, base, max_drop=1.0)
    assert (result.outcome, result.status) == ("missing", "inconclusive")
    assert "share 399 of 399 and 400 samples" in result.cells[0].reason


def test_without_answers_there_is_no_pair(tmp_path, base):
    bare = run_folders.make(tmp_path / "bare")
    assert "no answers to clean were kept" in judged(bare, base, max_drop=1.0).cells[0].reason
    gone = judged(base, run_folders.noisy(tmp_path / "other"), max_drop=1.0).cells[0]
    assert "baseline: the run has no robustness/summary.parquet" in gone.reason
    with pytest.raises(InputError, match="no such run directory"):
        judged(base, tmp_path, max_drop=1.0)


def test_a_baseline_and_a_check_that_asks_for_it_go_together(base):
    told = {"check": [{"id": "a", "metric": METRIC, "max_drop": 0.1, "against": "baseline"}]}
    with pytest.raises(UsageError, match="none was given"):
        judge(base, config.build(told, "g"))
    told["check"][0] |= {"against": "clean"}
    with pytest.raises(UsageError, match="no check compares"):
        judge(base, config.build(told, "g"), baseline=base)


def per_sample(values, groups=None, ids=None, bounds=(-math.inf, math.inf)):
    names = ids if ids is not None else [str(i) for i in range(len(values))]
    return PerSample(pa.chunked_array([pa.array(names)]), np.array(values), groups, *bounds)


def test_pairs_are_joined_by_id():
    rng = np.random.default_rng(0)
    a, b = rng.normal(1.0, 1.0, (2, 40))
    order = rng.permutation(40)
    other = per_sample(b[order], ids=[str(i) for i in order])
    worse = other.minus(per_sample(a), -1)
    estimate = grounds.measured(grounds.of_samples(worse))
    assert estimate.value == pytest.approx((a - b).mean())
    t = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert (estimate.low, estimate.high) == pytest.approx((t.low, t.high), abs=0.03)


def test_groups_count_once():
    """Every sample four times: the interval is that of the groups, not of the copies."""
    rng = np.random.default_rng(1)
    values, groups = rng.choice([-1.0, 0.0, 1.0], 300, p=[0.05, 0.9, 0.05]), np.arange(300)
    bounds = (-1.0, 1.0)
    four = per_sample(np.tile(values, 4), np.tile(groups, 4), bounds=bounds)
    grouped = grounds.measured(grounds.of_samples(four))
    alone = grounds.measured(grounds.of_samples(per_sample(values, bounds=bounds)))
    assert grouped.n == 300
    assert (grouped.low, grouped.high) == pytest.approx((alone.low, alone.high), rel=1e-6)


def test_square_and_add_by_hand():
    base, this = Estimate(0.9, 0.88, 0.92, 100), Estimate(0.8, 0.77, 0.83, 90)
    made = apart(base, this, 1)
    half = np.hypot(0.02, 0.03)
    assert (made.value, made.low, made.high) == pytest.approx((0.1, 0.1 - half, 0.1 + half))
    loss = apart(base, this, -1)
    assert (loss.value, loss.low) == pytest.approx((-0.1, -0.1 - half))
    limit = Limit("max_drop_rel", 0.05)
    relative = apart(base, this, 1, limit.value)
    assert relative.value == pytest.approx(0.1 - 0.05 * 0.9)
