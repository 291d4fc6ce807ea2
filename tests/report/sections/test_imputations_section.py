"""What imputers fill in: the best of each modality first, and nothing where none was judged."""

import pytest

import run_folders
from mmaudit.inference.imputation.reconstruction import JudgedImputer, Subset, table
from mmaudit.measures.balance.reconstruction import METRICS
from mmaudit.report.read import AuditData, RunData
from mmaudit.report.sections.absence import imputations
from mmaudit.rows import Estimate
from mmaudit.tables import store
from mmaudit.tables.provenance import Provenance

AUDIT = AuditData("robustness", Provenance(audit="robustness"), (), (), {})


def judged(policy, modality, error):
    numbers = {}
    if error is not None:
        ends = (error, error - 0.1, error + 0.1, 50), (1 - error, 0.9 - error, 1.1 - error, 50)
        numbers = {name: Estimate(*e) for name, e in zip(METRICS, ends, strict=True)}
    subset = Subset(f"present:a ({policy})", policy, ("a",))
    return JudgedImputer(subset, modality, "standardised numbers", 100, 1, numbers)


@pytest.fixture
def run(tmp_path):
    (tmp_path / "robustness").mkdir()
    return RunData(tmp_path, {"robustness": AUDIT}, {}, None, ())


def shown(run):
    return [
        [cell.text for cell in row] for one in imputations.tables(run, AUDIT) for row in one.rows
    ]


def test_the_best_of_each_comes_first(run):
    some = [judged("knn:5", "b", 0.8), judged("ridge", "b", 0.5), judged("ridge", "c", None)]
    sealed = table(some).replace_schema_metadata(run_folders.MADE.metadata())
    store.write(sealed, run.path / "robustness" / "imputation.parquet")
    rows = shown(run)
    assert [row[:4] for row in rows] == [
        ["b", "a", "ridge", "standardised numbers"],
        ["b", "a", "knn:5", "standardised numbers"],
        ["c", "a", "ridge", "standardised numbers"],
    ]
    assert rows[0][4].startswith("0.500")
    assert rows[0][-1] == "50"
    assert rows[2][4:] == ["–", "–", "–"]


def test_without_imputers_there_is_nothing(run):
    assert shown(run) == []
