"""Steps: what the checks of a series look at."""

import numpy as np

from mmaudit.arrays import Floats, Series


def steps(series: Series, _rate: float = 0.0) -> Floats:
    """The readings, ``(time, channel)``."""
    return np.ascontiguousarray(series, np.float64)
