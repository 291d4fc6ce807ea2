"""What a model is, as far as an audit can see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmaudit import contract
from mmaudit.samples.origin import Origin

Output = Literal[
    "probabilities", "logits", "values", "embeddings", "label_probabilities", "label_logits"
]
Values = Sequence[Any] | NDArray[Any]  # n decoded values of one modality
Batch = Mapping[str, Values]
Present = Mapping[str, NDArray[np.bool_]]


class Model(Protocol):
    """Something that answers about samples. NumPy at the boundary; no tensor crosses this line."""

    @property
    def modalities(self) -> tuple[str, ...]:
        """The inputs it takes, in its own order."""
        ...

    @property
    def classes(self) -> tuple[str, ...] | None:
        """Class names in the order of its columns; None for numbers or embeddings."""
        ...

    def scores(self, batch: Batch, present: Present) -> NDArray[np.float32]:
        """Answer for every sample; row ``i`` depends on row ``i`` alone.

        Args:
            batch: ``n`` decoded values of each modality: images ``(h, w, c)`` uint8, texts str,
                audio ``(time, channel)`` float32, vectors ``(d,)`` float32; stacked into one array
                where shapes agree, else a list. A value that is absent is a filler (zeros of the
                usual shape, or an empty text) that the model must not look at.
            present: Which values are there, ``(n,)`` bool for each modality.

        Returns:
            ``(n, class)`` probabilities or logits, together or of each label by itself; ``(n,)`` or
            ``(n, 1)`` numbers; ``(n, modality, d)`` embeddings in the order of ``modalities``.
        """
        ...


@runtime_checkable
class TwoStage(Protocol):
    """A model that can encode each modality once and fuse many times."""

    def encode(self, modality: str, values: Values) -> NDArray[np.float32]:
        """Encode ``n`` values of one modality, ``(n, d_modality)``."""
        ...

    def fuse(
        self, features: Mapping[str, NDArray[np.float32]], present: Present
    ) -> NDArray[np.float32]:
        """Answer from the encoded modalities, as `Model.scores` would."""
        ...


@runtime_checkable
class Differentiable(Protocol):
    """A model that says how its loss rises with its values, so that it can be attacked."""

    def gradient(
        self, batch: Batch, present: Present, labels: NDArray[Any]
    ) -> Mapping[str, NDArray[Any]]:
        """D loss / d value of each sample, up to a positive factor of its own.

        Args:
            batch: As of `Model.scores`; the values of a modality that is attacked are float32 in
                their own units, pictures in 0 … 255 and not whole.
            present: As of `Model.scores`.
            labels: The true class as a column of the answer, ``(n,)`` int64; the true number,
                ``(n,)`` float64; or whether each label is true, ``(n, class)``, NaN where that is
                not judged.

        Returns:
            An array as large as the values, ``(n, …)``, for each modality that has a gradient; 0
            where a value is absent.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What a loaded model says of itself; written into every table's provenance.

    Attributes:
        spec: How it was asked for, ``adapter:where``; ``python object`` for a user's own object.
        digest: sha256 of the file, or of the object's class name where there is no file.
        modalities: The inputs it takes.
        classes: Class names, or None.
        output: What `Model.scores` returns.
        accepts_missing: Whether it looks at ``present`` itself.
        two_stage: Whether it has ``encode`` and ``fuse``.
        device: Where it runs, ``cpu`` or ``cuda``; ``its own`` where the object decides.
    """

    spec: str
    digest: str
    modalities: tuple[str, ...]
    classes: tuple[str, ...] | None
    output: Output
    accepts_missing: bool
    two_stage: bool
    device: str = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """How a model is asked for; what `mmaudit.models.load` hands to an `Adapter`.

    Attributes:
        spec: The whole of what was asked, for messages.
        where: What stands behind the adapter's name.
        device: ``auto``, ``cpu`` or ``cuda``.
        trust: Whether the person trusts the file to run code.
        from_config: Whether a file, not the person, named the model.
        options: The adapter's own options by name.
        origins: The columns of the dataset that it will be asked about; empty where none is open.
    """

    spec: str
    where: str
    device: str = "auto"
    trust: bool = False
    from_config: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()


class Adapter(Protocol):
    """The module of a part in ``models/adapters``; its path is its name.

    It may also have ``info(model, *, spec, digest)``, which describes a model that is not asked
    for scores; ``further(request)``, files beside the one of the digest that answers depend on;
    ``root(request)``, the folder that the modules of its code come from; and ``LIBRARIES``, the
    distributions that it works with: a run is not gone on with where one of these has changed.
    """

    def danger(self, request: Request) -> str:
        """The sentence that says why loading can run code, empty where it cannot."""
        ...

    def file(self, request: Request) -> Path | None:
        """The path that the digest and the pin cover; None where there is no file."""
        ...

    def load(self, request: Request) -> Model:
        """The model."""
        ...


def check(name: str, part: object) -> None:
    """Refuse a module that is no adapter.

    Raises:
        InputError: It lacks something; all of it is named.
    """
    contract.check("models/adapters", name, part, Adapter)
