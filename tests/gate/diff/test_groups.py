"""A comparison says first what matters: clean data, then the largest change of each group."""

from dataclasses import replace

import pytest

from mmaudit.gate.diff import lines
from mmaudit.gate.diff.diff import Change, Diff, Unmatched
from mmaudit.gate.diff.flips import Flips
from mmaudit.gate.diff.groups import grouped
from mmaudit.gate.numbers.quantity import label
from mmaudit.report.formats import documents
from mmaudit.rows import Estimate
from mmaudit.runs.diff_page import document


def change(condition, metric, size, *, series=None, slice="all", sure=True, primary=None):
    estimate = Estimate(size, size - 0.01, size + 0.01, 100)
    meaning = ("worse" if size < 0 else "better") if sure else "same"
    return Change(
        audit="robustness",
        label=condition if slice == "all" else f"{condition}, slice={slice}",
        metric=metric,
        series=series or condition,
        condition=condition,
        slice=slice,
        primary=metric == "accuracy" if primary is None else primary,
        before=Estimate(0.9, 0.88, 0.92, 100),
        after=Estimate(0.9 + size, 0.88 + size, 0.92 + size, 100),
        difference=estimate,
        p_value=0.0001 if sure else 0.5,
        q_value=0.001 if sure else 0.6,
        direction=meaning,
    )


BLUR, FOG = "image/blur@image", "image/fog@image"
CHANGES = (
    change("image/blur:5@image", "nll", 3.0, series=BLUR),
    change("image/fog:1@image", "accuracy", -0.05, series=FOG),
    change("image/blur:5@image", "accuracy", -0.3, series=BLUR),
    change("image/blur:3@image", "accuracy", -0.2, series=BLUR),
    change("image/blur:5@image", "accuracy", -0.4, series=BLUR, slice="digit=7"),
    change(BLUR, "accuracy_area_under_curve", -0.25, series=BLUR),
    change("clean", "nll", 0.02),
    change("clean", "accuracy", -0.004, sure=False),
    change("image/haze:1@image", "accuracy", 0.001, series="image/haze@image", sure=False),
)
FLIPS = (
    Flips("clean", 100, 2, ("a",), ("b",), 1, 1),
    Flips("image/blur:5@image", 100, 30, ("a",), (), 30, 0),
    Flips("image/haze:1@image", 100, 1, ("a",), (), 1, 0),
)
ALL = Diff("a", "b", CHANGES, (), (), FLIPS)


def test_clean_data_stand_first_even_where_nothing_is_sure():
    (clean,) = grouped(ALL).clean
    assert (clean.first.metric, clean.first.direction) == ("accuracy", "same")
    assert [c.metric for c in clean.others] == ["nll"]
    assert clean.flips.changed == 2
    assert lines.lines(ALL)[1].startswith("same    robustness: accuracy of clean")


def test_the_largest_change_of_the_main_metric_speaks_for_its_group():
    groups = grouped(ALL).groups
    assert [g.series for g in groups] == [BLUR, FOG]
    assert groups[0].first.label == "image/blur:5@image"
    assert groups[0].first.difference.value == -0.3
    assert len(groups[0].others) == 4
    assert groups[0].flips.lost_count == 30


def test_every_row_is_shown_or_counted():
    """Rows that speak, that moved along, and that are left out: none is lost."""
    for least in (0.0, 0.1, 10.0):
        shown = grouped(ALL, least)
        groups = [*shown.clean, *shown.groups]
        out = {what: count for count, what in shown.left_out}
        small = sum(count for what, count in out.items() if "smaller than" in what)
        sure = sum((g.first.direction != "same") + len(g.others) for g in groups)
        assert sure + small == sum(shown.counts.values())
        listed = sum(1 + len(g.others) for g in groups)
        assert listed + small + out["rows without a sure change"] == len(CHANGES)


def test_differences_that_do_not_matter_are_counted_and_not_listed():
    told = lines.lines(ALL, 0.1)
    assert not any("fog" in line for line in told)
    assert any("2 changes are sure and smaller than 0.1" in line for line in told)
    assert any("1 of them with a whole interval within ±0.1" in line for line in told)
    assert told[0] == lines.lines(ALL)[0]  # what is sure does not depend on it


def test_flips_under_conditions_that_speak_for_no_group_are_counted():
    assert grouped(ALL).further_flips == 1
    assert "        1 further conditions under which answers flipped" in lines.lines(ALL)


def test_a_change_of_clean_data_is_shown_however_small_and_not_counted_as_left_out():
    small = replace(ALL, changes=(change("clean", "accuracy", -0.02),))
    assert grouped(small, 0.1).left_out == ()
    assert lines.lines(small, 0.1)[1].startswith("worse   robustness: accuracy of clean")


def test_rows_of_one_run_are_counted_by_what_they_are_about():
    unmatched = (
        Unmatched("new", "robustness", BLUR, 12),
        Unmatched("new", "robustness", FOG, 1),
        Unmatched("gone", "contributions", "", 0),
    )
    told = lines.lines(replace(ALL, unmatched=unmatched))
    assert "new     robustness: 12 rows of image/blur@image" in told
    assert "new     robustness: 1 row of image/fog@image" in told
    assert "gone    contributions: every row" in told
    few = lines.lines(replace(ALL, unmatched=unmatched), most=1)
    assert "        and 1 more groups of 1 new rows" in few


def test_slices_are_parts_of_the_samples():
    whole = change("clean", "nll", -1.0)
    assert lines.along([whole]) == "1 worse: nll"
    part = replace(whole, slice="digit=7")
    assert lines.along([whole, part]) == "2 worse: nll; in 1 slice"


def test_a_page_says_what_is_true_of_it():
    """It shows every flipped answer, and nothing below the smallest difference but clean data."""
    markdown = documents.markdown(document(ALL, 0.1))
    assert "further conditions" not in markdown
    assert "image/haze:1" in markdown.partition("## Flipped answers")[2].replace("\\", "")
    assert "every other sure change of at least 0.1" in markdown
    assert "(with it 3 worse, 1 better: " in markdown
    assert document(ALL, 10.0).chip == "no change that matters"
    assert document(replace(ALL, changes=ALL.changes[7:]), 0.0).chip == "no sure change"


def test_more_groups_than_are_shown_are_counted():
    some = [
        replace(CHANGES[1], series=f"s{i:02}", label=f"s{i:02}", condition=f"s{i:02}")
        for i in range(30)
    ]
    told = lines.lines(replace(ALL, changes=tuple(some), flips=()), most=5)
    assert sum(line.startswith("worse") for line in told) == 5
    assert any("and 25 more groups with 25 sure changes" in line for line in told)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_what_moved_along_is_named(count):
    told = lines.along([change("clean", f"m{i}", -1.0) for i in range(count)])
    assert told == ["", "1 worse: m0", "5 worse: m0, m1, m2, m3 and 1 more"][(0, 1, 5).index(count)]


def test_a_row_is_named_by_what_says_something():
    columns = ("value", "absent", "modality", "slice", "metric", "estimate")
    row = {"value": "", "absent": "model", "modality": "", "slice": "all", "metric": "gini"}
    assert label(row, columns) == "absent=model"
    assert label({**row, "absent": None}, columns) == ""
    assert label({**row, "absent": "", "slice": "digit=7"}, columns) == "slice=digit=7"
