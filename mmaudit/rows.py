"""Rows: the typed answers audits give, and what their columns mean.

An audit declares its answer as a frozen dataclass with one ``column`` per field. The Arrow schema,
the report's table and the fields that a gate may test all follow from that declaration.
"""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured number with its uncertainty. Measures return these, never bare floats.

    Attributes:
        value: The point estimate.
        low: Lower end of the two-sided 95 % interval.
        high: Upper end of the two-sided 95 % interval.
        n: How many independent units (samples, or groups) it was measured on.

    Example:
        >>> print(Estimate(0.8125, 0.740, 0.871, 160))
        0.812 [0.740, 0.871]
    """

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        ends = (self.value, self.low, self.high)
        largest = max((abs(x) for x in ends if math.isfinite(x)), default=0.0)
        form = ".3f" if largest == 0 or 0.001 <= largest < 1e6 else ".4g"
        value, low, high = (format(x, form) for x in ends)
        return f"{value} [{low}, {high}]"


def column(help: str, *, unit: str = "", better: Better = "neither") -> Any:
    """Declare one column of an answer.

    Args:
        help: What the number means, for a person who reads the table.
        unit: Unit of the values, ``"1"`` for shares, empty where there is none.
        better: Which direction is good.
    """
    return field(metadata={"help": help, "unit": unit, "better": better})
