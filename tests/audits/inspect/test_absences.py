"""What absence follows from, by the whole command, of tables and vectors."""

import csv

import numpy as np
import pytest

import mmaudit as mm

MANIFEST = """schema = 1
name = "absent"
[source]
path = "rows.csv"
id = "id"
{group}
[modality.record]
kind = "table"
columns = ["age", "income", "colour"]
categorical = ["colour"]
[modality.sensor]
kind = "vector"
columns = ["x_0", "x_1", "x_2"]
"""


def inspected(folder, drive, group=""):
    """Ages are in every row; incomes and sensors are lacked the more often the older, by drive."""
    rng = np.random.default_rng(1)
    with (folder / "rows.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "age", "income", "colour", "x_0", "x_1", "x_2", "site"])
        for i in range(400):
            age, income, *sensor = rng.normal(size=5)
            gone = rng.random(2) < 1 / (1 + np.exp(1 - drive * age))
            sensor = [""] * 3 if gone[1] else sensor
            out.writerow([i, age, "" if gone[0] else income, "red", *sensor, i % 40])
    (folder / "dataset.toml").write_text(MANIFEST.format(group=group))
    run = mm.inspect(
        folder / "dataset.toml", out=folder / "run", checks=["vector/zeros"], quiet=True
    )
    rows = run["inspect/summary"].arrow().to_pylist()
    return [r["estimate"]["value"] for r in rows if r["metric"] == "little_p"]


@pytest.mark.parametrize(("drive", "low", "high"), [(0.0, 0.02, 1.0), (1.0, 0.0, 1e-6)])
def test_littles_test_looks_at_cells_of_tables_and_at_vectors(tmp_path, drive, low, high):
    (p,) = inspected(tmp_path, drive)
    assert low <= p <= high
    mm.report(tmp_path / "run", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    how = "differ" if drive else "show no sign of differing"
    assert f"test the means {how} between " in page


def test_of_groups_littles_test_says_nothing(tmp_path):
    assert inspected(tmp_path, 1.0, 'group = "site"') == []
