"""Do the modalities' features speak of the same thing? Asked of a few samples, by pair."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.audits.base import Inputs
from mmaudit.measures.alignment import alignment
from mmaudit.measures.coalitions import pairs
from mmaudit.models.base import TwoStage
from mmaudit.models.load import Loaded
from mmaudit.rows import Estimate
from mmaudit.samples.decode import decode, stack
from mmaudit.seeds import digests, permanent

SAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Aligned:
    """One number of a pair of modalities."""

    modality: str
    metric: str
    estimate: Estimate


def aligned(
    inputs: Inputs, loaded: Loaded, kinds: Mapping[str, str], batch_size: int, seed: int
) -> Iterator[Aligned]:
    """CKA and held-out canonical correlation of every pair that has features.

    Features are what a model in two stages encodes, else the vectors themselves; other kinds have
    none. Samples are chosen by hash.
    """
    some = inputs.dataset.select(limit=SAMPLES, seed=seed)
    samples = decode(some, some.read(range(len(some))))
    features: dict[str, NDArray[np.float64]] = {}
    for m, kind in kinds.items():
        model, values = loaded.model, samples.values[m]
        if isinstance(model, TwoStage):
            batches = [
                model.encode(m, stack(values[s : s + batch_size], kind))
                for s in range(0, len(values), batch_size)
                if samples.present[m][s : s + batch_size].any()
            ]
            told = np.concatenate(batches) if batches else np.zeros((0, 0))
        elif kind == "vector" and samples.present[m].any():
            told = np.asarray(stack(values, kind))
        else:
            continue
        if len(told) == len(values):
            features[m] = told.reshape(len(values), -1).astype(np.float64)
    # in an order of the ids' own, so that the order of the rows does not matter
    order = np.argsort(permanent(digests(seed, "alignment", samples.ids))[:, 0], kind="stable")
    names = tuple(features)
    for i, j in pairs(len(names)):
        both = order[(samples.present[names[i]] & samples.present[names[j]])[order]]
        found = alignment(features[names[i]][both], features[names[j]][both], seed)
        if found is not None:
            pair = f"{names[i]},{names[j]}"
            p = found.p_value
            yield Aligned(pair, "cca_held_out", found.correlation)
            yield Aligned(pair, "cka", found.cka)
            yield Aligned(pair, "cka_p_value", Estimate(p, p, p, found.cka.n))
