"""What a report shows of noisy pairs: score, order of the file, defects, slices, groups."""

import pyarrow as pa
import pytest

import run_folders
from mmaudit.audits.noisy_pairs.options import VIEWS
from mmaudit.report.charts.offset import offset
from mmaudit.report.formats import page
from mmaudit.report.read import read
from mmaudit.tables import store
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance

MADE = Provenance(audit="noisy_pairs", headline="Something moved.")


def profile(peak, reach=100, high=0.4):
    return [(k, high if k == peak else 0.1) for k in range(-reach, reach + 1)]


def kept(run, name, columns):
    table = pa.table(columns).replace_schema_metadata(MADE.metadata())
    store.write(table, run / "noisy_pairs" / f"{name}.parquet")


@pytest.fixture
def shown(tmp_path):
    run = tmp_path / "r"
    rows = [
        run_folders.Plain(s, "noise_rate", run_folders.wide(v, 0.02))
        for s, v in (("all", 0.1), ("site=a", 0.05), ("site=b", 0.15))
    ]
    store.write(
        to_table(rows, run_folders.Plain, MADE, views=VIEWS),
        run / "noisy_pairs" / "summary.parquet",
    )
    lines = [("", profile(0)), ("a.tar", profile(0)), ("b<b>.tar", profile(-3))]
    flat = [(name, k, v) for name, line in lines for k, v in line]
    columns = dict(
        zip(("shard", "offset", "similarity"), map(list, zip(*flat, strict=True)), strict=True)
    )
    kept(run, "offsets", columns | {"cosine": [True] * len(flat), "strangers": [0.1] * len(flat)})
    repair = {
        "id": ["x", "y", "z"],
        "confidence": [1.0, 0.8, None],
        "defect": ["shift"] * 3,
        "shard": ["b<b>.tar"] * 3,
        "says": ["the right side is 3 rows early in b<b>.tar"] * 3,
        "similarity_before": [0.1] * 3,
        "similarity_after": [0.4] * 3,
    }
    kept(run, "repair", repair)
    groups = {"group": ["g", "h"], "pairs": [5, 5], "flagged": [1, 4]}
    kept(run, "groups", groups | {"expected_mismatches": [0.5, 3.5]})
    return page.page(read(run))


def test_the_order_of_the_file_is_drawn_for_each_shard(shown):
    assert "Where the partners stand in the file" in shown
    assert "all rows 0.400 at its own row; b&lt;b&gt;.tar 0.400 at -3 rows; a.tar" in shown
    assert "<b>.tar" not in shown


def test_defects_are_told_with_what_undoing_them_brings(shown):
    part = shown[shown.index("Mismatches with one cause") :]
    row = part[part.index("<tbody>") : part.index("</tbody>")]
    cells = [c.partition("<")[0] for c in row.split(">") if c[:1] not in {"\n", "<", ""}]
    assert cells == [
        *("shift", "the right side is 3 rows early in b&lt;b&gt;.tar", "3", "2"),
        *("0.900", "0.100", "0.400"),
    ]


def test_slices_and_the_worst_groups_are_shown(shown):
    assert "Noise rate of slices" in shown
    assert "site=b 0.150 [0.130, 0.170]; site=a" in shown
    part = shown[shown.index("Groups with the most mismatches") :]
    assert part.index(">h<") < part.index(">g<")


def test_a_distant_or_missing_peak_is_told_and_does_not_stretch_the_chart():
    lines = {"whole": profile(0), "far": [*profile(0, high=0.1), (5000, 0.4)]}
    lines["none"] = [(k, 0.1 + 1e-4 * (k % 7)) for k in range(-100, 101)]
    told = offset("t", "mean cosine", lines, 0.1)
    assert "far 0.400 at +5,000 rows" in told.alt
    assert "none no offset stands out" in told.alt
    labels = [m.text for m in told.marks if m.kind == "text"]
    assert "20" in labels
    assert "100" not in labels


def test_lines_stay_short_enough_for_a_page_and_few_enough_for_eyes():
    lines = {f"s{k}": profile(40) for k in range(9)}
    told = offset("t", "mean cosine", lines, 0.1)
    assert max(len(m.at["d"]) for m in told.marks if m.kind == "path") < 2000
    assert sum("line" in m.look for m in told.marks) == 6
    assert "3 more shards" in told.alt
