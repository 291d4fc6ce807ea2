"""Conflict: samples that show a modality of another class, and noise beside it.

After the conflicting sets of Xu et al. 2024, reliable conflictive multi-view learning (AAAI,
arXiv:2402.16897).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Ints, Vectors
from mmaudit.audits.remedies.features import FeatureRows, FeatureView
from mmaudit.seeds import words

SHARE = 0.4  # of samples in conflict
NOISY = 0.1  # of samples with noise beside the conflict
SPREAD = 0.5  # of that noise, in ranges of the training rows' features


@dataclass(frozen=True, slots=True, eq=False)
class Swap:
    """Which samples show a modality of another sample.

    Attributes:
        modality: Place of the modality, -1 for none, ``(n,)``.
        donor: Position of the other sample, of the next class, ``(n,)``.
    """

    modality: Ints
    donor: Ints

    def of(self, place: int, encoded: Vectors, present: Bools) -> tuple[Vectors, Bools]:
        """One modality with what the others show in it."""
        hit = self.modality == place
        rows = np.where(hit, self.donor, np.arange(hit.size))
        return encoded[rows], present[rows]


def swap(rows: FeatureRows, modalities: Sequence[str], classes: int, seed: int) -> Swap:
    """Draw the conflict: `SHARE` of the samples show one modality of a sample of the next class.

    In the published sets all of a class show the same sample of the next one.

    Args:
        rows: The samples.
        modalities: Their modalities.
        classes: How many classes there are.
        seed: The run's seed.
    """
    n, draw = len(rows), words(seed, "remedies/conflict")
    hit = draw.permutation(n)[: round(SHARE * n)]
    which, pick = draw.integers(n, len(modalities), stream=1), draw.uniforms(n, stream=2)
    modality, donor = np.full(n, -1, np.int64), np.arange(n)
    members = {c: np.flatnonzero(rows.labels == c) for c in range(classes)}
    for i in hit.tolist():
        others = members[(int(rows.labels[i]) + 1) % classes]
        if others.size:
            modality[i], donor[i] = which[i], others[int(pick[i] * others.size)]
    return Swap(modality, donor)


@dataclass(frozen=True, slots=True, eq=False)
class NoisyViews:
    """Which samples have noise in which modalities, and what they are then.

    Attributes:
        rows: Of each modality the positions of the samples with noise in it, ``(k,)``.
        values: Their features with it, ``(k, d)``.
    """

    rows: Mapping[str, Ints]
    values: Mapping[str, Vectors]


def noisy_views(rows: FeatureRows, training: Mapping[str, FeatureView], seed: int) -> NoisyViews:
    """Draw the noise: `NOISY` of the samples have it in none to all but one of their modalities.

    It is normal, of `SPREAD` where features are scaled to 0 … 1 by the training rows.

    Args:
        rows: The samples.
        training: Features of the training rows.
        seed: The run's seed.
    """
    n, count, draw = len(rows), len(rows.clean), words(seed, "remedies/noise")
    hit = np.zeros(n, np.bool_)
    hit[draw.permutation(n)[: round(NOISY * n)]] = True
    several = draw.integers(n, count, stream=1)
    order = draw.uniforms(n * count, stream=2).reshape(n, count).argsort(1).argsort(1)
    at, values = dict[str, Ints](), dict[str, Vectors]()
    for place, (m, view) in enumerate(rows.clean.items()):
        at[m] = np.flatnonzero(hit & (order[:, place] < several) & view.present)
        own = training[m].values[training[m].present]
        spread = SPREAD * np.ptp(own, axis=0) if len(own) else np.zeros(view.values.shape[1])
        shape = at[m].size, view.values.shape[1]
        noise = words(seed, "remedies/noise", m).normals(shape[0] * shape[1]).reshape(shape)
        values[m] = (view.values[at[m]] + spread * noise).astype(np.float32)
    return NoisyViews(at, values)


@dataclass(frozen=True, slots=True)
class ConflictDraw:
    """What was drawn of the conflict, once for all methods and seeds.

    Attributes:
        swap: Who shows a modality of another sample.
        noise: Who has noise in a modality.
    """

    swap: Swap
    noise: NoisyViews


def conflict_of(
    rows: FeatureRows, training: Mapping[str, FeatureView], classes: int, seed: int
) -> ConflictDraw:
    """Draw the conflict of some samples.

    Args:
        rows: The samples.
        training: Features of the training rows.
        classes: How many classes there are.
        seed: The run's seed.
    """
    return ConflictDraw(
        swap(rows, tuple(rows.clean), classes, seed), noisy_views(rows, training, seed)
    )
