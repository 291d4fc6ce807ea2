"""Losses: is a modality trusted less where it alone is wrong, clean and damaged?"""

from collections.abc import Iterator, Sequence

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.audits.adaptivity.numbers import TrustNumber
from mmaudit.audits.adaptivity.pool import Pool
from mmaudit.audits.adaptivity.unit import DAMAGED
from mmaudit.measures.balance.weight_loss import covariance
from mmaudit.measures.intervals.replicates import SHARE
from mmaudit.measures.intervals.streamed import Chunk, means
from mmaudit.measures.tasks.base import CHARGE
from mmaudit.measures.trust.rank_correlation import rank_correlation
from mmaudit.names import CLEAN
from mmaudit.rows import Metric

METRICS = {
    "trust_loss_covariance": Metric(
        "covariance of trust in the modality and its loss alone (at most 6.9 nats a sample)",
        "",
        "lower",
    ),
    "trust_loss_spearman": Metric(
        "rank correlation of trust in the modality and its loss alone",
        "",
        "lower",
        low=-1.0,
        high=1.0,
        unsure_in_groups="ranks of samples in groups vary more than their draws show",
    ),
}


def loss_numbers(
    pool: Pool, ways: Sequence[str], modalities: Sequence[str], replicates: int
) -> Iterator[TrustNumber]:
    """Covariance and rank correlation of trust in a modality and its loss alone.

    Args:
        pool: The samples.
        ways: How trust is told.
        modalities: The model's.
        replicates: Bootstrap replicates.
    """
    for side in (CLEAN, DAMAGED):
        for way in ways:
            for m in modalities:
                trust = pool.column(f"{way}_{side}_{m}")
                loss = np.minimum(pool.column(f"loss_alone_{side}_{m}"), CHARGE)
                there = np.isfinite(trust) & np.isfinite(loss)
                if there.any() and np.ptp(trust[there]) and np.ptp(loss[there]):
                    both = trust[there], loss[there]
                    yield from _numbers(pool, there, both, (way, m, side), replicates)


def _numbers(
    pool: Pool,
    there: np.ndarray,
    both: tuple[Floats, Floats],
    of: tuple[str, str, str],
    replicates: int,
) -> Iterator[TrustNumber]:
    (trust, loss), keys = both, pool.keys[there]
    columns = np.stack([trust * loss, trust, loss], axis=1)
    chunk = Chunk(keys, columns, np.zeros((1, keys.size), np.int64))
    (mean,) = means(("product", "trust", "loss"), [chunk].__iter__, replicates=replicates)
    moment = covariance(mean.of("product"), mean.of("trust", bounds=SHARE), mean.of("loss"))
    ranks = rank_correlation(trust, loss, keys, replicates)
    way, modality, side = of
    for metric, measured in (("covariance", moment), ("spearman", ranks)):
        if np.isfinite(measured.point):
            yield TrustNumber(
                metric=f"trust_loss_{metric}",
                estimate=measured.estimate(),
                trust=way,
                modality=modality,
                condition=side,
            )
