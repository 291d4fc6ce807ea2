"""Rows: the typed answers audits give, and what their columns mean.

An audit declares its answer as a frozen dataclass with one ``column`` per field. The Arrow schema,
the report's table and the fields that a gate may test all follow from that declaration.
"""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from mmaudit.formats import aligned

Better = Literal["higher", "lower", "neither"]
WORSENINGS: dict[Better, str] = {"higher": "_drop", "lower": "_rise"}


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
        value, low, high = aligned(self.value, self.low, self.high)
        return f"{value} [{low}, {high}]"


def column(help: str, *, unit: str = "", better: Better = "neither") -> Any:
    """Declare one column of an answer.

    Args:
        help: What the number means, for a person who reads the table.
        unit: Unit of the values, ``"1"`` for shares, empty where there is none.
        better: Which direction is good.
    """
    return field(metadata={"help": help, "unit": unit, "better": better})


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric is, for people and for what judges it; declared beside its formula.

    A summary table is long: one column ``metric`` names the quantity and one column ``estimate``
    holds it, so the direction that is good belongs to the row and not to the column. An audit
    writes what its metrics mean into its summary. Of a metric without a direction a gate needs an
    explicit bound, and a report draws no arrow.

    Attributes:
        help: What the number says, one phrase.
        unit: ``"1"`` for shares and other pure numbers between 0 and 1, empty for other numbers.
        better: Which direction is good.
        low: The least value that it can take.
        high: The largest value that it can take.
        exact: Whether it has no interval of its own, as a bound that was worked out.
        unsure: Why no interval of it keeps its error, one phrase; a gate then decides by its
            value alone, where a check asks for that, or not at all. Empty where one does.
        unsure_in_groups: The same, where samples stand in groups.
        unsure_drop_of_one: The same of how much worse than clean it is for one class or label.
    """

    help: str
    unit: str = ""
    better: Better = "neither"
    low: float = -math.inf
    high: float = math.inf
    exact: bool = False
    unsure: str = ""
    unsure_in_groups: str = ""
    unsure_drop_of_one: str = ""

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the largest value."""
        return self.low, self.high


Challenge = Literal["noisy", "incomplete", "imbalanced", "varying", "more"]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a report shows the summary of an audit under one of its challenges; the audit says it.

    Attributes:
        challenge: The section that it is in; ``more`` for what belongs to none of the four.
        form: How it is laid out, by name, as ``sweep`` or ``pairs``; ``table`` for every number.
        about: What it is about, as in "No check asked about trust."; the audit's name unless said.
        samples: Title of the samples that the audit chose to show; empty where they are not here.
        command: The command that makes it, for the report of a run that has it not.
        tells: What that command tells.
    """

    challenge: Challenge = "more"
    form: str = "table"
    about: str = ""
    samples: str = ""
    command: str = ""
    tells: str = ""


PLAIN = View()


def worsening(metric: str, better: Better) -> str | None:
    """Name of the row that says how much worse than clean a metric is; None without a direction.

    It is ``METRIC_drop`` where higher is better and ``METRIC_rise`` where lower is, so that it is
    positive where things got worse.
    """
    return metric + WORSENINGS[better] if better in WORSENINGS else None
