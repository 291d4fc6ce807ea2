"""What a report shows of contributions: shares of three and more, policies, pairs, checkpoints."""

from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa
import pytest

import chromium
from mmaudit.audits.contributions.options import VIEWS
from mmaudit.report.charts.matrix import matrix
from mmaudit.report.charts.policies import policies
from mmaudit.report.charts.quantiles import at, quantiles
from mmaudit.report.charts.ternary import place, ternary
from mmaudit.report.charts.trajectory import trajectory
from mmaudit.report.formats import page
from mmaudit.report.read import read
from mmaudit.report.sections.shares import charts
from mmaudit.rows import Estimate, column
from mmaudit.tables import store
from mmaudit.tables.arrow import ESTIMATE, to_table
from mmaudit.tables.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Row:
    value: str = column("Worth")
    absent: str = column("Policy")
    modality: str = column("Modality")
    slice: str = column("Part")
    metric: str = column("What")
    estimate: Estimate = column("Number")


def e(value, half=0.02, n=100):
    return Estimate(value, value - half, value + half, n)


def run_of(folder, count, policies=("zeros", "mean"), samples=20):
    """A run of some modalities a, b, c … of which each brings half of what the one before does."""
    names = "abcdef"[:count]
    made = Provenance(
        audit="contributions",
        options={"value": ["p_true"], "absent": list(policies)},
        headline="a brings most.",
    )
    phi = {m: 0.4 / 2**k for k, m in enumerate(names)}
    rows = [
        Row("p_true", p, m, "all", "phi", e(v + shift / 10))
        for m, v in phi.items()
        for shift, p in enumerate(policies)
    ]
    rows += [
        Row("p_true", p, f"{a},{b}", "all", "interaction", e(-0.1))
        for a, b in combinations(names, 2)
        for p in policies
    ]
    rows += [Row("", p, m, "all", "off_data", e(1.5)) for p in policies[:2] for m in names]
    if len(policies) > 1:
        rows += [Row("p_true", "+".join(policies), "", "all", "policy_same_top", e(0.7))]
    out = folder / "contributions"
    store.write(to_table(rows, Row, made, views=VIEWS), out / "summary.parquet")
    for part in range(2):
        ids = [f"s{part}{i:04d}" for i in range(samples)]
        told = [
            {"id": id_, "value": v, "absent": p}
            | {f"phi_{m}": (None if (m, i) == ("b", 0) else 0.0 if i == 1 else x)
               for m, x in phi.items()}
            for v in ("p_true", "correct") for p in policies for i, id_ in enumerate(ids)
        ]  # fmt: skip
        table = pa.Table.from_pylist(told).replace_schema_metadata(made.metadata())
        store.write(table, out / "samples" / f"{part:06d}.parquet")
    return folder


def write_checkpoints(folder):
    rows = [
        {"checkpoint": k, "model": f"m:{k}", "absent": "zeros", "modality": m, "slice": part,
         "metric": "discrepancy_ratio",
         "estimate": {"value": v, "low": v * 0.9, "high": v * 1.1, "n": 50}}
        for part in ("all", "class=x")
        for m, sign in (("a", 1), ("b", -1)) for k in (3, 1, 2) for v in [3.0 ** (sign * (k - 1))]
    ]  # fmt: skip
    keys = ("model", "absent", "modality", "slice", "metric")
    schema = pa.schema(
        [("checkpoint", pa.int64()), *((k, pa.string()) for k in keys), ("estimate", ESTIMATE)],
        Provenance(audit="contributions").metadata(),
    )
    table = pa.Table.from_pylist(rows, schema)
    store.write(table, folder / "contributions" / "checkpoints.parquet")
    return folder


def shown(folder):
    run = read(folder)
    return {chart.title: chart for chart in charts(run, run.audits["contributions"])}


def one(found, start):
    (title,) = (t for t in found if t.startswith(start))
    return found[title]


SHARES = "How each sample's answer is shared"


def test_corners_and_the_middle_of_a_triangle():
    top, left, right = (place(s) for s in ((1, 0, 0), (0, 1, 0), (0, 0, 1)))
    assert top[1] < left[1] == right[1]
    assert left[0] < top[0] < right[0]
    sides = [
        ((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2) ** 0.5
        for p, q in combinations((top, left, right), 2)
    ]
    assert sides == pytest.approx([sides[0]] * 3)
    middle = place((1 / 3, 1 / 3, 1 / 3))
    assert middle == pytest.approx([sum(p[i] for p in (top, left, right)) / 3 for i in (0, 1)])


def test_three_modalities_are_a_triangle(tmp_path):
    chart = one(shown(run_of(tmp_path, 3)), SHARES)
    dots = [m for m in chart.marks if m.kind == "circle"]
    # of 40 samples two are moved by nothing; an absent modality has no share
    assert len(dots) == 38
    assert chart.alt.startswith("38 of 40 samples; 2 that no modality moves are not drawn.")
    assert "The largest share is that of a in 38, b in 0, c in 0." in chart.alt
    assert {d.tip.partition(": ")[2] for d in dots} == {
        "a 0.571, b 0.286, c 0.143",
        "a 0.800, b 0.000, c 0.200",
    }
    assert len(chart.table.rows) == 10


def test_two_modalities_need_no_triangle_and_more_are_boxes(tmp_path):
    assert not any(t.startswith(SHARES) for t in shown(run_of(tmp_path / "two", 2)))
    chart = one(shown(run_of(tmp_path / "four", 4)), SHARES)
    assert [row[0].text for row in chart.table.rows] == list("abcd")
    assert [row[3].text for row in chart.table.rows] == ["0.533", "0.267", "0.133", "0.067"]
    assert chart.alt.startswith("share of |φ|, median and middle half of the samples: a 0.533")


def test_of_very_many_samples_those_at_equal_distances_are_drawn(tmp_path):
    chart = one(shown(run_of(tmp_path, 3, samples=2000)), SHARES)
    dots = [m.tip.partition(":")[0] for m in chart.marks if m.kind == "circle"]
    assert dots[:3] == ["s00000", "s00003", "s00006"]
    assert dots[-1] == "s11999"  # of part 2, in which the third of every three is another one
    assert len(dots) == pytest.approx(4000 / 3, abs=2)


def test_every_policy_is_beside_the_others_and_flips_are_told(tmp_path):
    found = shown(run_of(tmp_path, 3))
    chart = one(found, "What stands in for absent values")
    assert chart.alt.startswith("The same modality contributes most to 0.700 [0.680, 0.720]")
    listed = [(r[0].text, r[1].text, r[2].text) for r in chart.table.rows]
    assert listed[:2] == [("a", "zeros", "0.400"), ("a", "mean", "0.500")]
    dots = {look: sum(m.look == f"dot {look}" for m in chart.marks) for look in ("c0", "c1")}
    assert dots == {"c0": 3, "c1": 3}
    flips = one(found, "Samples whose top modality depends")
    assert flips.table.rows[0][1].sort == pytest.approx(0.3)
    assert flips.table.rows[0][1].detail == "[0.280, 0.320]"
    off = one(found, "How far from the data")
    assert [(r[0].text, r[1].text) for r in off.table.rows][:2] == [("a", "zeros"), ("a", "mean")]
    assert off.alt.startswith("A sample that is filled in against real ones: 1 is as near")
    single = shown(run_of(tmp_path / "one", 3, policies=("model",)))
    assert not any("stands in for" in t for t in single)


def test_a_larger_number_is_further_right():
    cells = {("a", "zeros"): e(0.1), ("a", "mean"): e(0.4)}
    marks = policies("t", "phi", ("zeros", "mean"), cells, "Told.").marks
    low, high = (next(m for m in marks if m.look == f"dot c{k}") for k in (0, 1))
    assert float(low.at["cx"]) < float(high.at["cx"])
    assert float(low.at["cy"]) < float(high.at["cy"])


def test_pairs_are_a_matrix_with_the_sign_in_its_colours(tmp_path):
    cells = {("a", "b"): e(0.4), ("a", "c"): e(-0.2), ("b", "c"): e(0.0)}
    chart = matrix("t", "interaction", "abc", cells)
    boxes = [m.look for m in chart.marks if m.kind == "rect"]
    assert sorted(boxes) == sorted(2 * ["heat h6 calm", "heat h3", "heat h0 calm"])
    assert chart.alt.startswith("interaction: a and b 0.400 [0.380, 0.420]; a and c -0.200")
    found = shown(run_of(tmp_path / "three", 3))
    assert len([m for m in one(found, "Interactions").marks if m.kind == "rect"]) == 6
    assert one(shown(run_of(tmp_path / "two", 2)), "Interactions").alt.startswith(
        "interaction: a,b"
    )


def test_ratios_over_checkpoints_double_at_equal_distances(tmp_path):
    lines = {"a": {1: e(1.0, 0.01), 2: e(2.0, 0.01), 3: e(4.0, 0.01)}}
    dots = [m.at for m in trajectory("t", "r", lines).marks if m.kind == "circle"]
    up = [float(d["cy"]) for d in dots]
    assert up[0] - up[1] == pytest.approx(up[1] - up[2], abs=0.2)
    assert up[0] > up[1]
    chart = one(shown(write_checkpoints(run_of(tmp_path, 2))), "How much more of the truth")
    assert "a from 1.000 [0.900, 1.100] to 9.000 [8.100, 9.900]" in chart.alt
    assert "b from 1.000 [0.900, 1.100] to 0.111" in chart.alt
    assert [r[1].text for r in chart.table.rows] == ["1", "2", "3"] * 2


def test_a_ratio_of_nothing_is_drawn_at_the_end_of_the_axis():
    lines = {"a": {1: e(0.0, 0.0), 2: e(990.0)}}
    chart = trajectory("t", "r", lines)
    ticks = [m.text for m in chart.marks if m.look == "label end"]
    assert ticks == ["0.001", "0.01", "0.1", "1", "10", "100", "1000"]
    low, high = (float(m.at["cy"]) for m in chart.marks if m.kind == "circle")
    assert low > high


def test_quantiles_are_those_of_the_numbers():
    assert [at([0.0, 1.0, 2.0, 3.0, 4.0], q) for q in (0, 0.25, 0.5, 0.9, 1)] == [0, 1, 2, 3.6, 4]
    assert at([7.0], 0.95) == 7
    (row,) = quantiles("t", "x", {"a": [4.0, 0.0, 2.0, 3.0, 1.0], "none": []}).table.rows
    assert [c.sort for c in row[1:]] == pytest.approx([0.2, 1, 2, 3, 3.8])


def test_no_sample_is_no_dot():
    assert "of a in 0, b in 0, c in 0" in ternary("t", "abc", [], "0 of 0 samples.").alt


@pytest.mark.browser
@pytest.mark.skipif(chromium.found() is None, reason="no Chromium on PATH: apt install chromium")
def test_in_a_browser_every_chart_has_a_name_and_its_numbers_and_no_letter_is_cut(tmp_path):
    report = page.write(read(write_checkpoints(run_of(tmp_path / "run", 3))), tmp_path / "r.html")
    with chromium.chromium(tmp_path / "profile") as tab:
        for scheme in ("light", "dark"):
            tab.prefer(scheme)
            tab.open(report)
            assert tab.complaints() == []
            told = tab.run(
                "[...document.querySelectorAll('#imbalanced figure')].map(f => {"
                " const s = f.querySelector('svg'), b = s.getBoundingClientRect();"
                " const out = [...s.querySelectorAll('text')].filter(t => {"
                "  const r = t.getBoundingClientRect();"
                "  return r.left < b.left - 1 || r.right > b.right + 1 || r.bottom > b.bottom + 1"
                "  || r.top < b.top - 1});"
                " return [(s.getAttribute('aria-label') || s.querySelector('title, desc') ? 1 : 0),"
                "  f.querySelectorAll('table tbody tr').length, out.map(t => t.textContent)]})"
            )
            assert len(told) == 8
            assert all(named and rows for named, rows, _ in told), told
            assert [cut for _, _, cut in told if cut] == []
