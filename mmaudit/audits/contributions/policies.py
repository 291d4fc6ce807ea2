"""How much the answer hangs on what stands in for an absent modality."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from mmaudit.audits.contributions.columns import Named, leading, phi
from mmaudit.audits.contributions.metrics import Number, Reading
from mmaudit.measures.intervals.replicates import SHARE

DIGITS = 9  # sums of the same worths in another order agree in so many


def policy_columns(tables: Sequence[pa.Table], modalities: Sequence[str]) -> Named:
    """Of the same samples under several policies: how far φ spreads, and whether ranks agree.

    Args:
        tables: The same rows under each policy.
        modalities: Names of the players.
    """
    values = np.stack([phi(table, modalities) for table in tables])  # (policy, sample, modality)
    out: Named = {f"spread_{m}": np.ptp(values[..., k], axis=0) for k, m in enumerate(modalities)}
    leaders = np.stack([leading(v) for v in values])  # of a tie, any may be the one of the others
    out["same_top"] = np.any(leaders.all(axis=0), axis=1).astype(np.float64)
    order = np.argsort(np.nan_to_num(np.round(values, DIGITS)), axis=2, kind="stable")
    out["same_order"] = (order == order[0]).all(axis=(0, 2)).astype(np.float64)
    signs = np.sign(np.round(values, DIGITS))
    for k, m in enumerate(modalities):
        flips = (signs[..., k] != signs[0, :, k]).any(axis=0).astype(np.float64)
        out[f"sign_{m}"] = np.where(np.isnan(values[0, :, k]), np.nan, flips)
    return out


def policy_numbers(at: Reading) -> Iterator[Number]:
    """Means of what `policy_columns` made."""
    yield Number("", "policy_same_top", at.of("same_top", SHARE))
    yield Number("", "policy_same_order", at.of("same_order", SHARE))
    for m in at.each("spread"):
        yield Number(m, "policy_spread", at.of(f"spread_{m}"))
        yield Number(m, "policy_sign_differs", at.of(f"sign_{m}", SHARE))
