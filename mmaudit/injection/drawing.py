"""Drawing: a random number for each of many samples that follows from its id alone."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.seeds import digests, permanent

AT_ONCE = 16_384  # samples of which ids are held


def random_numbers(ids: pa.Array, seed: int, purpose: str) -> NDArray[np.uint64]:
    """A 64-bit random number for each sample, ``(n,)``.

    Ids become Python's texts a few at a time: all at once they are most of what a run holds.

    Args:
        ids: Ids of the samples, ``(n,)``.
        seed: The run's seed.
        purpose: What the numbers are for; two purposes have independent ones.
    """
    out = np.empty(len(ids), np.uint64)
    for start in range(0, len(ids), AT_ONCE):
        some = ids.slice(start, AT_ONCE).to_pylist()
        out[start : start + len(some)] = permanent(digests(seed, purpose, some))[:, 0]
    return out
