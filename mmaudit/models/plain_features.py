"""Plain features of values, without any training: what small towers are trained on.

Each kind that has them says in its own file what they are. Each row depends on its value alone.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmaudit.arrays import Vectors
from mmaudit.errors import UsageError
from mmaudit.kinds.base import kind_names, load_kind
from mmaudit.models.base import Values

VERSION = 1


def check_kind(kind: str) -> None:
    """Refuse kinds that have no plain features.

    Raises:
        UsageError: There are none.
    """
    _function(kind)


def features(kind: str, values: Values) -> Vectors:
    """Features of ``n`` values of one kind, ``(n, d)``."""
    function = _function(kind)
    return np.stack([function(value) for value in values]).astype(np.float32)


def featured() -> tuple[str, ...]:
    """Names of the kinds that have plain features."""
    return tuple(name for name in kind_names() if load_kind(name).features)


def _function(kind: str) -> Callable[[Any], Vectors]:
    names = featured()
    function = load_kind(kind).features if kind in names else None
    if function is None:
        raise UsageError(
            f"there are no plain features of a {kind}", fix=f"one of {', '.join(names)}"
        )
    return function
