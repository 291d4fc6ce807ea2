"""Permuted block: some shards lost their order, so pairs are wrong inside them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.pairing._files import in_file_order
from mmaudit.seeds import digests, permanent


class Severity(NamedTuple):
    """How many pairs are wrong, and how long a shard is."""

    rate: float  # share of the samples
    block: int  # neighbouring rows of a shard


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Permute values inside whole runs of the file until exactly the share of rows is wrong.

    The file's order is that of the ids, cut into shards of equal length; the last shard that is
    taken is permuted in part. One row alone cannot be wrong, so a rest of one is left out.
    """
    order = in_file_order(rows)
    shard = np.arange(order.size) // severity.block
    name = "pairing/permuted_block"
    turn = permanent(digests(seed, name, [str(i) for i in range(int(shard.max(initial=0)) + 1)]))
    within = row_selection.numbers(rows, seed, f"{name} row")[order, 0]
    taken = np.lexsort((within, turn[shard, 0]))[: row_selection.count(severity.rate, order.size)]
    out = np.arange(len(rows.ids))
    for part in np.split(taken, np.flatnonzero(np.diff(shard[taken])) + 1):
        out[order[part]] = np.roll(order[part], -1)
    return out


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s, 64) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the samples", "block": "rows"},
    source="shards written by workers that do not keep the order; ours",
)
