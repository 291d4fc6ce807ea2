"""Plans for a sweep: what corruptions of the whole set decide before any unit runs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.audits._conditions import Condition
from mmaudit.corruptions.base import Rows
from mmaudit.injection.apply import make_plan
from mmaudit.samples.dataset import Dataset


def plan_rows(
    dataset: Dataset, conditions: Sequence[Condition], modalities: tuple[str, ...], seed: int
) -> Mapping[str, NDArray[Any]]:
    """The mask or the donors of every condition that has a plan, by the condition's name."""
    rows = _rows(dataset, modalities)
    return {
        c.name: make_plan(rows, plan=c.plan[0], severity=c.plan[1], seed=seed)
        for c in conditions
        if c.plan
    }


def _rows(dataset: Dataset, modalities: tuple[str, ...]) -> Rows:
    """What plans may know, from the light columns alone."""
    ids = dataset.column("id").to_pylist()
    labels = None
    if dataset.target_kind == "class" and dataset.classes:
        index = {name: i for i, name in enumerate(dataset.classes)}
        labels = np.array([index[str(v)] for v in dataset.column("label").to_pylist()], np.int64)
    groups = (
        np.array(dataset.column("group").to_pylist()) if dataset.manifest.source.group else None
    )
    return Rows(
        ids=ids,
        modalities=modalities,
        present=np.ones((len(ids), len(modalities)), bool),
        labels=labels,
        classes=len(dataset.classes or ()),
        groups=groups,
    )
