"""Every plan is asked the same questions on the day it exists."""

import pytest

from mmaudit import parts
from mmaudit.testing import plans

PLANS = [
    n for n in parts.names("corruptions") if n.split("/")[0] in {"missing", "pairing", "label"}
]
SKIPPED = {
    ("pairing/lag", "worse_severities_change_more"): "every row but the first of a session, and "
    "more of them wrongly",
    ("pairing/lag", "the_seed_matters"): "there is no chance in a lag",
    ("pairing/caption_level", "a_milder_severity_is_contained_in_a_worse_one"): "what is touched "
    "is nested; some of it stays right by chance",
    ("pairing/sorted_one_side", "a_milder_severity_is_contained_in_a_worse_one"): "likewise",
    ("missing/block", "the_order_does_not_matter_without_groups"): "blocks are groups",
}


@pytest.mark.parametrize("question", plans.QUESTIONS, ids=lambda q: q.__name__)
@pytest.mark.parametrize("name", PLANS)
def test_it_keeps_the_contract(name, question):
    if reason := SKIPPED.get((name, question.__name__)):
        pytest.skip(reason)
    question(plans.subject(name))
