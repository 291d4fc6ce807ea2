"""Families that allow k bad rows err no more often than stated, whatever the rows do together."""

import math

import numpy as np
import pytest

import run_folders
from mmaudit.errors import UsageError
from mmaudit.gate import config
from mmaudit.gate.decisions.allowing import enough_within, more_past
from mmaudit.gate.judge import judge

TAIL = 0.025
GATES = 20_000


def p_values(shifts, correlation, seed=0):
    """P-values of "not past" and of "past" of rows whose truths are so many spreads past it."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((GATES, 1))
    own = rng.standard_normal((GATES, len(shifts)))
    z = math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own + np.array(shifts)
    past = 0.5 * np.vectorize(math.erfc)(z / math.sqrt(2))
    return past.tolist(), (1 - past).tolist()


def share(p_values_of_gates, test, allowed):
    return sum(test(p, allowed) <= TAIL for p in p_values_of_gates) / GATES


BOUND = TAIL + 2 * math.sqrt(TAIL * (1 - TAIL) / GATES)


@pytest.mark.parametrize("correlation", [0.0, 0.5])
@pytest.mark.parametrize(("rows", "allowed"), [(8, 0), (8, 1), (8, 3), (3, 2)])
def test_a_family_in_which_no_more_rows_are_bad_than_may_be_seldom_fails(
    rows, allowed, correlation
):
    """The worst case: as many as may be are surely bad, all others stand at the limit."""
    past, _ = p_values([9.0] * allowed + [0.0] * (rows - allowed), correlation)
    assert share(past, more_past, allowed) <= BOUND


@pytest.mark.parametrize("correlation", [0.0, 0.5])
@pytest.mark.parametrize(("rows", "allowed"), [(8, 0), (8, 1), (8, 3), (3, 2)])
def test_a_family_with_one_bad_row_too_many_seldom_passes(rows, allowed, correlation):
    """The worst case: one too many stand at the limit, all others are surely good."""
    _, within = p_values([0.0] * (allowed + 1) + [-9.0] * (rows - allowed - 1), correlation)
    assert share(within, enough_within, allowed) <= BOUND


def test_that_enough_rows_pass_by_themselves_would_not_be_enough():
    """With three bad rows at the limit and two allowed, one of the three passes by luck."""
    _, within = p_values([0.0] * 3 + [-9.0] * 5, 0.0)
    naive = sum(sorted(p)[5] <= TAIL for p in within) / GATES
    assert naive == pytest.approx(1 - (1 - TAIL) ** 3, abs=0.01)
    assert naive > 2 * BOUND


def test_both_sides_have_power():
    """Rows far from the limit are told: three of eight bad, two or three allowed."""
    past, within = p_values([5.0] * 3 + [-5.0] * 5, 0.0)
    assert share(past, more_past, 2) > 0.9
    assert share(within, enough_within, 3) > 0.9


def judged(run, **keys):
    check = {"metric": "robustness.accuracy{corruption=*/*_*}", "max_drop": 0.2, **keys}
    return judge(run, config.build({"check": [check]}, "gate.toml"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Drops of .06, .18 and .30, known to .01."""
    return run_folders.make(tmp_path_factory.mktemp("run"))


def test_k_rows_may_fail_and_no_more(run):
    assert judged(run).exit_code == 1
    told = judged(run, max_failing_rows=1)
    assert told.exit_code == 0
    (result,) = told.results
    assert (result.max_failing_rows, result.cells[0].outcome) == (1, "fail")
    assert judged(run, max_failing_rows=1, max_drop=0.1).exit_code == 1
    assert judged(run, max_failing_rows=1, max_drop=0.18).exit_code == 5


@pytest.mark.parametrize(
    ("fail_when", "code"), [("undecided", 5), ("possible", 1), ("proven", 0), ("point", 0)]
)
def test_what_a_straddling_family_means_is_chosen(run, fail_when, code):
    assert judged(run, max_failing_rows=1, max_drop=0.181, fail_when=fail_when).exit_code == code


def test_rows_with_too_few_samples_decide_nothing(run):
    for fail_when in ("undecided", "point", "possible", "proven"):
        told = judged(run, max_failing_rows=1, min_n=10_000, fail_when=fail_when)
        assert told.exit_code == 5


def test_a_missing_row_is_none_that_may_fail(run):
    """The clean row alone, or no row: nothing was asked."""
    told = judged(run, metric="robustness.accuracy{corruption=no/such}", max_failing_rows=0)
    assert told.results[0].outcome == "missing"


@pytest.mark.parametrize(
    "keys",
    [
        {"max_failing_rows": -1},
        {"max_failing_rows": True},
        {"max_failing_rows": 1, "aggregate": "mean"},
        {"max_failing_rows": 1, "min": 0.5},
        {"max_failing_rows": 3},
    ],
)
def test_what_allows_nothing_or_everything_is_refused(run, keys):
    with pytest.raises(UsageError):
        judged(run, **keys)
