"""Inputs: what an audit looks at, and how its model was asked for."""

from dataclasses import dataclass

from mmaudit.models.load import Loaded
from mmaudit.samples.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a model was asked for, beside its spec; with it another process loads the same.

    Attributes:
        device: Where it runs.
        trust: Whether a file that can run code may be opened.
        sha256: Digest that the file must have.
        from_config: Whether a file named it rather than the person.
    """

    device: str
    trust: bool = False
    sha256: str | None = None
    from_config: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What an audit looks at.

    Attributes:
        dataset: The selected samples.
        whole: The same dataset before the selection: donors and column statistics come from its
            training split.
        model: The loaded model, where the audit needs one.
        access: How it was asked for; None for the user's own object.
    """

    dataset: Dataset
    whole: Dataset
    model: Loaded | None = None
    access: Access | None = None
