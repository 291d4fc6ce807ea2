"""That samples are those a model was trained on is said where it is so, and nowhere else."""

from types import SimpleNamespace

import pytest

import vector_files
from mmaudit.audits.contributions.messages import of_the_data
from mmaudit.samples import dataset as data


@pytest.mark.parametrize(
    ("splits", "chosen", "trained"),
    [
        (None, None, False),
        (["test", "test"], None, False),
        (["Train", "test"], "test", False),
        (["Train", "test"], None, True),
        (["training", None], None, True),
    ],
)
def test_training_rows_are_named_where_they_are_there(tmp_path, splits, chosen, trained):
    rows = {"id": ["a", "b"], "x": [[1.0], [2.0]]} | ({"split": splits} if splits else {})
    source = 'split = "split"' if splits else ""
    dataset = data.open(vector_files.write(tmp_path, rows, "x", source=source))
    asked = SimpleNamespace(dataset=dataset.select(split=chosen))
    assert bool([*of_the_data(asked, ())]) == trained
