"""The direction of a metric follows from its name."""

import pytest

from mmaudit.tables.metrics import meaning, worsening


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
        ("something_else", "neither", ""),
        ("something_drop", "neither", ""),
    ],
)
def test_directions(metric, better, unit):
    known = meaning(metric)
    assert (known.better, known.unit) == (better, unit)
    assert known.help


def test_worsenings_are_the_rows_that_a_sweep_writes():
    assert worsening("accuracy") == "accuracy_drop"
    assert worsening("nll") == "nll_rise"
    assert worsening("recall@5:a->b") == "recall@5:a->b_drop"
    assert worsening("phi") is None
