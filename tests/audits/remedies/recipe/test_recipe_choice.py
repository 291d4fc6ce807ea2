"""Which method a recipe trains."""

from mmaudit.audits.remedies.audit import Row
from mmaudit.audits.remedies.recipe.choice import choose
from mmaudit.rows import Estimate


def row(method, metric, value, verdict="", family="damaged"):
    return Row(
        method=method,
        family=family,
        condition="",
        modality="",
        control="control/late_mean" if verdict else "",
        slice="all",
        metric=metric,
        estimate=Estimate(value, value - 0.01, value + 0.01, 100),
        verdict=verdict,
        needs=None,
    )


def contest(metric="accuracy", **methods):
    """Rows of methods: score and verdict under the damage; on clean samples all help."""
    rows = []
    for name, (score, verdict) in methods.items():
        rows.append(row(name, metric, score))
        if verdict:
            rows.append(row(name, "gain", 0.02, verdict))
            rows.append(row(name, "gain", 0.02, "helps", family="clean"))
    return rows


def test_the_best_of_what_helps():
    rows = contest(a=(0.8, "helps"), b=(0.9, "helps"), c=(0.95, "cannot be told"))
    rows += contest(**{"control/concat": (0.7, "")})
    choice = choose(rows, lower=False)
    assert choice.name == "b"
    assert "of 2 methods that help under the damage" in choice.why
    assert "+0.020 [+0.010, +0.030]" in choice.why


def test_concatenation_where_nothing_helps():
    rows = contest(a=(0.9, "cannot be told"), b=(0.9, "harms"), **{"control/concat": (0.7, "")})
    choice = choose(rows, lower=False)
    assert choice.name == "control/concat"
    assert choice.why.startswith("no method is shown to help under the damage")


def test_concatenation_where_what_helps_has_a_worse_control():
    choice = choose(contest(a=(0.8, "helps"), **{"control/concat": (0.9, "")}), lower=False)
    assert choice.name == "control/concat"
    assert "1 method that helps" in choice.why


def test_numbers_are_better_lower():
    rows = contest("mean_squared_error", a=(2.0, "helps"), **{"control/concat": (3.0, "")})
    assert choose(rows, lower=True).name == "a"
