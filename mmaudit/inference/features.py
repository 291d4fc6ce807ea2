"""Features: what a model in two stages encodes, and what an absence policy puts in its place."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.inference import culprit
from mmaudit.inference.absence import stand_ins
from mmaudit.kinds import vector
from mmaudit.models.base import Model, TwoStage, Values
from mmaudit.models.load import Loaded
from mmaudit.samples.decode import Samples, stack


def features(
    loaded: Loaded, samples: Samples, kinds: Mapping[str, str], batch_size: int
) -> dict[str, Floats]:
    """What a model in two stages encodes, else the vectors themselves; other kinds have none.

    Args:
        loaded: The model.
        samples: The decoded samples.
        kinds: Kind of each of the model's modalities.
        batch_size: Samples a forward pass.

    Returns:
        ``(sample, d)`` for each modality that has any, what is absent encoded as a filler.
    """
    columns: dict[str, Floats] = {}
    for m, kind in kinds.items():
        model, values = loaded.model, samples.values[m]
        if not samples.present[m].any():
            continue
        if isinstance(model, TwoStage):
            shape = np.shape(next(v for v in values if v is not None))
            starts = range(0, len(values), batch_size)
            cuts = [slice(start, start + batch_size) for start in starts]
            batches = ((stack(values[cut], kind, shape), samples.ids[cut]) for cut in cuts)
            rows = np.concatenate([_encoded(model, m, *batch) for batch in batches])
        elif kind == vector.NAME:
            rows = np.asarray(stack(values, kind))
        else:
            continue
        columns[m] = rows.reshape(len(values), -1).astype(np.float64)
    return columns


def filler_features(shares: Sequence[Model], modality: str) -> Floats | None:
    """Features of what a policy fills in for a modality, ``(filler, d)``.

    Args:
        shares: The model under the policy, once for each share of the donors.
        modality: The modality.

    Returns:
        None where the model takes a mask.
    """
    fillers = [stand_ins(model, modality) for model in shares]
    rows = [np.stack([np.asarray(v) for v in values]) for values in fillers if values is not None]
    if not rows:
        return None
    joined = np.concatenate(rows)
    return joined.reshape(len(joined), -1).astype(np.float64)


def _encoded(model: TwoStage, modality: str, values: Values, ids: Sequence[str]) -> Any:
    """A batch, encoded; a failure names the sample that it is for."""
    with culprit.named(ids, lambda row: model.encode(modality, values[row : row + 1])):
        return model.encode(modality, values)
