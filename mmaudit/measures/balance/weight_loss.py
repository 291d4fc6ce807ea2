"""Does trust go where the modality is right? Covariance of fusion weights and unimodal losses.

References:
    Zhang et al. 2023, "Provable dynamic fusion for low-quality multimodal data" (QMF),
    arXiv:2306.02050: weights that change from sample to sample beat fixed ones with the same mean
    where each modality's weight covaries negatively with the loss of that modality alone
"""

from typing import Any

from mmaudit.measures.intervals.replicates import Replicates, combine, widened
from mmaudit.rows import Metric

FEW = 20.0  # parts in n: simulated, from 60 samples on each end errs at most as stated
IN_GROUPS = (
    "ranks of samples in groups vary more than their draws show"  # simulated: .07 past an end
)
METRICS = {
    "share_loss_covariance": Metric("does its share fall where it is wrong alone?", "", "lower"),
    "share_loss_spearman": Metric(
        "rank correlation of share and loss alone",
        "",
        "lower",
        low=-1.0,
        high=1.0,
        unsure_in_groups=IN_GROUPS,
    ),
    "weight_loss_covariance": Metric("does its weight fall where it is wrong?", "", "lower"),
    "weight_loss_spearman": Metric(
        "rank correlation of weight and loss alone",
        "",
        "lower",
        low=-1.0,
        high=1.0,
        unsure_in_groups=IN_GROUPS,
    ),
}


def covariance(product: Replicates, weight: Replicates, loss: Replicates) -> Replicates:
    """Covariance of a weight and a loss from three means; theory wants it negative.

    It is nearer to 0 than the truth by one part in n, which its interval makes up for. The samples
    that make it are those where the model is wrong, which are few: the interval is wider by
    `FEW` parts in n than that of its draws.

    Args:
        product: Mean of weight times loss.
        weight: Mean weight, over the same samples.
        loss: Mean loss, over the same samples.
    """

    def moment(both: Any, one: Any, other: Any) -> Any:
        return both - one * other

    plain = combine(moment, (product, weight, loss))
    return widened(plain, FEW, plain.point / max(plain.n - 1, 1))
