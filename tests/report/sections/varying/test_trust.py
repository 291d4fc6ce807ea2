"""Quality that changes from sample to sample: whom the model trusts less where it is wrong."""

import pytest

from mmaudit.report.read import AuditData, SummaryRow
from mmaudit.report.sections.varying import trust
from mmaudit.rows import Estimate
from mmaudit.tables.provenance import Provenance

SHARE, WEIGHT = "share_loss_spearman", "weight_loss_spearman"


def audit(metric=SHARE, **cells):
    rows = tuple(
        SummaryRow({"modality": m, "absent": "zeros"}, "all", metric, Estimate(v, low, high, 50))
        for m, (v, low, high) in cells.items()
    )
    return AuditData("contributions", Provenance(audit="contributions"), rows, ("modality",), {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            (-0.3, -0.4, -0.2),
            "Every modality counts less where it alone is wrong; the least so text",
        ),
        ((-0.1, -0.3, 0.1), "Not shown to count less where it alone is wrong: text (-0.100"),
        ((0.5, 0.4, 0.6), "Not shown to count less where it alone is wrong: text (0.500"),
    ],
)
def test_only_an_interval_below_zero_is_trust_that_moves(text, told):
    assert trust.headline(audit(image=(-0.8, -0.9, -0.7), text=text)).startswith(told)


def test_the_models_own_weights_come_before_shares_of_the_answer():
    weights = audit(WEIGHT, image=(0.4, 0.3, 0.5))
    both = AuditData(
        "contributions", weights.origin, weights.rows + audit(image=(-0.4, -0.5, -0.3)).rows, (), {}
    )
    assert "Not shown" in trust.headline(both)
    titles = [chart.title for chart in trust.charts(both)]
    assert [title.split()[0] for title in titles] == ["Fusion", "Share"]


def test_the_sentence_is_of_the_policy_that_was_asked_for_first():
    tables = [
        SummaryRow(
            {"modality": "text", "absent": policy}, "all", SHARE, Estimate(v, v - 0.1, v + 0.1, 50)
        )
        for policy, v in [("mean", 0.5), ("zeros", -0.5)]
    ]
    for asked, told in [(["zeros", "mean"], "Every"), (["mean", "zeros"], "Not shown")]:
        made = Provenance(audit="contributions", options={"absent": asked})
        both = AuditData("contributions", made, tuple(tables), ("modality", "absent"), {})
        assert trust.headline(both).startswith(told)
        assert f"values: {asked[0]})" in next(trust.charts(both)).title


def test_without_labels_nothing_is_said():
    plain = audit("phi", image=(0.4, 0.3, 0.5))
    assert not trust.is_measured(plain)
    assert trust.headline(plain) == ""
    assert list(trust.charts(plain)) == []
