"""Worst cases and attacks where numbers or several labels are asked for, and answers from a file."""

import numpy as np
import pyarrow as pa
import pytest
import torch
from pyarrow import parquet

import mmaudit as mm
import vector_files
from mmaudit.audits.robustness.answers import Embeddings, Labelled, Numbers
from mmaudit.audits.robustness.worst.rank import badness, check_single
from mmaudit.errors import UsageError

N, D = 200, 6
NUMBER = '[target]\ncolumn = "label"\nkind = "number"\n'
CORRUPTIONS = ("vector/gaussian_noise", "vector/sign_flip")


class Line(torch.nn.Module):
    modalities, classes, output = ("x",), None, "values"

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.arange(1.0, D + 1))

    def forward(self, batch, present):
        return batch["x"].double() @ self.w.double()


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    rng = np.random.default_rng(0)
    x = rng.normal(1, 1, (N, D)).astype(np.float32)
    y = x @ np.arange(1.0, D + 1) + rng.normal(0, 1, N)
    table = {"id": [f"r{i}" for i in range(N)], "label": y.tolist(), "x": [*x.tolist()]}
    return vector_files.write(tmp_path_factory.mktemp("numbers"), table, "x", target=NUMBER)


@pytest.fixture(scope="module")
def run(numbers):
    options = {"corruptions": CORRUPTIONS, "severities": (5,), "replicates": 10, "quiet": True}
    return mm.robustness(numbers, Line().eval(), worst_case=True, attack=("x",), **options)


def errors(run, condition):
    table = run["robustness/samples"].to_pandas().set_index("id")
    some = table[table.condition == condition]
    return (some.prediction - some.label).abs()


def test_the_worst_number_is_the_one_that_is_farthest_off(run):
    each = np.array([errors(run, f"{c}:5@x") for c in CORRUPTIONS])
    np.testing.assert_array_equal(errors(run, "worst/corruption:5@x"), each.max(axis=0))


def test_an_attack_moves_a_linear_number_by_radius_times_norm(numbers, run):
    """Closed form: |error| grows by exactly r |x| |w|, whichever its sign."""
    x = np.array(parquet.read_table(numbers.parent / "rows.parquet")["x"].to_pylist())
    reach = 0.2 * np.linalg.norm(x, axis=1) * np.linalg.norm(np.arange(1.0, D + 1))
    grown = errors(run, "attack/pgd:5@x") - errors(run, "clean")
    np.testing.assert_allclose(grown, reach, rtol=1e-4)


def test_of_several_labels_more_wrong_ones_are_worse_than_a_larger_loss():
    task = Labelled(("a", "b", "c"), (0, 1, 2))
    truth = np.array([[1, 0, 1]] * 3)
    p = np.float32([[0.4, 0.1, 0.9], [0.001, 0.1, 0.9], [0.4, 0.6, 0.9]])
    bad = badness(task, task.columns(p, truth, ["r", "s", "t"]))
    assert bad.wrong.tolist() == [1, 1, 2]
    assert bad.loss[1] > bad.loss[2]


def test_tables_and_columns_are_ranked_alike():
    columns = Numbers().columns(np.float32([1, 2]), np.array([0.0, 5.0]), ["r", "s"])
    assert (badness(Numbers(), columns).wrong == badness(Numbers(), pa.table(columns)).wrong).all()


def test_embeddings_have_no_worst_answer():
    with pytest.raises(UsageError, match="--worst-case looks for the worst answer"):
        check_single(Embeddings(("x",)), "worst-case")


def test_answers_from_a_file_have_the_same_worst_cases(numbers, run, tmp_path):
    answers = run["robustness/samples"].to_pandas()[["id", "condition", "prediction"]]
    answers = answers[~answers.condition.str.contains("worst/|attack/")]
    parquet.write_table(pa.Table.from_pandas(answers), tmp_path / "answers.parquet")
    options = {"corruptions": CORRUPTIONS, "severities": (5,), "replicates": 10, "quiet": True}
    spec = f"predictions:{tmp_path / 'answers.parquet'},output=values"
    again = mm.robustness(numbers, spec, worst_case=True, **options)
    name = "worst/corruption:5@x"
    assert errors(again, name).equals(errors(run, name))
    with pytest.raises(UsageError, match="one draw"):
        mm.robustness(numbers, spec, worst_case=True, draws=2, **options)
    with pytest.raises(UsageError, match="gives no gradients"):
        mm.robustness(numbers, spec, attack=("x",), **options)


def test_an_export_has_neither_worst_cases_nor_attacks(numbers, tmp_path):
    from mmaudit.audits.robustness.options import Options
    from mmaudit.runs.export import export_conditions

    options = {"corruptions": CORRUPTIONS, "severities": (5,), "worst_case": True}
    index = export_conditions(numbers, tmp_path / "out", Options(**options), quiet=True)
    assert "worst/" not in index.read_text()
    with pytest.raises(UsageError, match="--attack needs a model that runs here"):
        export_conditions(numbers, tmp_path / "two", Options(**options, attack=("x",)))
