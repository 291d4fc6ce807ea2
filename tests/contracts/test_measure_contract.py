"""Every measure of answers is asked the same questions on the day it exists."""

import pytest

from mmaudit import parts
from mmaudit.testing import measures


@pytest.mark.parametrize("question", measures.QUESTIONS, ids=lambda q: q.__name__)
@pytest.mark.parametrize("name", parts.names(measures.KIND))
def test_it_keeps_the_contract(name, question):
    question(measures.subject(name))
