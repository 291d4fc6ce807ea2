"""Inputs of plans: what they may know of a dataset, gathered in one pass over what they need."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.corruptions.base import Rows
from mmaudit.injection.steps import Step
from mmaudit.kinds import text
from mmaudit.kinds.base import load_kind
from mmaudit.samples.dataset import Dataset

AT_ONCE = 256  # samples


def plan_rows(dataset: Dataset, step: Step) -> Rows:
    """The rows of one plan.

    Args:
        dataset: The samples.
        step: The plan and the modalities that it concerns; the rows hold these alone.
    """
    ids = dataset.column("id").to_pylist()
    needs = set(() if step.plan is None else step.plan.needs)
    texts = _texts(dataset, step.modalities) if needs & {"texts", "texts_or_scores"} else {}
    if "texts_or_scores" in needs and not texts:
        needs.add("scores")
    return Rows(
        ids=ids,
        modalities=step.modalities,
        present=presence(dataset, step.modalities),
        labels=_labels(dataset),
        classes=len(dataset.classes or ()) if dataset.target_kind == "class" else 0,
        groups=_groups(dataset),
        scores=_scores(dataset) if "scores" in needs else {},
        texts=texts,
    )


def presence(dataset: Dataset, modalities: tuple[str, ...]) -> Bools:
    """Which values of a dataset are there, ``(sample, modality)``."""
    out = np.ones((len(dataset), len(modalities)), np.bool_)
    for m, modality in enumerate(modalities):
        for start in range(0, len(dataset), AT_ONCE):
            rows = range(start, min(start + AT_ONCE, len(dataset)))
            cells = dataset.cells(modality, rows)
            out[rows.start : rows.stop, m] = cells.is_valid().to_numpy(zero_copy_only=False)
    return out


def _labels(dataset: Dataset) -> Ints | None:
    """Class indices; None where there are no classes or a label is missing."""
    if dataset.target_kind != "class" or not dataset.classes:
        return None
    index = {name: i for i, name in enumerate(dataset.classes)}
    indices = [index.get(label, -1) for label in dataset.column("label").to_pylist()]
    return None if -1 in indices else np.array(indices, np.int64)


def _groups(dataset: Dataset) -> NDArray[Any] | None:
    if not dataset.manifest.source.group:
        return None
    return np.array([*dataset.column("group").to_pylist(), None], object)[:-1]


def _texts(dataset: Dataset, moved: tuple[str, ...]) -> dict[str, list[str]]:
    """The text that the plan goes by: one that it moves, else the first that there is."""
    named = [m for m, kind in dataset.kinds.items() if kind == text.NAME]
    named.sort(key=lambda m: m not in moved)
    return {m: _each(dataset, m, str, "") for m in named[:1]}


def _scores(dataset: Dataset) -> dict[str, Floats]:
    """One number a sample from each numeric slice and each modality; NaN where absent."""
    out: dict[str, Floats] = {}
    for name in dataset.manifest.source.slices:
        numbers = [_number(v) for v in dataset.column(f"slice:{name}").to_pylist()]
        if np.isfinite(numbers).any():
            out[name] = np.array(numbers, np.float64)
    for modality, kind in dataset.kinds.items():
        size = load_kind(kind).size
        if size is not None:
            out[modality] = np.array(_each(dataset, modality, size, np.nan), np.float64)
    return out


def _each(dataset: Dataset, modality: str, measure: Callable[[Any], Any], absent: Any) -> list[Any]:
    """What is measured of every value of a modality, a few samples at a time."""
    kind, shape = load_kind(dataset.kinds[modality]), dataset.shape(modality)
    out: list[Any] = []
    for start in range(0, len(dataset), AT_ONCE):
        rows = range(start, min(start + AT_ONCE, len(dataset)))
        values, _ = kind.column(dataset.cells(modality, rows), shape)
        out += [absent if v is None else measure(v) for v in values]
    return out


def _number(text: str | None) -> float:
    try:
        return float(text) if text else np.nan
    except ValueError:
        return np.nan
