"""On real views of handwritten digits: the figures of docs/adaptivity.md are those of a run."""

import re

import pytest

import evidential
import mmaudit as mm
from mmaudit.rows import Estimate
from places import DOCS, SHARED

HERE = SHARED / "handwritten"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(not HERE.exists(), reason="no handwritten digits here"),
]
COLUMNS = {  # of the table in the page: the model, how trust is told, by which corruption
    1: (evidential.LateMean, "mixture", ""),
    2: (evidential.Evidential, "weight", ""),
    3: (evidential.Evidential, "weight", "vector/gaussian_noise"),
    4: (evidential.Evidential, "weight", "vector/dropout"),
}


@pytest.fixture(scope="module")
def runs():
    models = {model for model, *_ in COLUMNS.values()}
    path = HERE / "data.parquet"
    return {m: mm.adaptivity(HERE / "dataset.toml", m(path), quiet=True) for m in models}


def page():
    """Cells of the table by view and column."""
    rows = re.findall(r"^\| (\w{3}) \|(.*)\|$", (DOCS / "adaptivity.md").read_text(), re.MULTILINE)
    return {
        (view, k): [float(x) for x in re.findall(r"[\d.−-]+\d", cell.replace("−", "-"))]
        for view, cells in rows
        for k, cell in enumerate(cells.split("|"), 1)
    }


def test_the_page_shows_what_a_run_gives(runs):
    shown = page()
    assert len(shown) == 24
    for k, (model, trust, corruption) in COLUMNS.items():
        for row in runs[model]["adaptivity/summary"].arrow().to_pylist():
            here = (row["metric"], row["trust"], row["corruption"], row["slice"])
            if here == ("adaptivity", trust, corruption, "all"):
                e = Estimate(**row["estimate"])
                cell = [e.value, e.low, e.high]
                assert shown[row["modality"], k] == pytest.approx(cell, abs=0.02)


def test_a_late_mean_trusts_each_view_alike_and_evidence_trusts_what_is_longer(runs):
    tables = {m: run["adaptivity/verdicts"].arrow().to_pylist() for m, run in runs.items()}
    words = {m: {row["modality"]: row["verdict"] for row in rows} for m, rows in tables.items()}
    assert set(words[evidential.LateMean].values()) == {"indifferent"}
    wrong = {"fou", "fac", "zer", "mor"}
    assert {v for v, w in words[evidential.Evidential].items() if "wrong" in w} == wrong


def test_a_view_that_is_surer_and_less_right_is_that_of_the_page(runs):
    text = (DOCS / "adaptivity.md").read_text().replace("−", "-").replace("\n", " ")
    for row in runs[evidential.LateMean]["adaptivity/summary"].arrow().to_pylist():
        if row["modality"] == "mor" and row["metric"] in {"mcp_drop", "tcp_drop"}:
            pattern = rf"`{row['metric']}` (-?[\d.]+) \[(-?[\d.]+), (-?[\d.]+)\]"
            shown = [float(x) for x in re.search(pattern, text).groups()]
            e = Estimate(**row["estimate"])
            assert shown == pytest.approx([e.value, e.low, e.high], abs=0.02)
