"""Alone: how sure what each modality says by itself is, of its own and of the true class."""

from collections.abc import Iterator, Sequence

import numpy as np

from mmaudit.arrays import Bools, Floats
from mmaudit.audits.adaptivity.numbers import TrustNumber
from mmaudit.audits.adaptivity.pool import Pool
from mmaudit.audits.adaptivity.unit import DAMAGED
from mmaudit.measures.trust.confidence import area
from mmaudit.measures.trust.policies import gain, mean_of
from mmaudit.names import CLEAN
from mmaudit.rows import Estimate, Metric

METRICS = {
    "mcp": Metric(
        "mean maximum class probability of what the modality says alone", "1", low=0.0, high=1.0
    ),
    "mcp_drop": Metric("how much less it is damaged than clean, in pairs", "", low=-1.0, high=1.0),
    "mcp_damage_auroc": Metric(
        "how often the maximum class probability of a damaged modality alone is below that of a "
        "clean one",
        "1",
        "higher",
        low=0.0,
        high=1.0,
    ),
    "tcp": Metric(
        "mean probability of the true class in what the modality says alone",
        "1",
        "higher",
        low=0.0,
        high=1.0,
    ),
    "tcp_drop": Metric(
        "how much less it is damaged than clean, in pairs", "", "lower", low=-1.0, high=1.0
    ),
    "tcp_damage_auroc": Metric(
        "how often the probability of the true class of a damaged modality alone is below that of "
        "a clean one",
        "1",
        low=0.0,
        high=1.0,
    ),
}


def alone_numbers(
    pool: Pool, modalities: Sequence[str], damaged: Sequence[str]
) -> Iterator[TrustNumber]:
    """Maximum and true class probabilities, clean and damaged.

    Hendrycks and Gimpel 2017, arXiv:1610.02136 (maximum); Corbière et al. 2019, "Addressing failure
    prediction by learning model confidence", arXiv:1910.04851 (true).

    Args:
        pool: The samples.
        modalities: The model's.
        damaged: Those that are damaged.
    """
    for m in modalities:
        for metric, (clean, worse) in _probabilities(pool, m).items():
            there = np.isfinite(clean) & np.isfinite(worse)
            if there.any():
                yield from _means(pool, metric, m, (clean, worse), there)
            if m in damaged:
                apart = damage_area(pool, 1 - clean, 1 - worse, pool.column(f"severity_{m}") > 0)
                if apart is not None:
                    yield TrustNumber(
                        metric=f"{metric}_damage_auroc", estimate=apart, modality=m, dose_of=m
                    )


def damage_area(pool: Pool, clean: Floats, damaged: Floats, hit: Bools) -> Estimate | None:
    """AUROC of an uncertainty for having been damaged; None where it is of one side alone.

    Args:
        pool: The samples.
        clean: How unsure each is clean, ``(sample,)``, NaN where that is not known.
        damaged: How unsure each is damaged, likewise.
        hit: Which were damaged.
    """
    unsure = np.concatenate([clean, damaged[hit]])
    worse = np.arange(unsure.size) >= hit.size
    keys = np.concatenate([pool.keys, pool.keys[hit]])
    there = np.isfinite(unsure)
    return area(worse[there], unsure[there], keys[there])


def _probabilities(pool: Pool, modality: str) -> dict[str, tuple[Floats, Floats]]:
    """Maximum and true class probability of a modality alone, clean and damaged, in [0, 1]."""
    most = [np.minimum(pool.column(f"confidence_{s}_{modality}"), 1.0) for s in (CLEAN, DAMAGED)]
    true = [np.exp(-pool.column(f"loss_alone_{s}_{modality}")) for s in (CLEAN, DAMAGED)]
    return {
        "mcp": (most[0], most[1]),
        "tcp": (np.minimum(true[0], 1.0), np.minimum(true[1], 1.0)),
    }


def _means(
    pool: Pool, metric: str, modality: str, both: tuple[Floats, Floats], there: Bools
) -> Iterator[TrustNumber]:
    keys = pool.keys[there]
    clean, worse = (values[there] for values in both)
    for side, values in ((CLEAN, clean), (DAMAGED, worse)):
        mean = mean_of(values, keys)
        yield TrustNumber(metric=metric, estimate=mean, modality=modality, condition=side)
    drop = gain(clean, worse, keys)
    yield TrustNumber(metric=f"{metric}_drop", estimate=drop, modality=modality, condition=DAMAGED)
