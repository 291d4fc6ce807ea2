"""Splits that are drawn alike are seldom called different; one that is worse is, and by what."""

import numpy as np
import pytest

from inspected import drawn, opinions
from mmaudit.audits.inspect.comparisons import shifts

SETS = 20


def compared(contents, reference=None, each=1):
    return shifts.shifts(contents, opinions(contents)[::each], reference)


def test_splits_that_are_drawn_alike_are_seldom_called_different():
    """In .05 of the sets or less; of 20 sets more than 5 are in 1 of 3,000 at that."""
    every = [compared(drawn(seed, 120), each=4) for seed in range(SETS)]
    assert sum(any(one.differs for one in some) for some in every) <= 5
    assert len(every[0]) > 15  # checks of two modalities, in two splits, and absence


def test_what_is_worse_in_test_is_seen_and_named_first():
    some = compared(drawn(0, 1000, worse=1.0))
    first = shifts.table(some).to_pylist()[0]
    assert (first["check"], first["split"], first["base"]) == ("image/noise", "test", "train")
    assert first["differs"]
    assert 0.5 < first["low"] < first["auroc"] < first["high"]
    assert first["mean"] > first["mean_of_base"]
    (note,) = shifts.notes(some)
    assert note.startswith("test is not as train in 1 of ")
    assert "image/noise of image is worse in" in note


def test_groups_and_not_samples_say_how_sure_it_is():
    single, grouped = (
        next(
            one
            for one in compared(drawn(0, 600, worse=0.8, group_size=size))
            if (one.measured.check, one.split) == ("image/noise", "test")
        )
        for size in (0, 20)
    )
    assert (grouped.auroc.n < 40, single.auroc.n > 400) == (True, True)
    assert grouped.auroc.high - grouped.auroc.low > single.auroc.high - single.auroc.low
    assert grouped.p_value > single.p_value


def test_absence_is_compared_too():
    contents = drawn(0, 600)
    contents.absent["text"] |= (contents.splits == "validation") & (np.arange(600) % 2 == 0)
    every = {(one.measured.modality, one.split): one for one in compared(contents)}
    differ = [key for key, one in every.items() if one.measured.check == "absent" and one.differs]
    assert sorted(differ) == [("all", "validation"), ("text", "validation")]
    assert any("text is missing from" in note for note in shifts.notes([*every.values()]))


def test_the_base_is_the_reference_or_train_or_the_largest():
    contents = drawn(0, 300)
    assert {one.base for one in compared(contents)} == {"train"}
    assert {one.base for one in compared(contents, "validation")} == {"validation"}
    contents.splits = np.array(["b", "a", "a"])[np.arange(300) % 3]
    assert {(one.base, one.split) for one in compared(contents)} == {("a", "b")}
    contents.splits = np.full(300, "a")
    assert compared(contents) == ()


def test_few_values_are_not_compared():
    contents = drawn(0, 300)
    contents.splits[:] = "train"
    contents.splits[:9] = "test"
    assert compared(contents) == ()


def test_a_gate_has_a_row_of_each_comparison_and_of_each_split():
    some = compared(drawn(0, 300, worse=2.0))
    rows = list(shifts.rows(some))
    counts = {r["slice"]: r["estimate"].value for r in rows if r["metric"] == "shifts"}
    assert counts == {"split=test": 1, "split=validation": 0}
    assert len(rows) == len(some) + 2
    (row,) = [r for r in rows if (r["check"], r["slice"]) == ("image/noise", "split=test")]
    assert row["estimate"].low == pytest.approx(row["estimate"].value, abs=0.1)
