"""Every remedy answers the common questions on the day it exists."""

import pytest

from mmaudit import parts
from mmaudit.testing import check_remedy


@pytest.mark.parametrize("name", parts.names("remedies"))
def test_contract(name):
    check_remedy(name)
