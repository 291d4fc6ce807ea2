"""What the numbers of the adaptivity summary mean; each is declared beside its formula."""

from collections.abc import Mapping

from mmaudit.audits.adaptivity import alone, losses
from mmaudit.measures.tasks import classification
from mmaudit.measures.trust import adaptivity, confidence, entropy, evidence, policies, shares
from mmaudit.rows import Metric

METRICS: Mapping[str, Metric] = {
    **adaptivity.METRICS,
    **shares.METRICS,
    **policies.METRICS,
    **losses.METRICS,
    **confidence.METRICS,
    **entropy.METRICS,
    **evidence.METRICS,
    **alone.METRICS,
    "ece": classification.METRICS["ece"],
}
