"""Balls: how far an attack may move a value of a kind, severity by severity."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ball:
    """What an attack may do to one value.

    Attributes:
        norm: ``l2``: the Euclidean length of the change as a share of the value's own length;
            ``linf``: the largest change of one number, in 1/255 of the span of its type.
        radii: The radius at each severity, rising.
        limits: Between which numbers a value stays; None for any. Whole numbers stay whole, and in
            the span of their type.
    """

    norm: Literal["l2", "linf"]
    radii: tuple[float, ...]
    limits: tuple[float, float] | None = None

    @property
    def unit(self) -> str:
        """The unit of a radius."""
        return "1/255" if self.norm == "linf" else "of the norm"


SHARES = (0.01, 0.02, 0.05, 0.1, 0.2)  # of sounds 40, 34, 26, 20 and 14 dB below the sound
STEPS = (1.0, 2.0, 4.0, 8.0, 16.0)  # of 1/255
NUMBERS = Ball(norm="l2", radii=SHARES)
SOUNDS = Ball(norm="l2", radii=SHARES, limits=(-1.0, 1.0))
PICTURES = Ball(norm="linf", radii=STEPS)
