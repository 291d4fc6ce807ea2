"""Charts put numbers where they belong, and text says what is hidden."""

import re
import sys
from itertools import pairwise

import pytest

from mmaudit.report.blocks import Chart, cell, number, table
from mmaudit.report.charts import scene
from mmaudit.report.charts.bars import bars
from mmaudit.report.charts.course import course
from mmaudit.report.charts.heat import heat, shade
from mmaudit.report.charts.histogram import histogram
from mmaudit.report.charts.offset import offset
from mmaudit.report.charts.reliability import Bin, gap, reliability
from mmaudit.report.charts.scatter import scatter
from mmaudit.report.charts.severity import severity
from mmaudit.report.charts.subsets import subsets
from mmaudit.report.charts.trajectory import trajectory
from mmaudit.report.formats import templates
from mmaudit.report.words import visible
from mmaudit.rows import Estimate, Metric

SHARE, LOSS = Metric("right", "1", "higher"), Metric("loss", "nat", "lower")


def e(value, half=0.02, n=100):
    return Estimate(value, value - half, value + half, n)


def dots(chart, look):
    return [m.at for m in chart.marks if m.kind == "circle" and m.look == look]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.71, 0.93, [0.7, 0.75, 0.8, 0.85, 0.9, 0.95]),
        (-3.0, 12.0, [-5.0, -2.5, 0.0, 2.5, 5.0, 7.5, 10.0, 12.5]),
        (2.0, 2.0, [2.0]),
    ],
)
def test_ticks_are_round_and_cover(low, high, expected):
    found = scene.ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    if len(expected) > 1 and low >= 0:
        assert found == expected


def test_coordinates_are_short_and_never_minus_nought():
    assert [scene.points(v) for v in (1.0, 1.26, -0.04, 0.04, -2.0)] == ["1", "1.3", "0", "0", "-2"]


def test_a_worse_number_is_drawn_lower():
    curves = {"image/a": {1: e(0.8), 5: e(0.4)}, "image/b": {1: e(0.85), 5: e(0.8)}}
    chart = severity("t", "accuracy", e(0.9), curves, (0.3, 0.95), SHARE)
    worst = dots(chart, "dot c0")
    assert float(worst[0]["cy"]) < float(worst[1]["cy"])
    assert float(worst[0]["cx"]) < float(worst[1]["cx"])
    assert "Worst: a, 0.400 [0.380, 0.420] at severity 5" in chart.alt
    assert len(chart.table.rows) == 6


def test_where_lower_is_better_the_highest_is_the_worst():
    curves = {"image/a": {5: e(0.1)}, "image/b": {5: e(2.0)}}
    assert "Worst: b" in severity("t", "nll", e(0.05), curves, (0.0, 2.1), LOSS).alt


def test_many_lines_are_grey_but_all_are_in_the_table():
    curves = {f"text/n{i:02d}": {3: e(0.5 + i / 100)} for i in range(20)}
    chart = severity("t", "accuracy", e(0.9), curves, (0.4, 0.95), SHARE)
    names = [m.text for m in chart.marks if m.look.startswith("name")]
    assert sorted(names) == [f"n{i:02d}" for i in range(6)]
    assert "14 more in grey" in [m.text for m in chart.marks]
    assert len(chart.table.rows) == 40
    places = sorted(float(m.at["y"]) for m in chart.marks if m.look.startswith("name"))
    assert all(b - a >= 15.9 for a, b in pairwise(places))
    assert places[-1] <= chart.height


def test_a_small_change_of_a_share_does_not_fill_the_chart():
    chart = severity(
        "t", "accuracy", e(0.999, 0.0005), {"a": {5: e(0.998, 0.0005)}}, (0.9975, 0.9995), SHARE
    )
    ys = [float(m["cy"]) for m in dots(chart, "dot c0")]
    clean = next(m for m in chart.marks if m.look == "reference")
    assert abs(ys[0] - float(clean.at["d"].split(",")[1].split("L")[0])) < 5


def test_shades_rise_with_harm_and_none_is_for_no_harm():
    assert [shade(v, 0.6) for v in (-0.1, 0.0, 0.05, 0.3, 0.6)] == [0, 0, 1, 3, 6]
    cells = {("a", 1): e(0.001), ("a", 3): e(0.01)}
    looks = {m.look for m in heat("t", "accuracy_drop", cells, 0.01).marks if m.kind == "rect"}
    assert looks == {"heat h1", "heat h2"}


def test_subsets_show_who_was_there():
    cells = {("a", "b"): e(0.9), ("a",): e(0.7), ("b",): e(0.5), (): e(0.1)}
    chart = subsets("t", "accuracy", ("a", "b"), cells)
    assert len(dots(chart, "on")) == 4
    assert len(dots(chart, "off")) == 4
    assert "Lowest: none, 0.100" in chart.alt
    heights = [float(m.at["height"]) for m in chart.marks if m.kind == "rect"]
    assert heights == sorted(heights, reverse=True)


def test_bars_go_both_ways_from_zero():
    chart = bars("t", "phi", {"a": e(0.4), "b": e(-0.2)})
    right, left = (m for m in chart.marks if m.kind == "rect")
    assert float(left.at["x"]) + float(left.at["width"]) == pytest.approx(
        float(right.at["x"]), abs=0.2
    )
    assert (right.look, left.look) == ("bar c0", "bar c1")


def test_the_longest_bar_is_first_also_below_zero_and_long_names_have_two_lines():
    name = "caption of other sample on text, severity 3"
    chart = bars("t", "difference", {"a": e(-0.03), name: e(-0.2)})
    assert [row[0].text for row in chart.table.rows] == [name, "a"]
    said = [m.text for m in chart.marks if m.look == "label end"]
    assert said == ["caption of other sample", "on text, severity 3", "a"]


@pytest.mark.parametrize("drawn", [course, histogram, offset, severity, trajectory])
def test_on_a_phone_no_line_ends_beyond_the_screen(drawn):
    """Names to the right of a plot give way to a key there; what is left has to fit 390 pixels."""
    module = sys.modules[drawn.__module__]
    assert 0.76 * (module.WIDTH - module.RIGHT) <= 336


def test_a_line_over_runs_is_named_in_words():
    row = "image/occlusion_by_other_sample:3@image"
    chart = course("t", "accuracy", ["a", "b"], {row: [{1: e(0.9), 2: e(0.8)}]}, SHARE)
    names = [m.text for m in chart.marks if m.look == "name c0"]
    assert names == ["occlusion by other sample on image, severity 3"]
    assert chart.table.rows[0][0].text == row


def test_histogram_reliability_and_scatter_say_their_finding():
    told = histogram("t", "score", [0, 1, 2], {"observed": [0.9, 0.1], "random": [0.2, 0.8]})
    assert "observed 0; randomly re-paired 1" in told.alt
    bins = [Bin(0.55, 0.5, 100), Bin(0.95, 0.75, 100), Bin(0.2, 1.0, 3)]
    assert gap(bins[:2]) == pytest.approx(0.125)
    assert len(dots(reliability("t", {"clean": bins}), "dot c0")) == 2
    chart = scatter("t", ("image", "text"), [("s1", 0.9, 0.1), ("s2", 0.2, 0.3)], 10)
    assert "2 of 10 samples; image brings more than text to 1 of them" in chart.alt
    assert chart.table.rows[0][0].text == "s1"


def test_cells_sort_by_number_and_show_the_interval():
    one = cell(Estimate(0.5, 0.4, 0.6, 10))
    assert (one.text, one.sort, one.detail) == ("0.500", 0.5, "[0.400, 0.600]")
    assert [cell(v).text for v in (None, True, 1234, 0.00012)] == ["–", "yes", "1,234", "0.00012"]
    assert number(12345.6) == "12,346"


def test_long_tables_say_what_they_leave_out():
    made = table("t", ("a",), [(i,) for i in range(1200)])
    assert (len(made.rows), made.more) == (1000, 200)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ä 日本 🏳️‍🌈", "plain ä 日本 🏳️‍🌈"),
        ("a\u202eb", "a⟦U+202E⟧b"),
        ("\x00\x1b[1m", "⟦U+0000⟧⟦U+001B⟧[1m"),
        ("x\u200by", "x⟦U+200B⟧y"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ud800", "⟦U+D800⟧"),
        ("tab\tand\nline", "tab\tand\nline"),
    ],
)
def test_what_cannot_be_seen_is_shown(text, shown):
    assert visible(text) == shown


def test_long_texts_are_cut_and_say_so():
    assert visible("x" * 3000).endswith("… (3,000 characters)")


def test_a_long_line_is_drawn_to_its_end():
    one = scene.Scene()
    one.path([(i, i % 7) for i in range(900)], "line c0")
    chart = Chart(
        "Long", "A line of 900 points.", 900, 10, tuple(one.marks), table("t", ("a",), [])
    )
    macros = templates._environment().get_template("shapes.html.j2").module
    drawn = re.search(r' d="([^"]*)"', macros.draw(chart, "x"))[1]
    assert drawn.count("L") == 899
    assert drawn.endswith("899,3")


def test_a_limit_stands_where_it_is_and_none_beyond_the_bins():
    drawn = histogram("t", "score", [0, 1, 2], {"observed": [0.9, 0.1]}, [1.5, 7.0])
    (line,) = [m for m in drawn.marks if m.look == "reference"]
    x = {m.text: float(m.at["x"]) for m in drawn.marks if m.look == "label middle"}
    at = x["0"] + 0.75 * (x["2"] - x["0"])
    assert float(line.at["d"][1:].split(",")[0]) == pytest.approx(at, abs=0.1)
    assert drawn.alt.endswith("; limit 1.5.")
