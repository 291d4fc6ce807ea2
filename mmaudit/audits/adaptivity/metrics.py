"""What the numbers of the adaptivity summary mean; each is declared beside its formula."""

from collections.abc import Mapping

from mmaudit.audits.adaptivity import losses
from mmaudit.measures.tasks import classification
from mmaudit.measures.trust import adaptivity, confidence, policies, shares
from mmaudit.rows import Metric

METRICS: Mapping[str, Metric] = {
    **adaptivity.METRICS,
    **shares.METRICS,
    **policies.METRICS,
    **losses.METRICS,
    **confidence.METRICS,
    "ece": classification.METRICS["ece"],
}
