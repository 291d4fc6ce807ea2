"""Fusion: what a model says of its own fusing, its weights and its evidence, checked."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mmaudit.arrays import Floats, Ints, Mask
from mmaudit.errors import InputError
from mmaudit.models.base import Batch, Present

Batches = Iterator[tuple[Ints, Batch, Present]]  # rows, their values, and what is there of them


def fusion_weights(
    ask: Callable[[Batch, Present], Any], batches: Batches, present: Mask, spec: str
) -> Floats:
    """Fusion weights of the samples in the batches.

    Args:
        ask: The model's ``weights``.
        batches: The samples that it is asked about.
        present: Which modalities each sample has, ``(sample, modality)``.
        spec: How the model was asked for.

    Returns:
        ``(sample, modality)``; NaN for samples in no batch.

    Raises:
        InputError: Their shape is another one, or one is not finite.
    """
    out = np.full(present.shape, np.nan)
    for rows, values, there in batches:
        weights = np.asarray(ask(values, there), np.float64)
        if weights.shape != (rows.size, present.shape[1]) or not np.isfinite(weights).all():
            raise InputError(
                f"the model gave weights of shape {weights.shape}, or not finite",
                where=spec,
                fix=f"weights(batch, present) of shape (n, {present.shape[1]})",
            )
        out[rows] = weights
    return out


def fusion_evidence(
    ask: Callable[[Batch, Present], Mapping[str, Any]],
    batches: Batches,
    columns: Mapping[str, Mask],
    classes: int,
    spec: str,
) -> Floats:
    """Evidence of each modality for each class.

    Args:
        ask: The model's ``evidence``.
        batches: The samples that it is asked about.
        columns: Of each modality, which samples have it, ``(sample,)``.
        classes: How many classes there are.
        spec: How the model was asked for.

    Returns:
        ``(sample, modality, class)``; NaN where a modality is absent, and for samples in no batch.

    Raises:
        InputError: A modality or a class lacks it, or some is negative or not finite.
    """
    present = np.stack(list(columns.values()), axis=1)
    out = np.full((*present.shape, classes), np.nan)
    for rows, values, there in batches:
        by_name = ask(values, there)
        for k, m in enumerate(columns):
            own = np.asarray(by_name.get(m, ()), np.float64)
            if own.shape != (rows.size, classes) or not (np.isfinite(own) & (own >= 0)).all():
                raise InputError(
                    f"the model gave evidence of {m} of shape {own.shape}, below 0 or not finite",
                    where=spec,
                    fix=f"evidence(batch, present): each modality, (n, {classes}), 0 or more",
                )
            out[rows, k] = own
    out[~present] = np.nan
    return out
