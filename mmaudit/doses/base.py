"""Dose: what was measured to have been done to one sample, and what there is to measure by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """What was measured to have been done to one sample.

    Attributes:
        name: Name of the dose, as ``ssim``, ``snr_db``, ``edit_rate``; column ``dose_name``.
        unit: Unit of the value, ``"1"`` for shares.
        rises: Whether more damage gives a larger number.
        measure: ``(clean, corrupted) -> value``; a finite float.
        scaled: ``measure`` takes the standard deviations of the `Column` as a third argument, or
            None where the dataset has none; the value is then in their units.
    """

    name: str
    unit: str
    rises: bool
    measure: Callable[..., float]
    scaled: bool = False

    @property
    def clean(self) -> float | None:
        """The dose where nothing was done: 0, or 1 of a likeness; None of decibels."""
        if self.rises:
            return 0.0
        return 1.0 if self.unit == "1" else None

    def of(self, clean: Any, corrupted: Any, context: "Context") -> float:
        """Measure what was done to one sample."""
        if self.scaled:
            sd = None if context.column is None else context.column.sd
            return float(self.measure(clean, corrupted, sd))
        return float(self.measure(clean, corrupted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a corruption may know of a modality as a whole, measured on the training split.

    Attributes:
        sd: Standard deviation of each dimension, channel or table column; NaN where not a number.
        low: Smallest value of each, likewise.
        high: Largest value of each, likewise.
        categories: Values of each categorical table column, sorted; empty for numbers.
    """

    sd: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    categories: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What there is around a sample for the corruptions that need it.

    Attributes:
        rate: Samples a second, for audio and series.
        column: Statistics of the modality, where the dataset could give them.
        donors: Values of the same modality of other samples.
    """

    rate: float = 0.0
    column: Column | None = None
    donors: tuple[Any, ...] = ()
