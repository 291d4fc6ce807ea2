"""Rows: what plans may know of a dataset, gathered in one pass over what they ask for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Rows
from mmaudit.injection.steps import Step
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column

AT_ONCE = 256  # samples
ASK_TEXTS = frozenset({"nearest_neighbour", "shared_noun", "sorted_one_side"})
ASK_SCORES = ASK_TEXTS | {"mar", "mnar", "instance_dependent"}


def plan_rows(dataset: Dataset, step: Step) -> Rows:
    """The rows of one plan.

    Args:
        dataset: The samples.
        step: The plan and the modalities that it concerns; the rows hold these alone.
    """
    ids = dataset.column("id").to_pylist()
    asked = step.name.rpartition("/")[2]
    texts = _texts(dataset, step.modalities) if asked in ASK_TEXTS else {}
    return Rows(
        ids=ids,
        modalities=step.modalities,
        present=_present(dataset, step.modalities),
        labels=_labels(dataset),
        classes=len(dataset.classes or ()) if dataset.target_kind == "class" else 0,
        groups=_groups(dataset),
        scores=_scores(dataset) if asked in ASK_SCORES and not texts else {},
        texts=texts,
    )


def _present(dataset: Dataset, modalities: tuple[str, ...]) -> NDArray[np.bool_]:
    out = np.ones((len(dataset), len(modalities)), np.bool_)
    for m, modality in enumerate(modalities):
        for start in range(0, len(dataset), AT_ONCE):
            rows = range(start, min(start + AT_ONCE, len(dataset)))
            cells = dataset.cells(modality, rows)
            out[rows.start : rows.stop, m] = cells.is_valid().to_numpy(zero_copy_only=False)
    return out


def _labels(dataset: Dataset) -> NDArray[np.int64] | None:
    """Class indices; None where there are no classes or a label is missing."""
    if dataset.target_kind != "class" or not dataset.classes:
        return None
    index = {name: i for i, name in enumerate(dataset.classes)}
    found = [index.get(label, -1) for label in dataset.column("label").to_pylist()]
    return None if -1 in found else np.array(found, np.int64)


def _groups(dataset: Dataset) -> NDArray[Any] | None:
    if not dataset.manifest.source.group:
        return None
    return np.array([*dataset.column("group").to_pylist(), None], object)[:-1]


def _texts(dataset: Dataset, moved: tuple[str, ...]) -> dict[str, list[str]]:
    """The text that the plan goes by: one that it moves, else the first that there is."""
    named = [m for m, kind in dataset.kinds.items() if kind == "text"]
    named.sort(key=lambda m: m not in moved)
    return {m: ["" if t is None else t for t in _values(dataset, m)] for m in named[:1]}


def _scores(dataset: Dataset) -> dict[str, NDArray[np.float64]]:
    """One number a sample from each numeric slice and each modality; NaN where absent."""
    out: dict[str, NDArray[np.float64]] = {}
    for name in dataset.manifest.source.slices:
        numbers = [_number(v) for v in dataset.column(f"slice:{name}").to_pylist()]
        if np.isfinite(numbers).any():
            out[name] = np.array(numbers, np.float64)
    for modality, kind in dataset.kinds.items():
        sizes = [np.nan if v is None else _size(v, kind) for v in _values(dataset, modality)]
        out[modality] = np.array(sizes, np.float64)
    return out


def _values(dataset: Dataset, modality: str) -> list[Any]:
    """Every value of a modality that is cheap to hold, or its size where it is not."""
    kind, usual = dataset.kinds[modality], dataset.usual(modality)
    out: list[Any] = []
    for start in range(0, len(dataset), AT_ONCE):
        rows = range(start, min(start + AT_ONCE, len(dataset)))
        values, _ = column(dataset.cells(modality, rows), kind, usual)
        out += values if kind in {"text", "table", "vector"} else [_mean(v) for v in values]
    return out


def _mean(value: Any) -> float | None:
    return None if value is None else float(np.abs(value.astype(np.float64)).mean())


def _size(value: Any, kind: str) -> float:
    """The number of a value: length of a text or a vector, first number of a table, loudness."""
    if kind == "text":
        return float(len(value))
    if kind == "vector":
        return float(np.linalg.norm(value.astype(np.float64)))
    if kind == "table":
        return next((v for v in value.tolist() if isinstance(v, float)), np.nan)
    return float(value)


def _number(text: str | None) -> float:
    try:
        return float(text) if text else np.nan
    except ValueError:
        return np.nan
