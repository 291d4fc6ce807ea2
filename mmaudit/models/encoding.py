"""Encoding: vectors of one modality, by a model of it alone or by the stage of one that does it."""

from typing import Any

import numpy as np

from mmaudit.errors import UsageError
from mmaudit.models.access import Access
from mmaudit.models.base import TwoStage
from mmaudit.models.load import Loaded, load


def tower(spec: str, name: str, access: Access) -> Loaded:
    """A model that encodes one modality; its only input is the modality, whatever its name is.

    Args:
        spec: ``ADAPTER:WHERE``.
        name: The modality.
        access: Who named it, and what is allowed.

    Raises:
        UsageError: It takes several inputs, and cannot encode this one by itself.
    """
    loaded = load(spec, access)
    if not alone(loaded, name):
        raise UsageError(
            f"this is no tower of {name} alone: it takes {', '.join(loaded.info.modalities)}",
            where=spec,
            fix=f"a model of one input, or one that can encode {name} by itself",
        )
    return loaded


def alone(loaded: Loaded, name: str) -> bool:
    """Whether a model can be asked about one modality: its only one, or a stage of it."""
    takes = loaded.info.modalities
    return len(takes) == 1 or (name in takes and isinstance(loaded.model, TwoStage))


def encode(loaded: Loaded, name: str, values: Any) -> Any:
    """What a model that is `alone` in it answers about one modality.

    Args:
        loaded: The model.
        name: The modality, as the model calls it where it takes several.
        values: ``n`` values, or what the model prepared of them.

    Returns:
        ``(n, d)``, or ``(n, 1, d)`` of a model of one input.
    """
    takes = loaded.info.modalities
    if len(takes) > 1 and isinstance(loaded.model, TwoStage):
        return loaded.model.encode(name, values)
    return loaded.model.scores({takes[0]: values}, {takes[0]: np.ones(len(values), np.bool_)})
