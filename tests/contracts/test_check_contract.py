"""Every check of quality is asked the same questions on the day it exists."""

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.checks.base import QualityCheck
from mmaudit.testing import checks


@pytest.mark.parametrize("name", parts.names(checks.KIND))
def test_it_keeps_the_contract(name):
    checks.check_check(name)


@pytest.mark.parametrize("scale", ["plain", "log", "share", "counts"])
@pytest.mark.parametrize("bad", ["high", "low", "either"])
def test_what_is_past_the_limit_is_outside_the_limits(bad, scale):
    values = np.random.default_rng(1).beta(2, 3, 501)
    said = {"unit": "1", "source": "", "finding": "", "suggestion": ""}
    check = QualityCheck(view=len, measure=len, bad=bad, limit=0.3, scale=scale, **said)
    least, most = check.limits(values)
    outside = np.zeros(len(values), bool)
    outside |= values < (-np.inf if least is None else least)
    outside |= values > (np.inf if most is None else most)
    assert 0 < outside.sum() < len(values)
    np.testing.assert_array_equal(outside, check.beyond(values))
