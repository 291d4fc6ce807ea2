"""Loss curves from a file: one row a pair, and which pairs were mismatched on purpose."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from mmaudit.errors import InputError
from mmaudit.inference.beside.files import by_id, numbers
from mmaudit.measures.pairs.study import Curves

FEWEST = 50  # planted pairs: a null of fewer says little
FIX = "Parquet with id (text), losses (list of one number an epoch), planted (true or false)"


def read(path: str, ids: list[str]) -> Curves:
    """Curves of the pairs with these ids, in their order.

    Raises:
        InputError: The file is not such a file, a pair is missing, or none is planted: losses of
            pairs that a model was trained on give no p-values without that.
    """
    if not Path(path).is_file():
        raise InputError("there is no such file of curves", where=path, fix=FIX)
    table = by_id(path, ("losses", "planted"), pa.array(ids), FIX)
    losses = numbers(table.column("losses"), path, "losses")
    if losses.shape[1] < 2:
        raise InputError("the curves have one epoch", where=path, fix="two epochs or more")
    odd = np.flatnonzero(~np.isfinite(losses).all(axis=1))
    if len(odd):
        raise InputError(
            f"a loss of {ids[odd[0]]!r} is missing or not a finite number", where=path, fix=FIX
        )
    column = table.column("planted")
    fits = pa.types.is_boolean(column.type) or pa.types.is_integer(column.type)
    if not fits or column.null_count:
        raise InputError(
            f"the column 'planted' holds {column.type}{', some null' if column.null_count else ''}",
            where=path,
            fix=FIX,
        )
    planted = column.to_numpy().astype(np.bool_)
    if planted.sum() < FEWEST:
        raise InputError(
            f"{int(planted.sum())} planted pairs: losses of pairs that a model was trained on give "
            "no p-values without mismatches that were trained on like the rest",
            where=path,
            fix="mmaudit corrupt DATASET OUT --apply pairing/shuffle before training, and mark "
            f"at least {FEWEST} mismatched pairs as planted",
        )
    if planted.all():
        raise InputError("every pair is planted, so none is left to judge", where=path, fix=FIX)
    return Curves(losses=losses, planted=planted)
