"""Curves of trust by damage, and the verdicts, as a page shows them."""

import pytest

import adapted
import mmaudit as mm
from mmaudit.report.read import read
from mmaudit.report.sections.challenges import sections


@pytest.fixture(scope="module")
def varying(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moves")
    where, model = adapted.write(folder / "data", 300), adapted.Weighted("follows")
    mm.adaptivity(
        where, model, out=folder / "run", quiet=True, corruptions=("vector/gaussian_noise",)
    )
    return {section.key: section for section in sections(read(folder / "run"))}["varying"]


def test_it_begins_with_what_was_found(varying):
    assert varying.headlines == ("Trust follows quality in a, b.",)
    assert varying.audited


def test_a_curve_for_each_damaged_modality_in_one_scale(varying):
    titles = [chart.title for chart in varying.charts]
    assert titles == [f"Trust by the damage of {m} (own weights)" for m in "ab"]
    for chart, m in zip(varying.charts, "ab", strict=True):
        rows = [[cell.sort for cell in row] for row in chart.table.rows if row[0].text == m]
        assert [row[1] for row in rows] == list(range(6))
        assert rows[-1][2] < rows[0][2]
        assert f"damage of {m}" in chart.alt
    ticks = [[mark.text for mark in c.marks if mark.look == "label end"] for c in varying.charts]
    assert ticks[0] == ticks[1]


def test_the_verdicts_and_every_way_are_tables(varying):
    verdicts, ways, _ = varying.tables
    assert [row[1].text for row in verdicts.rows] == ["follows quality"] * 2
    assert set(ways.heads) == {"modality", "weight", "implied", "mixture", "share"}
    assert all(cell.detail for row in ways.rows for cell in row[1:])


def test_what_each_modality_says_alone_is_a_table(varying):
    alone = varying.tables[2]
    assert alone.heads[1:3] == ("surest class falls by", "true class falls by")
    assert [row[0].text for row in alone.rows] == ["a", "b"]
    assert all(row[2].sort > 0 and row[2].detail for row in alone.rows)
