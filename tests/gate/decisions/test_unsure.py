"""A number of which no interval keeps its error is left undecided, and is not suggested."""

import math

import pytest

import many_pairs
from mmaudit.audits.contributions import metrics as contributions
from mmaudit.audits.robustness import metrics as robustness
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.measures.tasks import classification
from mmaudit.rows import Estimate, Metric

RATES = {
    "flagged_rate": Estimate(0.1, 0.09, 0.11, 5000),
    "noise_rate": Estimate(0.1, 0.09, 0.11, 5000),
}


def judged(folder, metric, **limit):
    check = {"id": "a", "metric": f"noisy_pairs.{metric}", "slice": "set=00000"} | limit
    return judge(folder, config.build({"check": [check]}, "gate.toml"))


@pytest.mark.parametrize("limit", [{"max": 0.5}, {"max": 0.01}, {"min": 0.01}, {"min": 0.5}])
def test_it_neither_passes_nor_fails_however_far_the_limit(tmp_path, limit):
    run = many_pairs.run(tmp_path, [RATES])
    verdict = judged(run, "flagged_rate", **limit)
    (cell,) = verdict.results[0].cells
    assert (cell.outcome, verdict.exit_code) == ("inconclusive", 5)
    assert cell.reason == "no interval: the pairs themselves choose which of them are listed"
    assert (cell.estimate.low, cell.estimate.high) == (-math.inf, math.inf)
    assert cell.needed is None
    assert judged(run, "noise_rate", **limit).exit_code in {0, 1}


def test_its_value_decides_where_a_check_asks_for_that(tmp_path):
    run = many_pairs.run(tmp_path, [RATES])
    assert judged(run, "flagged_rate", max=0.5, fail_when="point").exit_code == 0
    assert judged(run, "flagged_rate", max=0.01, fail_when="point").exit_code == 1


def test_drops_of_one_class_say_what_they_are():
    """The area of one class is decided, its drop is not; nor are ranks of samples in groups."""
    metrics = {"auroc": classification.METRICS["auroc"], "accuracy": Metric("share that is right")}
    says = robustness.meanings(
        ["auroc", "auroc_drop", "auroc:cat", "auroc:cat_drop", "accuracy:cat_drop"], metrics
    )
    assert [name for name, metric in says.items() if metric.unsure] == ["auroc:cat_drop"]
    names = ["weight_loss_spearman", "weight_loss_covariance"]
    for grouped in (True, False):
        unsure = [bool(m.unsure) for m in contributions.meanings(names, grouped=grouped).values()]
        assert any(unsure) == grouped
        assert not all(unsure)
