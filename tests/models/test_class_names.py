"""One rule makes the names of classes: of labels in any form, and of a model's classes."""

import numpy as np
import pyarrow as pa
import pytest
import skops.io
from pyarrow import csv, parquet
from sklearn.linear_model import LogisticRegression

from command import mmaudit

MANIFEST = """schema = 1
[source]
path = "{}"
[modality.v]
kind = "vector"
columns = ["x_0", "x_1"]
[target]
column = "y"
kind = "class"
"""
SWEEP = ("--absent", "zeros", "--corruptions", "vector/gaussian_noise", "--severities", "3")
VALUES = {
    "bool": np.array([False, True]),
    "whole": np.array([3, 11]),
    "real": np.array([0.0, 1.0]),
    "text": np.array(["no", "yes"]),
}


def made(folder, labels, fitted=None, n=40):
    """Rows whose label is the sign of the first number, and a model that was fitted on them."""
    x = np.random.default_rng(0).normal(size=(n, 2))
    y = labels[(x[:, 0] > 0).astype(int)]
    model = LogisticRegression().fit(x, y if fitted is None else fitted[(x[:, 0] > 0).astype(int)])
    skops.io.dump({"estimator": model, "modalities": ["v"]}, folder / "m.skops")
    return pa.table({"x_0": x[:, 0], "x_1": x[:, 1], "y": y})


def asked(folder, table, file, options=""):
    if file.endswith("csv"):  # as pandas writes truth values
        truths = pa.types.is_boolean(table["y"].type)
        y = table["y"].to_pylist()
        csv.write_csv(table.set_column(2, "y", [[str(v) for v in y]]) if truths else table, folder / file)  # fmt: skip
    else:
        parquet.write_table(table, folder / file)
    (folder / "d.toml").write_text(MANIFEST.format(file))
    model = f"sklearn:m.skops{options}"
    words = ("d.toml", "--model", model, "--trust", *SWEEP, "--out", "run")
    return mmaudit("robustness", *words, cwd=folder, loaded=["skops.io"])


@pytest.mark.parametrize(
    ("labels", "file"),
    [("bool", "d.parquet"), ("bool", "d.csv"), ("whole", "d.csv"), ("real", "d.parquet")],
)
def test_labels_are_the_classes_of_a_model_that_was_fitted_on_them(tmp_path, labels, file):
    done = asked(tmp_path, made(tmp_path, VALUES[labels]), file)
    assert done.returncode == 0, done.stderr
    assert (
        "Clean accuracy is 1.000" in done.stdout + done.stderr or "accuracy is 0.9" in done.stdout
    )


def test_a_model_of_numbers_is_given_its_classes_by_name(tmp_path):
    table = made(tmp_path, VALUES["text"], fitted=np.array([0, 1]))
    done = asked(tmp_path, table, "d.parquet")
    assert done.returncode == 3
    assert "the dataset's are no, yes, the model's 0, 1" in done.stderr
    done = asked(tmp_path, table, "d.parquet", ",classes=no,yes")
    assert done.returncode == 0, done.stderr
    assert "accuracy is 1.0" in done.stdout or "accuracy is 0.9" in done.stdout
    done = asked(tmp_path, table, "d.parquet", ",classes=no,yes,maybe")
    assert done.returncode == 2
    assert "classes names 3, the model has 2: 0, 1" in done.stderr
