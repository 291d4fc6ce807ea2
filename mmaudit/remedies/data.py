"""What methods are trained on: features of each modality, standardised by the training rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints, Vectors
from mmaudit.errors import InputError

CLIP = 4.0  # standard deviations at which a standardised feature ends
FLAT = 1e-8  # standard deviation up to which a feature says nothing
PLAIN = "plain"  # features that are no encoder's
FEWEST = 20  # training rows


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """How the features of one modality are standardised.

    Attributes:
        mean: Of each feature over the training rows that have the modality, ``(d,)``.
        deviation: Standard deviation likewise, 1 where it is 0, ``(d,)``.
    """

    mean: Vectors
    deviation: Vectors

    def __call__(self, features: Vectors, present: Bools) -> Vectors:
        """Standardise features ``(n, d)``, clipped at ±`CLIP`; rows that are absent are 0."""
        z = (features - self.mean) / self.deviation
        np.clip(z, -CLIP, CLIP, out=z)
        z[~present] = 0
        return z.astype(np.float32)


def scale_of(features: Vectors, present: Bools) -> Standard:
    """Mean and deviation of the rows that are present.

    Args:
        features: ``(n, d)``.
        present: Which rows count, ``(n,)``.
    """
    rows = features[present].astype(np.float64)
    deviation = rows.std(axis=0)
    return Standard(
        rows.mean(axis=0).astype(np.float32),
        np.where(deviation < FLAT, 1, deviation).astype(np.float32),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSource:
    """How the features of one modality are made.

    Attributes:
        kind: Kind of the modality.
        maker: ``plain``: as `mmaudit.models.plain_features` makes them; else the encoder's spec.
        input: What the modality is called there; empty of plain ones.
        digest: sha256 of the encoder's file; empty where it has none.
        steps: Steps of time that the features are of, all of the first step first; 1 for none.
    """

    kind: str
    maker: str = PLAIN
    input: str = ""
    digest: str = ""
    steps: int = 1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FusionData:
    """Training rows.

    Attributes:
        features: Of each modality, ``(n, d)`` float32 in their own units; what is absent holds a
            place and is not looked at.
        present: Which rows have each modality, ``(n,)``.
        labels: Class of each row, ``(n,)`` int64, or its number, ``(n,)`` float64.
        classes: Names of the classes in the order of their numbers; None where targets are numbers.
        groups: Number of the group of each row, ``(n,)``: a group is not cut between training and
            validation; None where rows are on their own.
        sources: How the features of each modality are made; vectors where it is not said.
    """

    features: Mapping[str, Vectors]
    present: Mapping[str, Bools]
    labels: Ints | Floats
    classes: tuple[str, ...] | None
    groups: Ints | None = None
    sources: Mapping[str, FeatureSource] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def modalities(self) -> tuple[str, ...]:
        """Names of the modalities, in their order."""
        return tuple(self.features)

    @property
    def task(self) -> str:
        """``class`` or ``number``."""
        return "class" if self.classes is not None else "number"

    @property
    def outputs(self) -> int:
        """Numbers in an answer: as many as classes, or one."""
        return 1 if self.classes is None else len(self.classes)

    @property
    def number(self) -> tuple[float, float]:
        """Mean and deviation of the target where it is a number; of classes 0 and 1."""
        if self.task == "class":
            return 0.0, 1.0
        return float(self.labels.mean()), float(self.labels.std()) or 1.0

    def source(self, modality: str) -> FeatureSource:
        """How the features of a modality are made."""
        return self.sources.get(modality, FeatureSource(kind="vector"))

    @property
    def steps(self) -> dict[str, int]:
        """Steps of time that the features of each modality are of; 1 where they are of none."""
        return {m: self.source(m).steps for m in self.modalities}

    def scales(self) -> dict[str, Standard]:
        """How each modality is standardised.

        Raises:
            InputError: Too few rows have one, or there are too few rows at all.
        """
        for m, there in self.present.items():
            if int(there.sum()) < FEWEST:
                raise InputError(
                    f"methods need {FEWEST} training samples with {m!r}, and {int(there.sum())} of "
                    f"{len(self):,} have it",
                    fix="more training samples that have it, or a manifest without it",
                )
        return {m: scale_of(x, self.present[m]) for m, x in self.features.items()}
