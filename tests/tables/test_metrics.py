"""A metric's meaning is declared beside its formula, and that of what derives from it follows."""

import pytest

from mmaudit.audits.contributions.metrics import METRICS as CONTRIBUTIONS
from mmaudit.audits.robustness.metrics import declared, meaning
from mmaudit.rows import worsening

METRICS = {**declared("class"), **declared("number"), **declared("embedding"), **CONTRIBUTIONS}


@pytest.mark.parametrize(
    ("metric", "better", "unit"),
    [
        ("accuracy", "higher", "1"),
        ("nll", "lower", "nat"),
        ("accuracy_drop", "lower", "1"),
        ("nll_rise", "lower", "nat"),
        ("accuracy_worst", "higher", "1"),
        ("mae_worst", "lower", ""),
        ("nll_relative_drop", "lower", "1"),
        ("accuracy_kendall_tau", "neither", ""),
        ("recall@1:image->text", "higher", "1"),
        ("median_rank:text->image", "lower", ""),
        ("recall@1:image->text_drop", "lower", "1"),
        ("recall@1:image->text_area_under_curve", "higher", "1"),
        ("phi", "neither", ""),
        ("share", "neither", "1"),
        ("gain_over_best_alone", "higher", "1"),
        ("conflict_rate", "lower", "1"),
        ("share_loss_covariance", "lower", ""),
    ],
)
def test_directions(metric, better, unit):
    known = meaning(metric, METRICS)
    assert (known.better, known.unit) == (better, unit)
    assert known.help
    assert known.low <= known.high


@pytest.mark.parametrize("metric", ["something_else", "something_drop"])
def test_what_is_not_declared_has_no_meaning(metric):
    with pytest.raises(KeyError):
        meaning(metric, METRICS)


def test_worsenings_are_the_rows_that_a_sweep_writes():
    for metric, row in (
        ("accuracy", "accuracy_drop"),
        ("nll", "nll_rise"),
        ("recall@5:a->b", "recall@5:a->b_drop"),
        ("phi", None),
    ):
        assert worsening(metric, meaning(metric, METRICS).better) == row
