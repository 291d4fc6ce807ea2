"""Values that are there more than once."""

from typing import Any

import numpy as np
from pyarrow import compute


def repeated(column: Any) -> tuple[int, int] | None:
    """Two positions of the first value, in sorted order, that is there twice; None if none is.

    It sorts: a hash table of a million ids would take ten times the memory of the ids.

    Args:
        column: An Arrow column without nulls.
    """
    order = compute.sort_indices(column)
    in_order = column.take(order)
    same = compute.equal(in_order.slice(1), in_order.slice(0, max(0, len(in_order) - 1)))
    if not compute.any(same).as_py():
        return None
    at = compute.index(same, value=True).as_py()
    first, second = np.sort(order.take([at, at + 1]).to_numpy()).tolist()
    return first, second
