"""Two or three vectors that are jointly normal, so that every conditional mean is known.

``a`` is standard normal, ``c`` is another, and ``b`` is linear in both with noise beside.
"""

import numpy as np

from mmaudit.imputers.base import Incomplete, TrainingSet

WIDTHS = {"a": 5, "b": 3, "c": 4}
NOISE = 0.5
_RNG = np.random.default_rng(11)
OF_A = _RNG.normal(size=(WIDTHS["a"], WIDTHS["b"]))
OF_C = _RNG.normal(size=(WIDTHS["c"], WIDTHS["b"]))


def drawn(n, seed):
    """``n`` samples, ``(n, d)`` for each modality."""
    rng = np.random.default_rng(seed)
    a, c = (rng.normal(size=(n, WIDTHS[m])) for m in "ac")
    b = a @ OF_A + c @ OF_C + NOISE * rng.normal(size=(n, WIDTHS["b"]))
    return {m: x.astype(np.float32) for m, x in {"a": a, "b": b, "c": c}.items()}


def training(n=1500, seed=1, absent=None):
    """Training samples; ``absent`` says of some modalities which samples lack them, ``(n,)``."""
    values = drawn(n, seed)
    gone = {m: np.zeros(n, bool) for m in values} | (absent or {})
    return TrainingSet(
        dict.fromkeys(values, "vector"),
        {m: [None if g else v for v, g in zip(x, gone[m], strict=True)] for m, x in values.items()},
        {m: ~g for m, g in gone.items()},
    )


def lacking(values, *absent):
    """Samples that all lack the same modalities."""
    n = len(values["a"])
    present = {m: np.full(n, m not in absent) for m in values}
    return Incomplete(values, present, np.arange(n, dtype=np.uint64))


def off(filled, wanted):
    """Root of the mean squared difference."""
    return float(np.sqrt(np.mean((np.asarray(filled, np.float64) - wanted) ** 2)))
