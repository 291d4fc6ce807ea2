"""What the numbers of the adaptivity summary mean; each is declared beside its formula."""

from collections.abc import Mapping

from mmaudit.measures.trust import adaptivity, shares
from mmaudit.rows import Metric

METRICS: Mapping[str, Metric] = {**adaptivity.METRICS, **shares.METRICS}
