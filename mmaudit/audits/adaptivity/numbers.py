"""Numbers: one of the summary, with what it is of."""

from dataclasses import dataclass

from mmaudit.names import ALL
from mmaudit.rows import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustNumber:
    """One number of the summary; what does not matter to it is empty."""

    metric: str
    estimate: Estimate
    trust: str = ""
    modality: str = ""
    dose_of: str = ""
    corruption: str = ""
    check: str = ""
    condition: str = ""
    severity: int | None = None
    slice: str = ALL
