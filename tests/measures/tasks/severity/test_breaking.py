"""The breaking point of known curves, its interval, and the order of bisection."""

import numpy as np
import pytest

from mmaudit.measures.intervals.bootstrap import replicated_mean, unit_keys
from mmaudit.measures.intervals.replicates import SHARE, Replicates
from mmaudit.measures.tasks.severity.breaking import Threshold, breaking_point, next_severity, parse


def flat(value, draws=4):
    return Replicates(value, np.full(draws, value), 100)


LINE = {s: flat(1 - 0.1 * s) for s in (1, 2, 3, 4, 5)}


@pytest.mark.parametrize(
    ("limit", "asked", "place"),
    [
        (Threshold(0.75), (1, 2, 3, 4, 5), 2.5),
        (Threshold(0.75), (1, 2, 3), 2.5),
        (Threshold(0.98), (1, 3), 0.2),
        (Threshold(0.25, drop=True), (1, 2, 3), 2.5),
        (Threshold(1.1), (1, 3), 0.0),
        (Threshold(0.4), (3, 4, 5), None),
        (Threshold(0.5), (3, 4, 5), None),  # at the limit is not past it
    ],
)
def test_a_straight_line_breaks_where_it_should(limit, asked, place):
    curve = {s: LINE[s] for s in asked}
    found = breaking_point(flat(1.0), curve, limit, better="higher")
    assert (found and found.point) == (place if place is None else pytest.approx(place))
    losses = {s: flat(0.1 * s) for s in asked}
    mirrored = Threshold(limit.value if limit.drop else 1 - limit.value, limit.drop)
    found = breaking_point(flat(0.0), losses, mirrored, better="lower")
    assert (found and found.point) == (place if place is None else pytest.approx(place, abs=1e-9))


def test_each_replicate_breaks_by_itself_and_one_that_does_not_counts_with_the_last():
    clean = Replicates(1.0, np.array([1.0, 1.0, 0.5]), 100)
    at3 = Replicates(0.7, np.array([0.7, 0.9, 0.4]), 100)
    found = breaking_point(clean, {3: at3}, Threshold(0.8), better="higher")
    assert found.point == pytest.approx(2.0)
    assert found.draws.tolist() == pytest.approx([2.0, 3.0, 0.0])


def test_the_interval_covers_the_truth():
    """The break is at 2.5; 300 data sets of 400 samples: 95 % intervals miss 5 %, allowed 5 SE more."""
    rng = np.random.default_rng(0)
    keys = unit_keys(0, [f"s{i}" for i in range(400)])
    runs, hits = 300, 0
    for _ in range(runs):
        u = rng.random(400)  # one uniform a sample: severities share their samples
        curve = {s: replicated_mean(u < 1 - 0.1 * s, keys, 200, SHARE) for s in LINE}
        clean = replicated_mean(u < 1, keys, 200, SHARE)
        told = breaking_point(clean, curve, Threshold(0.75), better="higher").estimate()
        hits += told.low <= 2.5 <= told.high
    assert hits / runs >= 0.95 - 5 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.parametrize("breaks", [1, 2, 3, 4, 5, 6])
def test_bisection_brackets_the_break_in_at_most_three_questions(breaks):
    crossed = {}
    while (severity := next_severity(crossed)) is not None:
        crossed[severity] = severity >= breaks
    assert next(iter(crossed)) == 3
    assert len(crossed) <= 3
    assert breaks == 6 or breaks in crossed
    assert breaks == 1 or breaks - 1 in crossed


def test_limits_are_read():
    assert parse("0.8") == Threshold(0.8)
    assert parse("drop:0.1") == Threshold(0.1, drop=True)
    for text in ("", "drop", "drop:", "drop:0", "drop:-1", "nan", "drop:inf", "0.8x"):
        assert parse(text) is None
