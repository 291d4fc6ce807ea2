"""Impulses: values or pixels that are stuck at black or at white."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.kernels import kernel


@kernel
def _stick(clean, words, pepper, salt, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    none = full - full
    for i in range(clean.size):
        value = clean[i] if words[i] >= pepper else none
        out[i] = value if words[i] < salt else full


@kernel
def _stick_rows(clean, words, pepper, salt, full, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    none = full - full
    for i in range(words.size):
        for channel in range(clean.shape[1]):
            value = clean[i, channel] if words[i] >= pepper else none
            out[i, channel] = value if words[i] < salt else full


def stick(
    clean: NDArray[np.uint8], words: NDArray[np.uint32], amount: float, full: int
) -> NDArray[np.uint8]:
    """Half of the amount becomes black where words are small, half white where they are large.

    A larger amount with the same words keeps what a smaller one had stuck.

    Args:
        clean: ``(n, c)``: one word decides over the ``c`` values of a row.
        words: One a row, ``(n,)``.
        amount: Share of rows that stick, in [0, 1).
        full: White.
    """
    half = round(amount / 2 * 2**32)
    out = np.empty_like(clean)
    limits = np.uint32(half), np.uint32(2**32 - half), clean.dtype.type(full)
    if clean.shape[1] == 1:
        _stick(clean.ravel(), words, *limits, out.ravel())
    else:
        _stick_rows(clean, words, *limits, out)
    return out
