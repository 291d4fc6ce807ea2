"""What absence follows from, by the whole command, of tables and vectors."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest

import mmaudit as mm
import two_vectors
from inspected import drawn
from mmaudit.audits.inspect.learning import absences, table_features
from mmaudit.audits.inspect.learning.features import ValueFeatures
from mmaudit.samples import dataset as data

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


def test_numbers_and_categories_of_a_table_are_what_is_present(tmp_path):
    """Sensors are lacked by the old, and every table is there: its numbers alone tell who lacks them."""
    inspected(tmp_path, 1.0)
    rows = mm.Run(tmp_path / "run")["inspect/summary"].arrow().to_pylist()
    (auroc,) = [r["estimate"] for r in rows if r["metric"] == "absence_auroc"]
    assert auroc["low"] > 0.6
    mm.report(tmp_path / "run", tmp_path / "page.html")
    assert "it depends on what is present" in (tmp_path / "page.html").read_text()


def test_features_of_a_table_are_numbers_what_is_empty_and_categories(tmp_path):
    inspected(tmp_path, 0.0)
    rows = [[1.0, None, "red"], [3.0, 4.0, "blue"], None, [None, 2.0, "red"]]
    cells = [None if row is None else np.array(row, object) for row in rows]
    of = table_features.features(data.open(tmp_path / "dataset.toml"), "record", cells)
    assert of.tolist() == [
        [1, 3, 0, 1, 1, 0],
        [3, 4, 0, 0, 0, 1],
        [2, 3, 1, 1, 0, 0],
        [2, 2, 1, 0, 1, 0],
    ]


def test_of_a_group_one_sample_counts(tmp_path):
    """There are 40 groups, of which no two patterns have enough."""
    assert inspected(tmp_path, 1.0, 'group = "site"') == []


class Vectors:
    """Reads features that are there."""

    def __init__(self, rows):
        self.rows = rows

    def of(self, modality, positions):
        return ValueFeatures(self.rows[positions], np.ones(len(positions), np.bool_))


def test_what_groups_share_is_no_reason_for_absence():
    """Groups of 20 have one number and lack a text together, by chance; at .05, of 20 sets more
    than 5 are in 1 of 3,000. Counted by samples, 20 of 20 were called dependent."""
    wrong = 0
    for seed in range(20):
        contents = drawn(seed, 4000, group_size=20)
        rng = np.random.default_rng([seed, 9])
        contents.absent["text"] = (rng.random(4000) < 0.4)[contents.groups]
        contents.absent["image"][:] = False
        read = Vectors(rng.normal(size=(4000, 3))[contents.groups])
        mechanism = absences.mechanisms(contents, read)["text"].mechanism
        wrong += mechanism.startswith(("depends", "not at random"))
    assert wrong <= 5


def test_where_nothing_is_absent_nothing_is_decoded_for_it(tmp_path):
    dataset = data.open(two_vectors.make(tmp_path / "data", 30))
    there = SimpleNamespace(
        dataset=dataset,
        seed=0,
        ids=dataset.column("id").to_pylist(),
        groups=None,
        present=lambda _: np.ones(30, np.bool_),
    )
    assert absences.by_means(there, None) is None  # it would need features to look further
