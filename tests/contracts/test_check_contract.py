"""Every check of quality is asked the same questions on the day it exists."""

import pytest

from mmaudit import parts
from mmaudit.testing import checks


@pytest.mark.parametrize("name", parts.names(checks.KIND))
def test_it_keeps_the_contract(name):
    checks.check_check(name)
