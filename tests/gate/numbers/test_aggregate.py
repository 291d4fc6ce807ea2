"""Mean and worst of several rows: never too narrow, and no wider than their dependence asks."""

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import run_folders
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.gate.limits import Limit
from mmaudit.gate.numbers.aggregate import (
    ADDS_UP,
    APART,
    SAMPLE_BY_SAMPLE,
    TOGETHER,
    joined,
    mean,
    no_mean,
    worst,
)
from mmaudit.gate.numbers.draws import together
from mmaudit.gate.numbers.quantity import Quantity
from mmaudit.rows import Estimate
from mmaudit.tables import store

HALF = 1.959964
ROWS, SAMPLES, GATES = 8, 1_000, 2_000


def ends(e):
    return e.value, e.low, e.high


def test_from_intervals_alone_they_never_claim_more_than_their_parts():
    parts = [Estimate(0.1, 0.05, 0.15, 100), Estimate(0.3, 0.2, 0.4, 90)]
    assert ends(mean(parts)) == pytest.approx((0.2, 0.125, 0.275))
    high, low = worst(parts, 1), worst(parts, -1)
    assert (high.value, high.high, high.n) == (0.3, 0.4, 90)
    assert high.low < 0.2
    assert (low.value, low.low) == (0.1, 0.05)
    assert low.high > 0.15
    assert ends(worst(parts[:1], 1)) == pytest.approx(ends(parts[0]))


def test_draws_that_move_as_one_or_not_at_all_add_nothing():
    one = np.random.default_rng(0).normal(size=(1, 4_000))
    parts = [Estimate(0.1, 0.05, 0.2, 90), Estimate(0.3, 0.2, 0.4, 90)]
    same = np.concatenate([one, 3 * one + 1])
    still = np.concatenate([one, one * 0 + 1])
    for draws in (same, still):
        assert ends(mean(parts, draws)) == pytest.approx(ends(mean(parts)))
    assert worst(parts, 1, still).low <= 0.2


def test_independent_draws_give_the_textbook():
    draws = np.random.default_rng(1).normal(size=(4, 100_000))
    assert together(draws, [0.1] * 4) == pytest.approx(0.05, rel=0.02)


def test_only_rows_that_may_be_the_worst_are_corrected_for():
    draws = np.random.default_rng(1).normal(size=(4, 100_000))
    alike = [Estimate(0.3, 0.3 - HALF, 0.3 + HALF, 90)] * 4
    # Bonferroni's of four is 2.498; a tenth of the level pays for being sure which may be the worst
    assert (0.3 - worst(alike, 1, draws).low) == pytest.approx(2.535, abs=0.01)
    assert (worst(alike, -1, draws).high - 0.3) == pytest.approx(2.535, abs=0.01)
    apart = [*alike[:1], *[Estimate(-20.0, -20 - HALF, -20 + HALF, 90)] * 3]
    assert (0.3 - worst(apart, 1, draws).low) == pytest.approx(2.005, abs=0.03)
    assert (0.3 - worst(alike, 1, draws[:1].repeat(4, 0)).low) == pytest.approx(2.005, abs=0.03)
    still = worst(alike, 1, draws * 0)
    # from intervals alone their half-widths are taken to grow faster than a normal's
    assert still.low - 0.4 < worst(alike, 1).low < still.low


@pytest.mark.parametrize("metric", ["ece", "ece_rise"])
def test_what_noise_makes_too_large_is_not_averaged_away(metric):
    """Rows whose draws are independent: the half-width of their mean stays that of a row."""
    limit, draws = Limit("max", 0.1), np.random.default_rng(1).normal(size=(4, 1_000))
    row = Estimate(0.05, 0.0, 0.07, 300)
    members = [Quantity("", metric, limit, row, rows=({"metric": metric},)) for _ in range(4)]
    told = {"metric": "robustness.ece", "max": 0.1, "aggregate": "mean"}
    check = config.build({"check": [told]}, "gate.toml").checks[0]
    (made,) = joined(check, members, lambda _: draws, no_mean)
    assert ends(made.estimate) == pytest.approx(ends(row))
    assert made.reason == f"{APART}: {ADDS_UP}"


def gates(correlation, means, seed):
    """Mean drops ``(gate, row)`` of rows that share samples, and draws of them for each gate."""
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(
        correlation * np.ones((ROWS, ROWS)) + (1 - correlation) * np.eye(ROWS)
    )
    spread = 1 / math.sqrt(SAMPLES)
    values = means + spread * rng.normal(size=(GATES, ROWS)) @ root.T
    draws = root @ rng.normal(size=(ROWS, 400)) * spread
    parts = [
        [Estimate(v, v - HALF * spread, v + HALF * spread, SAMPLES) for v in g] for g in values
    ]
    return parts, draws


def most(rate):
    return rate + 5 * math.sqrt(rate * (1 - rate) / GATES)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.95])
@pytest.mark.parametrize("spread", [0.0, 0.02, 0.2])
def test_intervals_miss_the_truth_as_often_as_stated(correlation, spread):
    """Null: truths are alike, near, or far apart. Allowed: 2.5 % a side, and 5 SE more."""
    truths = np.linspace(-spread, 0, ROWS)
    parts, draws = gates(correlation, truths, seed=2)
    for join, truth in (
        (lambda p: worst(p, 1, draws), 0.0),
        (lambda p: mean(p, draws), truths.mean()),
    ):
        made = [join(p) for p in parts]
        assert np.mean([e.low > truth for e in made]) <= most(0.025)
        assert np.mean([e.high < truth for e in made]) <= most(0.025)


def test_the_largest_draw_would_miss_it():
    """Why the worst is not read off the draws' maximum: eight like rows fail nearly always."""
    parts, draws = gates(0.0, np.zeros(ROWS), seed=3)
    values = np.array([[e.value for e in p] for p in parts])
    low = np.array([np.quantile((v[:, None] + draws).max(axis=0), 0.025) for v in values[:300]])
    assert (low > 0).mean() > 0.9


def made(folder, *, answers=True, severities=(1, 3, 5), **more):
    """A run of drops whose rows follow from its answers."""
    more = {"missing": False, "half": 0.1, "severities": severities} | more
    run = run_folders.make(folder, samples=400, **more)
    if not answers:
        for path in (run / "robustness/samples").iterdir():
            path.unlink()
    return run


def verdict(run, **check):
    told = {"metric": "robustness.accuracy{corruption=*,severity=*}"} | check
    return judge(run, config.build({"check": [told]}, "gate.toml")).results[0].cells[0]


@pytest.mark.parametrize("limit", [{"min": 0.2}, {"max_drop": 0.5}, {"max_drop_rel": 0.5}])
@pytest.mark.parametrize("aggregate", ["mean", "worst"])
def test_where_there_are_answers_rows_are_drawn_together(tmp_path, aggregate, limit):
    joint = verdict(made(tmp_path / "a"), aggregate=aggregate, **limit)
    alone = verdict(made(tmp_path / "b", answers=False), aggregate=aggregate, **limit)
    each = aggregate == "mean" and "max_drop_rel" not in limit
    assert joint.reason == (SAMPLE_BY_SAMPLE if each else TOGETHER)
    assert alone.reason == f"{APART}: no answers were kept"
    assert joint.estimate.value == pytest.approx(alone.estimate.value)
    assert joint.estimate.low >= alone.estimate.low
    assert joint.estimate.high <= alone.estimate.high
    if aggregate == "mean":
        width = joint.estimate.high - joint.estimate.low
        assert width < 0.98 * (alone.estimate.high - alone.estimate.low)


def test_slices_flips_rises_and_calibration_are_drawn_too(tmp_path):
    run = made(tmp_path / "a")
    for metric in ("flip_rate", "nll_rise", "ece", "accuracy_drop"):
        told = verdict(run, metric=f"robustness.{metric}{{severity=*}}", aggregate="worst", max=1)
        assert told.reason == TOGETHER, metric
    curve = verdict(run, metric="robustness.accuracy_worst", aggregate="mean", min=0)
    assert curve.reason == f"{APART}: how accuracy_worst is made of samples is not known here"
    part = verdict(run, slice="digit=7", aggregate="mean", min=0)
    assert part.reason == f"{APART}: the answers do not tell digit"
    assert (
        verdict(run, metric="robustness.ece{condition=clean}", aggregate="mean", max=1).reason == ""
    )


def test_drops_against_a_baseline_are_drawn_from_both_runs(tmp_path):
    this, base = made(tmp_path / "a"), made(tmp_path / "b")
    check = {"metric": "robustness.accuracy{severity=*}", "max_drop": 0.1, "against": "baseline"}
    gate = config.build({"check": [check | {"aggregate": "mean"}]}, "gate.toml")
    cell = judge(this, gate, baseline=base).results[0].cells[0]
    assert (cell.reason, cell.estimate.value, cell.outcome) == (TOGETHER, 0.0, "pass")
    gate = config.build({"check": [check | {"aggregate": "mean", "paired": False}]}, "gate.toml")
    assert judge(this, gate, baseline=base).results[0].cells[0].reason.endswith("as asked")


def test_without_numpy_the_wider_interval_is_taken_and_told(tmp_path):
    run = made(tmp_path / "a")
    (tmp_path / "gate.toml").write_text(
        '[[check]]\nmetric = "robustness.accuracy{severity=*}"\nmin = 0.2\naggregate = "worst"\n'
    )
    code = "import sys; sys.modules['numpy'] = None; from mmaudit.cli import main; sys.exit(main())"
    words = ["gate", str(run), "--config", str(tmp_path / "gate.toml")]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], check=True, capture_output=True, text=True
    )
    assert f"{APART}: numpy is not installed" in done.stdout


def copied(run, copies):
    """Every sample some times over, the copies of one in one group."""
    for path in (run / "robustness/samples").iterdir():
        table = parquet.read_table(path)
        at = table.column_names.index
        many = []
        for k in range(copies):
            ids = pa.array([f"{one}-{k}" for one in table["id"].to_pylist()])
            some = table.set_column(at("group"), "group", table["id"])
            many.append(some.set_column(at("id"), "id", ids))
        store.write(pa.concat_tables(many).sort_by("condition"), path)
    return run


def test_groups_are_drawn_whole(tmp_path):
    """Every sample four times: the joint interval is no narrower than of every sample once."""
    widths = {"mean": [], "worst": []}
    for copies in (1, 4):
        run = copied(made(tmp_path / str(copies)), copies)
        for aggregate, reason in (("mean", SAMPLE_BY_SAMPLE), ("worst", TOGETHER)):
            told = verdict(run, aggregate=aggregate, min=0.2)
            assert told.reason == reason
            widths[aggregate].append(told.estimate.high - told.estimate.low)
    for once, four in widths.values():
        assert four == pytest.approx(once, rel=0.1)


def test_slices_are_drawn_from_their_own_samples(tmp_path):
    luck = run_folders.lucks(400)
    half = [  # every other one, from the easiest to the hardest
        replace(r, estimate=replace(r.estimate, n=200)) if r.slice != "all" else r
        for r in run_folders.robustness_rows(n=400, half=0.1)
    ]
    run = made(tmp_path / "run", rows=half)
    for path in (run / "robustness/samples").iterdir():
        table = parquet.read_table(path)
        ranks = [int(luck[int(one[1:])] * 400) for one in table["id"].to_pylist()]
        digits = pa.array([str(7 + rank % 2) for rank in ranks])
        table = table.append_column("slice:digit", digits)
        store.write(table, path)
    for metric in ("accuracy", "accuracy_drop"):
        told = verdict(
            run,
            metric=f"robustness.{metric}{{severity=*}}",
            slice="digit=7",
            aggregate="worst",
            max=1,
        )
        assert told.reason == TOGETHER
    gone = verdict(run, slice="digit=7", aggregate="worst", max_drop=0.5)
    assert gone.reason == TOGETHER
    gone = verdict(run, slice="digit=7", aggregate="mean", max_drop=0.5)
    assert (gone.reason, gone.estimate.n) == (SAMPLE_BY_SAMPLE, 200)
