"""Numbers of each sample whose means over the samples are the contributions audit's answers."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit.arrays import Floats
from mmaudit.audits.contributions.sample_rows import PAIR_ERROR, pair_names
from mmaudit.measures.games.coalitions import pairs
from mmaudit.measures.games.outcomes import OUTCOMES
from mmaudit.measures.tasks.base import CHARGE

Named = dict[str, Floats]
ALIKE = 1e-9  # sums of the same worths in another order differ by less


def phi(table: pa.Table, modalities: Sequence[str]) -> Floats:
    """Shapley values, ``(sample, modality)``; NaN where a modality is absent."""
    return np.stack([numbers(table, f"phi_{m}") for m in modalities], axis=1)


def leading(values: Floats) -> NDArray[np.bool_]:
    """Which modalities contribute most, ``(sample, modality)``; several where they are alike."""
    filled = np.where(np.isnan(values), -np.inf, values)
    return filled >= filled.max(axis=1, keepdims=True) - ALIKE


def top(values: Floats) -> Floats:
    """1 for the modality that contributes most, shared equally among ties, ``(sample, modality)``.

    Samples in which nothing is present have no top modality: NaN.
    """
    best = leading(values)
    out = best / best.sum(axis=1, keepdims=True)
    return np.where(np.isnan(values), np.nan, out)


def game_columns(table: pa.Table, modalities: Sequence[str]) -> Named:
    """Of one worth: φ, its size, who is on top, interactions, errors."""
    values = phi(table, modalities)
    out: Named = {"v_none": numbers(table, "v_none"), "v_all": numbers(table, "v_all")}
    out |= _split("phi", modalities, values)
    out |= _split("size", modalities, np.abs(values))
    out |= _split("top", modalities, top(values))
    for pair in pair_names(modalities):
        for index in ("interaction", "taylor"):
            if f"{index}_{pair}" in table.column_names:
                out[f"{index}_{pair}"] = numbers(table, f"{index}_{pair}")
        if f"{PAIR_ERROR}_{pair}" in table.column_names:
            out[f"squared_{PAIR_ERROR}_{pair}"] = numbers(table, f"{PAIR_ERROR}_{pair}") ** 2
    taylor = [out[name] for name in out if name.startswith("taylor_")]
    if taylor:  # with the gains of each alone, these add up to the gain of all
        out["gain"] = out["v_all"] - out["v_none"]
        out["together"] = np.nansum(taylor, axis=0)
    for m in modalities:
        if f"error_{m}" in table.column_names:
            out[f"squared_error_{m}"] = numbers(table, f"error_{m}") ** 2
        if f"shift_{m}" in table.column_names:
            out[f"shift_{m}"] = numbers(table, f"shift_{m}")
    return out


def answer_columns(table: pa.Table, modalities: Sequence[str], most: float) -> Named:
    """Of the answers, whatever the worth: right with all, with each alone, with each pair.

    Args:
        table: The rows of one worth and policy.
        modalities: Names of the players.
        most: What one sample may add to a mean of losses.
    """
    out: Named = {}
    for name in loss_names(modalities):
        if name in table.column_names:
            out[name] = np.minimum(numbers(table, name), most)
    if "right" not in table.column_names:
        return out
    right = out["right"] = numbers(table, "right")
    outcome = table["outcome"]
    out |= {f"outcome_{name}": numbers_of(compute.equal(outcome, name)) for name in OUTCOMES}
    for m in modalities:
        alone = numbers(table, f"alone_{m}")
        able = np.nan_to_num(alone)  # a modality that is absent answers nothing alone
        out[f"alone_{m}"] = alone
        out[f"able_{m}"] = able
        out[f"gained_{m}"] = right * (1 - able)
        out[f"lost_{m}"] = able * (1 - right)
        for name in ("p_true_alone", "entropy_alone", "strength_alone", "length"):
            if f"{name}_{m}" in table.column_names:
                out[f"{name}_{m}"] = numbers(table, f"{name}_{m}")
    for (i, j), pair in zip(pairs(len(modalities)), pair_names(modalities), strict=True):
        if f"right_pair_{pair}" in table.column_names:
            both = out[f"right_pair_{pair}"] = numbers(table, f"right_pair_{pair}")
            for m in (modalities[i], modalities[j]):  # alone, of the same samples
                out[f"alone_{m}|{pair}"] = np.where(np.isnan(both), np.nan, out[f"alone_{m}"])
    return out


def loss_names(modalities: Sequence[str]) -> tuple[str, ...]:
    """Columns of losses: with everything, and with each modality alone."""
    return "loss", *(f"loss_alone_{m}" for m in modalities)


def stored_names(modalities: Sequence[str]) -> tuple[str, ...]:
    """Columns whose intervals are those of their samples: losses, and the truth by one alone."""
    return *loss_names(modalities), *(f"p_true_alone_{m}" for m in modalities)


def most_loss(task: str) -> float:
    """What one sample may add to a mean of losses: of classes in nats, else anything."""
    return CHARGE if task == "class" else math.inf


def numbers(table: pa.Table, name: str) -> Floats:
    """A column as floats, NaN where it is null."""
    return numbers_of(table[name])


def numbers_of(column: pa.ChunkedArray) -> Floats:
    """Numbers or truths as floats, NaN where they are null."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False)


def stacked(columns: Mapping[str, Floats]) -> Floats:
    """All columns side by side, ``(sample, column)``."""
    return np.stack(list(columns.values()), axis=1)


def _split(prefix: str, modalities: Sequence[str], values: Floats) -> Named:
    return {f"{prefix}_{m}": values[:, k] for k, m in enumerate(modalities)}
