"""Rows that a method holds out for itself while it trains: every eighth of a lane's own."""

from mmaudit.remedies.context import LaneBatch
from mmaudit.remedies.layers import Lanes

EVERY = 8


def learning(batch: LaneBatch) -> Lanes:
    """Which rows are learned from, 1, and which are held aside, 0; ``(lane, n)``."""
    return (batch.rows % EVERY != 0).float()


def mean_of(values: Lanes, rows: Lanes) -> Lanes:
    """Mean over some rows, ``(lane, n, …) -> (lane, …)``; 0 of none."""
    return (values * rows).sum(1) / rows.sum(1).clamp(min=1)
