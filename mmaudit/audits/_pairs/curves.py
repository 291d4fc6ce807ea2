"""Loss curves from a file: one row a pair, and which pairs were mismatched on purpose."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import compute, parquet

from mmaudit.errors import InputError
from mmaudit.measures.pair_study import Curves

FEWEST = 50  # planted pairs: a null of fewer says little
FIX = "Parquet with id (text), losses (list of one number an epoch), planted (true or false)"


def read(path: str, ids: list[str]) -> Curves:
    """Curves of the pairs with these ids, in their order.

    Raises:
        InputError: The file is not such a file, a pair is missing, or none is planted: losses of
            pairs that a model was trained on give no p-values without that.
    """
    table = _table(path)
    at = compute.index_in(pa.array(ids), table["id"].combine_chunks())
    if at.null_count:
        raise InputError(f"{at.null_count} pairs have no curve", where=path, fix="one row an id")
    table = table.take(at)
    lengths = set(compute.list_value_length(table["losses"]).to_pylist())
    if len(lengths) != 1 or not (min(lengths, key=lambda k: k or 0) or 0) > 1:
        raise InputError("the curves are not equally long", where=path, fix="two epochs or more")
    flat = table["losses"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    losses = flat.astype(np.float32).reshape(len(ids), -1)
    if not np.isfinite(losses).all():
        raise InputError("a loss is not a finite number", where=path, fix=FIX)
    planted = table["planted"].to_numpy().astype(np.bool_)
    if planted.sum() < FEWEST:
        raise InputError(
            f"{int(planted.sum())} planted pairs: losses of pairs that a model was trained on give "
            "no p-values without mismatches that were trained on like the rest",
            where=path,
            fix="mmaudit corrupt DATASET OUT --apply pairing/shuffle before training, and mark "
            f"at least {FEWEST} mismatched pairs as planted",
        )
    return Curves(losses=losses, planted=planted)


def _table(path: str) -> pa.Table:
    if not Path(path).exists():
        raise InputError("there is no such file of curves", where=path, fix=FIX)
    try:
        return parquet.read_table(path, columns=["id", "losses", "planted"])
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise InputError(f"the curves cannot be read: {error}", where=path, fix=FIX) from error
