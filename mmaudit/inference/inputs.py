"""Inputs: what an audit looks at, and how its models are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mmaudit.errors import InputError
from mmaudit.models.access import Access
from mmaudit.models.load import Loaded
from mmaudit.samples.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What an audit looks at.

    Attributes:
        dataset: The selected samples.
        whole: The same dataset before the selection: donors and column statistics come from its
            training split.
        model: The loaded model, where the audit needs one.
        access: Who named the model, and the models that options name, and what is allowed.
    """

    dataset: Dataset
    whole: Dataset
    access: Access
    model: Loaded | None = None
    earlier: Mapping[str, Any] = field(default_factory=dict, compare=False)


def model_kinds(dataset: Dataset, modalities: Sequence[str]) -> dict[str, str]:
    """Kind of each of the model's modalities, in the model's order.

    Args:
        dataset: The dataset, which must have them all.
        modalities: The model's modalities; empty for all of the dataset's.

    Raises:
        InputError: The dataset lacks one.
    """
    lacking = [m for m in modalities if m not in dataset.kinds]
    if lacking:
        raise InputError(
            f"the dataset has no modality {' or '.join(map(repr, lacking))} that the model takes",
            where=f"the dataset has {', '.join(dataset.kinds)}",
            fix="name the modalities in the manifest as the model names them, or the inputs of a "
            "file as the manifest does: ,inputs=MODALITY:INPUT",
        )
    return {m: dataset.kinds[m] for m in modalities or dataset.modalities}
