"""What a report shows of methods: which cannot be told apart, and who helps."""

import pytest

import chromium
from contests import CONTROL, contest
from mmaudit.report.charts.ties import lanes, membership, shortened, ties
from mmaudit.report.formats import page
from mmaudit.report.read import read
from mmaudit.report.sections.contests import leaderboards
from mmaudit.rows import Estimate

LONG = "generic/an_analogue_of_attention_with_a_name_that_no_axis_has_room_for+damaged"
MANY = {f"dynamic/method_{i:02d}_of_a_long_name": 0.1 - 0.004 * i for i in range(57)} | {LONG: 0.11}
RUNS = {
    "many": (MANY, {}),
    "one": ({}, {"families": ("clean",)}),
    "two": ({"dynamic/tmc": 0.05}, {}),
    "numbers": ({"dynamic/tmc": 0.05}, {"metric": "mean_squared_error"}),
    "no damage": ({"dynamic/tmc": 0.05}, {"families": ("clean", "incomplete")}),
}


def of(folder, name):
    gains, how = RUNS[name]
    return read(contest(folder, gains, **how))


def shown(run):
    audit = run.audits["remedies"]
    return [*leaderboards.charts(run, audit)], [*leaderboards.tables(run, audit)]


def test_bars_join_the_groups_that_the_audit_wrote():
    cells = {name: Estimate(0.9 - 0.1 * i, 0, 1, 50) for i, name in enumerate("abcd")}
    chart = ties("Accuracy", "accuracy", cells, [["a", "b"], ["b", "c", "d"]])
    bars = [m for m in chart.marks if m.look == "link"]
    assert [m.tip.rpartition(": ")[2] for m in bars] == ["a, b", "b, c, d"]
    assert [str(row[2]) for row in chart.table.rows] == ["1", "1, 2", "2", "2"]
    assert "what a bar joins cannot be told apart" in chart.title
    assert len([m for m in chart.marks if m.kind == "circle"]) == 4


def test_bars_that_do_not_meet_share_a_column():
    assert lanes([(0, 3), (2, 5), (4, 6), (6, 9)]) == [0, 1, 0, 1]
    assert lanes([]) == []
    assert membership([["a"], ["a", "b"]]) == {"a": "1, 2", "b": "2"}


def test_names_are_cut_in_their_middle():
    assert shortened("control/concat") == "control/concat"
    assert shortened(LONG).startswith("generic/an_a")
    assert shortened(LONG).endswith("+damaged")
    assert len(shortened(LONG)) <= 30


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("two", "Accuracy under the damage"),
        ("numbers", "Mean squared error under the damage"),
        ("no damage", "Accuracy with modalities absent"),
    ],
)
def test_the_picture_is_of_where_the_headline_looks(tmp_path, name, title):
    charts, tables = shown(of(tmp_path / "run", name))
    assert charts[0].title.startswith(f"{title}: ")
    assert [str(row[0]) for row in charts[0].table.rows] == ["dynamic/tmc", CONTROL]
    board = tables[0]
    assert board.heads[-1] == "groups"
    assert [str(row[-1]) for row in board.rows] == ["1", "1"]


def test_one_method_has_no_picture(tmp_path):
    charts, tables = shown(of(tmp_path / "run", "one"))
    assert charts == []
    assert tables[-1].title == "What each method costs"


def test_a_run_that_says_nothing_of_groups_has_its_leaderboard(tmp_path):
    run = of(tmp_path / "run", "two")
    (run.path / "remedies" / "groups.parquet").unlink()
    charts, tables = shown(run)
    assert [chart.title for chart in charts] == ["Gain beside the control under the damage"]
    assert "groups" not in tables[0].heads


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium.chromium(tmp_path_factory.mktemp("browser")) as tab:
        yield tab


@pytest.mark.skipif(not chromium.found(), reason="there is no Chromium")
@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("name", RUNS)
def test_the_page_fits_its_screen(tmp_path, browser, name, width):
    path = page.write(of(tmp_path / "run", name), tmp_path / "report.html")
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.call("Emulation.setDeviceMetricsOverride", **screen)
    opened = browser.open(path)
    assert opened.run("document.documentElement.scrollWidth") == width
    inside = "s => [...s.querySelectorAll('text')].every(t => { const b = t.getBBox(), v = "
    inside += "s.viewBox.baseVal; return b.x >= -1 && b.x + b.width <= v.width + 1 })"
    assert opened.run(f"[...document.querySelectorAll('figure svg')].every({inside})")
    assert opened.complaints() == []
