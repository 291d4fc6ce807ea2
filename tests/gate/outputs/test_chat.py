"""A verdict for a chat is short, plain, and says what failed, by how much, and where to read on."""

from dataclasses import replace

import pytest

import hostile_texts
from mmaudit.errors import UsageError
from mmaudit.gate.outputs.chat import MOST, summary
from mmaudit.gate.verdict import Cell, Result, Verdict
from mmaudit.rows import Estimate


def check(id, status, value=0.85, kind="min", limit=0.9, needed=None, label="clean", more=0):
    outcome = {"fail": "fail", "inconclusive": "inconclusive"}.get(status, "pass")
    estimate = Estimate(value, value - 0.02, value + 0.02, 500)
    cells = (Cell(label, "accuracy", kind, limit, estimate, outcome, needed),) * (1 + more)
    return Result(id, "robustness.accuracy", "error", "", "each", 1, False, outcome, status, cells)


def verdict(*results, run="nightly/run"):
    return Verdict(run, "gate.toml", "", False, results)


def test_it_says_what_failed_by_how_much_and_where_to_read_on():
    told = summary(
        verdict(
            check("fine", "pass", 0.95),
            check("open", "inconclusive", 0.91, needed=2400),
            check("clean", "fail", more=2),
        ),
        "https://ci.example/42/report.html",
    )
    assert told.splitlines() == [
        "mmaudit gate: run FAILS: 1 of 3 checks pass, 1 failed, 1 undecided",
        "failed: clean: 0.85, limit ≥ 0.9, 0.05 past it (clean), and 2 more rows",
        "undecided: open: 0.91, limit ≥ 0.9, 0.01 within it, about 2,400 samples would decide (clean)",
        "page: https://ci.example/42/report.html",
    ]
    assert summary(verdict(check("fine", "pass", 0.95)), "") == (
        "mmaudit gate: run passes: 1 of 1 checks pass"
    )


def test_where_rows_may_fail_it_is_about_what_leaves_it_open():
    failed = check("some", "inconclusive", 0.5)
    cells = (replace(failed.cells[0], outcome="fail"), check("x", "inconclusive", 0.91).cells[0])
    told = summary(verdict(replace(failed, cells=cells, family=9, max_failing_rows=2)), "")
    assert told.splitlines()[1] == (
        "undecided: some: 0.91, limit ≥ 0.9, 0.01 within it (clean); 1 of 9 rows past it, 2 may be"
    )


def test_what_would_decide_is_counted_in_the_slice_that_was_asked():
    one = check("open", "inconclusive", 0.91, needed=2400)
    cells = tuple(replace(cell, counts="groups of region=west") for cell in one.cells)
    text = summary(verdict(replace(one, cells=cells)), "page.html")
    assert "about 2,400 groups of region=west would decide" in text


def test_however_many_checks_it_stays_short_and_counts_the_rest():
    for count in (1, 5, 40, 3000):
        some = [check(f"check {i} with a rather long name", "fail") for i in range(count)]
        told = summary(verdict(*some, run="x" * 500), "https://ci.example/" + "p" * 250)
        assert len(told) < MOST
        shown = sum(line.startswith("failed") for line in told.splitlines())
        rest = f"and {count - shown} more checks" in told
        assert shown == count or rest
        assert told.splitlines()[-1].endswith("p" * 250)


def test_a_link_that_leaves_no_room_is_refused():
    with pytest.raises(UsageError):
        summary(verdict(check("a", "fail")), "https://" + "p" * 300)


@pytest.mark.parametrize("text", [*hostile_texts.texts(), "@everyone", "<!channel>", "x@here"])
def test_hostile_names_are_text(text):
    told = summary(verdict(check(text, "fail", label=text), run=text), "")
    assert len(told) < MOST
    assert not set(told) & set("<>\x1b\u202e\x07\x00")
    assert "://" not in told
    assert not any(word in told for word in ("@everyone", "@here", "@SUM"))
    assert len(told.splitlines()) == 2
