"""The questions that every part of a kind is asked: those of mmaudit, and those of other packages.

A test of a package that adds parts is one line a part::

    from mmaudit.testing import check_corruption

    def test_my_noise():
        check_corruption("image/my_noise")

A part that fails raises `mmaudit.testing.questions.ContractError`, an `AssertionError` that names
the question and what was wrong. No test framework is needed.
"""

from typing import Any

from mmaudit.testing.adapters import check_adapter
from mmaudit.testing.audits import check_audit
from mmaudit.testing.checks import check_check
from mmaudit.testing.corruptions import check_corruption
from mmaudit.testing.imputers import check_imputer
from mmaudit.testing.measures import check_measure
from mmaudit.testing.plans import check_plan
from mmaudit.testing.readers import check_reader

__all__ = [
    "check_adapter",
    "check_audit",
    "check_check",
    "check_corruption",
    "check_imputer",
    "check_measure",
    "check_plan",
    "check_reader",
    "check_remedy",
]


def __getattr__(name: str) -> Any:
    """What needs torch is imported when it is used: a plain installation has none."""
    if name != "check_remedy":
        raise AttributeError(f"module 'mmaudit.testing' has no attribute {name!r}")
    from mmaudit.testing.remedies import check_remedy

    return check_remedy
