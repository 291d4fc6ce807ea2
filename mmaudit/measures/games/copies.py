"""How often to repeat a sample with one modality, so that a weak modality is trained more.

References:
    Wei, Feng, Wang, Hu 2024, arXiv:2309.06255, sample-level re-sampling as in its released code:
    worth is the number of modalities if right, else 0; a contribution of 1 or more needs no copy,
    of one half 1, of nothing 2, below nothing 3, each with the other modalities masked
"""

import numpy as np
from numpy.typing import NDArray

EDGES = (-0.1, 0.4, 1.0)  # between them the counts fall from 3 to 0


def copies(phi: NDArray[np.floating]) -> NDArray[np.int64]:
    """Copies for each contribution by ``correct_size``, of any shape; none where it is NaN.

    Example:
        >>> copies(np.array([-0.5, 0.0, 0.5, 1.0]))
        array([3, 2, 1, 0])
    """
    below = np.sum([np.asarray(phi) < edge for edge in EDGES], axis=0)
    return np.where(np.isnan(phi), 0, below).astype(np.int64)
