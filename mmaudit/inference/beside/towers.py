"""Towers that people bring beside the dataset: they are asked in one way, and answers checked."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from mmaudit.arrays import Vectors
from mmaudit.faults import Faults
from mmaudit.inference import culprit
from mmaudit.inference.check import check_answers
from mmaudit.models.encoding import encode
from mmaudit.models.load import Loaded


def vectors(loaded: Loaded, name: str, values: Any, ids: Sequence[str]) -> Vectors:
    """Vectors of one modality, ``(n, d)``.

    Args:
        loaded: The model.
        name: The modality, as the model calls it where it takes several.
        values: ``n`` values, or what the model prepared of them.
        ids: What the samples are called in errors.

    Raises:
        InputError: The model answers with another shape, or with what is not finite.
    """
    rows = answers(lambda some: encode(loaded, name, some), loaded.info.spec, (values,), ids)
    flat = np.ndim(rows) == 2
    info = replace(loaded.info, modalities=(name,), output="embeddings")
    return check_answers(np.asarray(rows)[:, None] if flat else rows, len(ids), info, ids)[:, 0]


def answers(ask: Callable[..., Any], spec: str, values: tuple[Any, ...], ids: Sequence[str]) -> Any:
    """What a model answers; where it fails, it is named, and the sample that it fails on.

    Args:
        ask: Asks it about the values of each modality.
        spec: How it was asked for.
        values: ``n`` of each modality.
        ids: What the samples are called in errors.
    """
    with Faults.of(spec), culprit.named(ids, partial(_alone, ask, values)):
        return ask(*values)


def _alone(ask: Callable[..., Any], values: tuple[Any, ...], row: int) -> object:
    """The same question about one sample."""
    return ask(*(rows[row : row + 1] for rows in values))
